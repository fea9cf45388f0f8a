"""Says in one line, and in a result for machines, what a playbook run did to a cluster's sets."""

from __future__ import annotations

from typing import Any

from ..core.sets.context import Context
from ..core.sets.options import Options
from . import notes, outline

OPTIONS = Options({"phase": {"type": "str", "default": "site"}})


def recap(*, context: Context, phase: str) -> dict[str, Any]:
    """Ends a phase of the run; a row for each task that kept sets since the last one."""
    found = outline.tasks(notes.recent(context.host))
    objects = [row for task in found for row in task.rows]
    told = outline.words(outline.counts(objects))
    seconds = sum(task.seconds for task in found)
    context.say(f"{phase}  {len(outline.sets(found))} sets, {len(objects)} objects: {told} ({seconds:.1f} s)")
    notes.mark(context.host, phase)
    return {"changed": False, "phase": phase, "tasks": [row(task) for task in found]}


def row(task: outline.Task) -> dict[str, Any]:
    """A task as machines read it."""
    return {
        "sets": list(task.sets),
        "role": task.role,
        "seconds": round(task.seconds, 2),
        "actions": outline.counts(task.rows),
        "judged": outline.judged(task.rows),
        "failure": task.failure,
    }
