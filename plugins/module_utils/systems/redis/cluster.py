"""A Redis cluster of shards by the OT operator as one set: settings, RedisCluster, who reaches it, rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, confined, merged, present, volume_claim
from . import alerts, backup, limits, network, parts, settings

Row = Mapping[str, Any]


def cluster(*, name: str, namespace: str, **row: Any) -> list[Object]:
    """The set of one cluster; `row` holds the other options of the module redis_cluster, defaults filled in.

    Raises PlatformError for what could not work.
    """
    row = {**row, "name": name, "namespace": namespace}
    limits.CLUSTER.check(row)
    conf = settings.text(row, ("cluster-node-timeout", str(row["node_timeout"])))
    return [
        settings.config_map(row, conf),
        _cluster(row, conf),
        *network.cluster(row),
        *alerts.watched(row, alerts.CLUSTER, parts.cluster_labels(name), servers=_servers(row)),
        *backup.objects(row, _sources(row)),
    ]


def _servers(row: Row) -> int:
    return int(row["shards"] * row["replicas"])


def _followers(row: Row) -> int:
    return int(row["shards"] * (row["replicas"] - 1))


def _sources(row: Row) -> list[str]:
    """One server of each shard: where there are followers, the one that is none of the leaders at first."""
    role = "follower" if _followers(row) else "leader"
    name = f"{row['name']}-{role}"
    return [parts.service_host(f"{name}-{n}", f"{name}-headless", row["namespace"]) for n in range(row["shards"])]


def _cluster(row: Row, conf: str) -> Object:
    """`clusterSize` counts the leaders, and the followers again (D0-42).

    `clusterVersion` is compared with v7: v7.2 would turn off what belongs to 7 (k8sutils/redis.go).
    """
    spec = present(
        clusterSize=row["shards"],
        clusterVersion="v7",
        persistenceEnabled=bool(row.get("storage")),
        podSecurityContext=parts.pod_security(row),
        priorityClassName=row.get("priority_class"),
        serviceAccountName=row.get("service_account"),
        kubernetesConfig=parts.kubernetes_config(row),
        redisLeader=_role(row, "leader", row["shards"]),
        redisFollower=_role(row, "follower", _followers(row)),
        redisExporter=parts.exporter(row),
        acl=parts.acl(row),
        storage=_storage(row),
    )
    return build(
        parts.API,
        "RedisCluster",
        row["name"],
        row["namespace"],
        labels=row["labels"],
        annotations=settings.mark(conf),
        spec=merged(spec, row["extra_spec"]),
    )


def _role(row: Row, role: str, count: int) -> dict[str, Any]:
    """Leaders or followers. Their number is said where it is not clusterSize; the pairs are by number."""
    pods = parts.cluster_labels(row["name"], role)
    pairs = parts.cluster_labels(row["name"]) if _followers(row) else None
    return present(
        replicas=count if count != row["shards"] else None,
        redisConfig={"additionalRedisConfig": settings.name_of(row)},
        securityContext=confined(),
        pdb=parts.one_away(count),
        **parts.where(row, pods, count, pairs),
    )


def _storage(row: Row) -> dict[str, Any]:
    """With the node's own view of the cluster on a volume, too: a pod that forgot who it is joins no shard."""
    kept = parts.storage(row)
    if not kept:
        return {}
    small = volume_claim({"size": "1Gi", "class": row["storage"].get("class")})
    return {**kept, "nodeConfVolume": True, "nodeConfVolumeClaimTemplate": {"spec": small}}
