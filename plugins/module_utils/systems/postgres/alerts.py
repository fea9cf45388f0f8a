"""When somebody must look at a PostgreSQL cluster: its alerting rules, one row each. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core import alerts as core
from ...core.alerts import Alert, nearly_full
from ...core.api.objects import Object
from .options import SYSTEM

Row = Mapping[str, Any]

# Metrics of the instance manager (docs/src/monitoring.md of the operator) and of the plugin (its observability page).
_ALERTS = (
    Alert("PostgresDown", "cnpg_collector_up{{{pods}}} == 0", "1m", "critical", "an instance does not answer"),
    Alert(
        "PostgresInstancesMissing",
        "count(cnpg_collector_up{{{pods}}} == 1) < {instances} or absent(cnpg_collector_up{{{pods}}})",
        "5m",
        "warning",
        "fewer than {instances} instances answer",
    ),
    Alert(
        "PostgresReplicaLag",
        "max(cnpg_pg_replication_lag{{{pods}}}) > {max_lag}",
        "5m",
        "warning",
        "a replica is more than {max_lag} s behind",
        only="copies",
    ),
    Alert(
        "PostgresSynchronousReplicaMissing",
        'max(cnpg_collector_sync_replicas{{{pods},value="observed"}})'
        ' < max(cnpg_collector_sync_replicas{{{pods},value="expected"}})',
        "1m",
        "critical",
        "too few synchronous replicas: commits wait, or are not promised to survive the primary",
        only="quorum",
    ),
    Alert(
        "PostgresFenced",
        "max(cnpg_collector_fencing_on{{{pods}}}) == 1",
        "10m",
        "warning",
        "an instance has been fenced for 10 minutes",
    ),
    Alert(
        "PostgresConnectionsNearLimit",
        "max by (pod) (sum by (pod) (cnpg_backends_total{{{pods}}})"
        ' / on (pod) sum by (pod) (cnpg_pg_settings_setting{{{pods},name="max_connections"}})) > 0.85',
        "5m",
        "warning",
        "85 % of max_connections are taken",
    ),
    Alert(
        "PostgresArchivingFails",
        "max(cnpg_pg_stat_archiver_last_failed_time{{{pods}}})"
        " > max(cnpg_pg_stat_archiver_last_archived_time{{{pods}}})",
        "1m",
        "critical",
        "the last attempt to archive a WAL segment failed: what follows cannot be restored",
        only="backup",
    ),
    Alert(
        "PostgresArchiveBehind",
        'max(cnpg_collector_pg_wal_archive_status{{{pods},value="ready"}}) > 4'
        " and max(cnpg_pg_stat_archiver_seconds_since_last_archival{{{pods}}}) > {max_archive_age}",
        "1m",
        "critical",
        "WAL segments have waited for the archive for more than {max_archive_age} s",
        only="backup",
    ),
    Alert(
        "PostgresBackupTooOld",
        "time() - max(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{{{pods}}}) > {max_backup_age}",
        "10m",
        "critical",
        "the last backup is older than {max_backup_age} s",
        only="backup",
    ),
    nearly_full("Postgres"),
    Alert(
        "PostgresPoolerWaiting",
        "max(cnpg_pgbouncer_pools_maxwait{{{poolers}}}) > 5",
        "2m",
        "warning",
        "a client has waited for a connection for more than 5 s",
        only="poolers",
    ),
)


def alerts(row: Row, poolers: Sequence[str]) -> Object:
    """The PrometheusRule of a cluster, without what does not concern it."""
    place = f'namespace="{row["namespace"]}"'
    known = {
        "pods": f'{place},pod=~"{row["name"]}-[0-9]+"',
        "claims": f'{place},persistentvolumeclaim=~"{row["name"]}-[0-9]+(-wal)?"',
        "poolers": f'{place},pod=~"({"|".join(poolers)})-.+"',
        "instances": row["instances"],
    }
    concerned = {
        "copies": row["instances"] > 1,
        "quorum": row["quorum"] and row["instances"] > 1,
        "backup": bool(row.get("backup")),
        "poolers": bool(poolers),
    }
    return core.alerts(SYSTEM, _ALERTS, row, known=known, concerned=concerned)
