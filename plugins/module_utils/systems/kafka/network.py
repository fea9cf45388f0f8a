"""Whom the pods of a Kafka cluster reach, as NetworkPolicies; who reaches them is in the operator's own. Pure."""

from __future__ import annotations

from typing import Any

from ...core.api.objects import Object
from ...core.builders import addresses, network_policy, pods_in
from ...core.network import DNS, outside, peers, rule, same
from .options import SYSTEM
from .shape import CLUSTER, Row, listeners, workers

# Controllers (and Cruise Control, which the topic operator asks), replication, the REST API of Connect.
_CONTROL, _REPLICATION, _CONNECT = 9090, 9091, 8083


def clients(row: Row, listener: Row) -> list[Row]:
    """The peers of a listener: whoever is named, the Connect and the mirrors of the set, and networks from outside."""
    own = [peer for _, worker in workers(row) for peer in same({CLUSTER: worker["name"]})]
    return [*peers(row["network"]["clients"]), *own, *(addresses(each) for each in listener["cidrs"])]


def policies(row: Row) -> list[Object]:
    """Egress alone: the operator opens listeners to their peers and itself, and metrics to everybody."""
    wanted = row["network"]
    if not wanted["enabled"]:
        return []
    beyond = outside(wanted)
    ports = [each["port"] for each in listeners(row)]
    own = rule("to", same({CLUSTER: row["name"]}), [_CONTROL, _REPLICATION, *ports])
    servers = _out(row, "", row["name"], [DNS, *own, *beyond])
    reached = [*rule("to", same({CLUSTER: row["name"]}), ports), *beyond]
    return [servers, *(_worker(row, worker, reached) for _, worker in workers(row))]


def _worker(row: Row, worker: Row, reached: list[dict[str, Any]]) -> Object:
    """Workers reach each other, their cluster, and what a mirror is the mirror of."""
    each_other = rule("to", same({CLUSTER: worker["name"]}), [_CONNECT])
    return _out(row, worker["name"], worker["name"], [DNS, *each_other, *reached, *_source(worker.get("source"))])


def _source(source: Row | None) -> list[dict[str, Any]]:
    if not source:
        return []
    there = [pods_in([each]) for each in source["namespaces"]] + [addresses(each) for each in source["cidrs"]]
    return rule("to", there, sorted({each.rpartition(":")[2] for each in source["bootstrap"].split(",")}))


def _out(row: Row, part: str, cluster: str, egress: list[dict[str, Any]]) -> Object:
    name = SYSTEM.beside(row, part, "egress")
    return network_policy(name=name, namespace=row["namespace"], pods={CLUSTER: cluster}, egress=egress)
