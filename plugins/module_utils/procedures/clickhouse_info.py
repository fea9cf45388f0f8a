"""Says how a ClickHouse cluster is: what the operator has done, how far replicas are behind, how full the disks are.

What cannot be known is null; `unknown` says why, by pod.
"""

from __future__ import annotations

from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from ..systems.clickhouse.words import KEEPER, SERVER, keeper_name
from . import clickhouse, reach
from .clickhouse import Host, Server

Row = dict[str, Any]

_QUESTION = """
SELECT version() AS version, uptime() AS uptime_seconds,
  (SELECT sum(bytes_on_disk) FROM system.parts WHERE active) AS bytes,
  (SELECT max(parts) FROM (SELECT count() AS parts FROM system.parts WHERE active
                           GROUP BY database, table, partition_id)) AS parts_in_a_partition,
  (SELECT count() FROM system.replicas) AS replicated_tables,
  (SELECT countIf(is_readonly) FROM system.replicas) AS read_only_tables,
  (SELECT max(absolute_delay) FROM system.replicas) AS delay_seconds,
  (SELECT sum(queue_size) FROM system.replicas) AS queue,
  (SELECT groupArray((name, free_space, total_space)) FROM system.disks) AS disks
"""
_TOLD = (
    "version", "uptime_seconds", "bytes", "parts_in_a_partition", "replicated_tables", "read_only_tables",
    "delay_seconds", "queue", "disks",
)  # fmt: skip
_SECONDS = 20.0


def info(*, name: str, namespace: str, context: Context) -> Row:
    """The state of one cluster. Raises PlatformError where there is none."""
    installation = reach.sure(context, reach.named(SERVER.api, SERVER.kind, namespace, name))
    keeper = reach.read(context, reach.named(KEEPER.api, KEEPER.kind, namespace, keeper_name({"name": name})))
    hosts = clickhouse.hosts(context, name, namespace)
    asked = context.client.map(lambda host: _asked(context, namespace, host), hosts)
    answers = {host.pod: answer for host, answer in zip(hosts, asked, strict=True)}
    return {
        "changed": False,
        **_done(installation),
        "keeper": _done(keeper) if keeper else None,
        "shards": len({host.shard for host in hosts}),
        "hosts": [{**host._asdict(), **_told(answers[host.pod])} for host in hosts],
        "unknown": {pod: str(answer) for pod, answer in answers.items() if isinstance(answer, PlatformError)},
    }


def _done(resource: Object) -> Row:
    """What the operator says, and whether of the task that is asked for."""
    task, done = get(resource, "spec", "taskID"), get(resource, "status", "taskIDsCompleted", default=[])
    status = get(resource, "status", "status")
    return {
        "status": status,
        "error": get(resource, "status", "error") or None,
        "task_done": status == "Completed" and (not task or done[:1] == [task]),
    }


def _asked(context: Context, namespace: str, host: Host) -> Row:
    if not host.ready:
        raise PlatformError("it is not ready")
    return Server(context, namespace, host.pod, _SECONDS).one(_QUESTION)


def _told(answer: Any) -> Row:
    """A server's answer, numbers as numbers; nothing where it gave none."""
    if isinstance(answer, PlatformError):
        return dict.fromkeys(_TOLD)
    found = {key: _whole(answer.get(key)) for key in _TOLD}
    disks = {name: {"free": int(free), "total": int(total)} for name, free, total in answer["disks"]}
    return {**found, "version": answer["version"], "disks": disks}


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, str | int) and str(value).isdigit() else None
