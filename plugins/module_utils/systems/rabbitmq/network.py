"""Who reaches a RabbitMQ cluster and whom it reaches, as NetworkPolicies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import network_policy
from ...core.network import DNS, opened, operators, outside, peers, rule, same
from .options import SYSTEM

Row = Mapping[str, Any]

# Of the operators: the manifest of both puts them there.
_OPERATORS = "rabbitmq-system"
_NODES = (4369, 25672)  # epmd and Erlang's distribution
# Without TLS, with it: what clients speak, management, metrics. By plugin: what it adds to the first.
_AMQP, _MANAGEMENT, _METRICS = (5672, 5671), (15672, 15671), (15692, 15691)
_PROTOCOLS = {
    "rabbitmq_stream": (5552, 5551),
    "rabbitmq_mqtt": (1883, 8883),
    "rabbitmq_stomp": (61613, 61614),
    "rabbitmq_web_mqtt": (15675, 15676),
    "rabbitmq_web_stomp": (15674, 15673),
    "rabbitmq_web_amqp": (15678, 15677),
}


def pods(row: Row) -> dict[str, str]:
    """The labels that the operator gives to a cluster's pods."""
    return {"app.kubernetes.io/name": row["name"], "app.kubernetes.io/component": "rabbitmq"}


def drill(row: Row) -> dict[str, str]:
    """The labels of the client of a drill, which is let in; the Services of the cluster do not take it for a node."""
    return {"app.kubernetes.io/part-of": row["name"], "app.kubernetes.io/component": "drill"}


def policies(row: Row) -> list[Object]:
    """One policy for the nodes among themselves, one for clients, one for whoever reads metrics."""
    wanted, namespace = row["network"], row["namespace"]
    if not wanted["enabled"]:
        return []
    nodes = network_policy(
        name=SYSTEM.beside(row, "nodes"),
        namespace=namespace,
        pods=pods(row),
        ingress=[
            *rule("from", same(pods(row)), _NODES),
            *rule("from", same(drill(row)), _open(row, _AMQP)),
            *rule("from", operators(wanted, _OPERATORS), _open(row, _MANAGEMENT)),
        ],
        egress=[
            DNS,
            *rule("to", same(pods(row)), _NODES),
            *outside(wanted),
        ],
    )
    spoken = [_AMQP, *(_PROTOCOLS[each] for each in row["plugins"] if each in _PROTOCOLS)]
    ports = [port for each in spoken for port in _open(row, each)]
    clients, scrapers = peers(wanted["clients"]), peers(wanted["scrapers"])
    return [
        nodes,
        *opened(SYSTEM.beside(row, "clients"), namespace, pods(row), clients, ports),
        *opened(SYSTEM.beside(row, "metrics"), namespace, pods(row), scrapers, _open(row, _METRICS)[-1:]),
    ]


def _open(row: Row, ports: tuple[int, int]) -> list[int]:
    """Of a pair without TLS and with it, the ports that are listened on."""
    tls = row.get("tls")
    if not tls:
        return [ports[0]]
    return [ports[1]] if tls["only"] else list(ports)
