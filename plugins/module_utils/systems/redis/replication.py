"""A Redis master with replicas and sentinels as one set, run by the OT operator or by StatefulSets alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, confined, disruption_budget, merged, present, pull_secrets, resources
from . import alerts, backup, limits, network, parts, settings, statefulset
from .options import SYSTEM

Row = Mapping[str, Any]


def replication(*, name: str, namespace: str, **row: Any) -> list[Object]:
    """The set of one deployment; `row` holds the other options of the module redis_replication, defaults filled in.

    Raises PlatformError for what could not work.
    """
    row = {**row, "name": name, "namespace": namespace}
    limits.REPLICATION.check(row)
    conf = settings.text(row, *_writes(row))
    made = statefulset.objects(row, conf) if row["backend"] == "statefulset" else _by_operator(row, conf)
    return [
        *made,
        *network.replication(row),
        *alerts.watched(row, alerts.REPLICATION, parts.replication_labels(name), servers=row["replicas"]),
        *backup.objects(row, [_source(row)]),
    ]


def _writes(row: Row) -> list[settings.Directive]:
    """A master that has lost its replicas refuses writes: what it would take alone is lost once another leads."""
    if not row["min_replicas_to_write"]:
        return []
    return [
        ("min-replicas-to-write", str(row["min_replicas_to_write"])),
        ("min-replicas-max-lag", str(row["min_replicas_max_lag"])),
    ]


def _source(row: Row) -> str:
    """The last server: at first a replica."""
    name = row["name"]
    return parts.service_host(f"{name}-{row['replicas'] - 1}", f"{name}-headless", row["namespace"])


def _by_operator(row: Row, conf: str) -> list[Object]:
    return [settings.config_map(row, conf), _resource(row, conf), *sentinel_budget(row)]


def sentinel_budget(row: Row) -> list[Object]:
    """The operator makes none for sentinels that are part of a replication."""
    if row["sentinel"]["replicas"] < 3:
        return []
    name = SYSTEM.beside(row, "sentinels")
    pods = parts.sentinel_labels(row["name"])
    return [disruption_budget(name=name, namespace=row["namespace"], pods=pods, max_unavailable=1)]


def _resource(row: Row, conf: str) -> Object:
    """Sentinels as a part of it, not as a RedisSentinel of their own: the operator then leaves failover to them, and a
    pod that is drained hands over first (redisreplication_controller.go, statefulset.go)."""
    name, count = row["name"], row["replicas"]
    spec = present(
        clusterSize=count,
        podSecurityContext=parts.pod_security(row),
        securityContext=confined(),
        priorityClassName=row.get("priority_class"),
        serviceAccountName=row.get("service_account"),
        kubernetesConfig=parts.kubernetes_config(row),
        redisConfig={"additionalRedisConfig": settings.name_of(row)},
        redisExporter=parts.exporter(row),
        acl=parts.acl(row),
        storage=parts.storage(row),
        pdb=parts.one_away(count),
        sentinel=_sentinel(row),
        **parts.where(row, parts.replication_labels(name), count),
    )
    return build(
        parts.API,
        "RedisReplication",
        name,
        row["namespace"],
        labels=row["labels"],
        annotations=settings.mark(conf),
        spec=merged(spec, row["extra_spec"]),
    )


def _sentinel(row: Row) -> dict[str, Any]:
    """Without the fields that the operator does not read there: quorum is always the majority."""
    given = row["sentinel"]
    return present(
        size=given["replicas"],
        image=row["sentinel_image"],
        imagePullPolicy="IfNotPresent",
        imagePullSecrets=pull_secrets(row),
        downAfterMilliseconds=str(given["down_after"]),
        failoverTimeout=str(given["failover_timeout"]),
        parallelSyncs=str(given["parallel_syncs"]),
        resources=resources(given["resources"]),
        podSecurityContext=parts.pod_security(row),
        securityContext=confined(),
        priorityClassName=row.get("priority_class"),
        serviceAccountName=row.get("service_account"),
        **parts.where(row, parts.sentinel_labels(row["name"]), given["replicas"]),
    )
