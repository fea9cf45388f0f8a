"""How a command names its cluster."""

from __future__ import annotations

import argparse

from .cluster import DEFAULT


def cluster_name(parser: argparse.ArgumentParser) -> None:
    """The cluster as the command's own argument, `name`."""
    parser.add_argument("name", metavar="NAME", nargs="?", default=DEFAULT, help=f"the cluster (default: {DEFAULT})")


def cluster_option(parser: argparse.ArgumentParser) -> None:
    """The cluster of a command whose argument is something else, `cluster`."""
    parser.add_argument("--cluster", metavar="NAME", default=DEFAULT, help=f"the cluster (default: {DEFAULT})")
