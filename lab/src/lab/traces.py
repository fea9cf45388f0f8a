"""Traces: every change of a real object with its time, as data under lab/traces."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import paths

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
Change = tuple[float, str, Object]  # seconds since the cause, ADDED, MODIFIED or DELETED, the object


def write(changes: list[Change], *, title: str, cause: str, software: str, kubernetes: str, command: str) -> Path:
    """Keeps a trace under its kind and title."""
    first = changes[0][2]
    content = {
        "apiVersion": first["apiVersion"],
        "kind": first["kind"],
        "title": title,
        "cause": cause,
        "software": software,
        "kubernetes": kubernetes,
        "command": command,
        "recorded": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    group = first["apiVersion"].rpartition("/")[0] or "core"
    path = FOLDER / f"{group}.{first['kind']}" / f"{title}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_text(content, list(_compact(changes))))
    return path


def _text(content: Object, changes: list[Object]) -> str:
    """As JSON, a change a line."""
    lines = [f'"{key}": {json.dumps(value)}' for key, value in content.items()]
    rows = ",\n".join(f"  {json.dumps(change, sort_keys=True)}" for change in changes)
    return "{\n" + ",\n".join(lines) + f',\n"changes": [\n{rows}\n]\n}}\n'


def _compact(changes: list[Change]) -> Iterator[Object]:
    """A change as it is kept: a spec only when it is another one than before."""
    before: Any = None
    for seconds, event, found in changes:
        kept = {"after": round(seconds, 2), "type": event, "metadata": _metadata(found["metadata"])}
        kept["status"] = found.get("status", {})
        if found.get("spec") != before:
            before = kept["spec"] = found.get("spec")
        yield kept


def _metadata(metadata: Object) -> Object:
    kept = {key: metadata[key] for key in KEPT if key in metadata}
    if "annotations" in kept:
        kept["annotations"] = {key: value for key, value in kept["annotations"].items() if key not in NOISE}
    return kept


def objects(path: Path) -> Iterator[Change]:
    """A recorded trace as (seconds, type of event, whole object)."""
    content = json.loads(path.read_text())
    spec: Any = None
    for change in content["changes"]:
        spec = change.get("spec", spec)
        whole = {"apiVersion": content["apiVersion"], "kind": content["kind"], "metadata": change["metadata"]}
        yield change["after"], change["type"], whole | {"spec": spec, "status": change["status"]}
