"""Seconds of an unchanged run of the site, by role, beside the same objects through loops of kubernetes.core.k8s.

    make bench-site            (HOST=research_lab_prod; uses the cluster that `make demo` left)

Whole processes of ansible-playbook, one by one. The objects of the loops are read off the cluster once, without
what the server owns, and applied as they are; nothing changes in either run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from support.playbook import BINARY, ROOT, environment

LAB = Path(sys.executable).parent / "lab"
ROLES = ("storage", "addons", "tenancy", "certificates")
RUNS = 3
OWNED = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "annotations")


def lab(*arguments: str) -> str:
    return subprocess.run([str(LAB), *arguments], capture_output=True, text=True, check=True).stdout.strip()


def seconds(command: list[str], folder: Path) -> float:
    """The whole process; what it said where it failed."""
    start = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "changed=0" in done.stdout, f"not unchanged:\n{done.stdout[-800:]}"
    return time.monotonic() - start


def members(cluster: str, role: str) -> list[dict[str, Any]]:
    """The live objects of a role's set, as somebody would have written them."""
    kubectl = [lab("program", "kubectl"), f"--kubeconfig={lab('kubeconfig', cluster)}"]
    found = []
    parent = ["get", "secret", f"groundwork-{role}", "-n", "kube-system", "-o", "json"]
    head = json.loads(subprocess.run([*kubectl, *parent], capture_output=True, text=True, check=True).stdout)[
        "metadata"
    ]
    kinds = head["annotations"]["applyset.kubernetes.io/contains-group-kinds"]
    label = f"applyset.kubernetes.io/part-of={head['labels']['applyset.kubernetes.io/id']}"
    for kind in kinds.split(","):
        listed = [*kubectl, "get", kind, "--all-namespaces", f"--selector={label}", "-o", "json"]
        items = json.loads(subprocess.run(listed, capture_output=True, text=True, check=True).stdout)["items"]
        for obj in items:
            obj.pop("status", None)
            obj["metadata"] = {key: value for key, value in obj["metadata"].items() if key not in OWNED}
            found.append(obj)
    return found


def loop(cluster: str, role: str, folder: Path) -> tuple[Path, int]:
    """A playbook that applies a role's objects one by one."""
    objects = members(cluster, role)
    task = {
        "name": "Apply",
        "kubernetes.core.k8s": {
            "kubeconfig": lab("kubeconfig", cluster), "definition": "{{ item }}", "apply": True, "server_side_apply": {
                "field_manager": "bench", "force_conflicts": True}},
        "loop": "{{ objects }}",
        "loop_control": {"label": "{{ item.metadata.name }}"},
    }  # fmt: skip
    path = folder / f"{role}.yml"
    (folder / f"{role}-objects.yml").write_text(yaml.safe_dump({"objects": objects}))
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
    path.write_text(yaml.safe_dump([play | {"vars_files": [f"{role}-objects.yml"]}]))
    return path, len(objects)


def main() -> None:
    """Prints a row for each role, and one for the whole site."""
    host = sys.argv[1]
    cluster = f"rehearse-{host.replace('_', '-')}"
    base = ["--inventory", "inventories/production", "--limit", host, "--extra-vars", f"@{lab('overlay', cluster)}"]
    site = [str(BINARY), "playbooks/site.yml", *base]
    print(
        f"{'':14}{'objects':>8}{'site.yml':>10}{'kubernetes.core':>17}   seconds of whole processes, median of {RUNS}"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for role in ROLES:
            path, number = loop(cluster, role, folder)
            subprocess.run(
                [str(BINARY), str(path)], cwd=ROOT, env=environment(folder), capture_output=True, check=False
            )
            ours = sorted(seconds([*site, "--tags", role], folder) for _ in range(RUNS))[RUNS // 2]
            theirs = seconds([str(BINARY), str(path)], folder)
            print(f"{role:14}{number:>8}{ours:>10.1f}{theirs:>17.1f}", flush=True)
        print(f"{'all of it':14}{'':>8}{sorted(seconds(site, folder) for _ in range(RUNS))[RUNS // 2]:>10.1f}")


if __name__ == "__main__":
    main()
