"""When somebody must look at Redis: its alerting rules, one row each, and what is scraped for them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.alerts import Alert, alerts, monitors, nearly_full
from ...core.api.objects import Object
from . import parts
from .options import SYSTEM

Row = Mapping[str, Any]

# Metrics of redis_exporter; its README names them. {pods}: the servers' series.
_ALL = (
    Alert("RedisDown", "redis_up{{{pods}}} == 0", "1m", "critical", "a server does not answer"),
    Alert(
        "RedisServersMissing",
        "count(redis_up{{{pods}}} == 1) < {servers} or absent(redis_up{{{pods}}})",
        "5m",
        "warning",
        "fewer than {servers} servers answer",
    ),
    Alert(
        "RedisMemoryHigh",
        "100 * redis_memory_used_bytes{{{pods}}} / redis_memory_max_bytes{{{pods}}} > {memory_warning}"
        " and redis_memory_max_bytes{{{pods}}} > 0",
        "5m",
        "warning",
        "more than {memory_warning} % of maxmemory are taken",
    ),
    Alert(
        "RedisMemoryCritical",
        "100 * redis_memory_used_bytes{{{pods}}} / redis_memory_max_bytes{{{pods}}} > {memory_critical}"
        " and redis_memory_max_bytes{{{pods}}} > 0",
        "2m",
        "critical",
        "more than {memory_critical} % of maxmemory are taken: what comes next is evicted, or refused",
    ),
    Alert(
        "RedisEvictionRateHigh",
        "rate(redis_evicted_keys_total{{{pods}}}[5m]) > {evictions}",
        "5m",
        "warning",
        "more than {evictions} keys a second are evicted",
        only="evicts",
    ),
    Alert(
        "RedisHitRateLow",
        "100 * sum(rate(redis_keyspace_hits_total{{{pods}}}[5m]))"
        " / (sum(rate(redis_keyspace_hits_total{{{pods}}}[5m])) + sum(rate(redis_keyspace_misses_total{{{pods}}}[5m])))"
        " < {hits_warning}",
        "10m",
        "warning",
        "fewer than {hits_warning} % of reads find their key",
        only="hits_warning",
    ),
    Alert(
        "RedisHitRateCritical",
        "100 * sum(rate(redis_keyspace_hits_total{{{pods}}}[5m]))"
        " / (sum(rate(redis_keyspace_hits_total{{{pods}}}[5m])) + sum(rate(redis_keyspace_misses_total{{{pods}}}[5m])))"
        " < {hits_critical}",
        "10m",
        "critical",
        "fewer than {hits_critical} % of reads find their key",
        only="hits_critical",
    ),
    Alert(
        "RedisRejectsConnections",
        "increase(redis_rejected_connections_total{{{pods}}}[5m]) > 0",
        "1m",
        "warning",
        "clients are turned away: maxclients is reached",
    ),
    Alert(
        "RedisReplicaDisconnected",
        "redis_master_link_up{{{pods}}} == 0",
        "2m",
        "critical",
        "a replica has lost its master: it serves what it had, and would lose the rest",
        only="copies",
    ),
    Alert(
        "RedisReplicaLag",
        "redis_connected_slave_lag_seconds{{{pods}}} > {max_lag}",
        "2m",
        "warning",
        "a replica has not answered its master for {max_lag} s",
        only="copies",
    ),
    Alert(
        "RedisSaveFails",
        "redis_rdb_last_bgsave_status{{{pods}}} == 0 or redis_aof_last_write_status{{{pods}}} == 0",
        "5m",
        "critical",
        "the last write to its volume failed: after a restart that data is gone",
        only="kept",
    ),
    nearly_full("Redis", only="kept"),
)
CLUSTER = (
    *_ALL,
    Alert(
        "RedisClusterSlotsFail",
        "max(redis_cluster_slots_fail{{{pods}}}) > 0 or min(redis_cluster_state{{{pods}}}) == 0",
        "1m",
        "critical",
        "a part of the keys has no master",
    ),
)
REPLICATION = (
    *_ALL,
    Alert(
        "RedisNotOneMaster",
        'count(redis_instance_info{{{pods},role="master"}}) != 1',
        "2m",
        "critical",
        "there is no master, or more than one: what is written to the wrong one is lost",
        only="copies",
    ),
)


def watched(row: Row, table: tuple[Alert, ...], pods: Row, *, servers: int) -> list[Object]:
    """A PodMonitor of the servers, by their labels, and the alerts; none without an exporter."""
    wanted = row["monitoring"]
    if not wanted["enabled"] or not row.get("exporter_image"):
        return []
    place = f'namespace="{row["namespace"]}"'
    names = "-(leader|follower)" if "shards" in row else ""
    known = {
        "pods": f'{place},pod=~"{row["name"]}{names}-[0-9]+"',
        "claims": f'{place},persistentvolumeclaim=~"{row["name"]}{names}-{row["name"]}{names}-[0-9]+"',
        "servers": servers,
    }
    concerned = {
        "evicts": row["maxmemory_policy"] != "noeviction",
        "hits_warning": bool(wanted.get("hits_warning")),
        "hits_critical": bool(wanted.get("hits_critical")),
        "copies": row["replicas"] > 1,
        "kept": bool(row.get("storage")),
    }
    return [
        *monitors(SYSTEM, row, {"": pods}, parts.METRICS_NAME),
        alerts(SYSTEM, table, row, known=known, concerned=concerned),
    ]
