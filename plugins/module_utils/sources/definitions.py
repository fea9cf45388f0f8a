"""Decides which CRDs an operator's set may keep: other sets' are left alone, and none goes back unasked. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ..core.api.objects import Object, Sourced, certain, get
from ..core.sets.applyset import PART_OF, PREFIX
from ..core.sets.guards import Refusal, sentence

SOURCE = PREFIX + "source"  # annotation of a CRD: "<chart or operator> <version>"

# Where projects write the version of their CRDs, ours first. What a field holds beside a version is cut off.
_VERSIONS: tuple[tuple[str, str], ...] = (
    ("annotations", SOURCE),
    ("annotations", "gateway.networking.k8s.io/bundle-version"),
    ("annotations", "operator.prometheus.io/version"),
    ("annotations", "api-approved.kubernetes.io/version"),
    ("labels", "app.kubernetes.io/version"),
    ("labels", "helm.sh/chart"),
)
_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?")


class Shared(NamedTuple):
    """mine: the definitions that the set keeps; notes: why others are left alone; refusals: what needs a sentence."""

    mine: list[Sourced]
    notes: list[str]
    refusals: list[Refusal]


def stamped(crd: Sourced, source: str, version: str) -> Sourced:
    """The definition with what brings it and in which version, so that a later run can tell forward from back."""
    meta = crd.object["metadata"]
    notes = {**(meta.get("annotations") or {}), SOURCE: f"{source} {version}"}
    return crd._replace(object={**crd.object, "metadata": {**meta, "annotations": notes}})


def share(wanted: Iterable[Sourced], live: Mapping[str, Object], set_id: str, name_of: Callable[[str], str]) -> Shared:
    """Sorts the wanted definitions by whose they are on the server.

    live: the metadata of the server's definitions by name; name_of: the name of a set by its ID, for people.
    """
    shared = Shared([], [], [])
    for item in wanted:
        there = live.get(item.object["metadata"]["name"])
        owner = get(there, "metadata", "labels", PART_OF)
        if there is not None and owner not in (None, set_id):
            shared.notes.append(_left_alone(item, there, name_of(owner)))
            continue
        shared.mine.append(item)
        versions = _both(item.object, there) if there is not None else None
        if there is not None and versions and _order(versions[1]) < _order(versions[0]):
            why = (
                f"it would go back from {versions[0]} to {versions[1]}; objects may hold fields that it no longer knows"
            )
            shared.refusals.append(Refusal(sentence("downgrade", there), why))
    return shared


def _left_alone(item: Sourced, there: Object, owner: str) -> str:
    name = item.object["metadata"]["name"]
    versions = _both(item.object, there)
    words = f"CustomResourceDefinition {name} belongs to set {owner} and is left alone"
    if versions and _order(versions[0]) < _order(versions[1]):
        return f"{words}, though it has version {versions[0]} and {versions[1]} is wanted here; upgrade that set first"
    return words


def _both(wanted: Object, live: Object) -> tuple[str, str] | None:
    """The live and the wanted version, read in the first place where both say one, of the same source."""
    for part, key in _VERSIONS:
        texts = [str(get(obj, "metadata", part, key, default="")) for obj in (live, wanted)]
        found = [_VERSION.search(text) for text in texts]
        if found[0] and found[1] and texts[0][: found[0].start()] == texts[1][: found[1].start()]:
            return found[0][0], found[1][0]
    return None


def _order(version: str) -> tuple[int, int, int, bool, list[tuple[int, int, str]]]:
    """Semantic Versioning's order: numbers by value, a pre-release before its release."""
    major, minor, patch, pre = certain(_VERSION.match(version)).groups()
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in (pre or "").split(".") if part]
    return int(major), int(minor), int(patch or 0), pre is None, parts
