"""Times the set engine beside other tools on one lab API server, alternating; rows go to .cache/bench/engine.json.

`python -m bench.engine [--objects 100 1000] [--round-trip 0 20] [--runs 5] [--tools ...]`. A cell (scenario, objects,
round trip, tool, run) that already has its row is not run again; `--fresh` forgets all rows.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from bench import load
from bench.tools import PARENTS, SCENARIOS, TOOLS, Job
from support.lab import LabCluster, started

ROOT = Path(__file__).parents[2]
ROWS = ROOT / ".cache" / "bench" / "engine.json"
KEY = ("scenario", "objects", "round_trip_ms", "tool", "run")
# empty: Python keeps compiled libraries, as an installed package has them
ENVIRONMENT = {
    "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
    "KUBECTL_APPLYSET": "true",
    "PYTHONDONTWRITEBYTECODE": "",
}
MANY, AT_MANY = 5000, ("first", "unchanged")  # from so many objects on, only these
Row = dict[str, Any]


def main() -> None:
    options = _options()
    if options.fresh:
        ROWS.unlink(missing_ok=True)
    ROWS.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = json.loads(ROWS.read_text()) if ROWS.exists() else []
    done = {tuple(row[key] for key in KEY) for row in rows}
    with started("bench") as cluster:
        for round_trip in options.round_trip:
            with relayed(cluster.kubeconfig, round_trip) as kubeconfig:
                for count in options.objects:
                    for run in range(options.runs):
                        for name in options.tools:
                            cell = dict(zip(KEY[1:], (count, round_trip, name, run), strict=True))
                            rows += measure(cluster, kubeconfig, cell, done)
                            ROWS.write_text(json.dumps(rows, indent=1))


def measure(cluster: LabCluster, kubeconfig: Path, cell: Row, done: set[tuple[Any, ...]]) -> list[Row]:
    """All scenarios of one tool, one after the other on objects of its own; nothing where all rows are there."""
    tool, count = TOOLS[cell["tool"]], cell["objects"]
    cells = [{"scenario": scenario} | cell for scenario in tool.scenarios if count < MANY or scenario in AT_MANY]
    if all(tuple(row[key] for key in KEY) in done for row in cells):
        return []
    prefix, part = f"b{time.time_ns() // 1_000_000}", min(count, tool.most)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        own = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": prefix}}
        cluster.apply(own, *load.namespaces(prefix))
        if tool.name == "kubectl --applyset":
            _create_parent(cluster, prefix)
        for row in cells:
            scenario = row["scenario"]
            changed = SCENARIOS.index(scenario) > SCENARIOS.index("unchanged")
            wanted = load.objects(part, prefix, changed=changed, dropped=scenario == "prune")
            job = Job(
                scenario,
                kubeconfig,
                load.write(Path(folder) / "wanted.yml", wanted),
                load.write(Path(folder) / "gone.yml", load.dropped(part, prefix)),
                prefix,
            )
            measured = _run(cluster, tool.commands(job))
            rows.append(row | {"applied": part} | measured)
            say = f"{scenario:10} {count:5} {cell['round_trip_ms']:3} ms  {tool.name:26} run {cell['run']}"
            print(f"{say} {measured['whole_s']:8.2f} s  {measured['requests']:5} requests", flush=True)
    gone = [prefix, *(row["metadata"]["name"] for row in load.namespaces(prefix))]
    cluster.kubectl("delete", "namespace", "--wait=true", *gone)
    return rows


def _run(cluster: LabCluster, commands: list[list[str]]) -> Row:
    whole, peak, engine = 0.0, 0, 0.0
    with cluster.record(user="kwok-admin") as requests:
        for command in commands:
            start = time.perf_counter()
            with tempfile.TemporaryFile("w+") as output:
                process = subprocess.Popen(
                    command, stdout=output, stderr=subprocess.STDOUT, env=os.environ | ENVIRONMENT, cwd=ROOT
                )
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                whole += time.perf_counter() - start
                peak = max(peak, usage.ru_maxrss)
                output.seek(0)
                text = output.read()
            if process.returncode:
                sys.exit(f"{' '.join(command[:6])} ...: {text[-2000:]}")
            engine += _engine_seconds(text)
    return {
        "load": round(os.getloadavg()[0], 1),
        "whole_s": round(whole, 3),
        "engine_s": round(engine, 3) or None,
        "requests": len(requests.all),
        "peak_mib": peak >> 10,
    }


def _engine_seconds(text: str) -> float:
    """What the tool itself says it needed, where it does: the raw yardstick, and our module's timings."""
    if text.startswith('{"engine_s"'):
        return float(json.loads(text)["engine_s"])
    with contextlib.suppress(ValueError, KeyError, IndexError):
        timings = json.loads(text[text.index("{") :])["plays"][0]["tasks"][0]["hosts"]["localhost"]["timings"]
        return float(timings["total"])
    return 0.0


def _create_parent(cluster: LabCluster, name: str) -> None:
    """kubectl makes no parent of a kind in no namespace itself: a custom resource of a kind that says it may be one."""
    plural, _, group = PARENTS.partition(".")
    schema = {"openAPIV3Schema": {"type": "object"}}
    spec = {
        "group": group,
        "scope": "Cluster",
        "names": {"kind": "Parent", "plural": plural},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
    }
    meta = {"name": PARENTS, "labels": {"applyset.kubernetes.io/is-parent-type": "true"}}
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    cluster.apply(definition | {"metadata": meta, "spec": spec})
    cluster.kubectl("wait", "--for=condition=Established", f"crd/{PARENTS}")
    digest = hashlib.sha256(f"{name}..Parent.{group}".encode()).digest()
    prefix = "applyset.kubernetes.io"
    meta = {
        "name": name,
        "labels": {f"{prefix}/id": f"applyset-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}-v1"},
        "annotations": {f"{prefix}/tooling": "kubectl/v1.36.3", f"{prefix}/contains-group-kinds": ""},
    }
    cluster.apply({"apiVersion": f"{group}/v1", "kind": "Parent", "metadata": meta})


@contextlib.contextmanager
def relayed(kubeconfig: Path, round_trip: int) -> Iterator[Path]:
    """A kubeconfig that reaches the same server with a round trip of so many milliseconds."""
    if not round_trip:
        yield kubeconfig
        return
    config = yaml.safe_load(kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    port = cluster["server"].rpartition(":")[2]
    relay = [sys.executable, str(Path(__file__).with_name("relay.py")), port, str(round_trip)]
    with subprocess.Popen(relay, stdout=subprocess.PIPE, text=True) as process, tempfile.TemporaryDirectory() as folder:
        assert process.stdout
        cluster["server"] = f"https://127.0.0.1:{process.stdout.readline().strip()}"
        path = Path(folder) / "kubeconfig"
        path.write_text(json.dumps(config))
        path.chmod(0o600)
        try:
            yield path
        finally:
            process.terminate()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--objects", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--round-trip", type=int, nargs="+", default=[0, 20], help="milliseconds")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tools", nargs="+", choices=list(TOOLS), default=list(TOOLS))
    parser.add_argument("--fresh", action="store_true", help="forget the rows of earlier runs")
    return parser.parse_args()


if __name__ == "__main__":
    main()
