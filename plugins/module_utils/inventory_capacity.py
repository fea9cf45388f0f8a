"""Checks whether what an inventory asks for fits: quotas, limits, node pools, hosts and zones. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from .inventory_demands import Amounts, Cluster, Demand, Violation, amount, amounts, shown, whole

Found = Iterator[Violation]
# One term of a sum: how many, how much of it each, and who.
Term = tuple[int, Decimal, str]

_GPU = "nvidia.com/gpu"
_CAPACITY = {"cpu": "cpu", "memory": "memory", _GPU: "gpu", "pods": "pods"}
_BOUNDS = {"max": (Decimal.__gt__, "is above the largest"), "min": (Decimal.__lt__, "is below the smallest")}


def quotas(cluster: Cluster) -> Found:
    """What a namespace's pods and claims may come to, autoscalers at their limit, stays within each quota."""
    for name, namespace in cluster.namespaces.items():
        inside = [demand for demand in cluster.demands if demand.namespace == name]
        for row in namespace.get("quotas") or ():
            path = f"tenancy_namespaces[{name}].quotas[{row.get('name')}].hard"
            for resource, hard in amounts(row.get("hard"), path).items():
                terms = [(each.most, number, each.path) for each in inside for number in _asked(each, resource)]
                yield from _within(f"{path}.{resource}", terms, hard, resource, "N-07, N-08, N-09")


def quotas_need_requests(cluster: Cluster) -> Found:
    """Where a quota counts cpu or memory, a pod says something about it, or a LimitRange speaks for it."""
    for demand in cluster.demands:
        namespace = cluster.namespaces.get(demand.namespace, {})
        counted = {resource for row in namespace.get("quotas") or () for resource in row.get("hard") or {}}
        defaults = [row.get("container") or {} for row in namespace.get("limits") or ()]
        filled = {
            "limits": {key for row in defaults for key in row.get("default") or {}},
            "requests": {
                key for row in defaults for key in [*(row.get("default_request") or {}), *(row.get("default") or {})]
            },
        }
        for resource in sorted(counted):
            side, name = _side(resource)
            missing = name in ("cpu", "memory") and name not in _table(demand, side) and name not in filled[side]
            if missing:
                yield Violation(
                    demand.path, f"has no {side}.{name}, which a quota of {demand.namespace} counts", "S1-36"
                )


def limit_ranges(cluster: Cluster) -> Found:
    """No container and no claim is larger or smaller than its namespace's LimitRange lets it be."""
    for demand in cluster.demands:
        for row in cluster.namespaces.get(demand.namespace, {}).get("limits") or ():
            path = f"tenancy_namespaces[{demand.namespace}].limits[{row.get('name')}]"
            container, claim = row.get("container") or {}, row.get("claim") or {}
            for side in ("requests", "limits"):
                yield from _bounded(
                    f"{demand.path}.resources.{side}", _table(demand, side), container, f"{path}.container"
                )
            for each in demand.claims:
                yield from _bounded(each.path, {"storage": each.size}, claim, f"{path}.claim")


def _bounded(path: str, asked: Amounts, row: Mapping[str, Any], origin: str) -> Found:
    for bound, (breaks, words) in _BOUNDS.items():
        for resource, limit in amounts(row.get(bound) or {}, f"{origin}.{bound}").items():
            if resource in asked and breaks(asked[resource], limit):
                yield Violation(
                    path, f"{shown(asked[resource], resource)} {words} that {origin} lets through, "
                    f"{shown(limit, resource)}", "N-07",
                )  # fmt: skip


def node_pools(cluster: Cluster) -> Found:
    """What is to run on a pool fits its nodes: at rest those that are there, at most those that may be added."""
    for name, pool in cluster.pools.items():
        alone = [demand for demand in cluster.demands if demand.pools == (name,)]
        yield from _fits(cluster, (name,), alone, f"platform_node_pools[{name}]")
        for demand in alone:
            yield from _one_node(demand, pool)
    for names in sorted({demand.pools for demand in cluster.demands if len(demand.pools) > 1}):
        sharing = [demand for demand in cluster.demands if demand.pools and set(demand.pools) <= set(names)]
        yield from _fits(cluster, names, sharing, f"platform_node_pools[{', '.join(names)}]")


def _fits(cluster: Cluster, names: Iterable[str], demands: list[Demand], path: str) -> Found:
    pools = [cluster.pools[name] for name in names if name in cluster.pools]
    for resource, field in _CAPACITY.items():
        for when, nodes, pods in (("at rest", _least, _at_rest), ("at most", _most, _at_most)):
            room = sum((nodes(pool) * _capacity(pool, field) for pool in pools), Decimal(0))
            terms = [(pods(each), number, each.path) for each in demands for number in _asked(each, resource)]
            found = list(_within(f"{path} {when}: {resource}", terms, room, resource, "X-21"))
            yield from found
            if found:
                break


def _one_node(demand: Demand, pool: Mapping[str, Any]) -> Found:
    for resource, field in _CAPACITY.items():
        asked, room = demand.requests.get(resource, Decimal(0)), _capacity(pool, field)
        if asked > room:
            yield Violation(
                demand.path, f"asks for {shown(asked, resource)} of {resource}, a node of pool {pool.get('name')} has "
                f"{shown(room, resource)}", "X-21",
            )  # fmt: skip


def hosts(cluster: Cluster) -> Found:
    """Pods that must not share a host have as many hosts as there may be pods."""
    for demand in cluster.demands:
        pools = [cluster.pools[name] for name in demand.pools if name in cluster.pools]
        if demand.row.get("spread") == "host" and pools:
            for pods, nodes, when in (
                (demand.count, sum(map(_least, pools)), "at rest"),
                (demand.most, sum(map(_most, pools)), "at most"),
            ):
                apart = min(pods, demand.copies) if demand.copies < demand.count else pods
                if apart > nodes:
                    yield Violation(
                        demand.path,
                        f"puts {apart} pods on hosts of their own, its pool has {nodes} nodes {when}",
                        "N-19",
                    )


def zones(cluster: Cluster) -> Found:
    """Where the loss of a zone is promised to be survived, a quorum outlives it, and a copy of everything else."""
    if "zone" not in cluster.mapping("platform_recovery"):
        return
    for demand in cluster.demands:
        pools = [cluster.pools[name] for name in demand.pools if name in cluster.pools]
        spread = len({zone for pool in pools for zone in pool.get("zones") or ()})
        if not pools or not (demand.row.get("quorum") or demand.row.get("spread")):
            continue
        lost = -(-demand.copies // spread) if spread else demand.copies
        left, needed = demand.copies - lost, demand.copies // 2 + 1 if demand.row.get("quorum") else 1
        if left < needed:
            yield Violation(
                demand.path, f"does not survive the loss of a zone: {demand.copies} over {spread} zones leaves {left}, "
                f"needed are {needed}", "X-05",
            )  # fmt: skip


def partitions(cluster: Cluster) -> Found:
    """Every copy of every partition has a pod that holds it."""
    for demand in cluster.demands:
        if "partitions" in demand.row:
            fields = {key: whole(demand.row.get(key, 1), f"{demand.path}.{key}") for key in _PARTITIONED}
            copies = fields["partitions"] * fields["replication_factor"]
            room = demand.count * fields["partitions_per_pod"]
            if copies > room:
                yield Violation(
                    demand.path, f"has {fields['partitions']} partitions x {fields['replication_factor']} copies = "
                    f"{copies}, "
                    f"but {demand.count} pods x {fields['partitions_per_pod']} = {room} places", "N-17",
                )  # fmt: skip


def disruption_budgets(cluster: Cluster) -> Found:
    """A budget leaves a pod to evict of what it covers at rest; with none no node drains."""
    for name, namespace in cluster.namespaces.items():
        for row in namespace.get("disruption_budgets") or ():
            named = set(map(str, (row.get("pods") or {}).values()))
            for demand in cluster.demands:
                if demand.namespace == name and demand.name in named and _keeps(row, demand.count) >= demand.count:
                    yield Violation(
                        f"tenancy_namespaces[{name}].disruption_budgets[{row.get('name')}]",
                        f"keeps {_keeps(row, demand.count)} of {demand.count} pods ({demand.path}): none may be "
                        "evicted, and no node of theirs drains", "X-25",
                    )  # fmt: skip


def _keeps(row: Mapping[str, Any], count: int) -> int:
    """How many of so many pods a budget keeps; parts are rounded up, as the API server does."""
    least, most = row.get("min_available"), row.get("max_unavailable")
    return _part(least, count) if least is not None else count - _part(most, count)


def _part(given: Any, count: int) -> int:
    text = str(given or 0)
    if text.endswith("%"):
        return -(-int(text[:-1]) * count // 100)
    return whole(text, "disruption_budgets")


_PARTITIONED = ("partitions", "replication_factor", "partitions_per_pod")


def _within(path: str, terms: list[Term], room: Decimal, resource: str, requirement: str) -> Found:
    total = sum((count * number for count, number, _ in terms), Decimal(0))
    if total > room:
        parts = " + ".join(f"{count} x {shown(number, resource)} ({who})" for count, number, who in terms if number)
        yield Violation(
            path, f"is {shown(room, resource)}, asked for are {parts} = {shown(total, resource)}", requirement
        )


def _asked(demand: Demand, resource: str) -> list[Decimal]:
    """What one pod of a demand takes of a resource that a quota or a node counts; a number for each claim."""
    if resource == "pods":
        return [Decimal(1)]
    if resource == "persistentvolumeclaims":
        return [Decimal(1)] * len(demand.claims)
    if resource == "requests.storage":
        return [claim.size for claim in demand.claims]
    side, name = _side(resource)
    return [_table(demand, side)[name]] if name in _table(demand, side) else []


def _side(resource: str) -> tuple[str, str]:
    """`limits.cpu` -> limits, cpu; `requests.cpu` and `cpu` -> requests, cpu."""
    return (
        ("limits", resource[7:]) if resource.startswith("limits.") else ("requests", resource.removeprefix("requests."))
    )


def _table(demand: Demand, side: str) -> Amounts:
    return demand.limits if side == "limits" else demand.requests


def _capacity(pool: Mapping[str, Any], field: str) -> Decimal:
    path = f"platform_node_pools[{pool.get('name')}].capacity.{field}"
    default = 110 if field == "pods" else 0
    return amount((pool.get("capacity") or {}).get(field, default), path)


def _least(pool: Mapping[str, Any]) -> int:
    return whole(pool.get("count", 0), f"platform_node_pools[{pool.get('name')}].count")


def _most(pool: Mapping[str, Any]) -> int:
    return max(_least(pool), whole(pool.get("max_count", 0), f"platform_node_pools[{pool.get('name')}].max_count"))


def _at_rest(demand: Demand) -> int:
    return demand.count


def _at_most(demand: Demand) -> int:
    return demand.most


CHECKS = (quotas, quotas_need_requests, limit_ranges, node_pools, hosts, zones, partitions, disruption_budgets)
