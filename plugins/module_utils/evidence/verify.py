"""Judges a cluster by what check mode found of every set: nothing differs, all is ready, no set is orphaned."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from ..core import waiting
from ..core.api.errors import PlatformError
from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.options import Options
from . import notes, orphans, outline

OPTIONS = Options(
    {
        "labels": orphans.OPTION,
        "complete": {"type": "bool", "default": True},
        "timeout": {"type": "int", "default": 600},
    }
)
_WORDS = {"created": "missing", "changed": "other", "deleted": "not wanted"}
_SHOWN = 5  # objects of one set that differ


def verify(*, context: Context, labels: dict[str, Any], complete: bool, timeout: float) -> dict[str, Any]:
    """The sets and their objects. Raises Failure naming all that is wrong.

    complete: whether all roles ran, without which nobody knows what is orphaned. timeout: seconds for readiness.
    """
    found = outline.tasks(notes.recent(context.host))
    differing = list(_differing(found))
    # What differs may never become ready: then readiness is judged as it is now.
    late, ready = _readiness(dataclasses.replace(context, check=bool(differing) or context.check), found, timeout)
    strays = orphans.orphaned(context, outline.sets(found), labels) if complete else []
    wrong = [*differing, *late, *map(orphans.sentence, strays)]
    names = outline.sets(found)
    notes.mark(context.host, "verify")
    if wrong:
        raise Failure("; ".join(wrong), {"changed": False})
    context.say(
        f"verify  {len(names)} sets as the inventory has them, {len(ready)} objects ready, "
        f"{'no set orphaned' if complete else 'orphaned sets not looked for: not all roles ran'}"
    )
    return {"changed": False, "sets": names, "objects": ready}


def _differing(found: Iterable[outline.Task]) -> Iterator[str]:
    """A sentence for each set that site.yml would change, or could not be compared."""
    for task in found:
        if task.failure:
            yield f"{task.name} cannot be compared: {task.failure}"
        elif task.changed:
            names = [f"{outline.label(row)} ({_WORDS.get(row['action'], row['action'])})" for row in task.changed]
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            told = ", ".join(names[:_SHOWN])
            yield f"{task.name} differs, the site playbook would mend it: {told}{more}"


def _readiness(
    context: Context, found: Iterable[outline.Task], timeout: float
) -> tuple[list[str], list[dict[str, Any]]]:
    """What is not ready in sentences, and a row for every object; empty sets and those nobody waits for left aside."""
    awaited = [task for task in found if task.wait and task.rows and not task.failure]
    names = [name.split("/") for task in awaited for name in task.sets]
    if not names:
        return [], []
    given = {name: option["default"] for name, option in waiting.OPTIONS.spec.items() if "default" in option}
    given |= {"sets": [{"namespace": namespace, "name": name} for namespace, name in names], "timeout": timeout}
    try:
        objects = waiting.wait_ready(context=context, **given)["objects"]
        late = [f"{outline.label(row)} is not ready: {row['message']}" for row in objects if not row["ready"]]
        return late, objects
    except Failure as failure:
        return [str(failure)], failure.result.get("objects", [])
    except PlatformError as error:
        return [str(error)], []
