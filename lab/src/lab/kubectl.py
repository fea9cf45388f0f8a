"""Speaks to a lab cluster through its own kubectl."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

from . import build
from .cluster import Cluster
from .errors import LabError

READY = '.status.conditions[?(@.type=="Ready")]'
NODE = f"""{{.metadata.name}}|{{{READY}.status}}|{{{READY}.lastHeartbeatTime}}|{{.spec.taints[*].key}}{{"\\n"}}"""
TROUBLE = "node.kubernetes.io/"


def kubectl(cluster: Cluster, *arguments: str, stdin: str | None = None, timeout: float = 90) -> str:
    """kubectl's output; its last line of complaint as a sentence when it fails."""
    command = [*program(cluster), *arguments]
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise LabError(f"cluster {cluster.name} did not answer within {timeout:.0f} s: see `lab status`") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise LabError(
            f"cluster {cluster.name} refused `kubectl {' '.join(arguments[:2])}`: {said[-1] if said else '?'}"
        )
    return done.stdout


def program(cluster: Cluster) -> list[str]:
    """How to start kubectl for a cluster."""
    cache = cluster.folder / "kubectl"  # else it leaves one in the user's home for every cluster there ever was
    return [str(build.program("kubectl")), f"--kubeconfig={cluster.kubeconfig}", f"--cache-dir={cache}"]


def get(cluster: Cluster, *arguments: str) -> list[dict[str, Any]]:
    """The objects that `kubectl get` lists."""
    answer = json.loads(kubectl(cluster, "get", *arguments, "-o", "json"))
    return list(answer["items"]) if "items" in answer else [answer]


def wait_for_nodes(cluster: Cluster, names: list[str], timeout: float, since: str = "") -> None:
    """Watches until every node is ready and rid of the taints that Kubernetes itself puts on nodes in trouble.

    since: a moment in UTC, `2026-11-21T12:00:00Z`; what a node said of itself before it counts for nothing.
    """
    pending = set(names)
    for name, ready, said, taints in _watch(cluster, "nodes", NODE, timeout):
        if ready == "True" and said >= since and not any(key.startswith(TROUBLE) for key in taints.split()):
            pending.discard(name)
        elif name in names:
            pending.add(name)
        if not pending:
            return
    raise LabError(
        f"{', '.join(sorted(pending))} of cluster {cluster.name} not ready after {timeout:.0f} s: "
        f"see `lab logs kwok-controller --cluster {cluster.name}`"
    )


def _watch(cluster: Cluster, kind: str, template: str, timeout: float) -> Iterator[list[str]]:
    """The fields of a line for each object there is, and for each change, until the time is over."""
    command = [*program(cluster), "get", kind, "--watch", f"--output=jsonpath={template}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as watching:
        ending = threading.Timer(timeout, watching.kill)
        ending.start()
        try:
            for line in watching.stdout or ():
                yield line.rstrip("\n").split("|")
        finally:
            ending.cancel()
            watching.kill()


def create(cluster: Cluster, objects: list[dict[str, Any]]) -> None:
    """Creates all objects in one call."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    kubectl(cluster, "create", "--filename=-", stdin=text)
