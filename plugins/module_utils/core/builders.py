"""Builds the Kubernetes objects that every system needs: metadata, selectors, NetworkPolicies, budgets, monitors."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .api.errors import PlatformError
from .api.objects import Object

# The label that the API server itself sets on every namespace; any other is there only if somebody set it.
NAMESPACE_NAME = "kubernetes.io/metadata.name"
_PORT = re.compile(r"(?P<port>\d+)(-(?P<end>\d+))?(/(?P<protocol>TCP|UDP|SCTP))?|(?P<name>[a-z0-9-]*[a-z][a-z0-9-]*)")


def present(**fields: Any) -> dict[str, Any]:
    """The fields that are there: neither None nor an empty list, mapping or text. False and 0 are values."""
    return {key: value for key, value in fields.items() if value is False or value == 0 or value}


def merged(base: Mapping[str, Any], over: Mapping[str, Any] | None) -> dict[str, Any]:
    """`over` laid on `base`, mapping by mapping; anything but a mapping is replaced whole."""
    found = dict(base)
    for key, value in (over or {}).items():
        below = found.get(key)
        found[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return found


def build(
    api_version: str,
    kind: str,
    name: str,
    namespace: str | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    **parts: Any,
) -> Object:
    """An object with its metadata and whatever else it has (`spec`, `data` ...)."""
    metadata = present(name=name, namespace=namespace, labels=texts(labels), annotations=texts(annotations))
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    """Values as Kubernetes wants them in labels, quantities and parameters: texts, truth as YAML writes it."""
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in (values or {}).items()}


def resources(row: Mapping[str, Any]) -> dict[str, Any]:
    """A container's resources from the option of that name."""
    return present(requests=texts(row["requests"]), limits=texts(row["limits"]))


def confined(**more: Any) -> dict[str, Any]:
    """The securityContext of a container by the Pod Security Standard `restricted`; a new one each time."""
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, **more}


def environment(plain: Mapping[str, str], **secrets: tuple[str, str]) -> list[dict[str, Any]]:
    """A container's variables: plain ones, and those whose value is in a Secret, by its name and key."""
    rows: list[dict[str, Any]] = [{"name": key, "value": value} for key, value in plain.items()]
    return rows + [
        {"name": key, "valueFrom": {"secretKeyRef": {"name": secret, "key": inside}}}
        for key, (secret, inside) in secrets.items()
    ]


def pull_secrets(row: Mapping[str, Any]) -> list[dict[str, str]]:
    """A pod's imagePullSecrets from the option `pull_secrets`."""
    return [{"name": each} for each in row["pull_secrets"]]


def volume_claim(volume: Mapping[str, Any]) -> dict[str, Any]:
    """The spec of a claim for one node's reading and writing, from an option with `size` and `class`."""
    size = {"requests": {"storage": str(volume["size"])}}
    return {"accessModes": ["ReadWriteOnce"], **present(storageClassName=volume.get("class")), "resources": size}


def selector(labels: Mapping[str, Any] | None) -> dict[str, Any]:
    """A label selector; the value `*` stands for any, no labels for everything."""
    exact = {key: value for key, value in texts(labels).items() if value != "*"}
    any_value = [{"key": key, "operator": "Exists"} for key, value in texts(labels).items() if value == "*"]
    return present(matchLabels=exact, matchExpressions=any_value)


def in_namespaces(names: Iterable[str]) -> dict[str, Any]:
    """A selector of namespaces by name."""
    names = sorted(names)
    if len(names) == 1:
        return {"matchLabels": {NAMESPACE_NAME: names[0]}}
    return {"matchExpressions": [{"key": NAMESPACE_NAME, "operator": "In", "values": names}]}


def pods_in(namespaces: Iterable[str], labels: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A NetworkPolicy peer: pods with these labels in these namespaces; one item, since of two either would do."""
    return {"namespaceSelector": in_namespaces(namespaces), "podSelector": selector(labels)}


def addresses(cidr: str, excepted: Iterable[str] = ()) -> dict[str, Any]:
    """A NetworkPolicy peer: a network without the exceptions that lie in it."""
    network = _network(cidr)
    inside = [each for each in excepted if _within(_network(each), network)]
    return {"ipBlock": present(cidr=cidr, **{"except": inside})}


def _network(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(cidr)
    except ValueError as error:
        raise PlatformError(f"cannot use {cidr!r} as a network: {error}; write it like 10.0.0.0/16") from error


def _within(inner: Any, outer: Any) -> bool:
    return inner.version == outer.version and inner != outer and inner.subnet_of(outer)


def port(text: str | int) -> dict[str, Any]:
    """A NetworkPolicy port: `5432`, `53/UDP`, `9000-9010`, `8000-8100/UDP`, or a container port's name."""
    match = _PORT.fullmatch(str(text))
    if not match:
        raise PlatformError(
            f"cannot use {text!r} as a port: write a number (5432), a range (9000-9010), the name of a container port "
            "(http), and /UDP or /SCTP behind a number that is not TCP"
        )
    if match["name"]:
        return {"protocol": "TCP", "port": match["name"]}
    end = int(match["end"]) if match["end"] else None
    return present(protocol=match["protocol"] or "TCP", port=int(match["port"]), endPort=end)


def network_policy(
    *,
    name: str,
    namespace: str,
    pods: Mapping[str, Any] | None = None,
    ingress: list[dict[str, Any]] | None = None,
    egress: list[dict[str, Any]] | None = None,
) -> Object:
    """A NetworkPolicy for pods by label (all without). A direction given as an empty list lets nothing through."""
    rules = {"ingress": ingress, "egress": egress}
    types = [direction.title() for direction, rows in rules.items() if rows is not None]
    spec = {"podSelector": selector(pods), "policyTypes": types, **present(**rules)}
    return build("networking.k8s.io/v1", "NetworkPolicy", name, namespace, spec=spec)


def disruption_budget(
    *,
    name: str,
    namespace: str,
    pods: Mapping[str, Any],
    min_available: str | int | None = None,
    max_unavailable: str | int | None = None,
) -> Object:
    """A PodDisruptionBudget. Numbers or percentages; pods that are unhealthy anyway may always be evicted.

    Without the latter a broken workload blocks the drain of its node (KEP-3017).
    """
    spec = present(minAvailable=_count(min_available), maxUnavailable=_count(max_unavailable))
    spec |= {"selector": selector(pods), "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    return build("policy/v1", "PodDisruptionBudget", name, namespace, spec=spec)


def pod_monitor(
    *,
    name: str,
    namespace: str,
    pods: Mapping[str, Any],
    port: str,
    labels: Mapping[str, str] | None = None,
    interval: str | None = None,
) -> Object:
    """A PodMonitor of prometheus-operator: pods by label, scraped at a container port by its name."""
    endpoint = present(port=port, interval=interval)
    spec = {"selector": selector(pods), "podMetricsEndpoints": [endpoint]}
    return build("monitoring.coreos.com/v1", "PodMonitor", name, namespace, labels=labels, spec=spec)


def prometheus_rule(
    *, name: str, namespace: str, rules: list[dict[str, Any]], labels: Mapping[str, str] | None = None
) -> Object:
    """A PrometheusRule with one group of the same name."""
    spec = {"groups": [{"name": name, "rules": rules}]}
    return build("monitoring.coreos.com/v1", "PrometheusRule", name, namespace, labels=labels, spec=spec)


def alert(name: str, expr: str, *, wait: str, severity: str, says: str) -> dict[str, Any]:
    """One alerting rule of a PrometheusRule."""
    return {
        "alert": name,
        "expr": expr,
        "for": wait,
        "labels": {"severity": severity},
        "annotations": {"summary": says},
    }


def _count(value: str | int | None) -> str | int | None:
    return int(value) if isinstance(value, str) and value.isdigit() else value


__all__ = [
    "NAMESPACE_NAME",
    "addresses",
    "alert",
    "build",
    "confined",
    "disruption_budget",
    "environment",
    "in_namespaces",
    "merged",
    "network_policy",
    "pod_monitor",
    "pods_in",
    "port",
    "present",
    "prometheus_rule",
    "pull_secrets",
    "resources",
    "selector",
    "texts",
    "volume_claim",
]
