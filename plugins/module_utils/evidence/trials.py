"""Judges what was tried on a rehearsal's cluster: the second run, room for everything, a zone lost and healed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..core.api.objects import get

NEEDED = "groundwork.platform/needed"  # on a placeholder: how many pods its system needs to serve

Row = dict[str, Any]


def trials(requests: Mapping[str, Any], placed: Mapping[str, Any], loss: Mapping[str, Any] | None) -> list[Row]:
    """A row for each trial: name, told (sentences), passed.

    requests: what the audit log counted in the second run. placed: the result of waiting for the placeholders, empty
    where there are none. loss: what `zone_loss` takes, or None where no zone was lost.
    """
    rows = [_second_run(requests)]
    rows += [_room(placed)] if placed and not placed.get("skipped") else []
    return rows + (zone_loss(**loss) if loss else [])


def _second_run(requests: Mapping[str, Any]) -> Row:
    told = "{writes} writes, {dry_runs} dry runs and {reads} reads are in the audit log.".format_map(requests)
    return _row("second run", told, passed=requests["writes"] == 0)


def _room(placed: Mapping[str, Any]) -> Row:
    found = "Every placeholder found a node and its volumes, in the order of the layers."
    return _row("room for everything", str(placed.get("msg") or found), passed=not placed.get("failed"))


def zone_loss(
    *,
    zone: str,
    lost: Mapping[str, Any],
    known: Mapping[str, Any],
    back: Mapping[str, Any],
    left: Iterable[Mapping[str, Any]],
    healed: Mapping[str, Any],
) -> list[Row]:
    """Whether everything kept as many pods as it needs while a zone was gone, and whether all came back.

    lost, known: results of the commands that took the zone away and that saw Kubernetes know of it. back, healed:
    results of waiting for the Deployments elsewhere, and for everything afterwards. left: the placeholders as they were
    while the zone was gone.
    """
    workloads = list(left)
    short = [_short(each) for each in workloads if _ready(each) < _needed(each)]
    told = [
        _moved(lost, known, back),
        *(short or ["Everything kept as many pods as it needs to serve."]),
        *(f"{_name(each)}, of which there is one, was down." for each in workloads if _only(each) and not _ready(each)),
    ]
    return [
        _row(f"loss of zone {zone}", " ".join(filter(None, told)), passed=not short),
        _row(f"zone {zone} healed", _whole_again(healed), passed=not healed.get("msg")),
    ]


def _moved(lost: Mapping[str, Any], known: Mapping[str, Any], back: Mapping[str, Any]) -> str:
    rows = back.get("objects", [])
    whole = [row for row in rows if row["ready"]]
    if not rows:
        return ""
    unaware = (datetime.fromisoformat(known["end"]) - datetime.fromisoformat(lost["start"])).total_seconds()
    seconds = round(unaware + max((row["seconds"] for row in whole), default=0))
    return (
        f"{len(whole)} of {len(rows)} Deployments were whole again in the other zones {seconds} s after the zone was "
        "gone."
    )


def _short(workload: Mapping[str, Any]) -> str:
    asked = get(workload, "spec", "replicas", default=1)
    return f"{_name(workload)} has {_ready(workload)} of {asked} pods and needs {_needed(workload)}."


def _whole_again(healed: Mapping[str, Any]) -> str:
    rows = healed.get("objects", [])
    seconds = max((row["seconds"] for row in rows), default=0)
    return str(
        healed.get("msg") or f"All {len(rows)} placeholders were ready again {seconds:g} s after the nodes were."
    )


def _name(workload: Mapping[str, Any]) -> str:
    return str(get(workload, "metadata", "name", default=""))


def _ready(workload: Mapping[str, Any]) -> int:
    return int(get(workload, "status", "readyReplicas", default=0))


def _needed(workload: Mapping[str, Any]) -> int:
    return int(get(workload, "metadata", "annotations", NEEDED, default=0))


def _only(workload: Mapping[str, Any]) -> bool:
    return bool(get(workload, "spec", "replicas") == 1)


def _row(name: str, told: str, *, passed: bool) -> Row:
    return {"name": name, "told": told, "passed": passed}
