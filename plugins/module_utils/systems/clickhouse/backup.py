"""Backups of a ClickHouse cluster on a schedule: a CronJob that asks the servers for one, in SQL. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, confined, environment, network_policy, present, pull_secrets, resources
from ...core.network import DNS, rule, same
from . import sql
from .options import SYSTEM
from .words import SERVER, TCP

Row = Mapping[str, Any]

_POD = {"runAsNonRoot": True, "runAsUser": 101, "runAsGroup": 101, "seccompProfile": {"type": "RuntimeDefault"}}
# The statement stands in the environment, where the shell does not read the quotes of its names.
_NOW = "%NOW%"
_ASK = f'exec clickhouse-client --host "$HOST" --user "$NAME" --query "${{QUERY//{_NOW}/$(date -u +%Y%m%dT%H%M%SZ)}}"'
_LABEL = "groundwork.platform/backs-up"


def objects(row: Row) -> list[Object]:
    """The CronJob, and the way from its pods to the servers; nothing without a schedule."""
    if not (row.get("backup") or {}).get("schedule"):
        return []
    return [_job(row), *(_policies(row) if row["network"]["enabled"] else [])]


def name_of(row: Row) -> str:
    """The CronJob's name."""
    return SYSTEM.cron_job(row, "backup")


def _job(row: Row) -> Object:
    """Its pods ask and wait; the servers write. The name of a backup is its time, so none is written over."""
    wanted = row["backup"]
    container = {
        "name": "ask",
        "image": row["image"],
        "command": ["bash", "-ec", _ASK],
        "env": environment(
            {
                "QUERY": sql.backup(wanted["databases"], _NOW),
                "HOST": f"{SERVER.service}-{row['name']}",
                "NAME": wanted["user"],
            },
            CLICKHOUSE_PASSWORD=(wanted["password_secret"], wanted["password_key"]),
        ),
        "securityContext": confined(),
        **present(resources=resources(wanted["resources"])),
    }
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": _POD,
        "containers": [container],
        **present(imagePullSecrets=pull_secrets(row)),
    }
    template = {"metadata": {"labels": {_LABEL: row["name"]}}, "spec": pod}
    spec = {
        "schedule": wanted["schedule"],
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "jobTemplate": {"spec": {"backoffLimit": 0, "template": template}},
    }
    return build("batch/v1", "CronJob", name_of(row), row["namespace"], spec=spec)


def _policies(row: Row) -> list[Object]:
    asking, servers = {_LABEL: row["name"]}, SERVER.pods(row["name"])
    arrives = rule("from", same(asking), [TCP])
    leaves = [DNS, *rule("to", same(servers), [TCP])]
    given = {"namespace": row["namespace"]}
    return [
        network_policy(name=SYSTEM.beside(row, "backup"), pods=servers, ingress=arrives, **given),
        network_policy(name=SYSTEM.beside(row, "backup-asks"), pods=asking, ingress=[], egress=leaves, **given),
    ]
