"""Upstream's full definitions beside the lab's: the same kinds in a group of another name, for a strict judgement."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.lab import LabCluster

SHARED = Path(__file__).parents[3] / "shared/crds"
# Behind the groups themselves, so that a kind's short name goes on meaning the lab's.
PREFIX = "upstream."
Object = dict[str, Any]


@dataclass(frozen=True)
class Full:
    """A cluster that has them; `groups` are those that they stand for."""

    cluster: LabCluster
    groups: frozenset[str]

    def takes(self, objects: list[Object], namespace: str) -> int:
        """The server takes all objects of these groups, with no field unknown to upstream; how many."""
        items = [
            {
                **each,
                "apiVersion": PREFIX + each["apiVersion"],
                "metadata": {**each["metadata"], "namespace": namespace},
            }
            for each in objects
            if each["apiVersion"].partition("/")[0] in self.groups
        ]
        arguments = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-")
        self.cluster.kubectl(*arguments, stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        return len(items)


@contextlib.contextmanager
def beside(cluster: LabCluster, folder: str, kinds: Collection[str]) -> Iterator[Full]:
    """The definitions of these kinds out of one folder of ../shared/crds, for the length of the block."""
    crds = _definitions(folder, kinds)
    names = [crd["metadata"]["name"] for crd in crds]
    everything = json.dumps({"apiVersion": "v1", "kind": "List", "items": crds})
    try:
        cluster.kubectl("apply", "--server-side", "--filename=-", stdin=everything)
        cluster.serves(*names)
        yield Full(cluster, frozenset(crd["spec"]["group"].removeprefix(PREFIX) for crd in crds))
    finally:
        cluster.kubectl("delete", "crd", "--wait=false", "--ignore-not-found", *names)


def _definitions(folder: str, kinds: Collection[str]) -> list[Object]:
    if not (SHARED / folder).is_dir():
        pytest.skip(f"../shared/crds/{folder} is not beside this checkout")
    found = [
        crd
        for path in sorted((SHARED / folder).glob("*.yaml"))
        for crd in yaml.load_all(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if crd["spec"]["names"]["kind"] in kinds
    ]
    for crd in found:
        group = PREFIX + crd["spec"]["group"]
        crd["spec"] = {key: value for key, value in crd["spec"].items() if key != "conversion"} | {"group": group}
        crd["metadata"] = {"name": f"{crd['spec']['names']['plural']}.{group}"}
    return found
