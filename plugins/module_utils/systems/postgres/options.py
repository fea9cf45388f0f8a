"""The option table of a PostgreSQL cluster: one row an option, documented in the module postgres_cluster."""

from __future__ import annotations

from typing import Any

from ...core.placement import SPREADS
from ...core.sets.options import Options, Spec

_NAME: dict[str, Any] = {"type": "str", "required": True}
_TEXT: dict[str, Any] = {"type": "str"}
_LIST: dict[str, Any] = {"type": "list", "elements": "str", "default": []}
_DICT: dict[str, Any] = {"type": "dict", "default": {}}
_VOLUME: dict[str, Any] = {"type": "dict", "options": {"size": _NAME, "class": _TEXT}}
_RESOURCES: dict[str, Any] = {
    "type": "dict",
    "apply_defaults": True,
    "options": {"requests": _DICT, "limits": _DICT},
}
_RETAIN: dict[str, Any] = {"type": "str", "choices": ["retain", "delete"], "default": "retain"}


def _rows(options: Spec, **constraints: Any) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "default": [], "options": options, **constraints}


def _section(options: Spec, **constraints: Any) -> dict[str, Any]:
    """A mapping whose defaults hold also where it is left out."""
    return {"type": "dict", "apply_defaults": True, "options": options, **constraints}


_EXTENSIONS = _rows({"name": _NAME, "version": _TEXT, "schema": _TEXT})
_PEERS = _rows({"namespaces": {**_LIST, "required": True, "default": None}, "pods": _DICT})

_POOLER: Spec = {
    "name": _NAME,
    "type": {"type": "str", "choices": ["rw", "ro", "r"], "default": "rw"},
    "instances": {"type": "int", "default": 2},
    "pool": _LIST,
    "mode": {"type": "str", "choices": ["transaction", "session"], "default": "transaction"},
    "max_client_connections": {"type": "int", "default": 1000},
    "default_pool_size": {"type": "int", "default": 20},
    "max_db_connections": {"type": "int", "required": True},
    "parameters": _DICT,
    "resources": _RESOURCES,
}

_BACKUP: Spec = {
    "bucket": _TEXT,
    "prefix": {"type": "str", "default": ""},
    "destination": _TEXT,
    "schedule": {"type": "str", "default": "0 0 */6 * * *"},
    "keep": {"type": "str", "default": "30d"},
    "tiers": _DICT,
    "server_name": _TEXT,
    "credentials": {
        "type": "dict",
        "options": {
            "secret": {**_NAME, "no_log": False},
            "access_key": {"type": "str", "default": "ACCESS_KEY_ID", "no_log": False},
            "secret_key": {"type": "str", "default": "ACCESS_SECRET_KEY", "no_log": False},
            "region": _TEXT,
        },
    },
    "endpoint": _TEXT,
    "endpoint_ca": {
        "type": "dict",
        "options": {"secret": {**_NAME, "no_log": False}, "key": {"type": "str", "default": "ca.crt", "no_log": False}},
    },
    "compression": {"type": "str", "choices": ["gzip", "bzip2", "lz4", "snappy", "none"], "default": "gzip"},
    "wal_parallel": {"type": "int", "default": 4},
    "target": {"type": "str", "choices": ["primary", "prefer-standby"], "default": "prefer-standby"},
    "immediate": {"type": "bool", "default": True},
    "sidecar_resources": _RESOURCES,
    "configuration": _DICT,
}

_RECOVERY: Spec = {
    "server_name": _NAME,
    "object_store": _TEXT,
    "time": _TEXT,
    "name": _TEXT,
    "lsn": _TEXT,
    "immediate": {"type": "bool"},
    "backup_id": _TEXT,
}
_TARGETS = ("time", "name", "lsn", "immediate")

_ENDPOINT: Spec = {
    "host": _NAME,
    "reader": _TEXT,
    "port": {"type": "int", "default": 5432},
    "cidrs": {"type": "list", "elements": "str", "required": True},
    "sslmode": {"type": "str", "choices": ["verify-full", "verify-ca", "require"], "default": "verify-full"},
    "ca": {
        "type": "dict",
        "options": {"secret": {**_NAME, "no_log": False}, "key": {"type": "str", "default": "ca.crt", "no_log": False}},
    },
    "users_secret": {"type": "str", "no_log": False},
    "admin_secret": {"type": "str", "no_log": False},
    "client_image": _TEXT,
    "exporter_image": _TEXT,
}

CLUSTER = Options(
    {
        "name": _NAME,
        "backend": {"type": "str", "choices": ["cnpg", "external"], "default": "cnpg"},
        "endpoint": {"type": "dict", "options": _ENDPOINT},
        "instances": {"type": "int", "default": 3},
        "major": {"type": "int"},
        "images": _DICT,
        "catalog": {
            "type": "dict",
            "options": {
                "name": _NAME,
                "kind": {"type": "str", "choices": ["ImageCatalog", "ClusterImageCatalog"], "default": "ImageCatalog"},
            },
        },
        "pooler_image": _TEXT,
        "pull_secrets": {**_LIST, "no_log": False},
        "pool": _LIST,
        "node_pools": {"type": "list", "elements": "dict", "default": []},
        "spread": {"type": "str", "choices": list(SPREADS), "default": "zone"},
        "priority_class": _TEXT,
        "storage": _VOLUME,
        "wal_storage": _VOLUME,
        "resources": _RESOURCES,
        "parameters": _DICT,
        "preload_libraries": _LIST,
        "pg_hba": _LIST,
        "quorum": {"type": "bool", "default": False},
        "durability": {"type": "str", "choices": ["required", "preferred"], "default": "required"},
        "synchronous_replicas": {"type": "int", "default": 1},
        "update_strategy": {"type": "str", "choices": ["unsupervised", "supervised"], "default": "unsupervised"},
        "update_method": {"type": "str", "choices": ["switchover", "restart"], "default": "switchover"},
        "reserved_connections": {"type": "int", "default": 20},
        "database": {"type": "str", "default": "app"},
        "owner": _TEXT,
        "owner_secret": {"type": "str", "no_log": False},
        "extensions": _EXTENSIONS,
        "databases": _rows(
            {"name": _NAME, "owner": _NAME, "extensions": _EXTENSIONS, "schemas": _LIST, "reclaim": _RETAIN}
        ),
        "roles": _rows(
            {
                "name": _NAME,
                "login": {"type": "bool", "default": True},
                "member_of": _LIST,
                "password_secret": {"type": "str", "no_log": False},
                "connection_limit": {"type": "int", "default": -1},
                "create_database": {"type": "bool", "default": False},
                "create_role": {"type": "bool", "default": False},
                "replication": {"type": "bool", "default": False},
                "reclaim": _RETAIN,
            }
        ),
        "poolers": _rows(_POOLER),
        "backup": {
            "type": "dict",
            "options": _BACKUP,
            "required_one_of": [("bucket", "destination")],
            "mutually_exclusive": [("bucket", "destination")],
        },
        "recovery": {"type": "dict", "options": _RECOVERY, "mutually_exclusive": [_TARGETS]},
        "service_account_annotations": _DICT,
        "monitoring": _section(
            {
                "enabled": {"type": "bool", "default": True},
                "interval": {"type": "str", "default": "30s"},
                "labels": _DICT,
                "max_lag": {"type": "int", "default": 30},
                "max_archive_age": {"type": "int", "default": 300},
                "max_backup_age": {"type": "int", "default": 43200},
            }
        ),
        "network": _section(
            {
                "enabled": {"type": "bool", "default": True},
                "operator_namespace": {"type": "str", "default": "cnpg-system"},
                "clients": _PEERS,
                "scrapers": _PEERS,
                "cidrs": {**_LIST, "default": ["0.0.0.0/0"]},
                "ports": {**_LIST, "default": ["443", "6443"]},
            }
        ),
        "labels": _DICT,
        "extra_spec": _DICT,
    },
    set_name="postgres-{name}",
    mutually_exclusive=(("images", "catalog"),),
    required_if=(("backend", "cnpg", ("storage",)), ("backend", "external", ("endpoint",))),
)

INFO = Options({"name": _NAME, "namespace": _NAME})
