"""The real profile of a cluster: its network before the control plane, its nodes after it, all of it ended."""

from __future__ import annotations

import contextlib
import datetime
import os
import select
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from .. import build, progress
from ..cluster import Cluster
from ..errors import LabError
from ..images import layers, recipe
from ..kubectl import wait_for_nodes
from ..tools import CONTROL_PLANE, NODE, TOOLS
from . import addons, cgroups, network, node, packages
from . import plan as plans
from .plan import Plan, RealNode

FAILED = "failed"  # a file in a node's folder: it was killed on purpose
PATIENCE = 90.0  # seconds for nodes to be ready
END = 20.0  # seconds for a killed process to be gone


def prepare() -> None:
    """All that is needed and takes long, before anything is started."""
    packages.check_machine()
    packages.ensure()
    build.ensure_all([TOOLS[name] for name in (*CONTROL_PLANE, *NODE)])
    for name in addons.IMAGES:
        layers.ensure(recipe.load(name))


def nodes(cluster: Cluster) -> list[RealNode]:
    """The real nodes a cluster was asked for; none in the rehearse profile."""
    return Plan(cluster).nodes(cluster.facts.get("asked", {}).get("nodes", 0))


def of_name(cluster: Cluster, name: str) -> RealNode | None:
    """A cluster's real node by name."""
    return next((each for each in nodes(cluster) if each.name == name), None)


def make_network(cluster: Cluster) -> None:
    """The hub, where the control plane then starts."""
    network.make_hub(Plan(cluster))


def start(cluster: Cluster, count: int, *, fast: bool) -> None:
    """Starts the nodes of a cluster whose control plane answers, and what runs on them."""
    machines = Plan(cluster).nodes(count)
    with progress.step(f"{cluster.name}: {count} real node{'s' if count > 1 else ''}") as tell:
        for each in machines:
            _start(each, count, fast)
        addons.apply(cluster)
        tell("waiting for kubelet")
        _wait(cluster, machines)
        tell("images")
        _load(machines, list(addons.IMAGES))
        tell("names, volumes, metrics")
        addons.wait(cluster)


def missing(cluster: Cluster) -> list[RealNode]:
    """The nodes that should run and do not."""
    return [each for each in nodes(cluster) if not (each.folder / FAILED).exists() and not node.first_process(each)]


def restart(cluster: Cluster) -> None:
    """Starts nodes that ended without having been told to."""
    gone, now = missing(cluster), _now()
    for each in gone:
        progress.say(f"{cluster.name}: starting node {each.name} again")
        _revive(each)
    _wait(cluster, gone, since=now)


def fail(each: RealNode) -> None:
    """A node loses its power: first nothing it says is heard any more, then everything on it ends at once."""
    (each.folder / FAILED).touch()
    network.cut(each)
    _end([each.namespace], each)


def heal(each: RealNode) -> None:
    """The node starts again with the disk it had."""
    (each.folder / FAILED).unlink(missing_ok=True)
    now = _now()
    _revive(each)
    _wait(each.plan.cluster, [each], since=now)


def listening(cluster: Cluster) -> dict[int, list[str]]:
    """Process -> addresses of what runs in a cluster's hub; nothing without real nodes."""
    hub = Plan(cluster).hub
    return network.listening(hub) if hub in network.namespaces(Plan(cluster)) else {}


def load_images(cluster: Cluster, names: list[str]) -> None:
    """Puts images on every node that runs."""
    machines = [each for each in nodes(cluster) if node.first_process(each)]
    if not machines:
        raise LabError(f"{cluster.name} has no real node to put images on: `lab up NAME --profile real`")
    _load(machines, names)


def down(cluster: Cluster) -> None:
    """Ends every process, namespace, link and cgroup of a cluster, however much of it is left."""
    plan = Plan(cluster)
    if sys.platform != "linux" or not (_traces(plan)):
        return
    packages.check_machine()
    _end(network.namespaces(plan), None)
    for machine in plan.nodes(plans.MOST_NODES):
        _kill_first(machine)
    network.remove_link(plan)
    for name in network.namespaces(plan):
        network.remove(name)
    cgroups.remove(plan.cgroup)
    left = cgroups.left(plan.cgroup)
    if left:
        raise LabError(f"{left[0]} cannot be removed: a process is in it that is not the lab's, end it")


def _traces(plan: Plan) -> bool:
    machines = plan.nodes(plans.MOST_NODES)
    return bool(
        network.namespaces(plan)
        or Path("/sys/class/net", plan.link).exists()
        or cgroups.left(plan.cgroup)
        or any(each.folder.exists() and node.first_process(each) for each in machines)
    )


def _start(each: RealNode, count: int, fast: bool) -> None:
    cluster = each.plan.cluster
    network.make_node(each, count)
    authority = (cluster.workdir / "pki" / "ca.crt").read_text()
    node.write(each, _kubeconfig(cluster), authority, fast=fast)
    node.start(each)


def _revive(each: RealNode) -> None:
    asked = each.plan.cluster.facts["asked"]
    _end([each.namespace], each)
    network.cut(each)
    if each.namespace in network.namespaces(each.plan):
        network.remove(each.namespace)
    _start(each, asked["nodes"], asked["fast"])


def _kubeconfig(cluster: Cluster) -> dict[str, Any]:
    """The cluster's, by the address that nodes reach it at."""
    content: dict[str, Any] = yaml.safe_load(cluster.kubeconfig.read_text())
    server = content["clusters"][0]["cluster"]
    server["server"] = f"https://{plans.BRIDGE}:{server['server'].rsplit(':', 1)[1]}"
    return content


def _now() -> str:
    """As nodes write it: one that died a moment ago is called ready until its grace period is over."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _wait(cluster: Cluster, machines: list[RealNode], since: str = "") -> None:
    if not machines:
        return
    try:
        wait_for_nodes(cluster, [each.name for each in machines], PATIENCE, since)
    except LabError as error:
        raise LabError(f"{error}; {machines[0].name}: {node.words(machines[0])}") from None


def _load(machines: list[RealNode], names: list[str]) -> None:
    recipes = [recipe.load(name) for name in names]
    for each in recipes:
        layers.ensure(each)

    def load(machine: RealNode) -> None:
        for each in recipes:
            node.ensure_image(machine, each)

    with ThreadPoolExecutor(len(machines)) as threads:
        list(threads.map(load, machines))


def _end(namespaces: list[str], each: RealNode | None) -> None:
    """Kills all that runs in some network namespaces; a node's first process takes its containers along."""
    if each:
        _kill_first(each)
    deadline = time.monotonic() + END
    while left := network.processes(namespaces):
        if time.monotonic() > deadline:
            raise LabError(f"processes {', '.join(map(str, left))} outlive a kill: end them as their owner")
        for number in left:
            _kill(number)


def _kill_first(each: RealNode) -> None:
    process = node.first_process(each)
    if process:
        _kill(process.pid)


def _kill(number: int) -> None:
    """Kills a process and waits until it is gone, or a zombie: who reaps it is not ours to say."""
    with contextlib.suppress(ProcessLookupError):
        handle = os.pidfd_open(number)
        try:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            select.select([handle], [], [], END)
        finally:
            os.close(handle)
