"""What a Redis deployment must keep to before anything is written: memory, copies, settings that are its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ...core.limits import Limits, Rule, schedule
from ...core.sets.values import quantity
from . import settings

Row = Mapping[str, Any]

# Pages copied while a child saves, buffers of replicas and clients (D0-47).
_HEADROOM = Decimal("1.4")
# Directives that are somebody else's: an option here, or what the image and the operator write themselves.
_OPTIONS = {
    "maxmemory": "maxmemory",
    "maxmemory-policy": "maxmemory_policy",
    "appendonly": "persistence.aof",
    "appendfsync": "persistence.fsync",
    "save": "persistence.save",
    "requirepass": "password_secret",
    "masterauth": "password_secret",
    "user": "acl_secret",
    "aclfile": "acl_secret",
    "cluster-node-timeout": "node_timeout",
    "min-replicas-to-write": "min_replicas_to_write",
    "min-replicas-max-lag": "min_replicas_max_lag",
}
_KEPT = (
    "port", "bind", "dir", "include", "loadmodule", "replicaof", "slaveof", "replica-announce-ip", "cluster-enabled",
    "cluster-config-file", "daemonize", "protected-mode",
)  # fmt: skip
_AGE = re.compile(r"[1-9]\d*[mhdw]")
_SAVE = re.compile(r"\d+ \d+")


def _memory(row: Row) -> str:
    """D0-47: what is only limited is not there when Redis forks to save; the kernel then kills it."""
    size = settings.bytes_of(row["maxmemory"])
    if size is None:
        return f"maxmemory {row['maxmemory']!r} is no size; write it like 6gb"
    asked, most = (row["resources"][side].get("memory") for side in ("requests", "limits"))
    memory, limit = (quantity(str(each)) if each is not None else None for each in (asked, most))
    if memory is None:
        return "resources.requests.memory is missing or no quantity; Redis needs 1.4 times its maxmemory"
    if memory < size * _HEADROOM:
        return f"it requests {asked} of memory, which is less than 1.4 times maxmemory {row['maxmemory']}"
    if limit is not None and limit != memory:
        return f"its memory limit {most} is not its request {asked}: make them equal, or its node may run out before it"
    return ""


def _settings(row: Row) -> str:
    for name, given in row["parameters"].items():
        if name in _OPTIONS:
            return f"parameters.{name} is what the option {_OPTIONS[name]} says; leave it out"
        if name in _KEPT:
            return f"parameters.{name} is set by the image that starts the server; leave it out"
        for value in given if isinstance(given, list) else [given]:
            if "\n" in str(value) or " #" in str(value) or not str(value).strip():
                return (
                    f"parameters.{name} {str(value)!r} is not one value: no comment or line break may stand in it, and "
                    'an empty one is written ""'
                )
    return ""


def _persistence(row: Row) -> str:
    for each in row["persistence"]["save"]:
        if not _SAVE.fullmatch(each):
            return f"persistence.save {each!r} is not <seconds> <changes>; write it like 900 1"
    return ""


def _backup(row: Row) -> str:
    backup = row.get("backup")
    if not backup:
        return ""
    if not row.get("backup_image"):
        return "backup_image is missing: an image with the AWS CLI, which brings the dump to the bucket"
    if not schedule(backup["schedule"], 5):
        return f"backup.schedule {backup['schedule']!r} is no schedule of five fields; 0 * * * * is every hour"
    if not _AGE.fullmatch(backup["keep"]):
        return f"backup.keep {backup['keep']!r} is no age; write it like 7d or 36h"
    return ""


def _shards(row: Row) -> str:
    """The operator's own webhook refuses less, where it runs; two masters cannot outvote a third that is gone."""
    if row["shards"] < 3:
        return f"a cluster of {row['shards']} shards cannot agree on a failover; take three, or redis_replication"
    return "replicas counts all pods of a shard, its master among them: 1 at least" if row["replicas"] < 1 else ""


def _copies(row: Row) -> str:
    """How a master with replicas may be, and the sentinels that choose its successor."""
    count, sentinels = row["replicas"], row["sentinel"]["replicas"]
    if count < 1:
        return "replicas counts all its servers, the master among them: 1 at least"
    if count > 1 and sentinels < 3:
        return f"{sentinels} sentinels cannot agree by majority once one is away; take three"
    if sentinels % 2 == 0:
        return f"an even number of sentinels ({sentinels}) agrees no better than {sentinels - 1}; take one less or more"
    if row["min_replicas_to_write"] >= count:
        return f"min_replicas_to_write {row['min_replicas_to_write']} can never be kept with {count - 1} replicas"
    return ""


def _backend(row: Row) -> str:
    """What each backend needs, and what it cannot do."""
    if row["backend"] == "operator" and not row.get("sentinel_image"):
        return "sentinel_image is missing: the operator's images for servers and sentinels are two"
    if row["backend"] == "statefulset" and row["extra_spec"]:
        return "extra_spec is laid on the operator's resource; backend statefulset has none"
    return ""


_RULES: tuple[Rule, ...] = (
    (_memory, "D0-47"),
    (_settings, "D0-45"),
    (_persistence, "S0-73"),
    (_backup, "S3-104"),
)
_ELSEWHERE = ("D0-47",)  # redis_memory
CLUSTER = Limits("Redis", (*_RULES, (_shards, "D0-42")), _ELSEWHERE)
REPLICATION = Limits("Redis", (*_RULES, (_copies, "D0-44"), (_backend, "D0-43")), _ELSEWHERE)
