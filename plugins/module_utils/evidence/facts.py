"""Reads off a cluster what a report shows: nodes, pods, claims, quotas, as plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ..core.api.objects import get
from ..core.sets.context import Context
from ..core.sets.values import quantity

ZONE, TYPE = "topology.kubernetes.io/zone", "node.kubernetes.io/instance-type"
SIMULATED = "lab.groundwork.platform/simulated"
PLACEHOLDER, NAME = "groundwork.platform/placeholder", "app.kubernetes.io/name"
_PATHS = {
    "nodes": "/api/v1/nodes",
    "pods": "/api/v1/pods",
    "claims": "/api/v1/persistentvolumeclaims",
    "quotas": "/api/v1/resourcequotas",
}
_ENDED = ("Succeeded", "Failed")

Row = dict[str, Any]


def read(context: Context, pools: Iterable[str]) -> dict[str, list[Row]]:
    """Rows of nodes, pods, claims and quotas, in four requests. pools: their names, which begin the nodes' names."""
    lists = {name: context.client.list(path)[0] for name, path in _PATHS.items()}
    names = sorted(pools, key=len, reverse=True)
    return {
        "nodes": [_node(obj, names) for obj in lists["nodes"]],
        "pods": [_pod(obj) for obj in lists["pods"] if get(obj, "status", "phase") not in _ENDED],
        "claims": [_claim(obj) for obj in lists["claims"]],
        "quotas": [_quota(obj) for obj in lists["quotas"]],
    }


def number(value: Any) -> Decimal:
    """A quantity as a number; 0 where there is none."""
    return quantity(str(value)) or Decimal(0) if value is not None else Decimal(0)


def _node(obj: Mapping[str, Any], pools: Iterable[str]) -> Row:
    labels = get(obj, "metadata", "labels", default={})
    name = get(obj, "metadata", "name")
    conditions = {each["type"]: each["status"] for each in get(obj, "status", "conditions", default=[])}
    pool = labels.get("workload") or next((each for each in pools if name.startswith(f"{each}-")), "nodes")
    return {
        "name": name,
        "pool": pool,
        "zone": labels.get(ZONE, ""),
        "type": labels.get(TYPE, ""),
        "ready": conditions.get("Ready") == "True",
        "simulated": SIMULATED in labels,
        "cpu": number(get(obj, "status", "allocatable", "cpu")),
        "memory": number(get(obj, "status", "allocatable", "memory")),
    }


def _pod(obj: Mapping[str, Any]) -> Row:
    labels = get(obj, "metadata", "labels", default={})
    conditions = {each["type"]: each for each in get(obj, "status", "conditions", default=[])}
    containers = get(obj, "spec", "containers", default=[])
    name = get(obj, "metadata", "name")
    return {
        "name": name,
        "namespace": get(obj, "metadata", "namespace"),
        "node": get(obj, "spec", "nodeName", default=""),
        "app": labels.get(NAME) or name.rpartition("-")[0] or name,
        "role": labels.get(PLACEHOLDER, ""),
        "ready": get(conditions, "Ready", "status") == "True",
        "why": get(conditions, "PodScheduled", "message", default=""),
        **{key: _asked(containers, key) for key in ("cpu", "memory")},
    }


def _asked(containers: Iterable[Mapping[str, Any]], resource: str) -> Decimal:
    return sum((number(get(each, "resources", "requests", resource)) for each in containers), Decimal(0))


def _claim(obj: Mapping[str, Any]) -> Row:
    return {
        "namespace": get(obj, "metadata", "namespace"),
        "name": get(obj, "metadata", "name"),
        "bound": get(obj, "status", "phase") == "Bound",
        "class": get(obj, "spec", "storageClassName", default=""),
        "size": number(get(obj, "spec", "resources", "requests", "storage")),
    }


def _quota(obj: Mapping[str, Any]) -> Row:
    hard, used = get(obj, "status", "hard", default={}), get(obj, "status", "used", default={})
    return {
        "namespace": get(obj, "metadata", "namespace"),
        "name": get(obj, "metadata", "name"),
        "resources": [
            {
                "resource": key,
                "hard": number(hard[key]),
                "used": number(used.get(key)),
                "told": (used.get(key, "0"), hard[key]),
            }
            for key in sorted(hard)
        ],
    }
