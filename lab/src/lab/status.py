"""Commands: status, logs. What a cluster is made of, where it listens, how much memory it takes, what it said."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import psutil

from . import control, kwokctl
from .arguments import cluster_name, cluster_option
from .cluster import COMPONENTS, HELPERS, Cluster, existing
from .errors import LabError
from .faults import FAILED
from .kubectl import get
from .real import profile
from .simulate import process as simulation

LOGS = (*COMPONENTS, "audit", "kwokctl", *HELPERS.values())


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommands."""
    status = commands.add_parser("status", help="what runs, versions, addresses, memory, nodes")
    cluster_name(status)
    status.set_defaults(run=_status)

    logs = commands.add_parser("logs", help="print the log of a component")
    logs.add_argument("component", choices=LOGS, metavar="COMPONENT", help=", ".join(LOGS))
    cluster_option(logs)
    logs.set_defaults(run=_logs)


def listening(process: psutil.Process) -> list[str]:
    """The addresses a process of this network namespace accepts TCP connections on, `127.0.0.1:6443`."""
    found = [each.laddr for each in process.net_connections(kind="tcp") if each.status == psutil.CONN_LISTEN]
    return sorted(f"{address.ip}:{address.port}" for address in found)


def _status(options: argparse.Namespace) -> None:
    cluster = existing(options.name)
    for line in (*_cluster(cluster), "", *_components(cluster), "", *_nodes(cluster), *_simulated(cluster)):
        print(line)


def _simulated(cluster: Cluster) -> Iterator[str]:
    if simulation.NAME in cluster.helpers():
        from .simulate import report  # imports the collection

        yield from report.lines(cluster)


def _cluster(cluster: Cluster) -> Iterator[str]:
    facts = cluster.facts
    state = "running" if control.runs(cluster) else f"broken, `lab up {cluster.name}` starts what is missing"
    yield f"cluster     {cluster.name}, {state}"
    yield f"kubernetes  {facts.get('version', 'never finished')}"
    if facts:
        yield f"timers      {'fast, not production' if facts['asked']['fast'] else 'production'}"
        yield f"audit log   {cluster.audit_log if facts['asked']['audit'] else 'none'}"
    yield f"kubeconfig  {cluster.kubeconfig}"


def _components(cluster: Cluster) -> Iterator[str]:
    processes, total = cluster.processes(), 0
    inside = profile.listening(cluster)
    for component in COMPONENTS:
        line = f"{component:24} not running"
        with contextlib.suppress(psutil.NoSuchProcess, KeyError):
            process = processes[component]
            memory = process.memory_info().rss
            addresses = " ".join(inside.get(process.pid) or listening(process))
            line = f"{component:24} {memory >> 20:5} MiB  pid {process.pid:<8} {addresses}"
            total += memory
        yield line
    for name, process in cluster.helpers().items():
        yield f"{name:24} {process.memory_info().rss >> 20:5} MiB  pid {process.pid:<8} simulated"
    yield f"{'all':24} {total >> 20:5} MiB"


def _nodes(cluster: Cluster) -> Iterator[str]:
    try:
        nodes = get(cluster, "nodes")
    except LabError as error:
        yield f"nodes: {error}"
        return
    for node in nodes:
        metadata, labels = node["metadata"], node["metadata"]["labels"]
        failed = metadata.get("annotations", {}).get(FAILED)
        kind = "real" if cluster.facts.get("asked", {}).get("nodes") else "simulated"
        kind += f", failed since {failed}" if failed else ""
        zone = labels.get("topology.kubernetes.io/zone", "-")
        yield f"{metadata['name']:24} {'Ready' if _ready(node) else 'NotReady':9} {zone:16} {kind}"


def _ready(node: dict[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _logs(options: argparse.Namespace) -> None:
    cluster = existing(options.cluster)
    try:
        with kwokctl.log(cluster, options.component).open(errors="replace") as file:
            shutil.copyfileobj(file, sys.stdout)
    except FileNotFoundError:
        hint = ": start it with `lab up --audit`" if options.component == "audit" else ""
        raise LabError(f"cluster {cluster.name} has no log of {options.component}{hint}") from None
