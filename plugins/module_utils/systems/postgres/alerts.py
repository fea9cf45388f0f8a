"""When somebody must look at a PostgreSQL cluster: its alerting rules, one row each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ...core.api.objects import Object
from ...core.builders import alert, prometheus_rule

Row = Mapping[str, Any]


class _Alert(NamedTuple):
    """name, when ({pods}: the instances, {poolers}: the poolers), how long, how bad, what it means; `only` where."""

    name: str
    expr: str
    wait: str
    severity: str
    says: str
    only: str = ""


# Metrics of the instance manager (docs/src/monitoring.md of the operator) and of the plugin (its observability page).
_ALERTS = (
    _Alert("PostgresDown", "cnpg_collector_up{{{pods}}} == 0", "1m", "critical", "an instance does not answer"),
    _Alert(
        "PostgresInstancesMissing",
        "count(cnpg_collector_up{{{pods}}} == 1) < {instances} or absent(cnpg_collector_up{{{pods}}})",
        "5m",
        "warning",
        "fewer than {instances} instances answer",
    ),
    _Alert(
        "PostgresReplicaLag",
        "max(cnpg_pg_replication_lag{{{pods}}}) > {max_lag}",
        "5m",
        "warning",
        "a replica is more than {max_lag} s behind",
        only="copies",
    ),
    _Alert(
        "PostgresSynchronousReplicaMissing",
        'max(cnpg_collector_sync_replicas{{{pods},value="observed"}})'
        ' < max(cnpg_collector_sync_replicas{{{pods},value="expected"}})',
        "1m",
        "critical",
        "too few synchronous replicas: commits wait, or are not promised to survive the primary",
        only="quorum",
    ),
    _Alert(
        "PostgresFenced",
        "max(cnpg_collector_fencing_on{{{pods}}}) == 1",
        "10m",
        "warning",
        "an instance has been fenced for 10 minutes",
    ),
    _Alert(
        "PostgresConnectionsNearLimit",
        "max by (pod) (sum by (pod) (cnpg_backends_total{{{pods}}})"
        ' / on (pod) sum by (pod) (cnpg_pg_settings_setting{{{pods},name="max_connections"}})) > 0.85',
        "5m",
        "warning",
        "85 % of max_connections are taken",
    ),
    _Alert(
        "PostgresArchivingFails",
        "max(cnpg_pg_stat_archiver_last_failed_time{{{pods}}})"
        " > max(cnpg_pg_stat_archiver_last_archived_time{{{pods}}})",
        "1m",
        "critical",
        "the last attempt to archive a WAL segment failed: what follows cannot be restored",
        only="backup",
    ),
    _Alert(
        "PostgresArchiveBehind",
        'max(cnpg_collector_pg_wal_archive_status{{{pods},value="ready"}}) > 4'
        " and max(cnpg_pg_stat_archiver_seconds_since_last_archival{{{pods}}}) > {max_archive_age}",
        "1m",
        "critical",
        "WAL segments have waited for the archive for more than {max_archive_age} s",
        only="backup",
    ),
    _Alert(
        "PostgresBackupTooOld",
        "time() - max(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{{{pods}}}) > {max_backup_age}",
        "10m",
        "critical",
        "the last backup is older than {max_backup_age} s",
        only="backup",
    ),
    _Alert(
        "PostgresVolumeNearlyFull",
        "min(kubelet_volume_stats_available_bytes{{{claims}}} / kubelet_volume_stats_capacity_bytes{{{claims}}})"
        " < 0.15",
        "5m",
        "critical",
        "a volume has less than 15 % left",
    ),
    _Alert(
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
        **row["monitoring"],
    }
    concerned = {
        "": True,
        "copies": row["instances"] > 1,
        "quorum": row["quorum"] and row["instances"] > 1,
        "backup": bool(row.get("backup")),
        "poolers": bool(poolers),
    }
    rules = list(_rules(known, concerned, f"{row['namespace']}/{row['name']}"))
    return prometheus_rule(
        name=f"{row['name']}-alerts", namespace=row["namespace"], rules=rules, labels=row["monitoring"]["labels"]
    )


def _rules(known: Row, concerned: Mapping[str, bool], who: str) -> Iterable[dict[str, Any]]:
    for each in _ALERTS:
        if concerned[each.only]:
            says = f"PostgreSQL {who}: {each.says.format(**known)}"
            yield alert(each.name, each.expr.format(**known), wait=each.wait, severity=each.severity, says=says)
