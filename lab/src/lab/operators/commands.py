"""Commands: operator list, operator install."""

from __future__ import annotations

import argparse

from .. import progress
from ..arguments import cluster_option
from ..cluster import finished
from ..errors import LabError
from ..real import profile
from ..tools import TOOLS
from . import recipe
from .install import install


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommands."""
    top = commands.add_parser("operator", help="real operators for real nodes, and simulated ones")
    actions = top.add_subparsers(required=True, metavar="list|install")
    actions.add_parser("list", help="the recipes there are").set_defaults(run=_list)
    installing = actions.add_parser(
        "install", help="install operators and wait until they are available (root, but for simulated ones)"
    )
    installing.add_argument("names", metavar="NAME", nargs="+")
    cluster_option(installing)
    installing.set_defaults(run=_install)


def _list(options: argparse.Namespace) -> None:
    for name in recipe.every():
        print(f"{name:24} {_what(recipe.load(name))}")


def _what(found: recipe.Recipe) -> str:
    if found.simulated:
        return "simulated, on any cluster"
    tool = TOOLS.get(found.tool)
    return f"{tool.source} {tool.version}" if tool else "objects of the lab"


def _install(options: argparse.Namespace) -> None:
    for name in options.names:
        recipe.load(name)  # before anything is done
    cluster = finished(options.cluster)
    refused = [] if profile.nodes(cluster) else [name for name in options.names if recipe.load(name).needs_nodes]
    if refused:
        raise LabError(
            f"{', '.join(refused)}: {cluster.name} has no real nodes, `lab up NAME --profile real` makes them"
        )
    install(cluster, options.names)
    progress.say(f"{', '.join(options.names)} available on {cluster.name}")
