"""What all Redis deployments have in common: names, labels, password, placement, security, exporter. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.builders import confined, present, pull_secrets, resources, volume_claim
from ...core.placement import HOST, ZONE, apart, placement, spread

Row = Mapping[str, Any]
Labels = Mapping[str, str]

API = "redis.redis.opstreelabs.in/v1beta2"
PORT, BUS, SENTINEL, METRICS = 6379, 16379, 26379, 9121
# The exporter's port as the operator calls it (internal/controller/common/constants.go).
METRICS_NAME = "redis-exporter"
# The group that embedded sentinels watch; no field changes it (redisreplication_types_helper.go).
GROUP = "mymaster"
_INDEX = "apps.kubernetes.io/pod-index"


def replication_labels(name: str) -> dict[str, str]:
    """The labels of a replication's servers, whoever runs them (k8sutils/labels.go)."""
    return {"app": name, "redis_setup_type": "replication", "role": "replication"}


def sentinel_labels(name: str) -> dict[str, str]:
    """The labels of its sentinels."""
    return {"app": f"{name}-s", "redis_setup_type": "sentinel", "role": "sentinel"}


def cluster_labels(name: str, role: str = "") -> dict[str, str]:
    """The labels of all of a cluster's servers, or of its leaders or followers."""
    own = {"app": f"{name}-{role}", "role": role} if role else {"cluster": name}
    return {**own, "redis_setup_type": "cluster"}


def password(row: Row) -> tuple[str, str]:
    """The Secret that holds the password, and its key."""
    return row.get("password_secret") or f"{row['name']}-auth", row["password_key"]


def where(row: Row, pods: Labels, count: int, pairs: Labels | None = None) -> dict[str, Any]:
    """affinity, tolerations and topologySpreadConstraints of pods with these labels.

    pairs: the labels of pods of which those with the same number keep apart: by zone where zones are a must, else by
    host. So a shard's leader and follower never fall together, and each zone has both (S3-86).
    """
    found = placement(row["pool"], row["node_pools"], f"Redis {row['name']}")
    kind = str(row["spread"]) if count > 1 else "none"
    terms = list(apart(kind, pods).get("requiredDuringSchedulingIgnoredDuringExecution", []))
    if pairs and row["spread"] != "none":
        own = {"labelSelector": {"matchLabels": dict(pairs)}, "matchLabelKeys": [_INDEX]}
        terms.append({"topologyKey": ZONE if row["spread"] == "zone" else HOST, **own})
    keep_apart = {"requiredDuringSchedulingIgnoredDuringExecution": terms} if terms else {}
    return present(
        affinity=present(nodeAffinity=found.node_affinity, podAntiAffinity=keep_apart),
        tolerations=found.tolerations,
        topologySpreadConstraints=spread(kind, pods),
    )


def pod_security(row: Row, user: int = 1000) -> dict[str, Any]:
    """The Pod Security Standard `restricted`, as the image's user. The operator's images have 1000."""
    number = row.get("user_id") or user
    return {
        "runAsNonRoot": True,
        "runAsUser": number,
        "fsGroup": number,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def exporter(row: Row) -> dict[str, Any]:
    """The sidecar that reads metrics, as the operator takes it; none without an image."""
    if not row.get("exporter_image") or not row["monitoring"]["enabled"]:
        return {}
    return present(
        enabled=True,
        image=row["exporter_image"],
        resources=resources(row["exporter_resources"]),
        securityContext=confined(),
    )


def storage(row: Row) -> dict[str, Any]:
    """What stays when the resource goes: its finalizer deletes the claims otherwise."""
    if not row.get("storage"):
        return {}
    return {"keepAfterDelete": True, "volumeClaimTemplate": {"spec": volume_claim(row["storage"])}}


def kubernetes_config(row: Row) -> dict[str, Any]:
    """What the operator's kinds have in common: image, password, resources."""
    kept = {"whenDeleted": "Retain", "whenScaled": "Retain"} if row.get("storage") else None
    secret, key = password(row)
    return present(
        image=row["image"],
        imagePullPolicy="IfNotPresent",
        imagePullSecrets=pull_secrets(row),
        redisSecret={"name": secret, "key": key},
        resources=resources(row["resources"]),
        persistentVolumeClaimRetentionPolicy=kept,
    )


def acl(row: Row) -> dict[str, Any]:
    """The Secret whose `user.acl` names the users; its `default` user must have the password, too: with a file of
    users the server no longer reads requirepass."""
    return {"secret": {"secretName": row["acl_secret"]}} if row.get("acl_secret") else {}


def service_host(name: str, service: str, namespace: str) -> str:
    """The name of a StatefulSet's pod, from anywhere in the cluster."""
    return f"{name}.{service}.{namespace}.svc"


def one_away(count: int) -> dict[str, Any]:
    """The operator's own budget: one pod may be away; none is made where there is but one."""
    return {"enabled": True, "maxUnavailable": 1} if count > 1 else {}
