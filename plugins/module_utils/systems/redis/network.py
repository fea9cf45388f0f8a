"""Who reaches Redis servers and sentinels and whom they reach, as NetworkPolicies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import network_policy
from ...core.network import DNS, opened, operators, outside, peers, rule, same
from .options import SYSTEM
from .parts import BUS, METRICS, PORT, SENTINEL, cluster_labels, replication_labels, sentinel_labels

Row = Mapping[str, Any]

_OPERATOR = "redis-operator"  # where the role puts it


def tool_labels(name: str) -> dict[str, str]:
    """The label of pods that do something with a deployment for a while: take dumps, write for a drill."""
    return {"groundwork.platform/redis": name}


def backup_labels(name: str) -> dict[str, str]:
    """The labels of the pods that take dumps."""
    return {"app": f"{name}-backup", **tool_labels(name)}


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
        name=SYSTEM.beside(row, "sentinels"),
        namespace=namespace,
        pods=sentinels,
        ingress=rule("from", [*each_other, *_operator(row), *same(tool_labels(name))], [SENTINEL]),
        egress=[DNS, *rule("to", same(servers), [PORT]), *rule("to", same(sentinels), [SENTINEL])],
    )
    clients = peers(row["network"]["clients"])
    return [*found, own, *opened(SYSTEM.beside(row, "sentinel-clients"), namespace, sentinels, clients, [SENTINEL])]


def _operator(row: Row) -> list[Row]:
    if row.get("backend") == "statefulset":
        return []
    return operators(row["network"], _OPERATOR)


def _policies(row: Row, servers: Row, mine: Row, ports: tuple[int, ...], sentinels: Row | None = None) -> list[Object]:
    """The servers' own policy, those of clients and scrapers, and of the pods that take dumps."""
    wanted, name, namespace = row["network"], row["name"], row["namespace"]
    if not wanted["enabled"]:
        return []
    watchers, tools = same(sentinels) if sentinels else [], same(tool_labels(name))
    policy = network_policy(
        name=SYSTEM.beside(row, "servers"),
        namespace=namespace,
        pods=servers,
        ingress=[
            *rule("from", same(mine), ports),
            *rule("from", [*watchers, *_operator(row), *tools], [PORT]),
        ],
        egress=[DNS, *rule("to", same(mine), ports), *rule("to", watchers, [SENTINEL])],
    )
    using = network_policy(
        name=SYSTEM.beside(row, "tools"),
        namespace=namespace,
        pods=tool_labels(name),
        ingress=[],
        egress=[DNS, *rule("to", same(mine), [PORT]), *rule("to", watchers, [SENTINEL])],
    )
    return [
        policy,
        using,
        *opened(SYSTEM.beside(row, "clients"), namespace, servers, peers(wanted["clients"]), [PORT]),
        *opened(SYSTEM.beside(row, "metrics"), namespace, servers, peers(wanted["scrapers"]), [METRICS]),
        *_dumps(row),
    ]


def _dumps(row: Row) -> list[Object]:
    """The pods that take dumps reach the bucket, too."""
    backup = row.get("backup")
    if not backup:
        return []
    given = {"name": SYSTEM.beside(row, "backup"), "namespace": row["namespace"], "pods": backup_labels(row["name"])}
    return [network_policy(**given, egress=outside(backup))]
