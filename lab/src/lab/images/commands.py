"""Commands: image list, image build, image load."""

from __future__ import annotations

import argparse

from .. import progress
from ..arguments import cluster_option
from ..cluster import finished
from ..real import packages, profile
from . import archive, recipe


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommands."""
    top = commands.add_parser("image", help="container images out of recipes, for real nodes")
    actions = top.add_subparsers(required=True, metavar="list|build|load")
    actions.add_parser("list", help="the recipes there are, and what their images are called").set_defaults(run=_list)
    building = actions.add_parser("build", help="make the layers of images that are not in the cache (root)")
    building.add_argument("names", metavar="NAME", nargs="*", help="recipes of `lab image list` (default: all)")
    building.set_defaults(run=_build)
    loading = actions.add_parser("load", help="put images on every node of a cluster")
    loading.add_argument("names", metavar="NAME", nargs="+")
    cluster_option(loading)
    loading.set_defaults(run=_load)


def _list(options: argparse.Namespace) -> None:
    for name in recipe.every():
        print(f"{name:24} {recipe.load(name).reference}")


def _build(options: argparse.Namespace) -> None:
    packages.check_machine()
    packages.ensure()
    for each in [recipe.load(name) for name in options.names or recipe.every()]:
        print(f"{each.reference}\t{archive.size(each) >> 20} MiB")


def _load(options: argparse.Namespace) -> None:
    cluster = finished(options.cluster)
    profile.load_images(cluster, options.names)
    progress.say(f"{', '.join(options.names)} on every node of {cluster.name}")
