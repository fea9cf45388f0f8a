"""Takes the steps of a ClickHouse cluster's schema that were not taken yet, in their order, each once for all hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.sets.context import Context
from ..systems.clickhouse import schema as rules
from . import clickhouse
from .clickhouse import Server
from .steps import Step, take

Row = Mapping[str, str]


def schema(
    *, name: str, namespace: str, steps: Sequence[Row], database: str, timeout: float, context: Context
) -> dict[str, Any]:
    """What was taken. Raises PlatformError for a step that could not be, before any is taken."""
    rules.check(steps)
    about = f"schema of {namespace}/{name}"
    if context.check and clickhouse.installation(context, name, namespace) is None:
        foretold = [Step(step["name"], lambda: "", would="would be taken once the cluster is there") for step in steps]
        return {**take(context, about, foretold).result(), "pending": [step["name"] for step in steps]}
    server = clickhouse.ready(context, name, namespace, timeout)
    recorded = bool(int(server.one(rules.known(database))["there"]))
    known = [(row["name"], row["hash"]) for row in server.ask(rules.taken(database))] if recorded else []
    pending = rules.pending(steps, known)
    for _, step in pending:
        server.ask(rules.judged(step), f"step {step['name']}")
    if pending and not recorded and not context.check:
        for statement in rules.record(database):
            server.ask(statement, "the record of steps")
    taken = take(context, about, [_step(server, database, *each) for each in pending])
    return {**taken.result(), "pending": [step["name"] for _, step in pending]}


def _step(server: Server, database: str, number: int, step: Row) -> Step:
    def do() -> str:
        server.ask(step["sql"].strip().rstrip(";"), f"step {step['name']}")
        server.ask(rules.note(database, number, step), f"the record of step {step['name']}")
        return "taken"

    return Step(step["name"], do, would="would be taken")
