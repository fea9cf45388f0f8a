"""The option tables of a ClickHouse cluster and of what is done to one; documented in the modules clickhouse_*."""

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
    WHICH,
    choice,
    credentials,
    monitoring,
    network,
    rows,
    section,
)

SYSTEM = System("clickhouse", "ClickHouse")

_FORMS = ("password_sha256_hex", "password_double_sha1_hex", "password")
_NEEDED_VOLUME = {**VOLUME, "required": True}
_SPREAD = DATA_SYSTEM["spread"]

_BUCKET: Spec = {
    "bucket": NAME,
    "prefix": {"type": "str", "default": ""},
    "endpoint": TEXT,
    "region": TEXT,
    "credentials": credentials(),
}

# Who asks the server in SQL: a user of the cluster, and where its password stands in clear.
_ASKER: Spec = {
    "user": TEXT,
    "password_secret": SECRET,
    "password_key": {"type": "str", "default": "password", "no_log": False},
}

_USER: Spec = {
    "name": NAME,
    "password_secret": {**NAME, "no_log": False},
    "password_form": {**choice(*_FORMS), "no_log": False},
    "password_key": {"type": "str", "no_log": False},
    "profile": TEXT,
    "quota": TEXT,
    "networks": LIST,
    "databases": LIST,
    "grants": LIST,
    "access_management": {"type": "bool", "default": False},
}

_POLICY: Spec = {
    "name": NAME,
    "volumes": rows({"name": NAME, "disks": {**LIST, "required": True, "default": None}, "max_part_size": TEXT}),
    "move_factor": {"type": "float"},
}

_KEEPER = section(
    {
        "replicas": {"type": "int", "default": 3},
        "quorum": {"type": "bool", "default": True},
        "image": TEXT,
        "pool": LIST,
        "spread": _SPREAD,
        "storage": {**VOLUME, "options": {**VOLUME["options"], "size": {"type": "str", "default": "10Gi"}},
                    "apply_defaults": True},
        "resources": RESOURCES,
        "settings": DICT,
        "extra_spec": DICT,
    }
)  # fmt: skip

CLUSTER = Options(
    {
        **DATA_SYSTEM,
        "name": NAME,
        "cluster": {"type": "str", "default": "main"},
        "image": NAME,
        "shards": {"type": "int", "default": 1},
        "replicas": {"type": "int", "default": 2},
        "storage": _NEEDED_VOLUME,
        "log_storage": VOLUME,
        "volumes": rows({"name": NAME, **VOLUME["options"]}),
        "object_disks": rows({"name": NAME, **_BUCKET, "cache": TEXT}),
        "policies": rows(_POLICY),
        "keeper": _KEEPER,
        "users": rows(_USER),
        "profiles": DICT,
        "quotas": DICT,
        "settings": DICT,
        "revision": {"type": "str", "default": ""},
        "retention": TEXT,
        "daily_growth": TEXT,
        "backup": {
            "type": "dict",
            "options": {
                **_BUCKET,
                **_ASKER,
                "schedule": TEXT,
                "keep": TEXT,
                "databases": LIST,
                "resources": RESOURCES,
            },
            "required_by": {"schedule": ("user", "password_secret")},
        },
        "service_account": TEXT,
        "monitoring": monitoring(
            max_delay={"type": "int", "default": 300},
            max_parts={"type": "int", "default": 1000},
            max_backup_age={"type": "int", "default": 129600},
        ),
        "network": network(
            cidrs={**LIST, "default": ["0.0.0.0/0"]},
            ports={**LIST, "default": ["443"]},
        ),
    },
    set_name=SYSTEM.set_name,
)

_CHECKS = rows({"query": NAME, "expect": TEXT})

SCHEMA = Options(
    {
        **WHICH,
        "database": {"type": "str", "default": "groundwork"},
        "steps": {**rows({"name": NAME, "sql": NAME}), "required": True, "default": None},
    }
)
BACKUP = Options({**WHICH, "id": TEXT, "databases": LIST, "base": TEXT})
RESTORE = Options(
    {
        **WHICH,
        "id": NAME,
        "databases": {**LIST, "required": True, "default": None},
        "into": DICT,
        "checks": _CHECKS,
    }
)
