"""Commands: trace list, trace record, trace run."""

from __future__ import annotations

import argparse
import sys

from . import progress, traces
from . import trace_recipes as recipes
from .arguments import cluster_option
from .cluster import finished
from .recording import Recording, record


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommands."""
    trace = commands.add_parser("trace", help="status changes of real objects, recorded as data")
    actions = trace.add_subparsers(required=True, metavar="list|record|run")
    actions.add_parser("list", help="the recipes there are, and the traces in the checkout").set_defaults(run=_list)
    running = actions.add_parser("run", help="take the steps of recipes and record what comes of them (root)")
    running.add_argument("names", metavar="NAME", nargs="+", help="recipes of `lab trace list`")
    cluster_option(running)
    running.set_defaults(run=_run)
    recording = actions.add_parser("record", help="record an object until it is deleted, or all is quiet")
    recording.add_argument("kind", metavar="KIND", help="in full, backups.postgresql.cnpg.io")
    recording.add_argument("object", metavar="NAME")
    recording.add_argument("--namespace", "-n", default="default")
    recording.add_argument("--as", dest="title", required=True, metavar="TITLE", help="what happens: create, fail-node")
    recording.add_argument("--cause", required=True, metavar="TEXT", help="what you are going to do: lab fail node x")
    recording.add_argument("--software", required=True, metavar="TEXT", help="who writes it: cloudnative-pg v1.30.0")
    recording.add_argument("--seconds", type=float, default=600, help="the longest to record (default: 600)")
    recording.add_argument(
        "--until", action="append", default=[], metavar="FIELD=VALUE", help="it must be so before quiet ends it"
    )
    recording.add_argument("--quiet", type=float, default=60, help="seconds without a change that end it (default: 60)")
    cluster_option(recording)
    recording.set_defaults(run=_record)


def _list(options: argparse.Namespace) -> None:
    for name in recipes.every():
        steps = recipes.load(name).steps
        print(
            f"{name:32} {', '.join(dict.fromkeys(step['record'].split('/')[0] for step in steps if 'record' in step))}"
        )
    for folder in sorted({path.parent for path in traces.FOLDER.glob("*/*.json")}):
        print(f"{folder.name:40} {', '.join(sorted(path.stem for path in folder.glob('*.json')))}")


def _run(options: argparse.Namespace) -> None:
    chosen = [recipes.load(name) for name in options.names]
    cluster = finished(options.cluster)
    for recipe in chosen:
        recipes.run(cluster, recipe)


def _record(options: argparse.Namespace) -> None:
    cluster = finished(options.cluster)
    what = (options.kind, options.object, options.namespace)
    asked = Recording(*what, until=options.until, quiet=options.quiet, seconds=options.seconds)
    changes = record(cluster, asked, lambda _: progress.say(f"recording {options.object}"))
    path = traces.write(
        changes,
        title=options.title,
        cause=options.cause,
        software=options.software,
        kubernetes=cluster.facts["version"],
        command=f"lab {' '.join(sys.argv[1:])}",
    )
    progress.say(f"{len(changes)} changes in {changes[-1][0]:.1f} s: {path}")
