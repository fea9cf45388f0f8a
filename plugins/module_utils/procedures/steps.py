"""A procedure as named steps: each reads or acts, is told and timed, foretold in check mode, undone after a failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..core.api.errors import PlatformError, Stopped
from ..core.sets.context import Context
from ..core.sets.ending import Failure

Row = dict[str, Any]


class Step(NamedTuple):
    """One thing to do. do: does it and says in words what came of it.

    would: what check mode says instead; a step without it only reads, and is taken in check mode, too.
    undo: takes it back when it or a later step fails, and says so; only where that is safe, also half done.
    """

    name: str
    do: Callable[[], str]
    would: str = ""
    undo: Callable[[], str] | None = None


class Unneeded(Exception):
    """Raised by a step that finds everything as it is wanted: what follows is not taken. Its text says why."""


@dataclass
class Taken:
    """What was done. rows: name, state (done, would, failed, undone, unneeded), started (epoch), seconds, told."""

    changed: bool = False
    rows: list[Row] = field(default_factory=list)

    def result(self) -> dict[str, Any]:
        """As it stands in a module's result."""
        return {"changed": self.changed, "steps": self.rows}


def take(context: Context, about: str, steps: Iterable[Step]) -> Taken:
    """Takes the steps in order; in check mode only those that read. `about` names the whole in an error.

    Raises Failure, which holds the steps, once what can be undone is undone.
    """
    taken = Taken()
    done: list[Step] = []
    for step in steps:
        done.append(step)
        try:
            _one(context, about, step, taken)
        except Unneeded:
            return taken
        except Stopped:
            raise
        except PlatformError as error:
            undone = _undo(context, about, done, taken)
            told = f'{about} stopped at "{step.name}": {error}{undone}'
            known = error.result if isinstance(error, Failure) else {}
            raise Failure(told, {**known, **taken.result()}) from error
    return taken


def _one(context: Context, about: str, step: Step, taken: Taken) -> None:
    if context.check and step.would:
        taken.changed = True
        _record(context, about, taken, {"name": step.name, "state": "would", "told": step.would})
        return
    context.say(f"{about}  {step.name} ...")
    row = _begun(context, step.name)
    try:
        row |= {"state": "done", "told": step.do()}
        taken.changed |= bool(step.would)
    except Unneeded as reason:
        row |= {"state": "unneeded", "told": str(reason)}
        raise
    except PlatformError as error:
        row |= {"state": "failed", "told": str(error)}
        taken.changed |= bool(step.would)
        raise
    finally:
        _record(context, about, taken, row)


def _undo(context: Context, about: str, done: list[Step], taken: Taken) -> str:
    """Takes back what can be, last first; a sentence about it for the error."""
    said = []
    for step in reversed(done):
        if step.undo is None or (context.check and step.would):
            continue
        row = _begun(context, f"Undo: {step.name}")
        try:
            row |= {"state": "undone", "told": step.undo()}
        except PlatformError as error:
            row |= {"state": "failed", "told": f"cannot be undone: {error}"}
        said.append(row["told"])
        _record(context, about, taken, row)
    return f". Undone: {'; '.join(said)}" if said else ""


def _begun(context: Context, name: str) -> Row:
    """A row whose step was interrupted, until it is told how it ended. `seconds` is the clock's until then."""
    return {"name": name, "state": "interrupted", "told": "", "started": time.time(), "seconds": -context.clock.now()}


def _record(context: Context, about: str, taken: Taken, row: Row) -> None:
    began = row.get("seconds")
    seconds = 0.0 if began is None else began + context.clock.now()
    row |= {"started": round(row.get("started", time.time()), 3), "seconds": round(seconds, 3)}
    taken.rows.append(row)
    context.timings[row["name"]] = context.timings.get(row["name"], 0.0) + seconds
    how = "" if row["state"] == "done" else f"{row['state']}: "
    context.say(f"{about}  {row['name']}  {how}{row['told']}{'' if began is None else f' ({seconds:.1f} s)'}")
