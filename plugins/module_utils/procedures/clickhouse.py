"""How procedures ask a ClickHouse cluster in SQL: by the server's own client in its pod, which needs no password."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from ..core.api import exec as commands
from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.readiness.matchers import holds
from ..core.sets.context import Context
from ..systems.clickhouse.words import SERVER
from . import reach

Row = dict[str, Any]

# The statement comes by stdin, which never ends: how much of it to read is the first argument. A user from the pod
# itself needs no password (docs/security_hardening.md of the operator).
_COMMAND = 'head -c "$0" | exec clickhouse-client --format JSONEachRow'


class Host(NamedTuple):
    """One server's pod."""

    pod: str
    shard: int
    replica: int
    node: str
    ready: bool


def installation(context: Context, name: str, namespace: str) -> Object | None:
    """The ClickHouseInstallation; None where there is none."""
    return reach.read(context, reach.named(SERVER.api, SERVER.kind, namespace, name))


def hosts(context: Context, name: str, namespace: str) -> list[Host]:
    """The servers' pods, shard after shard."""
    return sorted(
        map(_host, reach.pods(context, namespace, SERVER.pods(name))), key=lambda host: (host.shard, host.replica)
    )


def _host(pod: Object) -> Host:
    labels = get(pod, "metadata", "labels", default={})
    return Host(
        pod=str(get(pod, "metadata", "name")),
        shard=int(labels.get(f"{SERVER.group}/shard", 0)),
        replica=int(labels.get(f"{SERVER.group}/replica", 0)),
        node=str(get(pod, "spec", "nodeName", default="")),
        ready=bool(holds(pod, "Ready")),
    )


class Server:
    """One ready server of a cluster, asked in SQL."""

    def __init__(self, context: Context, namespace: str, pod: str, timeout: float = 60) -> None:
        self._context, self._namespace, self._pod, self._timeout = context, namespace, pod, timeout

    def ask(self, statement: str, about: str = "") -> list[Row]:
        """The rows of an answer. Raises PlatformError with ClickHouse's own words where it refuses."""
        outcome = commands.run(
            self._context.client,
            self._namespace,
            self._pod,
            SERVER.container,
            ["bash", "-ec", _COMMAND, str(len(statement.encode()))],
            stdin=statement,
            timeout=self._timeout,
        )
        if outcome.code:
            raise PlatformError(f"{about or 'a question'} was refused by {self._pod}: {_words(outcome.err)}")
        return [json.loads(line) for line in outcome.out.splitlines() if line.strip()]

    def one(self, statement: str, about: str = "") -> Row:
        """The only row of an answer."""
        return self.ask(statement, about)[0]


def _words(said: str) -> str:
    """The line with the error, without the trace below it."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "Exception" in line), lines[0] if lines else "without a word")[:500]


def ready(context: Context, name: str, namespace: str, timeout: float, among: Iterable[Host] = ()) -> Server:
    """The first server that is ready. Raises PlatformError where there is none."""
    found = [host for host in among or hosts(context, name, namespace) if host.ready]
    if not found:
        raise PlatformError(
            f"no server of ClickHouse {namespace}/{name} is ready: there is nobody to ask. See clickhouse_info"
        )
    return Server(context, namespace, found[0].pod, timeout)
