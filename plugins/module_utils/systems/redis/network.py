"""Who reaches Redis servers and sentinels and whom they reach, as NetworkPolicies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import addresses, network_policy, pods_in
from ...core.network import DNS, opened, peers, rule, same
from .parts import BUS, METRICS, PORT, SENTINEL, cluster_labels, replication_labels, sentinel_labels

Row = Mapping[str, Any]

_OPERATOR = "redis-operator"  # where the role puts it


def backup_labels(name: str) -> dict[str, str]:
    """The labels of the pods that take dumps."""
    return {"app": f"{name}-backup"}


def cluster(row: Row) -> list[Object]:
    """The servers of a cluster: to each other also by the bus."""
    mine = cluster_labels(row["name"])
    return _policies(row, mine, mine, (PORT, BUS))


def replication(row: Row) -> list[Object]:
    """Servers and sentinels."""
    name, namespace = row["name"], row["namespace"]
    servers, sentinels = replication_labels(name), sentinel_labels(name)
    found = _policies(row, servers, servers, (PORT,), sentinels)
    if not found:
        return []
    each_other = [*same(servers), *same(sentinels)]
    own = network_policy(
        name=f"{name}-sentinels",
        namespace=namespace,
        pods=sentinels,
        ingress=rule("from", [*each_other, *_operator(row)], [SENTINEL]),
        egress=[DNS, *rule("to", same(servers), [PORT]), *rule("to", same(sentinels), [SENTINEL])],
    )
    clients = peers(row["network"]["clients"])
    return [*found, own, *opened(f"{name}-sentinel-clients", namespace, sentinels, clients, [SENTINEL])]


def _operator(row: Row) -> list[Row]:
    if row.get("backend") == "statefulset":
        return []
    return [pods_in([row["network"].get("operator_namespace") or _OPERATOR])]


def _policies(row: Row, servers: Row, mine: Row, ports: tuple[int, ...], sentinels: Row | None = None) -> list[Object]:
    """The servers' own policy, those of clients and scrapers, and of the pods that take dumps."""
    wanted, name, namespace = row["network"], row["name"], row["namespace"]
    if not wanted["enabled"]:
        return []
    watchers = same(sentinels) if sentinels else []
    dumps = same(backup_labels(name)) if row.get("backup") else []
    policy = network_policy(
        name=f"{name}-servers",
        namespace=namespace,
        pods=servers,
        ingress=[
            *rule("from", same(mine), ports),
            *rule("from", [*watchers, *_operator(row), *dumps], [PORT]),
        ],
        egress=[DNS, *rule("to", same(mine), ports), *rule("to", watchers, [SENTINEL])],
    )
    return [
        policy,
        *opened(f"{name}-clients", namespace, servers, peers(wanted["clients"]), [PORT]),
        *opened(f"{name}-metrics", namespace, servers, peers(wanted["scrapers"]), [METRICS]),
        *(_dumps(row, mine) if dumps else []),
    ]


def _dumps(row: Row, servers: Row) -> list[Object]:
    """Nobody reaches the pods that take dumps; they reach the servers and the bucket."""
    backup = row["backup"]
    outside = rule("to", [addresses(each) for each in backup["cidrs"]], backup["ports"])
    egress = [DNS, *rule("to", same(servers), [PORT]), *outside]
    given = {"name": f"{row['name']}-backup", "namespace": row["namespace"], "pods": backup_labels(row["name"])}
    return [network_policy(**given, ingress=[], egress=egress)]
