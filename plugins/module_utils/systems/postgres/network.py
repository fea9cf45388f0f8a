"""Who reaches a PostgreSQL cluster and whom it reaches, as NetworkPolicies. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import addresses, network_policy, pods_in, port

Row = Mapping[str, Any]

# PostgreSQL; the instance manager's status, which the operator and the other instances ask; metrics.
_SQL, _STATUS, _METRICS, _POOLER_METRICS = 5432, 8000, 9187, 9127
_DNS = {"to": [pods_in(["kube-system"], {"k8s-app": "kube-dns"})], "ports": [port("53/UDP"), port("53/TCP")]}


def policies(row: Row) -> list[Object]:
    """One policy for the instances (and the jobs that make them), one for the poolers."""
    wanted = row["network"]
    if not wanted["enabled"]:
        return []
    name, namespace = row["name"], row["namespace"]
    server = {"cnpg.io/cluster": name, "cnpg.io/podRole": "instance"}
    pooler = {"cnpg.io/cluster": name, "cnpg.io/podRole": "pooler"}
    mine = [{"podSelector": {"matchLabels": {"cnpg.io/cluster": name}}}]
    operator = [pods_in([wanted["operator_namespace"]])]
    clients, scrapers = _peers(wanted["clients"]), _peers(wanted["scrapers"])
    outside = _rule("to", [addresses(each) for each in wanted["cidrs"]], wanted["ports"])
    servers = network_policy(
        name=f"{name}-instances",
        namespace=namespace,
        pods={"cnpg.io/cluster": name},
        ingress=[
            *_rule("from", mine, [_SQL, _STATUS]),
            *_rule("from", operator, [_SQL, _STATUS]),
        ],
        egress=[_DNS, *_rule("to", mine, [_SQL, _STATUS]), *outside],
    )
    return [
        servers,
        *_opened(f"{name}-clients", namespace, server, clients, [_SQL]),
        *_opened(f"{name}-metrics", namespace, server, scrapers, [_METRICS]),
        *(_opened(f"{name}-pooler-clients", namespace, pooler, clients, [_SQL]) if row["poolers"] else []),
        *(_opened(f"{name}-pooler-metrics", namespace, pooler, scrapers, [_POOLER_METRICS]) if row["poolers"] else []),
    ]


def _opened(name: str, namespace: str, pods: Row, peers: list[Row], ports: Iterable[int]) -> list[Object]:
    rules = _rule("from", peers, ports)
    return [network_policy(name=name, namespace=namespace, pods=pods, ingress=rules)] if rules else []


def _rule(side: str, peers: Iterable[Row], ports: Iterable[Any]) -> list[dict[str, Any]]:
    """One rule; none without peers, since a rule without them lets everybody through."""
    found = list(peers)
    return [{side: found, "ports": [port(each) for each in ports]}] if found else []


def _peers(rows: Iterable[Row]) -> list[Row]:
    return [pods_in(each["namespaces"], each["pods"]) for each in rows]
