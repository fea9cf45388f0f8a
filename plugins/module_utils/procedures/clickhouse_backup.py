"""Backs up a ClickHouse cluster, and restores databases of a backup beside what is there or in place of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.api.errors import PlatformError
from ..core.sets.context import Context
from ..systems.clickhouse import sql
from . import clickhouse, reach
from .clickhouse import Server
from .steps import Step, take


def backup(
    *,
    name: str,
    namespace: str,
    databases: Sequence[str],
    timeout: float,
    context: Context,
    id: str = "",
    base: str = "",
) -> dict[str, Any]:
    """One backup of all hosts together; `id` is its name on the disk of backups, the server's time without one."""
    which = id or reach.server_time(context).strftime("%Y%m%dT%H%M%SZ")
    server = clickhouse.ready(context, name, namespace, timeout)
    told: dict[str, Any] = {}

    def look() -> str:
        if not int(server.one(sql.DISK)["there"]):
            raise PlatformError("the servers have no disk for backups; give the cluster backup.bucket")
        there = {row["name"] for row in server.ask(sql.DATABASES)}
        missing = sorted({*databases} - there)
        if missing:
            raise PlatformError(f"there is no database {missing[0]}; there are {', '.join(sorted(there)) or 'none'}")
        return f"{', '.join(databases) or 'everything'} to {which}"

    def do() -> str:
        told.update(_outcome(server, sql.backup(databases, which, base), f"backup {which}"))
        return f"{told['bytes']} bytes in {told['files']} files"

    steps = [Step("Look at what is there", look), Step("Back up", do, would=f"would write backup {which}")]
    taken = take(context, f"backup of {namespace}/{name}", steps)
    return {**taken.result(), "id": which, **told}


def restore(
    *,
    name: str,
    namespace: str,
    id: str,
    databases: Sequence[str],
    into: Mapping[str, str],
    checks: Sequence[Mapping[str, str]],
    timeout: float,
    context: Context,
) -> dict[str, Any]:
    """Databases of a backup, each by the name in `into` or its own. A database that has tables is not written over."""
    odd = sorted(into.keys() - {*databases})
    if odd:
        raise PlatformError(f"into names {odd[0]}, which is not among databases: {', '.join(databases)}")
    server = clickhouse.ready(context, name, namespace, timeout)
    targets = {each: str(into.get(each, each)) for each in databases}
    answers: list[dict[str, Any]] = []
    told: dict[str, Any] = {}

    def look() -> str:
        for row in server.ask(sql.tables(targets.values())):
            raise PlatformError(
                f"database {row['database']} has {row['tables']} tables: a restore would mix with them; give it "
                "another name by into, or drop it first"
            )
        return "nothing is in the way"

    def do() -> str:
        told.update(_outcome(server, sql.restore(targets, id), f"restore of {id}"))
        return f"{told['bytes']} bytes in {told['files']} files"

    def count() -> str:
        told["rows"] = {row["database"]: int(row["rows"] or 0) for row in server.ask(sql.rows(targets.values()))}
        return ", ".join(f"{each} has {rows} rows" for each, rows in told["rows"].items()) or "no table was restored"

    def ask() -> str:
        answers.extend(_answer(server, each) for each in checks)
        wrong = [each for each in answers if each["wrong"]]
        if wrong:
            raise PlatformError(f"{wrong[0]['query']}: {wrong[0]['wrong']}")
        return f"{len(answers)} answers as expected"

    steps = [
        Step("Look at what is there", look),
        Step("Restore", do, would=f"would restore {', '.join(targets.values())} from {id}"),
        Step("Count its rows", count, would="would count what was restored"),
        *([Step("Ask it", ask, would=f"would ask {len(checks)} questions")] if checks else []),
    ]
    taken = take(context, f"restore to {namespace}/{name}", steps)
    return {**taken.result(), "id": id, "databases": targets, "answers": answers, **told}


def _outcome(server: Server, statement: str, about: str) -> dict[str, Any]:
    """Takes a BACKUP or RESTORE, which answers with its operation when it is over; what the server says of that."""
    operation = server.one(statement, about)["id"]
    row = server.one(sql.outcome(operation), about)
    if row["error"]:
        raise PlatformError(f"{about} failed: {row['error']}")
    return {"status": row["status"], "files": int(row["files"]), "bytes": int(row["bytes"])}


def _answer(server: Server, check: Mapping[str, str]) -> dict[str, Any]:
    """The first value of the first row; without an expectation anything but nothing, 0 and an empty text."""
    rows = server.ask(check["query"], "a check")
    value = str(next(iter(rows[0].values()))) if rows else ""
    expected = check.get("expect")
    fits = value == expected if expected is not None else value not in ("", "0", "false", "None")
    wrong = "" if fits else f"the answer is {value!r}" + (f", expected {expected!r}" if expected is not None else "")
    return {"query": check["query"], "answer": value, "wrong": wrong}
