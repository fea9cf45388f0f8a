"""A recorded trace, or what upstream says, as steps: after how many seconds which part of the status becomes what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from .. import traces
from .patches import difference

Object = dict[str, Any]
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
CREATE = "create"


class Step(NamedTuple):
    """One change of the status. after: seconds since what caused it all, as recorded."""

    after: float
    change: Object


@dataclass(frozen=True)
class Script:
    """The steps of one title, and who is in them.

    name, namespace: the recorded object's; spec: its spec; before, after: its status at both ends. Texts in the steps
    are the recorded ones, but `{now}` for moments and `{generation}`, `{generation-1}` for generations.
    """

    title: str
    steps: tuple[Step, ...]
    name: str = ""
    namespace: str = ""
    spec: Object = field(default_factory=dict)
    before: Object = field(default_factory=dict)
    after: Object = field(default_factory=dict)
    software: str = ""


def recorded(path: Path) -> Script:
    """The script of a trace. What came before the first change of the status is its cause."""
    content = json.loads(path.read_text())
    changes = [(after, found) for after, event, found in traces.objects(path) if event != "DELETED"]
    first = changes[0][1]
    before: Object = {} if content["title"].startswith(CREATE) else first["status"]
    return Script(
        title=content["title"],
        steps=tuple(_steps(changes, before)),
        name=first["metadata"]["name"],
        namespace=first["metadata"].get("namespace", ""),
        spec=changes[-1][1].get("spec") or {},
        before=before,
        after=changes[-1][1]["status"],
        software=content["software"],
    )


def _steps(changes: list[tuple[float, Object]], status: Object) -> Iterator[Step]:
    cause = 0.0
    begun = False
    for after, found in changes:
        if found["status"] == status:
            cause = cause if begun else after  # the spec or an annotation changed, its status not yet
            continue
        begun = True
        change = difference(status, found["status"])
        status = found["status"]
        yield Step(after - cause, _timeless(change, found["metadata"].get("generation", 1)))


def _timeless(value: Any, generation: int) -> Any:
    """Without what only the recorded object had: moments, generations."""
    if isinstance(value, dict):
        return {
            key: _generation(each, generation) if key == "observedGeneration" else _timeless(each, generation)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_timeless(each, generation) for each in value]
    return "{now}" if isinstance(value, str) and _TIME.fullmatch(value) else value


def _generation(observed: Any, generation: int) -> Any:
    if not isinstance(observed, int):
        return observed
    return "{generation}" if observed == generation else f"{{generation-{generation - observed}}}"


def said(title: str, steps: list[Object]) -> Script:
    """A script that was not recorded: rows of `after` and `status`, in the words of the same placeholders."""
    return Script(title, tuple(Step(float(row["after"]), row["status"]) for row in steps))
