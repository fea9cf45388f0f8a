"""Records one object: the watch is open before its cause happens, and closed when it is as wanted and all is quiet."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from . import watch
from .cluster import Cluster
from .errors import LabError
from .kubectl import get
from .traces import Change, Object

CONDITION = re.compile(r"conditions\[([\w./-]+)]")  # of this type: its status


@dataclass(frozen=True)
class Recording:
    """What is watched, and when it is over.

    `until`: `status.phase=completed`, `status.conditions[Ready]=True`; all must hold for `quiet` seconds without a
    change. `seen`: each of these must have held after the cause, or what holds may be from before it. A deletion always
    ends it.
    """

    kind: str
    name: str
    namespace: str
    until: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    quiet: float = 20
    seconds: float = 300


def record(cluster: Cluster, asked: Recording, cause: Callable[[Object], None]) -> list[Change]:
    """Runs the cause, with the object as it is ({} when there is none yet), and returns each change from then on.

    The first one is the object as it was, at 0 seconds. Raises LabError when `until` never holds.
    """
    if not get(cluster, "nodes", "--selector=!lab.groundwork.platform/simulated"):
        raise LabError(f"{cluster.name} has no real node: what a simulation says is no trace")
    with (
        watch.Watch(cluster, asked.kind, asked.namespace, asked.name) as watching,
        ThreadPoolExecutor(1) as thread,  # changes come while the cause is still at work
    ):
        ending = threading.Timer(asked.seconds, watching.stop)
        ending.start()
        started: list[Future[None]] = []

        def begin(found: Object) -> None:
            started.append(thread.submit(cause, found))
            started[0].add_done_callback(lambda done: watching.stop() if done.exception() else None)

        try:
            changes = list(_changes(watching, asked, begin))
        finally:
            ending.cancel()
        for each in started:
            each.result()
    last = changes[-1][2] if changes else {}
    gone = bool(changes) and changes[-1][1] == "DELETED"
    missed = [each for each in asked.until if not gone and not holds(last, each)]
    missed += [each for each in asked.seen if not any(holds(found, each) for _, _, found in changes)]
    if missed or not changes:
        raise LabError(
            f"{asked.kind} {asked.name} was not {' and '.join(missed) or 'seen'} within {asked.seconds:.0f} s, "
            f"its status is {last.get('status')}"
        )
    return changes


def _changes(watching: watch.Watch, asked: Recording, begin: Callable[[Object], None]) -> Iterator[Change]:
    start = 0.0
    before: Object = {}
    unseen = set(asked.seen)
    silence: threading.Timer | None = None
    try:
        for event, found in watching:
            if silence:
                silence.cancel()
            if event == watch.COMPLETE:
                start = time.monotonic()
                begin(before)
            else:
                before = found
                yield (time.monotonic() - start if start else 0.0), event, found
            if event == "DELETED":
                return
            unseen -= {each for each in unseen if start and holds(before, each)}
            if start and not unseen and all(holds(before, each) for each in asked.until):
                silence = threading.Timer(asked.quiet, watching.stop)
                silence.start()
    finally:
        if silence:
            silence.cancel()


def holds(found: Object, condition: str) -> bool:
    """Whether an object is as `FIELD=VALUE` says; no value is: the field is not there."""
    path, _, wanted = condition.partition("=")
    value = lookup(found, path)
    return ("" if value is None else str(value)) == wanted


def lookup(found: Object, path: str) -> Any:
    """The value at `status.phase`, or the status of the condition at `status.conditions[Ready]`; None without one."""
    value: Any = found
    for key in re.findall(r"[^.[]+(?:\[[^]]*])?", path):
        condition = CONDITION.fullmatch(key)
        if not isinstance(value, dict):
            return None
        if condition:
            conditions = {each["type"]: each["status"] for each in value.get("conditions", [])}
            value = conditions.get(condition[1])
        else:
            value = value.get(key)
    return value
