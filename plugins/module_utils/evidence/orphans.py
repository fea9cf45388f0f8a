"""Finds sets on a cluster that belong to an inventory and that none of its roles names any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..core.api.objects import get
from ..core.sets.applyset import PREFIX, SECRET_TYPE, SetName, read
from ..core.sets.context import Context

OPTION = {"type": "dict", "default": {}}  # `labels`: the set labels of the inventory's sets
_OWNERS = ("product", "environment")


def orphaned(context: Context, named: Collection[str], labels: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each such set, in one request: set, objects (how many it holds).

    A set is the inventory's when it carries its product and environment, or lacks both as the inventory does. What an
    operator's set `x` needs is the set `x-crds`: named with it.
    """
    wanted = [labels.get(owner) for owner in _OWNERS]
    found, _ = context.client.list("/api/v1/secrets", field_selector=f"type={SECRET_TYPE}")
    rows = []
    for parent in found:
        own = [get(parent, "metadata", "labels", PREFIX + owner) for owner in _OWNERS]
        name = _name(parent)
        if own == wanted and str(name) not in named and str(name).removesuffix("-crds") not in named:
            rows.append({"set": str(name), "objects": len(read(name, parent).answers)})
    return sorted(rows, key=lambda row: str(row["set"]))


def sentence(row: Mapping[str, Any]) -> str:
    """What a person does about it."""
    return (
        f"set {row['set']} is orphaned: nothing in the inventory names it, and its {row['objects']} objects stay. "
        "Name it again, or remove it with state: absent"
    )


def _name(parent: Mapping[str, Any]) -> SetName:
    metadata = parent["metadata"]
    return SetName(metadata["namespace"], str(metadata["name"]).removeprefix("groundwork-"))
