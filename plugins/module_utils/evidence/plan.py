"""Turns what check mode foretold for a host into one readable page: text for the terminal, HTML for a file."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.options import Options
from . import cluster, notes, orphans, outline, pages, recap

OPTIONS = Options(
    {
        "roles": {"type": "list", "elements": "str", "default": []},
        "labels": orphans.OPTION,
        "complete": {"type": "bool", "default": True},
        "dest": {"type": "path"},
    }
)
_WORDS = {
    "created": "to create",
    "changed": "to change",
    "replaced": "to replace",
    "adopted": "to adopt",
    "deleted": "to delete",
    "unchanged": "unchanged",
    "failed": "refused",
    "skipped": "not judged",
}
MARKS = {"created": "+", "changed": "~", "replaced": "±", "adopted": "~", "deleted": "-", "failed": "!", "skipped": "?"}
_NAMES = 8  # names on one line of the terminal
_LINES = 20  # lines of one object's difference on the terminal


def plan(
    *, context: Context, roles: list[str], labels: dict[str, Any], complete: bool, dest: str | None = None
) -> dict[str, Any]:
    """The page of what would be done. roles: those whose task failed. Raises Failure where one was refused.

    complete: whether all roles ran, without which nobody knows what is orphaned. dest: where the HTML page goes.
    """
    found = outline.tasks(notes.recent(context.host))
    strays = orphans.orphaned(context, outline.sets(found), labels) if complete else []
    where = cluster.info(context=context)
    for line in text(found, strays, complete=complete):
        context.say(f"plan  {line}")
    if dest:
        pages.write(
            dest, "plan.html.j2", host=context.host, cluster=where, complete=complete, strays=strays, **page(found)
        )
        context.say(f"plan  the page: {dest}")
    notes.mark(context.host, "plan")
    result = {
        "changed": False,
        "tasks": [recap.row(task) for task in found],
        "objects": [each for task in found for each in task.rows],
        "orphaned": strays,
        "page": dest or "",
    }
    silent = sorted(set(roles) - {task.role for task in found})
    refused = [f"{task.name}: {task.failure}" for task in found if task.failure]
    refused += [f"role {role} was not foretold: its task failed before it asked the cluster" for role in silent]
    if refused:
        raise Failure("; ".join(refused), {"changed": False, "page": dest or ""})
    return result


def text(found: Iterable[outline.Task], strays: Iterable[dict[str, Any]], *, complete: bool) -> Iterator[str]:
    """The page for a terminal, line by line."""
    for task in found:
        told = {_WORDS.get(word, word): number for word, number in outline.counts(task.rows).items()}
        judged = outline.words(outline.judged(task.rows))
        yield f"{task.name}  {outline.words(told)}" + (f"  (judged: {judged})" if task.changed else "")
        yield from _created(task)
        for row in task.changed:
            if row["action"] != "created":
                yield f"  {MARKS.get(row['action'], ' ')} {outline.label(row)}{_remark(row)}"
                yield from (f"      {line}" for line in _shortened(difference(task, row)))
        if task.failure:
            yield f"  ! {task.failure}"
    for stray in strays:
        yield f"orphaned: {orphans.sentence(stray)}"
    if not complete:
        yield "orphaned sets were not looked for: not all roles ran (--tags, --skip-tags)"


def _created(task: outline.Task) -> Iterator[str]:
    """New objects by kind, since there may be hundreds: their names, or how many in which namespace."""
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in task.rows:
        if row["action"] == "created":
            by_kind[row["kind"]].append(row)
    for kind, rows in sorted(by_kind.items()):
        names = [f"{row['namespace']}/{row['name']}" if row["namespace"] else row["name"] for row in rows]
        if len(rows) > _NAMES:
            places = outline.counts(rows, "namespace")
            names = [f"{number} in {place}" if place else f"{number}" for place, number in places.items()]
        judged = outline.words(outline.counts(rows, "judged"))
        yield f"  + {len(rows)} {kind}: {', '.join(names)}  ({judged})"


def _remark(row: dict[str, Any]) -> str:
    return f"  {row['message']}" if row["message"] else f"  (judged: {row['judged']})"


def difference(task: outline.Task, row: dict[str, Any]) -> list[str]:
    """The lines that differ, each with its sign; all lines of an object that is new."""
    before, after = task.diffs.get(outline.label(row), ("", ""))
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _shortened(lines: list[str]) -> list[str]:
    more = len(lines) - _LINES
    return lines if more <= 0 else [*lines[:_LINES], f"... {more} more lines"]


def page(found: Iterable[outline.Task]) -> dict[str, Any]:
    """What the HTML template shows."""
    rows = [
        {
            "name": task.name,
            "role": task.role,
            "failure": task.failure,
            "warnings": task.warnings,
            "told": outline.words({_WORDS.get(w, w): n for w, n in outline.counts(task.rows).items()}),
            "judged": outline.judged(task.rows),
            "objects": [
                {
                    **row,
                    "label": outline.label(row),
                    "mark": MARKS.get(row["action"], ""),
                    "lines": difference(task, row),
                }
                for row in task.changed
            ],
        }
        for task in found
    ]
    total = [row for task in found for row in task.rows]
    return {"tasks": rows, "total": outline.counts(total), "judged": outline.judged(total), "words": _WORDS}
