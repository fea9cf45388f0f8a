"""Commands: fail, out-of-service, heal. A failed node's status and Lease stop, nothing on it is finished any more."""

from __future__ import annotations

import argparse
import datetime
from typing import Any

from . import progress
from .arguments import cluster_option
from .cluster import Cluster, finished
from .config import timers
from .errors import LabError
from .kubectl import get, kubectl, wait_for_nodes
from .real import profile
from .real.plan import RealNode
from .shape import SIMULATED

FAILED = "lab.groundwork.platform/failed"  # annotation: since when
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
ZONE = "topology.kubernetes.io/zone"
READY_AGAIN = 120  # seconds

Node = dict[str, Any]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommands."""
    for name, run, text in (
        ("fail", _fail, "lose a node, or every node of a zone, without warning"),
        (
            "out-of-service",
            _out_of_service,
            "taint failed nodes out of service, so that their pods and volumes are let go",
        ),
        ("heal", _heal, "bring failed nodes back; without a node or zone, all of them"),
    ):
        command = commands.add_parser(name, help=text)
        optional = {"nargs": "?"} if name == "heal" else {}
        command.add_argument("what", choices=("node", "zone"), **optional)  # type: ignore[arg-type]
        command.add_argument("which", metavar="NAME", **optional)  # type: ignore[arg-type]
        cluster_option(command)
        command.set_defaults(run=run)


def _fail(options: argparse.Namespace) -> None:
    cluster = finished(options.cluster)
    nodes = [node for node in _chosen(cluster, options.what, options.which) if not _failed(node)]
    if not nodes:
        progress.say(f"{options.what} {options.which} has already failed")
        return
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    names = [_name(node) for node in nodes]
    kubectl(cluster, "annotate", "nodes", *names, f"{FAILED}={now}")
    for machine in _real(cluster, names):
        profile.fail(machine)
    kubectl(cluster, "label", "nodes", *names, f"{SIMULATED}-")
    seconds = timers(cluster.facts["asked"]["fast"])
    progress.say(
        f"{', '.join(names)} failed: unreachable after {seconds['grace_seconds']:g} s, "
        f"pods evicted {seconds['toleration_seconds']:g} s later"
        f"{' (fast timers)' if cluster.facts['asked']['fast'] else ''}; "
        "they stay Terminating until `lab heal` or `lab out-of-service`"
    )


def _out_of_service(options: argparse.Namespace) -> None:
    cluster = finished(options.cluster)
    nodes = _chosen(cluster, options.what, options.which)
    for node in nodes:
        if not _failed(node):
            raise LabError(
                f"node {_name(node)} of {cluster.name} has not failed: only a node known to be down may be tainted"
            )
    names = [_name(node) for node in nodes]
    kubectl(cluster, "taint", "nodes", *names, f"{OUT_OF_SERVICE}=nodeshutdown:NoExecute", "--overwrite")
    progress.say(f"{', '.join(names)} out of service: terminating pods there are deleted once the node is unreachable")


def _heal(options: argparse.Namespace) -> None:
    if options.what and not options.which:
        raise LabError(f"which {options.what}? Say `lab heal {options.what} NAME`, or `lab heal` for all")
    cluster = finished(options.cluster)
    chosen = _chosen(cluster, options.what, options.which) if options.what else get(cluster, "nodes")
    names = [_name(node) for node in chosen if _failed(node)]
    if not names:
        progress.say("nothing has failed there")
        return
    tainted = [_name(node) for node in chosen if any(each["key"] == OUT_OF_SERVICE for each in _taints(node))]
    if tainted:
        kubectl(cluster, "taint", "nodes", *tainted, f"{OUT_OF_SERVICE}-")
    machines = _real(cluster, names)
    for machine in machines:
        profile.heal(machine)
    simulated = sorted(set(names) - {machine.name for machine in machines})
    if simulated:
        kubectl(cluster, "label", "nodes", *simulated, f"{SIMULATED}=true")
    kubectl(cluster, "annotate", "nodes", *names, f"{FAILED}-")
    wait_for_nodes(cluster, names, READY_AGAIN)
    progress.say(f"{', '.join(names)} healed")


def _real(cluster: Cluster, names: list[str]) -> list[RealNode]:
    return [machine for machine in profile.nodes(cluster) if machine.name in names]


def _chosen(cluster: Cluster, what: str, which: str) -> list[Node]:
    nodes = get(cluster, "nodes")
    found = [node for node in nodes if which == (_name(node) if what == "node" else _zone(node))]
    if not found:
        known = sorted({_name(node) if what == "node" else _zone(node) for node in nodes})
        raise LabError(f"{cluster.name} has no {what} {which}: it has {', '.join(known)}")
    return found


def _name(node: Node) -> str:
    return str(node["metadata"]["name"])


def _zone(node: Node) -> str:
    return str(node["metadata"]["labels"].get(ZONE, ""))


def _failed(node: Node) -> bool:
    return FAILED in node["metadata"].get("annotations", {})


def _taints(node: Node) -> list[dict[str, str]]:
    return list(node["spec"].get("taints", []))
