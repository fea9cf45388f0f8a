"""Sums up notes of tasks: what was, or would be, done to each set, and how it was judged. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .notes import Note

# How actions are told, in the order in which they are told. In check mode an action is what a run would do.
ACTIONS = ("created", "changed", "replaced", "adopted", "deleted", "unchanged", "skipped", "failed")


class Task(NamedTuple):
    """What one task did to its sets. rows: the objects as modules return them; diffs: by object, before and after."""

    sets: tuple[str, ...]
    role: str
    title: str
    check: bool
    wait: bool
    started: float
    seconds: float
    rows: list[dict[str, Any]]
    diffs: dict[str, tuple[str, str]]
    failure: str
    warnings: list[str]

    @property
    def name(self) -> str:
        """The sets' names; the role's where it failed before it knew them."""
        return " and ".join(self.sets) or self.role

    @property
    def changed(self) -> list[dict[str, Any]]:
        """The rows of objects that differ from what is wanted."""
        return [row for row in self.rows if row["action"] != "unchanged"]


def tasks(notes: Iterable[Note]) -> list[Task]:
    """The tasks, also those that failed; one that was interrupted says nothing."""
    return [_task(note) for note in notes if note["result"]]


def _task(note: Note) -> Task:
    result = note["result"]
    sets = result.get("sets") or ([result["set"]] if "set" in result else [])
    return Task(
        sets=tuple(sets),
        role=note["role"],
        title=note["task"],
        check=note["check"],
        wait=note["wait"],
        started=note["started"],
        seconds=note["seconds"],
        rows=list(result.get("objects") or ()),
        diffs={_told(each): (each.get("before", ""), each.get("after", "")) for each in result.get("diff") or ()},
        failure=str(result.get("msg", "")) if result.get("failed") else "",
        warnings=list(result.get("warnings") or ()),
    )


def _told(entry: Mapping[str, Any]) -> str:
    """The object's name out of a diff's headers, which add a remark in brackets."""
    return str(entry.get("before_header") or "").removesuffix(" (not there)")


def label(row: Mapping[str, Any]) -> str:
    """An object as refusals and diffs name it: `apps/Deployment shop/web`."""
    group, _, version = str(row.get("api_version", "")).rpartition("/")
    kind = f"{group}/{row['kind']}" if group and version else row["kind"]
    return f"{kind} {row['namespace']}/{row['name']}" if row.get("namespace") else f"{kind} {row['name']}"


def counts(rows: Iterable[Mapping[str, Any]], key: str = "action") -> dict[str, int]:
    """How many rows say what, the words in their order."""
    found = Counter(str(row[key]) for row in rows)
    return {word: found[word] for word in sorted(found, key=lambda each: (_order(each), each))}


def _order(word: str) -> int:
    return ACTIONS.index(word) if word in ACTIONS else len(ACTIONS)


def words(numbers: Mapping[str, int]) -> str:
    """`3 created, 1 unchanged`."""
    return ", ".join(f"{count} {word}" for word, count in numbers.items()) or "nothing"


def sets(found: Iterable[Task]) -> list[str]:
    """The names of all sets, each once."""
    return list(dict.fromkeys(name for task in found for name in task.sets))


def judged(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How the objects that would be touched were judged: server, schema or none."""
    return counts((row for row in rows if row["action"] != "unchanged"), "judged")
