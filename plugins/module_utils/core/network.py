"""Opens the pods of one system to those who may reach them, and to nobody else, as NetworkPolicies. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .api.objects import Object
from .builders import addresses, network_policy, pods_in, port

Row = Mapping[str, Any]

# Egress to the cluster's DNS.
DNS = {"to": [pods_in(["kube-system"], {"k8s-app": "kube-dns"})], "ports": [port("53/UDP"), port("53/TCP")]}


def rule(side: str, peers: Iterable[Row], ports: Iterable[Any]) -> list[dict[str, Any]]:
    """One rule of a policy, `from` or `to`; none without peers, since a rule without them lets everybody through."""
    found = list(peers)
    return [{side: found, "ports": [port(each) for each in ports]}] if found else []


def peers(rows: Iterable[Row]) -> list[Row]:
    """The peers that an option names (network.clients): pods by label in namespaces."""
    return [pods_in(each["namespaces"], each["pods"]) for each in rows]


def same(labels: Mapping[str, Any]) -> list[Row]:
    """The peer that pods with these labels are for each other, in their own namespace."""
    return [{"podSelector": {"matchLabels": dict(labels)}}]


def operators(wanted: Row, home: str) -> list[Row]:
    """The peer that a system's operator is: in the namespace that `network` names, or where its role puts it."""
    return [pods_in([wanted["operator_namespace"] or home])]


def outside(wanted: Row) -> list[dict[str, Any]]:
    """Egress to the networks of an option that has `cidrs` and `ports`."""
    return rule("to", [addresses(each) for each in wanted["cidrs"]], wanted["ports"])


def opened(name: str, namespace: str, pods: Row, to: Iterable[Row], ports: Iterable[Any]) -> list[Object]:
    """The policy that lets the peers `to` reach pods on these ports; none without peers."""
    rules = rule("from", to, ports)
    return [network_policy(name=name, namespace=namespace, pods=pods, ingress=rules)] if rules else []
