"""The option tables of Redis: a cluster of shards, and a master with replicas that sentinels watch over."""

from __future__ import annotations

from typing import Any

from ...core.names import System
from ...core.sets.options import Options, Spec
from ...core.words import (
    DATA_SYSTEM,
    DICT,
    LIST,
    NAME,
    RESOURCES,
    SECRET,
    TEXT,
    VOLUME,
    choice,
    credentials,
    monitoring,
    section,
)

SYSTEM = System("redis", "Redis")

_NUMBER: dict[str, Any] = {"type": "int"}
_EVICTION = choice(
    "noeviction",
    *(f"{keys}-{order}" for keys in ("allkeys", "volatile") for order in ("lru", "lfu", "random")),
    "volatile-ttl",
)
_BACKUP: Spec = {
    "bucket": NAME,
    "prefix": {"type": "str", "default": ""},
    "schedule": {"type": "str", "default": "0 * * * *"},
    "keep": {"type": "str", "default": "7d"},
    "endpoint": TEXT,
    "region": TEXT,
    "credentials": credentials(),
    "cidrs": {**LIST, "default": ["0.0.0.0/0"]},
    "ports": {**LIST, "default": ["443"]},
    "job_resources": RESOURCES,
}
# What both shapes have.
_SHARED: Spec = {
    **DATA_SYSTEM,
    "name": NAME,
    "image": NAME,
    "password_secret": SECRET,
    "password_key": {"type": "str", "default": "password", "no_log": False},
    "acl_secret": SECRET,
    "maxmemory": NAME,
    "maxmemory_policy": _EVICTION,
    "persistence": section(
        {
            "aof": {"type": "bool", "default": True},
            "fsync": choice("everysec", "always", "no"),
            "save": {**LIST, "default": ["900 1", "300 10", "60 10000"]},
        }
    ),
    "parameters": DICT,
    "storage": VOLUME,
    "exporter_image": TEXT,
    "exporter_resources": RESOURCES,
    "service_account": TEXT,
    "user_id": _NUMBER,
    "backup": {"type": "dict", "options": _BACKUP},
    "backup_image": TEXT,
    "monitoring": monitoring(
        memory_warning={"type": "int", "default": 85},
        memory_critical={"type": "int", "default": 95},
        evictions={"type": "int", "default": 100},
        hits_warning=_NUMBER,
        hits_critical=_NUMBER,
        max_lag={"type": "int", "default": 30},
    ),
}

CLUSTER = Options(
    {
        **_SHARED,
        "shards": {"type": "int", "default": 3},
        "replicas": {"type": "int", "default": 2},
        "node_timeout": {"type": "int", "default": 5000},
    },
    set_name=SYSTEM.set_name,
)

REPLICATION = Options(
    {
        **_SHARED,
        "backend": choice("operator", "statefulset"),
        "replicas": {"type": "int", "default": 3},
        "min_replicas_to_write": {"type": "int", "default": 0},
        "min_replicas_max_lag": {"type": "int", "default": 10},
        "sentinel_image": TEXT,
        "sentinel": section(
            {
                "replicas": {"type": "int", "default": 3},
                "quorum": {"type": "bool", "default": True},
                "down_after": {"type": "int", "default": 5000},
                "failover_timeout": {"type": "int", "default": 10000},
                "parallel_syncs": {"type": "int", "default": 1},
                "resources": RESOURCES,
                "storage": section({"size": {"type": "str", "default": "1Gi"}, "class": TEXT}),
            }
        ),
    },
    set_name=SYSTEM.set_name,
)
