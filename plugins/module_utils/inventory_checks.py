"""Holds an inventory's parts against each other before anything is touched, and names every contradiction. Pure.

Roles that are left out are checked all the same: what an inventory describes must fit whenever it is switched on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from . import inventory_capacity, inventory_messaging, inventory_references, inventory_systems
from .core.api.errors import PlatformError
from .inventory_demands import Cluster, Row, Violation, amount, hours, shown, whole

Found = Iterator[Violation]

# Stands where a requirement would: the page that says how variables are written.
UNREADABLE = "docs/inventories.md"
_REDIS_UNITS = {"kb": "Ki", "mb": "Mi", "gb": "Gi"}
# Pages copied while Redis saves, and its buffers (D0-47).
_REDIS_HEADROOM = Decimal("1.4")


def violations(clusters: Mapping[str, Mapping[str, Any]], judged: Collection[str] | None = None) -> list[str]:
    """A sentence for everything in an inventory that contradicts something else.

    clusters: variables by host. judged: the hosts that matter; of others only what they share with these is looked at.
    """
    judged = clusters if judged is None else judged
    read = [Cluster(host, variables) for host, variables in clusters.items()]
    found = [(cluster, list(_of_one(cluster) if cluster.host in judged else ())) for cluster in read]
    sentences = [f"{cluster.host}: {_sentence(each)}" for cluster, own in found for each in own]
    readable = [cluster for cluster, own in found if all(each.requirement != UNREADABLE for each in own)]
    return sentences + [_sentence(each) for check in ACROSS for each in check(readable, judged)]


def _sentence(violation: Violation) -> str:
    return f"{violation.path} {violation.words} ({violation.requirement})".lstrip()


def _of_one(cluster: Cluster) -> Found:
    """All checks of one cluster; only what could not be read, where that is so."""
    unreadable = list(_safely(_readable, cluster))
    yield from unreadable
    for check in () if unreadable else CHECKS:
        yield from _safely(check, cluster)


def _readable(cluster: Cluster) -> Found:
    """Nothing, unless what all checks look at cannot be read."""
    cluster.read()
    yield from ()


def _safely(check: Callable[[Cluster], Found], cluster: Cluster) -> Found:
    """What a check finds; that it cannot read something is a finding, too."""
    try:
        yield from check(cluster)
    except PlatformError as error:
        yield Violation("", str(error), UNREADABLE)


def one_scaler(cluster: Cluster) -> Found:
    """Nobody's replicas have two owners, and an autoscaler's target is there."""
    owners: dict[tuple[str, str], str] = {}
    known = {(demand.namespace, demand.name) for demand in cluster.demands}
    for scaler in cluster.scalers:
        target = (scaler.namespace, scaler.target)
        if target in owners:
            yield Violation(scaler.path, f"scales {'/'.join(target)}, which {owners[target]} scales already", "X-28")
        if target not in known:
            yield Violation(scaler.path, f"scales {'/'.join(target)}, which nothing describes", "X-28")
        if scaler.least > scaler.most:
            yield Violation(scaler.path, f"has min_replicas {scaler.least} > max_replicas {scaler.most}", "X-28")
        owners.setdefault(target, scaler.path)


def pooler_connections(cluster: Cluster) -> Found:
    """The poolers of a server cannot open more connections than it takes, less those kept for its own people."""
    for row in cluster.rows("postgres_clusters"):
        path = f"postgres_clusters[{row.get('name')}]"
        room = whole((row.get("parameters") or {}).get("max_connections", 100), f"{path}.parameters.max_connections")
        kept = whole(row.get("reserved_connections", 0), f"{path}.reserved_connections")
        for kind in sorted({str(pooler.get("type")) for pooler in row.get("poolers") or ()}):
            poolers = [pooler for pooler in row["poolers"] if str(pooler.get("type")) == kind]
            terms = [_connections(pooler, path) for pooler in poolers]
            total = sum(instances * each for instances, each in terms)
            if total + kept >= room:
                sums = " + ".join(f"{instances} x {each}" for instances, each in terms)
                yield Violation(
                    path, f"takes max_connections {room}; its {kind} poolers open {sums} = {total}, and {kept} are "
                    f"reserved: {total + kept}", "X-03, N-12",
                )  # fmt: skip


def _connections(pooler: Row, path: str) -> tuple[int, int]:
    where = f"{path}.poolers[{pooler.get('name')}]"
    instances = whole(pooler.get("instances", 1), f"{where}.instances")
    return instances, whole(pooler.get("max_db_connections"), f"{where}.max_db_connections")


def retention(cluster: Cluster) -> Found:
    """No bucket lets objects expire, and no lock ends, before the oldest backup that is to be kept."""
    buckets = {str(row.get("name")): row for row in cluster.rows("object_storage_buckets")}
    for path, backup in _backups(cluster):
        name, prefix = str(backup.get("bucket")), str(backup.get("prefix", ""))
        if name not in buckets:
            yield Violation(
                path, f"names the bucket {name}, which is not there; there are {', '.join(buckets)}", "X-32"
            )
            continue
        tier, kept = max(_kept(path, backup), key=lambda each: each[1])
        for rule in buckets[name].get("lifecycle") or ():
            if "expire" in rule and _concerns(str(rule.get("prefix", "")), prefix):
                gone = hours(rule["expire"], f"object_storage_buckets[{name}].lifecycle[{rule.get('prefix')}].expire")
                if gone < kept:
                    yield Violation(
                        path, f"is kept {kept // 24}d ({tier}), but bucket {name} lets "
                        f"{rule.get('prefix') or 'everything'} expire after {gone // 24}d", "X-32",
                    )  # fmt: skip


def _backups(cluster: Cluster) -> Iterator[tuple[str, Row]]:
    """Everything that says where a backup goes: schedules, and `backup` of what a role keeps."""
    for row in cluster.rows("backup_schedules"):
        yield f"backup_schedules[{row.get('name')}]", row
    for demand in cluster.demands:
        if isinstance(demand.row.get("backup"), Mapping):
            yield f"{demand.path}.backup", demand.row["backup"]


def _kept(path: str, backup: Row) -> list[tuple[str, int]]:
    tiers = {"keep": backup.get("keep")} | dict(backup.get("tiers") or {})
    return [(name, hours(age, f"{path}.{name}")) for name, age in tiers.items()]


def _concerns(rule: str, prefix: str) -> bool:
    """Whether a lifecycle rule's prefix meets the objects below another prefix."""
    return prefix.startswith(rule) or rule.startswith(prefix)


def redis_memory(cluster: Cluster) -> Found:
    """Redis has room to save: its memory is requested whole, and more than its data may take."""
    for demand in cluster.demands:
        if "maxmemory" in demand.row:
            text = str(demand.row["maxmemory"]).lower()
            data = amount(text[:-2] + _REDIS_UNITS.get(text[-2:], "?"), f"{demand.path}.maxmemory")
            memory, needed = demand.requests.get("memory", Decimal(0)), data * _REDIS_HEADROOM
            if memory < needed:
                yield Violation(
                    demand.path, f"requests {shown(memory, 'memory')}, but needs {_REDIS_HEADROOM} x maxmemory "
                    f"{shown(data, 'memory')} = {shown(needed, 'memory')}", "D0-47",
                )  # fmt: skip


CHECKS = (
    *inventory_references.CHECKS,
    *inventory_capacity.CHECKS,
    *inventory_systems.CHECKS,
    *inventory_messaging.CHECKS,
    one_scaler,
    pooler_connections,
    retention,
    redis_memory,
)
ACROSS = inventory_references.ACROSS
