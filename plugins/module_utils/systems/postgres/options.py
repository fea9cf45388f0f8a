"""The option table of a PostgreSQL cluster: one row an option, documented in the module postgres_cluster."""

from __future__ import annotations

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
    network,
    rows,
)

SYSTEM = System("postgres", "PostgreSQL")

_RETAIN = choice("retain", "delete")
_KEY_OF_SECRET: Spec = {
    "secret": {**NAME, "no_log": False},
    "key": {"type": "str", "default": "ca.crt", "no_log": False},
}
_EXTENSIONS = rows({"name": NAME, "version": TEXT, "schema": TEXT})

_POOLER: Spec = {
    "name": NAME,
    "type": choice("rw", "ro", "r"),
    "instances": {"type": "int", "default": 2},
    "pool": LIST,
    "mode": choice("transaction", "session"),
    "max_client_connections": {"type": "int", "default": 1000},
    "default_pool_size": {"type": "int", "default": 20},
    "max_db_connections": {"type": "int", "required": True},
    "parameters": DICT,
    "resources": RESOURCES,
}

# What a pooler has where it does not say otherwise. Once PgBouncer could not log in to the server, it turns all clients
# away for `server_login_retry` seconds: its own 15 outlast a switchover.
POOLER_PARAMETERS = {"max_prepared_statements": "200", "server_login_retry": "1"}

_BACKUP: Spec = {
    "bucket": TEXT,
    "prefix": {"type": "str", "default": ""},
    "destination": TEXT,
    "schedule": {"type": "str", "default": "0 0 */6 * * *"},
    "keep": {"type": "str", "default": "30d"},
    "tiers": DICT,
    "server_name": TEXT,
    "credentials": credentials(region=TEXT),
    "endpoint": TEXT,
    "endpoint_ca": {
        "type": "dict",
        "options": _KEY_OF_SECRET,
    },
    "compression": choice("gzip", "bzip2", "lz4", "snappy", "none"),
    "wal_parallel": {"type": "int", "default": 4},
    "target": {"type": "str", "choices": ["primary", "prefer-standby"], "default": "prefer-standby"},
    "immediate": {"type": "bool", "default": True},
    "sidecar_resources": RESOURCES,
    "configuration": DICT,
}

_RECOVERY: Spec = {
    "server_name": NAME,
    "object_store": TEXT,
    "time": TEXT,
    "name": TEXT,
    "lsn": TEXT,
    "immediate": {"type": "bool"},
    "backup_id": TEXT,
}
_TARGETS = ("time", "name", "lsn", "immediate")

_ENDPOINT: Spec = {
    "host": NAME,
    "reader": TEXT,
    "port": {"type": "int", "default": 5432},
    "cidrs": {"type": "list", "elements": "str", "required": True},
    "sslmode": choice("verify-full", "verify-ca", "require"),
    "ca": {
        "type": "dict",
        "options": _KEY_OF_SECRET,
    },
    "users_secret": SECRET,
    "admin_secret": SECRET,
    "client_image": TEXT,
    "exporter_image": TEXT,
}

CLUSTER = Options(
    {
        **DATA_SYSTEM,
        "name": NAME,
        "backend": choice("cnpg", "external"),
        "endpoint": {"type": "dict", "options": _ENDPOINT},
        "instances": {"type": "int", "default": 3},
        "major": {"type": "int"},
        "images": DICT,
        "catalog": {
            "type": "dict",
            "options": {
                "name": NAME,
                "kind": choice("ImageCatalog", "ClusterImageCatalog"),
            },
        },
        "pooler_image": TEXT,
        "storage": VOLUME,
        "wal_storage": VOLUME,
        "parameters": DICT,
        "preload_libraries": LIST,
        "pg_hba": LIST,
        "quorum": {"type": "bool", "default": False},
        "durability": choice("required", "preferred"),
        "synchronous_replicas": {"type": "int", "default": 1},
        "update_strategy": choice("unsupervised", "supervised"),
        "update_method": choice("switchover", "restart"),
        "primary_lease": {"type": "int"},
        "reserved_connections": {"type": "int", "default": 20},
        "database": {"type": "str", "default": "app"},
        "owner": TEXT,
        "owner_secret": SECRET,
        "extensions": _EXTENSIONS,
        "databases": rows(
            {"name": NAME, "owner": NAME, "extensions": _EXTENSIONS, "schemas": LIST, "reclaim": _RETAIN}
        ),
        "roles": rows(
            {
                "name": NAME,
                "login": {"type": "bool", "default": True},
                "member_of": LIST,
                "password_secret": SECRET,
                "connection_limit": {"type": "int", "default": -1},
                "create_database": {"type": "bool", "default": False},
                "create_role": {"type": "bool", "default": False},
                "replication": {"type": "bool", "default": False},
                "reclaim": _RETAIN,
            }
        ),
        "poolers": rows(_POOLER),
        "backup": {
            "type": "dict",
            "options": _BACKUP,
            "required_one_of": [("bucket", "destination")],
            "mutually_exclusive": [("bucket", "destination")],
        },
        "recovery": {"type": "dict", "options": _RECOVERY, "mutually_exclusive": [_TARGETS]},
        "service_account_annotations": DICT,
        "monitoring": monitoring(
            max_lag={"type": "int", "default": 30},
            max_archive_age={"type": "int", "default": 300},
            max_backup_age={"type": "int", "default": 43200},
        ),
        "network": network(
            cidrs={**LIST, "default": ["0.0.0.0/0"]},
            ports={**LIST, "default": ["443", "6443"]},
        ),
    },
    set_name=SYSTEM.set_name,
    mutually_exclusive=(("images", "catalog"),),
    required_if=(("backend", "cnpg", ("storage",)), ("backend", "external", ("endpoint",))),
)
