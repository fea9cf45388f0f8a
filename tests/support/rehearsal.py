"""Runs of the playbooks with an inventory of ours on lab clusters of its hosts' shapes, as a user runs them."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from support.lab import LabCluster, lab, started
from support.playbook import BINARY, ROOT, environment

# The definitions that the roles' objects are of; their operators do not run.
DEFINITIONS = ("certificates", "network", "backup")


@contextlib.contextmanager
def rehearsed(inventory: str, host: str) -> Iterator[LabCluster]:
    """A lab cluster of a host's shape for the length of the block, with the definitions that it needs."""
    with started(host.replace("_", "-"), "--shape", f"inventories/{inventory}:{host}") as cluster:
        lab("crds", "apply", *DEFINITIONS, "--cluster", cluster.name)
        yield cluster


def run(
    folder: Path,
    playbook: str,
    inventory: str,
    clusters: Iterable[LabCluster],
    hosts: Iterable[str],
    *more: str,
    **variables: Any,
) -> subprocess.CompletedProcess[str]:
    """One playbook on hosts whose clusters stand, led there by the lab's overlay. Nothing waits for cert-manager."""
    overlay = lab("overlay", *(cluster.name for cluster in clusters)).stdout.strip()
    command = [str(BINARY), f"--inventory=inventories/{inventory}", f"playbooks/{playbook}.yml"]
    command += [f"--limit={','.join(hosts)}", f"--extra-vars=@{overlay}"]
    command += ["--extra-vars", json.dumps({"certificates_wait": False} | variables), *more]
    surroundings = environment(folder)
    return subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=1000, check=False
    )
