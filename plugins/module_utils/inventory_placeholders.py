"""Makes, of what an inventory asks for, pods that stand for systems which are left out: same size, same place. Pure.

A rehearsal applies them, so that the real scheduler, quotas and limits judge whether everything fits. They run nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .core.builders import confined
from .inventory_demands import Cluster, Demand

LABEL = "groundwork.platform/placeholder"
NEEDED = "groundwork.platform/needed"  # annotation: with how many ready pods it still serves
_NAME = "app.kubernetes.io/name"
_IMAGE = "placeholder.invalid/nothing:0"
_ZONE, _HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
_POD = {"runAsNonRoot": True, "runAsUser": 65534, "seccompProfile": {"type": "RuntimeDefault"}}

Object = dict[str, Any]


# In the order of the layers: what comes first finds the nodes empty.
_ORDER = ("ingress", "postgres", "clickhouse", "kafka", "rabbitmq", "redis", "object_storage", "identity", "monitoring")


def placeholders(host: str, variables: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By role that is switched off, in the order of the layers: role, objects.

    An object is a StatefulSet where the inventory asks for claims, a Deployment otherwise.
    """
    cluster = Cluster(host, variables)
    found: dict[str, list[Object]] = {}
    for demand, role in _left_out(cluster):
        found.setdefault(role, []).append(_workload(cluster, demand, role))
    return [{"role": role, "objects": found[role]} for role in sorted(found, key=_layer)]


def _layer(role: str) -> tuple[int, str]:
    return (_ORDER.index(role) if role in _ORDER else len(_ORDER), role)


def _left_out(cluster: Cluster) -> Iterable[tuple[Demand, str]]:
    """Demands, each with its role, of roles that the inventory switches off."""
    off = [name.removesuffix("_enabled") for name, value in cluster.variables.items() if _is_off(name, value)]
    for demand in cluster.demands:
        role = max((each for each in off if demand.path.startswith(f"{each}_")), key=len, default="")
        if role and demand.count and demand.namespace in cluster.namespaces:
            yield demand, role


def _is_off(name: str, value: Any) -> bool:
    return name.endswith("_enabled") and value is False


def _workload(cluster: Cluster, demand: Demand, role: str) -> Object:
    name = _name(demand)
    labels = {_NAME: name, LABEL: role}
    kind = "StatefulSet" if demand.claims else "Deployment"
    spec: Object = {
        "replicas": demand.count,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": _pod(cluster, demand, labels)},
    }
    if demand.claims:
        spec |= {"serviceName": name, "podManagementPolicy": "Parallel", "volumeClaimTemplates": _claims(demand)}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": demand.namespace,
            "labels": labels,
            "annotations": {NEEDED: str(_needed(demand))},
        },
        "spec": spec,
    }


def _needed(demand: Demand) -> int:
    """More than half of a quorum, one of several; of a single one nobody can ask that it outlives its node."""
    if demand.row.get("quorum"):
        return demand.count // 2 + 1
    return int(demand.count > 1)


def _name(demand: Demand) -> str:
    """`kafka_clusters[events].brokers` becomes `events-brokers`: every demand has its own path."""
    parts = [first or second for first, second in re.findall(r"\[([^\]]+)\]|\.([^.\[]+)", demand.path)]
    return re.sub(r"[^a-z0-9-]+", "-", "-".join(parts).lower())[:50].strip("-")


def _pod(cluster: Cluster, demand: Demand, labels: Mapping[str, str]) -> Object:
    pools = [cluster.pools[name] for name in demand.pools if name in cluster.pools]
    container: Object = {
        "name": "placeholder",
        "image": _IMAGE,
        "securityContext": confined(),
        "resources": {side: _texts(row) for side, row in demand.row["resources"].items() if isinstance(row, Mapping)},
    }
    if demand.claims:
        container["volumeMounts"] = [
            {"name": _claim(n), "mountPath": f"/{_claim(n)}"} for n in range(len(demand.claims))
        ]
    pod: Object = {"securityContext": _POD, "containers": [container], "automountServiceAccountToken": False}
    taints = [taint for pool in pools for taint in pool.get("taints") or ()]
    if taints:
        pod["tolerations"] = [{"operator": "Equal", "value": "", **taint} for taint in taints]
    affinity = _affinity(pools, demand, labels)
    if affinity:
        pod["affinity"] = affinity
    if demand.row.get("spread") == "zone":
        # Honor: a lost zone's tainted nodes no longer count, so that its pods may come back in the others.
        rule = {"maxSkew": 1, "topologyKey": _ZONE, "whenUnsatisfiable": "DoNotSchedule", "nodeTaintsPolicy": "Honor"}
        pod["topologySpreadConstraints"] = [rule | {"labelSelector": {"matchLabels": labels}}]
    if demand.row.get("priority_class"):
        pod["priorityClassName"] = str(demand.row["priority_class"])
    return pod


def _affinity(pools: Iterable[Mapping[str, Any]], demand: Demand, labels: Mapping[str, str]) -> Object:
    """One of the pools; where the inventory says so, no two of a kind on one host."""
    affinity: Object = {}
    terms = [
        {
            "matchExpressions": [
                {"key": key, "operator": "In", "values": [value]} for key, value in sorted(found.items())
            ]
        }
        for pool in pools
        if (found := pool.get("labels") or {})
    ]
    if terms:
        affinity["nodeAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    if demand.row.get("spread") == "host":
        term = {"topologyKey": _HOST, "labelSelector": {"matchLabels": labels}}
        affinity["podAntiAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    return affinity


def _claims(demand: Demand) -> list[Object]:
    return [
        {
            "metadata": {"name": _claim(number)},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": claim.storage_class,
                "resources": {"requests": {"storage": str(int(claim.size))}},
            },
        }
        for number, claim in enumerate(demand.claims)
    ]


def _claim(number: int) -> str:
    return f"data{number or ''}"


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in row.items()}
