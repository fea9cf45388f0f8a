"""Who reaches a PostgreSQL cluster and whom it reaches, as NetworkPolicies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import network_policy
from ...core.network import DNS, opened, operators, outside, peers, rule, same
from .options import SYSTEM

Row = Mapping[str, Any]

# PostgreSQL; the instance manager's status, which the operator and the other instances ask; metrics.
_SQL, _STATUS, _METRICS, _POOLER_METRICS = 5432, 8000, 9187, 9127
_OPERATOR = "cnpg-system"  # where its manifest puts it


def policies(row: Row) -> list[Object]:
    """One policy for the instances (and the jobs that make them), one for the poolers."""
    wanted = row["network"]
    if not wanted["enabled"]:
        return []
    name, namespace = row["name"], row["namespace"]
    server = {"cnpg.io/cluster": name, "cnpg.io/podRole": "instance"}
    mine = same({"cnpg.io/cluster": name})
    operator = operators(wanted, _OPERATOR)
    clients, scrapers = peers(wanted["clients"]), peers(wanted["scrapers"])
    servers = network_policy(
        name=SYSTEM.beside(row, "instances"),
        namespace=namespace,
        pods={"cnpg.io/cluster": name},
        ingress=[
            *rule("from", mine, [_SQL, _STATUS]),
            *rule("from", operator, [_SQL, _STATUS]),
        ],
        egress=[DNS, *rule("to", mine, [_SQL, _STATUS]), *outside(wanted)],
    )
    return [
        servers,
        *opened(SYSTEM.beside(row, "clients"), namespace, server, clients, [_SQL]),
        *opened(SYSTEM.beside(row, "metrics"), namespace, server, scrapers, [_METRICS]),
        *(_poolers(row, clients, scrapers) if row["poolers"] else []),
    ]


def _poolers(row: Row, clients: list[Row], scrapers: list[Row]) -> list[Object]:
    pods, namespace = {"cnpg.io/cluster": row["name"], "cnpg.io/podRole": "pooler"}, row["namespace"]
    return [
        *opened(SYSTEM.beside(row, "pooler-clients"), namespace, pods, clients, [_SQL]),
        *opened(SYSTEM.beside(row, "pooler-metrics"), namespace, pods, scrapers, [_POOLER_METRICS]),
    ]
