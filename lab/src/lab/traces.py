"""Command: trace record. Every change of an object as it happens, with its time, kept as data under lab/traces."""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import build, paths, progress
from .arguments import cluster_option
from .cluster import Cluster, finished
from .errors import LabError
from .kubectl import get

FOLDER = paths.PACKAGE / "traces"
KEPT = (
    "name",
    "namespace",
    "generation",
    "labels",
    "annotations",
    "deletionTimestamp",
    "finalizers",
    "ownerReferences",
)
NOISE = ("kubectl.kubernetes.io/last-applied-configuration",)  # annotations that say nothing of the state

Object = dict[str, Any]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommands."""
    trace = commands.add_parser("trace", help="status changes of real objects, recorded as data")
    actions = trace.add_subparsers(required=True, metavar="record")
    recording = actions.add_parser("record", help="record an object until it is deleted, or for some seconds")
    recording.add_argument("kind", metavar="KIND", help="as kubectl takes it, backups.postgresql.cnpg.io")
    recording.add_argument("object", metavar="NAME")
    recording.add_argument("--namespace", "-n", default="default")
    recording.add_argument("--as", dest="title", required=True, metavar="TITLE", help="what happens: create, fail-node")
    recording.add_argument("--software", required=True, metavar="TEXT", help="who writes it: cloudnative-pg v1.30.0")
    recording.add_argument("--seconds", type=float, default=600, help="the longest to record (default: 600)")
    recording.add_argument("--until", default="", metavar="FIELD=VALUE", help="it must be so before quiet ends it")
    recording.add_argument("--quiet", type=float, default=60, help="seconds without a change that end it (default: 60)")
    cluster_option(recording)
    recording.set_defaults(run=_record)


def _record(options: argparse.Namespace) -> None:
    cluster = finished(options.cluster)
    if not get(cluster, "nodes", "--selector=!lab.groundwork.platform/simulated"):
        raise LabError(f"{cluster.name} has no real node: what a simulation says is no trace")
    changes = list(_changes(cluster, options))
    if not changes:
        raise LabError(f"no {options.kind} {options.object} showed itself in {options.seconds:.0f} s")
    first = changes[0]["object"]
    content = {
        "apiVersion": first["apiVersion"],
        "kind": first["kind"],
        "title": options.title,
        "software": options.software,
        "kubernetes": cluster.facts["version"],
        "command": f"lab {' '.join(sys.argv[1:])}",
        "recorded": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    path = _path(first, options.title)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text(content, list(_compact(changes))))
    progress.say(f"{len(changes)} changes in {changes[-1]['after']:.1f} s: {path}")


def _text(content: Object, changes: list[Object]) -> str:
    """As JSON, a change a line."""
    lines = [f'"{key}": {json.dumps(value)}' for key, value in content.items()]
    rows = ",\n".join(f"  {json.dumps(change, sort_keys=True)}" for change in changes)
    return "{\n" + ",\n".join(lines) + f',\n"changes": [\n{rows}\n]\n}}\n'


def _path(first: Object, title: str) -> Path:
    group = first["apiVersion"].rpartition("/")[0] or "core"
    return FOLDER / f"{group}.{first['kind']}" / f"{title}.json"


def _changes(cluster: Cluster, options: argparse.Namespace) -> Iterator[Object]:
    """Each change with the seconds since the first; ends with it, with the time, or when all is quiet."""
    where = (f"--namespace={options.namespace}", f"--field-selector=metadata.name={options.object}")
    program = [str(build.program("kubectl")), f"--kubeconfig={cluster.kubeconfig}", "get", options.kind, *where]
    command = [*program, "--watch", "--output-watch-events", "--output=json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as watching:
        ending = threading.Timer(options.seconds, watching.kill)
        ending.start()
        silence = ending
        start = 0.0
        try:
            for line in watching.stdout or ():  # an event a line
                event = json.loads(line)
                now = time.monotonic()
                start = start or now
                silence.cancel()
                if _is_so(event["object"], options.until):
                    silence = threading.Timer(options.quiet, watching.kill)
                    silence.start()
                yield {"after": round(now - start, 2), "type": event["type"], "object": event["object"]}
                if event["type"] == "DELETED":
                    return
        finally:
            ending.cancel()
            silence.cancel()
            watching.kill()


def _is_so(found: Object, condition: str) -> bool:
    """Whether `status.phase=completed` and the like hold; nothing asked holds always."""
    path, _, wanted = condition.partition("=")
    value: Any = found
    for key in path.split(".") if path else ():
        value = value.get(key) if isinstance(value, dict) else None
    return not path or str(value) == wanted


def _compact(changes: list[Object]) -> Iterator[Object]:
    """A change as it is kept: a spec only when it is another one than before."""
    before: Any = None
    for change in changes:
        found = change["object"]
        kept = {"after": change["after"], "type": change["type"], "metadata": _metadata(found["metadata"])}
        kept["status"] = found.get("status", {})
        if found.get("spec") != before:
            before = kept["spec"] = found.get("spec")
        yield kept


def _metadata(metadata: Object) -> Object:
    kept = {key: metadata[key] for key in KEPT if key in metadata}
    if "annotations" in kept:
        kept["annotations"] = {key: value for key, value in kept["annotations"].items() if key not in NOISE}
    return kept


def objects(path: Path) -> Iterator[tuple[float, str, Object]]:
    """A recorded trace as (seconds, type of event, whole object)."""
    content = json.loads(path.read_text())
    spec: Any = None
    for change in content["changes"]:
        spec = change.get("spec", spec)
        whole = {"apiVersion": content["apiVersion"], "kind": content["kind"], "metadata": change["metadata"]}
        yield change["after"], change["type"], whole | {"spec": spec, "status": change["status"]}
