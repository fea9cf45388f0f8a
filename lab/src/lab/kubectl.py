"""Speaks to a lab cluster through its own kubectl."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from . import build
from .cluster import Cluster
from .errors import LabError


def kubectl(cluster: Cluster, *arguments: str, stdin: str | None = None, timeout: float = 90) -> str:
    """kubectl's output; its last line of complaint as a sentence when it fails."""
    command = [str(build.program("kubectl")), f"--kubeconfig={cluster.kubeconfig}", *arguments]
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


def get(cluster: Cluster, *arguments: str) -> list[dict[str, Any]]:
    """The objects that `kubectl get` lists."""
    answer = json.loads(kubectl(cluster, "get", *arguments, "-o", "json"))
    return list(answer["items"]) if "items" in answer else [answer]


def create(cluster: Cluster, objects: list[dict[str, Any]]) -> None:
    """Creates all objects in one call."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    kubectl(cluster, "create", "--filename=-", stdin=text)
