"""Times what a role costs in a playbook: many tasks, each a set of ten unchanged objects, beside kubernetes.core.

`python -m bench.role [--runs 5]`; rows go to .cache/bench/role.json. A task's seconds are those between its start and
its end as Ansible's own JSON callback gives them; the engine's are the module's timings.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import datetime
from pathlib import Path
from subprocess import run as start
from typing import Any

import yaml
from bench import load
from bench.engine import ENVIRONMENT, ROOT
from support.lab import LabCluster, started
from support.playbook import BINARY

ROWS = ROOT / ".cache" / "bench" / "role.json"
TASKS, OBJECTS = 20, 10
Row = dict[str, Any]


def main() -> None:
    """Applies all sets once, then measures unchanged runs, the tools in turn."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    rows: list[Row] = []
    with started("bench") as cluster, tempfile.TemporaryDirectory() as name:
        prefix = f"r{time.time_ns() // 1_000_000}"
        cluster.apply(*load.namespaces(prefix))
        plays = {tool: _play(cluster, Path(name), tool, prefix) for tool in ("ours", "kubernetes.core, one task")}
        for turn in range(runs + 1):
            for tool, path in plays.items():
                found = [{"tool": tool, "run": turn, "load": os.getloadavg()[0], **row} for row in _tasks(path)]
                rows += found if turn else []
    ROWS.parent.mkdir(parents=True, exist_ok=True)
    ROWS.write_text(json.dumps(rows, indent=1))


def _play(cluster: LabCluster, folder: Path, tool: str, prefix: str) -> Path:
    """A playbook of TASKS tasks with OBJECTS objects each; a tool has objects of its own."""
    tasks = []
    for number in range(TASKS):
        rows = load.objects(OBJECTS, prefix)
        for row in rows:
            row["metadata"] = {**row["metadata"], "name": f"{tool[0]}{number}-{row['metadata']['name']}"}
        common = {"kubeconfig": str(cluster.kubeconfig)}
        if tool == "ours":
            module = {"set": f"role-{number}", "namespace": f"{prefix}-0", "objects": rows, "wait": False}
            tasks.append({"groundwork.platform.apply": common | module})
        else:
            server = {"field_manager": "bench", "force_conflicts": True}
            module = {"resource_definition": rows, "apply": True, "server_side_apply": server}
            tasks.append({"kubernetes.core.k8s": common | module})
    path = folder / f"{tool[0]}.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    return path


def _tasks(path: Path) -> list[Row]:
    """Each task's seconds, its place in the playbook, and the engine's own seconds where it says them."""
    done = start(
        [str(BINARY), str(path)], cwd=ROOT, env=os.environ | ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    told = json.loads(done.stdout[done.stdout.index("{") :])["plays"][0]["tasks"]
    return [_task(place, each) for place, each in enumerate(told)]


def _task(place: int, told: Row) -> Row:
    taken = told["task"]["duration"]
    whole = (datetime.fromisoformat(taken["end"]) - datetime.fromisoformat(taken["start"])).total_seconds()
    result = told["hosts"]["localhost"]
    return {
        "place": place,
        "whole_s": round(whole, 4),
        "engine_s": result.get("timings", {}).get("total"),
        "changed": result["changed"],
    }


if __name__ == "__main__":
    main()
