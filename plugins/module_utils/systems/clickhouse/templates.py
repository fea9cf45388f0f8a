"""The templates that both kinds of the ClickHouse operator have: pods in their places, claims that are kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.builders import confined, merged, present, pull_secrets, resources, volume_claim
from ...core.placement import HOST, placement, spread
from ...core.sets.values import digest
from .words import Family

Row = Mapping[str, Any]

DEFAULT, DATA = "default", "data"
# The user that both images run as; what a namespace of the standard `restricted` asks for.
_USER = 101
_POD = {
    "runAsNonRoot": True,
    "runAsUser": _USER,
    "runAsGroup": _USER,
    "fsGroup": _USER,
    "fsGroupChangePolicy": "OnRootMismatch",
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod(
    row: Row, family: Family, own: Row, *, name: str, image: str, metrics: int, alone: bool, mounts: Mapping[str, str]
) -> dict[str, Any]:
    """The pod template. own: whose pool, spread and resources count; mounts: folder by claim template.

    Apart by host is the operator's own word (D0-23); over zones the replicas of one shard, which is what may be lost
    together, and of a Keeper all, which is one shard.
    """
    who = f"{family.kind} {name}"
    where = placement(own["pool"] or row["pool"], row["node_pools"], who)
    container = {
        "name": family.container,
        "image": image,
        "ports": [{"name": "metrics", "containerPort": metrics}],
        "securityContext": confined(),
        **present(
            resources=resources(own["resources"]),
            volumeMounts=[{"name": claim, "mountPath": path} for claim, path in mounts.items()],
        ),
    }
    kind = "none" if alone else own["spread"]
    zones = [{**each, "matchLabelKeys": [f"{family.group}/shard"]} for each in spread(kind, family.pods(name))]
    spec = {
        "containers": [container],
        "securityContext": _POD,
        **present(
            affinity=present(nodeAffinity=where.node_affinity),
            tolerations=where.tolerations,
            topologySpreadConstraints=zones,
            priorityClassName=row.get("priority_class"),
            serviceAccountName=row.get("service_account"),
            imagePullSecrets=pull_secrets(row),
        ),
    }
    apart = {"type": "ClickHouseAntiAffinity", "scope": "ClickHouseInstallation", "topologyKey": HOST}
    return {"name": DEFAULT, **present(podDistribution=[] if kind == "none" else [apart]), "spec": spec}


def claim(name: str, volume: Row) -> dict[str, Any]:
    """A claim template whose volumes outlive the resource: the operator deletes them otherwise."""
    return {"name": name, "reclaimPolicy": "Retain", "spec": volume_claim(volume)}


def defaults(**templates: str) -> dict[str, Any]:
    """A template counts only where it is named (D0-23)."""
    return {"storageManagement": {"reclaimPolicy": "Retain"}, "templates": {"podTemplate": DEFAULT, **templates}}


# Of what the operator finds and does not know, volumes stay.
KEEP_CLAIMS = {"cleanup": {"unknownObjects": {"pvc": "Retain"}, "reconcileFailedObjects": {"pvc": "Retain"}}}


def with_task(spec: dict[str, Any], extra: Row | None, revision: str) -> dict[str, Any]:
    """The spec with a task's ID: the operator says which one it has done, and only that tells a stale status.

    A hash of the spec, so that it is the same in a second run; `revision` makes another one of the same spec, which has
    the operator read Secrets again.
    """
    whole = merged(spec, extra)
    return {"taskID": digest([whole, revision] if revision else whole), **whole}
