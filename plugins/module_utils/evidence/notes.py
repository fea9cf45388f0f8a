"""Remembers what each task of a playbook run did to a host's cluster, for the pages and checks at the run's end.

The action notes every task that keeps a set and that it did in process; notes live in the run's folder and end with it.
"""

from __future__ import annotations

import time
from typing import Any

from ..core.api import runfolder

Note = dict[str, Any]
_KEPT = ("changed", "failed", "msg", "set", "sets", "objects", "diff", "warnings", "retries", "timings")


def keep(host: str, task: str, role: str, *, started: float, check: bool, wait: bool, result: dict[str, Any]) -> None:
    """One task's result. started: epoch seconds; `result` holds no secrets any more."""
    shown = {key: result[key] for key in _KEPT if key in result}
    seconds = time.time() - started
    note = {"task": task, "role": role, "started": started, "seconds": seconds, "check": check, "wait": wait}
    _write(host, {**note, "result": shown})


def mark(host: str, phase: str) -> None:
    """Ends a phase: what was noted before, and after the last mark, is its."""
    _write(host, {"phase": phase, "started": time.time()})


def phases(host: str) -> dict[str, list[Note]]:
    """The notes of tasks by phase, in order; those since the last mark under ''."""
    found: dict[str, list[Note]] = {}
    open_notes: list[Note] = []
    folder = runfolder.current().sub("notes", host)
    for name in folder.names():
        note = folder.read(name)
        if not isinstance(note, dict):
            continue
        if "phase" in note:
            found[note["phase"]], open_notes = open_notes, []
        else:
            open_notes.append(note)
    found[""] = open_notes
    return found


def recent(host: str) -> list[Note]:
    """The notes of tasks since the last mark."""
    return phases(host)[""]


def _write(host: str, note: Note) -> None:
    runfolder.current().sub("notes", host).write(f"{time.time_ns():020d}", note)
