"""Commands: crds apply, crds list, crds docs."""

from __future__ import annotations

import argparse
from collections import Counter

from . import crd_docs as docs
from . import crd_modules as modules
from . import crd_sources as sources
from . import crds, progress
from .arguments import cluster_option
from .cluster import existing


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommands."""
    top = commands.add_parser("crds", help="the CustomResourceDefinitions of the platform's systems")
    actions = top.add_subparsers(required=True, metavar="apply|list|docs")
    apply = actions.add_parser("apply", help="apply them and wait until each is Established")
    apply.add_argument("groups", metavar="GROUP", nargs="*", help="groups or sources of `lab crds list` (default: all)")
    apply.add_argument("--kind", metavar="KIND", action="append", default=[], help="only this kind of them; repeatable")
    cluster_option(apply)
    apply.set_defaults(run=_apply)
    actions.add_parser("list", help="groups, sources, versions, and what is in the cache").set_defaults(run=_list)
    actions.add_parser("docs", help="write docs/crds.md").set_defaults(run=_docs)


def _apply(options: argparse.Namespace) -> None:
    sources.choose(options.groups)  # before the cluster is asked for
    cluster = existing(options.cluster)
    with progress.step(f"CRDs of cluster {cluster.name}") as tell:
        applied = crds.apply_crds(cluster.kubeconfig, options.groups, kinds=options.kind, tell=tell)
    counts = Counter(done.action for done in applied)
    print(f"{len(applied)} CRDs Established: " + ", ".join(f"{counts[name]} {name}" for name in crds.ACTIONS))


def _list(options: argparse.Namespace) -> None:
    rows = [("GROUP", "SOURCE", "FROM", "STATE")]
    for source in sources.every():
        state = "subset" if source.subset else "cached" if modules.is_cached(source) else "not yet downloaded"
        rows.append((source.group, source.name, source.origin, state))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _docs(options: argparse.Namespace) -> None:
    docs.PAGE.write_text(docs.page())
    progress.say(f"wrote {docs.PAGE}")
