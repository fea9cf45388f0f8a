"""When somebody must look at a ClickHouse cluster: its alerting rules, one row each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core import alerts as core
from ...core.alerts import Alert, nearly_full
from ...core.api.objects import Object
from ...core.sets.values import quantity
from . import backup
from .options import SYSTEM
from .words import KEEPER, KEEPER_CLUSTER, SERVER, keeper_name

Row = Mapping[str, Any]

# Metrics of the server's own endpoint: ClickHouseMetrics_ (system.metrics), ClickHouseAsyncMetrics_
# (system.asynchronous_metrics), ClickHouseProfileEvents_ (system.events).
_ALERTS = (
    Alert(
        "ClickHouseServersMissing",
        "count(ClickHouseAsyncMetrics_Uptime{{{pods}}}) < {hosts} or absent(ClickHouseAsyncMetrics_Uptime{{{pods}}})",
        "2m",
        "critical",
        "fewer than {hosts} servers answer",
    ),
    Alert(
        "ClickHouseRestarted",
        "min(ClickHouseAsyncMetrics_Uptime{{{pods}}}) < 300",
        "1m",
        "warning",
        "a server was started less than five minutes ago",
    ),
    Alert(
        "ClickHouseReplicaReadOnly",
        "max(ClickHouseMetrics_ReadonlyReplica{{{pods}}}) > 0",
        "5m",
        "critical",
        "a table takes no inserts: its replica has lost the Keeper",
    ),
    Alert(
        "ClickHouseReplicaBehind",
        "max(ClickHouseAsyncMetrics_ReplicasMaxAbsoluteDelay{{{pods}}}) > {max_delay}",
        "5m",
        "warning",
        "a replica is more than {max_delay} s behind",
        only="copies",
    ),
    Alert(
        "ClickHouseTooManyParts",
        "max(ClickHouseAsyncMetrics_MaxPartCountForPartition{{{pods}}}) > {max_parts}",
        "5m",
        "warning",
        "a partition has more than {max_parts} parts: merges do not keep up, inserts will be slowed and then refused",
    ),
    Alert(
        "ClickHouseInsertsRejected",
        "sum(increase(ClickHouseProfileEvents_RejectedInserts{{{pods}}}[5m])) > 0",
        "1m",
        "critical",
        "inserts are refused since a partition has too many parts",
    ),
    Alert(
        "ClickHouseDistributedInsertsWait",
        "max(ClickHouseMetrics_DistributedFilesToInsert{{{pods}}}) > 1000",
        "10m",
        "warning",
        "a server holds more than 1000 files of inserts that another shard has not taken",
        only="shards",
    ),
    Alert(
        "ClickHouseMemoryNearLimit",
        "max(ClickHouseMetrics_MemoryTracking{{{pods}}}) > {memory}",
        "10m",
        "warning",
        "a server uses more than 85 % of its memory",
        only="memory",
    ),
    nearly_full("ClickHouse", then="; merges stop before it is full"),
    Alert(
        "ClickHouseKeeperExceptions",
        "sum(increase(ClickHouseProfileEvents_ZooKeeperHardwareExceptions{{{pods}}}[5m])) > 3",
        "5m",
        "warning",
        "servers lose their connection to the Keeper again and again",
    ),
    Alert(
        "ClickHouseKeeperWithoutLeader",
        "sum(ClickHouseAsyncMetrics_KeeperIsLeader{{{keepers}}}) != 1"
        " or absent(ClickHouseAsyncMetrics_KeeperIsLeader{{{keepers}}})",
        "1m",
        "critical",
        "the Keeper has no leader: inserts and DDL on replicated tables stop",
        only="quorum",
    ),
    Alert(
        "ClickHouseKeeperFollowerMissing",
        "max(ClickHouseAsyncMetrics_KeeperSyncedFollowers{{{keepers}}}) < {followers}",
        "5m",
        "warning",
        "fewer than {followers} followers of the Keeper are in step",
        only="quorum",
    ),
    Alert(
        "ClickHouseBackupTooOld",
        "time() - max(kube_cronjob_status_last_successful_time{{{backup}}}) > {max_backup_age}"
        " or absent(kube_cronjob_status_last_successful_time{{{backup}}})",
        "1h",
        "critical",
        "the last backup is older than {max_backup_age} s, or there was none",
        only="backup",
    ),
)


def alerts(row: Row) -> Object:
    """The PrometheusRule of a cluster, without what does not concern it."""
    place, hosts = f'namespace="{row["namespace"]}"', row["shards"] * row["replicas"]
    server = f"{SERVER.prefix}-{row['name']}-{row['cluster']}-[0-9]+-[0-9]+-0"
    keepers = f"{KEEPER.prefix}-{keeper_name(row)}-{KEEPER_CLUSTER}-[0-9]+-[0-9]+-0"
    limit = quantity(str(row["resources"]["limits"].get("memory", "")))
    known = {
        "pods": f'{place},pod=~"{server}"',
        "keepers": f'{place},pod=~"{keepers}"',
        "claims": f'{place},persistentvolumeclaim=~".+-({server}|{keepers})"',
        "backup": f'{place},cronjob="{backup.name_of(row)}"',
        "hosts": hosts,
        "followers": row["keeper"]["replicas"] - 1,
        "memory": int(limit * 85 / 100) if limit else 0,
    }
    concerned = {
        "copies": row["replicas"] > 1,
        "shards": row["shards"] > 1,
        "memory": bool(limit),
        "quorum": row["keeper"]["replicas"] > 1,
        "backup": bool((row.get("backup") or {}).get("schedule")),
    }
    return core.alerts(SYSTEM, _ALERTS, row, known=known, concerned=concerned)
