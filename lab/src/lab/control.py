"""Starts a lab cluster whole, or not at all, and ends one without a trace."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import time
from collections.abc import Iterator
from typing import Any

import psutil
import yaml

from . import build, config, kwokctl, paths, ports, progress
from .cluster import COMPONENTS, Cluster
from .errors import LabError
from .kubectl import create, kubectl, wait_for_nodes
from .locks import lock
from .real import controlplane, profile
from .shape import Pool, nodes
from .tools import CONTROL_PLANE, TOOLS

ROOM = 512 << 20  # bytes that a cluster's data and logs may well need
MARK = "lab.groundwork.platform"  # prefix of the annotations on namespace kube-system that only lab clusters carry
PATIENCE = 60.0  # seconds for the nodes


def up(cluster: Cluster, pools: list[Pool], *, fast: bool, port: int, audit: bool, real: int = 0) -> None:
    """Starts the cluster; nothing happens to one that already runs so, nothing is left of one that cannot start.

    `real`: how many real nodes, instead of the pools' simulated ones.
    """
    asked = {"pools": pools, "fast": fast, "port": port, "audit": audit, "nodes": real}
    _refuse_other(cluster, asked)
    if runs(cluster):
        progress.say(f"{cluster.name} is already running")
        return
    if not cluster.facts:
        _check_room(cluster)
        _check_port(port)
    if real:
        profile.prepare()
    build.ensure_all([TOOLS[name] for name in CONTROL_PLANE])
    with lock(_lock(cluster), f"starts {cluster.name}"):
        if runs(cluster):
            return
        start = time.monotonic()
        if cluster.facts:
            restart(cluster)
        else:
            _start_whole(cluster, asked)
        progress.say(f"{cluster.name} is ready after {time.monotonic() - start:.1f} s")


def runs(cluster: Cluster) -> bool:
    """Finished by `up`, every component alive, and every real node that was not killed on purpose."""
    return cluster.running() and not profile.missing(cluster)


def _lock(cluster: Cluster) -> str:
    return f"up-{cluster.name}.lock"


def _refuse_other(cluster: Cluster, asked: dict[str, Any]) -> None:
    before = {"nodes": 0} | cluster.facts.get("asked", asked)
    different = sorted(key for key in asked if asked[key] != before[key] and (key != "port" or asked[key]))
    if different:
        raise LabError(
            f"{cluster.name} already exists with other {' and '.join(different)}: "
            f"`lab down {cluster.name}` first, or take another name"
        )


def _start_whole(cluster: Cluster, asked: dict[str, Any]) -> None:
    if cluster.exists():
        progress.say(f"{cluster.name} was never finished, ending the rest of it first")
        down(cluster)
    try:
        _start(cluster, asked)
    except BaseException:
        down(cluster)
        raise


def _start(cluster: Cluster, asked: dict[str, Any]) -> None:
    paths.make(cluster.folder, "XDG_STATE_HOME")
    settings, policy = cluster.folder / "kwokctl.yaml", cluster.folder / "audit-policy.yaml"
    more = {}
    if asked["nodes"]:
        profile.make_network(cluster)
        more = {
            "more_options": controlplane.options(cluster),
            "more_arguments": controlplane.arguments(cluster),
        }
    audit_policy = str(policy) if asked["audit"] else ""
    with _in_words(cluster):
        policy.write_text(yaml.safe_dump(config.AUDIT_POLICY))
        settings.write_text(
            config.kwokctl(
                fast=asked["fast"], ports=ports.choose(cluster, asked["port"]), audit_policy=audit_policy, **more
            )
        )
        kwokctl.create(cluster, settings)
    kubectl(cluster, "get", "--raw=/readyz")  # kwokctl goes on when its patience ends
    kubectl(cluster, "wait", "namespace/kube-system", "--for=create", "--timeout=30s")
    mark(cluster, "real" if asked["nodes"] else "rehearse")
    if asked["nodes"]:
        profile.start(cluster, asked["nodes"], fast=asked["fast"])
    else:
        machines = nodes(asked["pools"], TOOLS["kubernetes"].version)
        create(cluster, machines)
        wait_for_nodes(cluster, [node["metadata"]["name"] for node in machines], PATIENCE)
    kwokctl.complete(cluster)
    with _in_words(cluster):
        facts = {"asked": asked, "started": time.time(), "version": TOOLS["kubernetes"].version}
        (cluster.folder / "facts.json").write_text(json.dumps(facts, indent=1))


def restart(cluster: Cluster) -> None:
    """Starts the components, and the real nodes, that are not running, on the data they left."""
    gone = sorted(set(COMPONENTS) - set(cluster.processes()))
    if gone:
        progress.say(f"{cluster.name}: starting {', '.join(gone)} again")
        with _in_words(cluster):
            kwokctl.start(cluster)
    profile.restart(cluster)


def mark(cluster: Cluster, kind: str) -> None:
    """Annotates namespace kube-system with what only lab clusters carry. `kind`: the profile."""
    what = (f"{MARK}/cluster={cluster.name}", f"{MARK}/profile={kind}")
    kubectl(cluster, "annotate", "--overwrite", "namespace", "kube-system", *what)


def stop(cluster: Cluster) -> None:
    """Kills every component and waits until they are gone; nothing in a lab cluster is worth a graceful end.

    Not by kwokctl: it trusts process numbers on disk, which after a kill may be somebody else's.
    """
    killed: set[psutil.Process] = set()
    while new := [process for process in cluster.everything() if process not in killed]:
        for process in new:  # an interrupted `up` may have started some since we looked
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
                wait_for_end(process)
        killed.update(new)
    alive = ", ".join(str(process.pid) for process in cluster.everything())
    if alive:
        raise LabError(f"{cluster.name} does not end: processes {alive} outlive a kill, end them as their owner")


def wait_for_end(process: psutil.Process) -> None:
    """Until it is gone or a zombie: who reaps it is not ours to say."""
    if not hasattr(os, "pidfd_open"):  # no Linux
        process.wait(timeout=10)
        return
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(process.pid)
        try:
            select.select([handle], [], [], 10)
        finally:
            os.close(handle)


def down(cluster: Cluster) -> None:
    """Ends every process of the cluster and removes its folder, whatever is left of either."""
    stop(cluster)
    profile.down(cluster)
    shutil.rmtree(cluster.folder, ignore_errors=True)
    if cluster.exists():
        raise LabError(f"{cluster.folder} cannot be removed: remove it as its owner")
    (paths.cache() / "locks" / _lock(cluster)).unlink(missing_ok=True)
    for folder in (cluster.folder.parent, cluster.folder.parent.parent):
        with contextlib.suppress(OSError):  # not empty, or gone
            folder.rmdir()


def _check_room(cluster: Cluster) -> None:
    folder = next(parent for parent in cluster.folder.parents if parent.exists())
    if shutil.disk_usage(folder).free < ROOM:
        raise LabError(
            f"no space for a cluster in {folder}: free {ROOM >> 20} MiB or set XDG_STATE_HOME to another disk"
        )


def _check_port(port: int) -> None:
    complaint = ports.complaint(port) if port else ""
    if complaint:
        raise LabError(f"port {port} cannot be used ({complaint}): choose another --port, or none")


@contextlib.contextmanager
def _in_words(cluster: Cluster) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LabError(
            f"{cluster.folder} cannot be written ({paths.why(error)}): free it or set XDG_STATE_HOME"
        ) from None
