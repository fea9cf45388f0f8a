"""Runs of the playbooks with an inventory of ours on lab clusters of its hosts' shapes, as a user runs them."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils.site_objects import DATA
from support.lab import LabCluster, lab, started
from support.playbook import BINARY, ROOT, environment

# The definitions that the roles' objects are of; their operators do not run.
DEFINITIONS = ("certificates", "network", "backup")
_NO_OPERATORS = {f"{role}_wait": False for role in ("certificates", *DATA)}


@contextlib.contextmanager
def rehearsed(inventory: str, host: str, kinds: Iterable[str] = ()) -> Iterator[LabCluster]:
    """A lab cluster of a host's shape for the length of the block, with the foundation's definitions.

    kinds: what its objects are of, data systems' too; each definition that is not needed costs the server its time.
    """
    only = [argument for kind in sorted(kinds) for argument in ("--kind", kind)]
    groups = (*DEFINITIONS, "observability", *DATA) if only else DEFINITIONS
    with started(host.replace("_", "-"), "--shape", f"inventories/{inventory}:{host}") as cluster:
        lab("crds", "apply", *groups, *only, "--cluster", cluster.name)
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
    """One playbook on hosts whose clusters stand, led there by the lab's overlay. Nothing waits for an operator."""
    overlay = lab("overlay", *(cluster.name for cluster in clusters)).stdout.strip()
    command = [str(BINARY), f"--inventory=inventories/{inventory}", f"playbooks/{playbook}.yml"]
    command += [f"--limit={','.join(hosts)}", f"--extra-vars=@{overlay}"]
    command += ["--extra-vars", json.dumps(_NO_OPERATORS | variables), *more]
    surroundings = environment(folder)
    return subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=1000, check=False
    )
