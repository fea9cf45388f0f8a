"""Writes docs/crds.md: which kinds the lab serves, in which version, from where, in full or as a subset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import paths
from .crd_definitions import ADDED, SUBSET, Object, definitions, subset
from .crd_sources import Source, every

PAGE = paths.PACKAGE.parent / "docs" / "crds.md"

HEAD = """\
# Custom resource definitions on the lab

<!-- Written by `lab crds docs`; a test compares it with lab/crds. -->

`lab crds apply [--cluster NAME] [GROUP...]` gives a lab cluster the kinds that the collection's systems use, and
returns once the API server has established each of them. Full ones come out of the operators' own Go modules, pinned
by checksum in `lab/crds/sources.yml` and kept in the cache folder, so that a second run needs no network. Name the
groups that you need: all of them cost the API server a minute of processor time and 0.7 GB of memory, those of the
data systems (postgres, kafka, redis, rabbitmq, clickhouse) 8 seconds and 0.1 GB (measured on the lab).

What no package registry carries is written here as a **subset**: the fields that we render and the status that we
read, of the same types as upstream's, without upstream's CEL rules. A field outside of the subset is
refused on the lab although the real operator knows it. Such a CRD carries `groundwork.platform/subset: "true"`, and
each CRD names its origin in `groundwork.platform/upstream`. Where the newest Go module is behind the operator's
release, the few fields that we need of the later release are **added**, and `groundwork.platform/added-from` names it.

Three things differ from what an operator installs. Descriptions are left out: they are two thirds of the bytes and
decide nothing, but `kubectl explain` has no words. Conversion webhooks are left out: nothing on the lab answers them,
and each version is served as it is stored. And whatever else lies beside the CRDs is not applied, such as Gateway
API's admission policy against downgrades.
"""


def page() -> str:
    """The whole page; downloads what is not in the cache."""
    found = definitions(list(every()))
    kinds = [row for source in every() for row in kind_rows(source, found[source.name])]
    return "\n".join([HEAD, sources_table(), "## Kinds\n", _table(("Kind", "Versions", "Source", "Schema"), kinds)])


def sources_table() -> str:
    """The part that needs no download."""
    rows = [
        (source.group, source.name, f"`{source.origin}`", f"`{source.files or f'lab/crds/{source.subset}'}`")
        for source in every()
    ]
    return "## Sources\n\n" + _table(("Group", "Source", "From", "Files"), rows)


def subset_rows() -> str:
    """The rows of our own subsets' kinds; needs no download."""
    return _lines([row for source in every() if source.subset for row in kind_rows(source, subset(source))])


def kind_rows(source: Source, crds: Iterable[Object]) -> list[tuple[str, ...]]:
    """A row a kind: kind and group, versions served, source, full or subset."""
    return [(_kind(crd), _versions(crd), source.name, _schema(crd)) for crd in sorted(crds, key=_kind)]


def _kind(crd: Object) -> str:
    return f"{crd['spec']['names']['kind']}.{crd['spec']['group']}"


def _versions(crd: Object) -> str:
    return ", ".join(version["name"] for version in crd["spec"]["versions"] if version["served"])


def _schema(crd: Object) -> str:
    annotations = crd["metadata"].get("annotations", {})
    if SUBSET in annotations:
        return "subset"
    return f"full, status added from {annotations[ADDED]}" if ADDED in annotations else "full"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return _lines([head, tuple("---" for _ in head), *rows])


def _lines(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
