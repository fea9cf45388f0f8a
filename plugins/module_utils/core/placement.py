"""Puts pods where they belong: on the nodes of their pools, apart from each other by host and zone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .api.errors import PlatformError
from .builders import present, pull_secrets

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
SPREADS = ("host", "zone", "none")

Row = Mapping[str, Any]


class Placement(NamedTuple):
    """Where pods may run: a pod's nodeAffinity, and the taints that it tolerates."""

    node_affinity: dict[str, Any]
    tolerations: list[dict[str, Any]]


def placement(pools: Sequence[str], known: Iterable[Row], who: str) -> Placement:
    """Nodes of any of these pools, by the labels and taints of the pools' rows (platform_node_pools).

    No pool is no wish. Raises PlatformError for a pool that is not known; `who` is whose pods these are.
    """
    rows = {str(row.get("name")): row for row in known}
    missing = [name for name in pools if name not in rows]
    if missing:
        raise PlatformError(
            f"cannot place {who} on pool {missing[0]}: there is no such pool; there are {', '.join(rows) or 'none'}. "
            "Give the pools with their labels and taints as node_pools"
        )
    terms = [{"matchExpressions": _expressions(rows[name])} for name in pools if rows[name].get("labels")]
    tolerations = [toleration for name in pools for toleration in _tolerations(rows[name])]
    wanted = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}} if terms else {}
    return Placement(wanted, [each for index, each in enumerate(tolerations) if each not in tolerations[:index]])


def zones(row: Row, pools: Iterable[str]) -> set[str]:
    """The zones of node pools, where the row's `node_pools` name them."""
    wanted = set(pools)
    return {str(zone) for pool in row["node_pools"] if pool.get("name") in wanted for zone in pool.get("zones") or ()}


def template(row: Row, pool: Sequence[str], pods: Mapping[str, str], kind: str, who: str) -> dict[str, Any]:
    """What a pod's spec says of where it runs: on its node pools, apart from its like; and its priority and images.

    row: the options that every data system has (core/words.py); pool: its own pools, instead of the row's.
    """
    where = placement(pool or row["pool"], row["node_pools"], who)
    return present(
        affinity=present(nodeAffinity=where.node_affinity, podAntiAffinity=apart(kind, pods)),
        tolerations=where.tolerations,
        topologySpreadConstraints=spread(kind, pods),
        priorityClassName=row.get("priority_class"),
        imagePullSecrets=pull_secrets(row),
    )


def _expressions(pool: Row) -> list[dict[str, Any]]:
    return [
        {"key": str(key), "operator": "In", "values": [str(value)]} for key, value in sorted(pool["labels"].items())
    ]


def _tolerations(pool: Row) -> list[dict[str, Any]]:
    return [
        {"key": str(taint["key"]), "operator": "Equal", "value": str(taint.get("value", "")), "effect": taint["effect"]}
        for taint in pool.get("taints") or ()
    ]


def spread(kind: str, pods: Mapping[str, str]) -> list[dict[str, Any]]:
    """topologySpreadConstraints among pods with these labels: over zones as a must (`zone`) or a wish (`host`).

    Apart by host is the anti-affinity's matter (`apart`).
    """
    if kind == "none":
        return []
    unless = "DoNotSchedule" if kind == "zone" else "ScheduleAnyway"
    select = {"matchLabels": dict(pods)}
    return [{"maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": unless, "labelSelector": select}]


def apart(kind: str, pods: Mapping[str, str]) -> dict[str, Any]:
    """A pod's podAntiAffinity that puts pods with these labels on hosts of their own; empty for `none`."""
    if kind == "none":
        return {}
    term = {"topologyKey": HOST, "labelSelector": {"matchLabels": dict(pods)}}
    return {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
