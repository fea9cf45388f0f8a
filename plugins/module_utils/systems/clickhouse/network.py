"""Who reaches a ClickHouse cluster and its Keeper, and whom they reach, as NetworkPolicies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import network_policy
from ...core.network import DNS, opened, operators, outside, peers, rule, same
from .options import SYSTEM
from .words import CLIENT, HTTP, INTERSERVER, KEEPER, KEEPER_METRICS, METRICS, RAFT, SERVER, TCP, keeper_name

Row = Mapping[str, Any]

_OPERATOR = "clickhouse-operator"  # where the role puts it


def policies(row: Row) -> list[Object]:
    """The servers' policies, and the Keeper's: only its servers and the operator reach that one."""
    wanted = row["network"]
    if not wanted["enabled"]:
        return []
    operator = operators(wanted, _OPERATOR)
    return [*_servers(row, wanted, operator), *_keepers(row, wanted, operator)]


def _servers(row: Row, wanted: Row, operator: list[Row]) -> list[Object]:
    namespace, pods = row["namespace"], SERVER.pods(row["name"])
    mine, keepers = same(pods), same(KEEPER.pods(keeper_name(row)))
    sql, among = [HTTP, TCP], [HTTP, TCP, INTERSERVER]
    return [
        network_policy(
            name=SYSTEM.beside(row, "servers"),
            namespace=namespace,
            pods=pods,
            ingress=[*rule("from", mine, among), *rule("from", operator, sql)],
            egress=[
                DNS,
                *rule("to", mine, among),
                *rule("to", keepers, [CLIENT]),
                *outside(wanted),
            ],
        ),
        *opened(SYSTEM.beside(row, "clients"), namespace, pods, peers(wanted["clients"]), sql),
        *opened(SYSTEM.beside(row, "metrics"), namespace, pods, peers(wanted["scrapers"]), [METRICS]),
    ]


def _keepers(row: Row, wanted: Row, operator: list[Row]) -> list[Object]:
    namespace, pods = row["namespace"], KEEPER.pods(keeper_name(row))
    mine, servers = same(pods), same(SERVER.pods(row["name"]))
    return [
        network_policy(
            name=SYSTEM.beside(row, "keeper"),
            namespace=namespace,
            pods=pods,
            ingress=[*rule("from", mine, [CLIENT, RAFT]), *rule("from", [*servers, *operator], [CLIENT])],
            egress=[DNS, *rule("to", mine, [CLIENT, RAFT])],
        ),
        *opened(SYSTEM.beside(row, "keeper-metrics"), namespace, pods, peers(wanted["scrapers"]), [KEEPER_METRICS]),
    ]
