"""Says how a PostgreSQL cluster is: who is primary, how far behind the others are, what can be restored.

From the operator's resources and from the instances' own metrics, read through the API server. What neither tells is
null; `unknown` says why, by instance.
"""

from __future__ import annotations

from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from . import postgres_state as state
from . import reach
from .metrics import Metrics, whole
from .postgres import metrics as ask

Row = dict[str, Any]

_API = "postgresql.cnpg.io/v1"


def info(*, name: str, namespace: str, context: Context) -> Row:
    """The state of one cluster. Raises PlatformError where there is none."""
    cluster = reach.sure(context, reach.named(_API, "Cluster", namespace, name))
    pods = _pods(context, name, namespace)
    metrics, unknown = ask(context, cluster, pods)
    primary = metrics.get(state.primary(cluster), Metrics())
    return {
        "changed": False,
        "phase": get(cluster, "status", "phase"),
        "reason": get(cluster, "status", "phaseReason") or None,
        "healthy": not _unhealthy(cluster),
        "primary": state.primary(cluster) or None,
        "timeline": get(cluster, "status", "timelineID"),
        "image": get(cluster, "status", "image"),
        "fenced": state.fenced(cluster),
        "instances": [_instance(cluster, pod, metrics[pod]) for pod in pods],
        "synchronous": _synchronous(context, cluster, primary),
        "archive": _archive(cluster, primary),
        "backup": _backup(context, cluster),
        "databases": {
            labels["datname"]: int(size)
            for size, labels in primary.all("cnpg_pg_database_size_bytes")
            if "datname" in labels
        }
        or None,
        "connections": _connections(primary),
        "poolers": [_pooler(each) for each in _of(context, "Pooler", name, namespace)],
        "unknown": unknown,
    }


def _pods(context: Context, name: str, namespace: str) -> list[str]:
    found = reach.pods(context, namespace, {"cnpg.io/cluster": name, "cnpg.io/podRole": "instance"})
    return [str(get(pod, "metadata", "name")) for pod in found]


def _unhealthy(cluster: Object) -> str:
    try:
        return state.unhealthy(cluster)
    except PlatformError as error:
        return str(error)


def _instance(cluster: Object, pod: str, metrics: Metrics) -> Row:
    receiving = metrics.one("cnpg_pg_replication_is_wal_receiver_up")
    is_primary = pod == state.primary(cluster)
    return {
        "name": pod,
        "role": "primary" if is_primary else "replica",
        "ready": pod in state.ready_instances(cluster),
        "node": get(cluster, "status", "topology", "instances", pod, "kubernetes.io/hostname"),
        "lag_seconds": None if is_primary else metrics.one("cnpg_pg_replication_lag"),
        "receiving": None if is_primary or receiving is None else bool(receiving),
        "wal_bytes": metrics.one("cnpg_collector_pg_wal", value="size"),
    }


def _synchronous(context: Context, cluster: Object, primary: Metrics) -> Row | None:
    """How many standbys commits wait for, and how many there are; null where none are waited for."""
    asked = get(cluster, "spec", "postgresql", "synchronous")
    if not asked:
        return None
    where = get(cluster, "metadata", "namespace"), get(cluster, "metadata", "name")
    quorum = reach.read(context, reach.named(_API, "FailoverQuorum", *where))
    return {
        "durability": asked.get("dataDurability", "required"),
        "expected": whole(primary.one("cnpg_collector_sync_replicas", value="expected")),
        "observed": whole(primary.one("cnpg_collector_sync_replicas", value="observed")),
        "standbys": get(quorum, "status", "standbyNames"),
    }


def _archive(cluster: Object, primary: Metrics) -> Row | None:
    """Whether WAL reaches the archive; null where none is kept."""
    if not _archives(cluster):
        return None
    why = state.archiving(cluster)
    return {
        "working": not why,
        "reason": why or None,
        "waiting_segments": whole(primary.one("cnpg_collector_pg_wal_archive_status", value="ready")),
        "seconds_since_last": primary.one("cnpg_pg_stat_archiver_seconds_since_last_archival"),
    }


def _archives(cluster: Object) -> state.Archive | None:
    try:
        return state.archive(cluster)
    except PlatformError:
        return None


def _backup(context: Context, cluster: Object) -> Row | None:
    """What can be restored, as the object store's resource says it; null where there are no backups."""
    archive = _archives(cluster)
    if not archive:
        return None
    name, namespace = get(cluster, "metadata", "name"), get(cluster, "metadata", "namespace")
    store = reach.read(context, reach.named("barmancloud.cnpg.io/v1", "ObjectStore", namespace, archive.store))
    window = get(store, "status", "serverRecoveryWindow", archive.server, default={})
    schedules = [get(each, "status", "nextScheduleTime") for each in _of(context, "ScheduledBackup", name, namespace)]
    return {
        "object_store": archive.store,
        "server_name": archive.server,
        "last": window.get("lastSuccessfulBackupTime"),
        "last_failed": window.get("lastFailedBackupTime"),
        "restorable_since": window.get("firstRecoverabilityPoint"),
        "next": min(filter(None, schedules), default=None),
    }


def _connections(primary: Metrics) -> Row | None:
    used = primary.all("cnpg_backends_total")
    most = primary.one("cnpg_pg_settings_setting", name="max_connections")
    return {"used": int(sum(value for value, _ in used)), "max": whole(most)} if used else None


def _of(context: Context, kind: str, name: str, namespace: str) -> list[Object]:
    """The resources of a kind that name the cluster."""
    found = reach.listed(context, reach.named(_API, kind, namespace, ""))
    return [each for each in found if get(each, "spec", "cluster", "name") == name]


def _pooler(pooler: Object) -> Row:
    return {
        "name": get(pooler, "metadata", "name"),
        "type": get(pooler, "spec", "type", default="rw"),
        "phase": get(pooler, "status", "phase"),
        "instances": get(pooler, "status", "instances"),
        "wanted": get(pooler, "spec", "instances", default=1),
    }
