"""Commands: simulate start, stop, mood."""

from __future__ import annotations

import argparse
import json

from .. import progress
from ..arguments import cluster_name, cluster_option
from ..cluster import Cluster, finished
from ..errors import LabError
from ..kubectl import kubectl
from . import moods, process


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommands."""
    simulate = commands.add_parser("simulate", help="simulated operators: children and statuses without the real ones")
    actions = simulate.add_subparsers(required=True, metavar="start|stop|mood")
    starting = actions.add_parser("start", help="start them; running ones are left as they are")
    cluster_name(starting)
    speed_option(starting)
    starting.set_defaults(run=lambda options: start(finished(options.name), options.speed))
    stopping = actions.add_parser("stop", help="end them; what they wrote stays")
    cluster_name(stopping)
    stopping.set_defaults(run=_stop)
    mood = actions.add_parser("mood", help="have one resource's operator misbehave")
    mood.add_argument("kind", metavar="KIND", help="in full, clusters.postgresql.cnpg.io")
    mood.add_argument("object", metavar="NAME")
    mood.add_argument(
        "mood", choices=moods.WORDS, metavar="MOOD", help="; ".join(f"{k}: {v}" for k, v in moods.WORDS.items())
    )
    mood.add_argument("--namespace", "-n", default="default")
    cluster_option(mood)
    mood.set_defaults(run=_mood)


def speed_option(parser: argparse.ArgumentParser) -> None:
    """How fast recordings are played."""
    parser.add_argument(
        "--speed",
        type=_speed,
        default=process.SPEED,
        help=f"recorded seconds that pass in one of the simulated operators (default: {process.SPEED:g})",
    )


def _speed(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.1 <= found <= 1000:
        raise argparse.ArgumentTypeError("a speed is a number between 0.1 and 1000")
    return found


def start(cluster: Cluster, speed: float) -> None:
    """Starts the simulated operators of a cluster without real nodes."""
    if cluster.facts.get("asked", {}).get("nodes"):
        raise LabError(f"{cluster.name} has real nodes: install real operators there, `lab operator list`")
    if process.start(cluster, speed):
        progress.say(f"simulated operators run in {cluster.name}, {speed:g} times as fast as recorded")
    else:
        progress.say(f"simulated operators already run in {cluster.name}")


def _stop(options: argparse.Namespace) -> None:
    cluster = finished(options.name)
    stopped = process.stop(cluster)
    progress.say(f"simulated operators {'ended' if stopped else 'did not run'} in {cluster.name}")


def _mood(options: argparse.Namespace) -> None:
    body = json.dumps({"metadata": {"annotations": {moods.ANNOTATION: options.mood}}})
    where = (options.kind, options.object, f"--namespace={options.namespace}")
    kubectl(finished(options.cluster), "patch", *where, "--type=merge", f"--patch={body}")
