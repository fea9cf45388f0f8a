"""Commands: up, down, list, kubeconfig, program."""

from __future__ import annotations

import argparse

from . import build, control, overlay, progress, shape
from .arguments import cluster_name
from .cluster import Cluster, every, existing
from .config import timers
from .errors import LabError
from .real.plan import MOST_NODES
from .simulate import commands as simulate


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommands."""
    up = commands.add_parser("up", help="start a cluster; one that runs is left as it is")
    cluster_name(up)
    up.add_argument(
        "--shape", metavar="FILE|inventories/<env>:<host>", help="node pools (default: six nodes, three zones)"
    )
    up.add_argument(
        "--fast-timers", action="store_true", help="seconds instead of production's node and eviction timers"
    )
    up.add_argument(
        "--profile",
        choices=("rehearse", "real"),
        default="rehearse",
        help="rehearse (default): simulated nodes; real: nodes that run containers (root, Linux)",
    )
    up.add_argument("--nodes", type=_count, default=0, help=f"real nodes, 1 to {MOST_NODES} (default: 1), a zone each")
    up.add_argument("--audit", action="store_true", help="write an audit log")
    up.add_argument("--port", type=_port, default=0, help="the API server's port (default: a free one)")
    up.add_argument("--simulate", action="store_true", help="start simulated operators too (rehearse)")
    simulate.speed_option(up)
    up.set_defaults(run=_up)

    down = commands.add_parser("down", help="end a cluster and all it left, however broken")
    cluster_name(down)
    down.add_argument("--all", action="store_true", help="every cluster")
    down.set_defaults(run=_down)

    listing = commands.add_parser("list", help="the clusters there are")
    listing.set_defaults(run=_list)

    kubeconfig = commands.add_parser("kubeconfig", help="print the path of a cluster's kubeconfig")
    cluster_name(kubeconfig)
    kubeconfig.set_defaults(run=lambda options: print(existing(options.name).kubeconfig))

    program = commands.add_parser(
        "program", help="print the path of a tool such as kubectl, etcdctl or helm, built when missing"
    )
    program.add_argument("program", metavar="NAME")
    program.set_defaults(run=lambda options: print(build.program(options.program)))


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is a number between 1 and 65535")
    return port


def _count(text: str) -> int:
    count = int(text) if text.isdecimal() else 0
    if not 1 <= count <= MOST_NODES:
        raise argparse.ArgumentTypeError(f"the number of real nodes is between 1 and {MOST_NODES}")
    return count


def _up(options: argparse.Namespace) -> None:
    cluster = Cluster(options.name)
    real = options.profile == "real"
    if real and (options.shape or options.port):
        raise LabError("real nodes have the machine's shape and a network of their own: leave out --shape and --port")
    if real and options.simulate:
        raise LabError("real nodes run real operators: leave out --simulate, see `lab operator list`")
    if options.nodes and not real:
        raise LabError("--nodes counts real nodes: say `--profile real`, or give simulated ones by --shape")
    pools = [] if real else shape.load(options.shape)
    if options.fast_timers:
        progress.say(f"fast timers, not production's: {_words(timers(True))}; production: {_words(timers(False))}")
    count = (options.nodes or 1) if real else 0
    control.up(cluster, pools, fast=options.fast_timers, port=options.port, audit=options.audit, real=count)
    if options.shape:
        overlay.write(cluster, options.shape)
    if options.simulate:
        simulate.start(cluster, options.speed)
    print(cluster.kubeconfig)


def _words(seconds: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in seconds.items())


def _down(options: argparse.Namespace) -> None:
    for cluster in every() if options.all else [Cluster(options.name)]:
        progress.say(
            f"{cluster.name} ended" if cluster.exists() else f"there is no cluster {cluster.name}, nothing to end"
        )
        control.down(cluster)


def _list(options: argparse.Namespace) -> None:
    for cluster in every():
        state = "running" if control.runs(cluster) else "broken"
        print(f"{cluster.name}\t{state}\t{cluster.facts.get('version', '-')}\t{cluster.kubeconfig}")
