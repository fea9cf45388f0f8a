"""Readiness along what real operators wrote: never ready too early, never terminal where it passed.

Every trace under lab/traces is judged, change by change and as a wait lives through it. What cannot be told from the
trace itself, which states there were, is reviewed by hand and kept in traces.yml.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import (
    READY,
    Since,
    evaluate,
    mark,
    rule_for,
)
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.wait import (
    SETTLE,
    Item,
    Patience,
    Target,
)
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES

from lab import traces

# What the status says by itself; where a row also follows other objects, these are not in a trace.
ALONE = {key: replace(row, follows=()) for key, row in RULES.items()}
TRACES = sorted(traces.FOLDER.glob("*/*.json"))
REVIEWED: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "traces.yml").read_text())
Change = tuple[float, str, dict[str, Any]]


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@functools.cache
def changes(path: Path) -> tuple[Change, ...]:
    return tuple(traces.objects(path))


def asked(obj: dict[str, Any]) -> tuple[Any, Any, Any]:
    """What people say in an object: everything but its status."""
    metadata = obj["metadata"]
    return obj["spec"], metadata.get("annotations"), metadata.get("labels")


def states(path: Path) -> list[str]:
    """The states one after the other from what was asked for on, `failed terminal` with its grade."""
    found: list[str] = []
    for _, event, obj in changes(path)[cause(path) :]:
        verdict = evaluate(None if event == "DELETED" else obj, rules=ALONE)
        word = " ".join(filter(None, (verdict.state, verdict.grade)))
        if found[-1:] != [word]:
            found.append(word)
    return found


def cause(path: Path) -> int:
    """The number of the change by which somebody asked for something; 0 where it was there from the first one on."""
    every = changes(path)
    return next((n for n in range(1, len(every)) if asked(every[n][2]) != asked(every[n - 1][2])), 0)


@pytest.mark.parametrize("path", TRACES, ids=name)
def test_ready_lasts_unless_somebody_asks_for_something_or_something_is_lost(path: Path) -> None:
    """Ready after trouble, and then no longer, was said too early.

    A status that does not tell its age may read so for a moment; a wait has it hold for `settle` seconds.
    """
    found = [(after, obj) for after, event, obj in changes(path) if event != "DELETED"][cause(path) :]
    rule = rule_for(found[0][1], RULES)
    assert rule is not None
    held = SETTLE if rule.generation.guarded and rule.generation.mode == "E" else 0.0
    troubled, since = False, None
    for after, obj in found:
        ready = evaluate(obj, rules=RULES).state == READY
        if since is not None and not ready:
            assert after - since < held, f"ready at {since} s, and not at {after} s any more"
        troubled = troubled or not ready
        since = (after if since is None else since) if ready and troubled else None


@pytest.mark.parametrize("path", TRACES, ids=name)
def test_what_is_called_terminal_never_passes_by_itself(path: Path) -> None:
    terminal: Change | None = None
    for change in changes(path):
        after, event, obj = change
        if event == "DELETED" or (terminal and asked(obj) != asked(terminal[2])):
            terminal = None
            continue
        verdict = evaluate(obj, rules=RULES)
        assert not terminal or verdict.grade == "terminal", f"terminal at {terminal[0]} s, {verdict.state} at {after} s"
        terminal = change if verdict.grade == "terminal" else None


@pytest.mark.parametrize("path", [p for p in TRACES if cause(p) or p.stem.startswith("create")], ids=name)
def test_a_wait_through_it_never_ends_too_early(path: Path) -> None:
    """The wait begins with the change that was asked for; nothing that comes after its end may contradict it."""
    found, begun = changes(path), cause(path)
    blank = begun == 0
    before = {} if blank else found[begun - 1][2]
    start, _, obj = found[begun]
    since = Since(mark=mark(before), blank=blank, desired=obj)
    item = Item(Target(_numbered(obj, begun), since), RULES, _patience(path), start)
    for number, (after, event, live) in enumerate(found[begun:], start=begun):
        _judge_until(item, after)
        ended = item.done
        item.take(None if event == "DELETED" else _numbered(live, number), after)
        item.judge(after)
        verdict = evaluate(live, rules=RULES)
        if ended == READY and event != "DELETED":
            assert verdict.state in (READY, "paused"), f"taken for ready before {after} s, then {verdict.message}"
    _judge_until(item, found[-1][0] + 100)
    final = evaluate(found[-1][2], rules=RULES)
    if final.state == READY and found[-1][1] != "DELETED":
        assert item.done == READY, f"it was ready in the end, and the wait says {item.verdict.message}"


def _patience(path: Path) -> Patience:
    """Where nothing in a status tells its age, `settle` must be longer than the operator takes to act.

    Its five seconds are, unless the machine that it was recorded on was busy. Other statuses tell their age: they get
    no more time.
    """
    found, begun = changes(path), cause(path)
    rule = rule_for(found[begun][2], RULES)
    assert rule is not None
    if rule.generation.mode != "E" or evaluate(found[begun][2], rules=RULES).state != READY:
        return Patience()
    acted = [after for after, _, obj in found[begun:] if evaluate(obj, rules=RULES).state != READY]
    took = acted[0] - found[begun][0] if acted else 0.0
    return Patience(settle=took + 1 if took > SETTLE else None)


def _judge_until(item: Item, moment: float) -> None:
    """Judges at every moment for which the wait sets itself an alarm."""
    while not item.done and item.again < moment:
        item.judge(item.again)


def _numbered(obj: dict[str, Any], number: int) -> dict[str, Any]:
    """With a version of its own, as the API server gives each write."""
    return {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(number + 1), "uid": "recorded"}}


def _instances_serve(cluster: dict[str, Any]) -> bool:
    """By what the instances themselves reported to the operator: all there, healthy, one of them primary."""
    status, count = cluster["status"], cluster["spec"]["instances"]
    healthy = set(status.get("instancesStatus", {}).get("healthy", []))
    reported = status.get("instancesReportedState", {})
    primaries = [name for name, state in reported.items() if state["isPrimary"] and name in healthy]
    return len(healthy) == count == len(healthy & set(status["instanceNames"])) and len(primaries) == 1


def _replicas_run(workload: dict[str, Any]) -> bool:
    status = workload["status"]
    return status.get("availableReplicas") == status.get("updatedReplicas") == workload["spec"]["replicas"]


# The real state, told from other facts of the same object than its row looks at first.
TRUTH = {
    "postgresql.cnpg.io.Cluster": _instances_serve,
    "apps.Deployment": _replicas_run,
    "postgresql.cnpg.io.Backup": lambda backup: bool(backup["status"].get("endWal")),
}


@pytest.mark.parametrize("path", [p for p in TRACES if p.parent.name in TRUTH], ids=name)
def test_ready_is_only_what_really_is(path: Path) -> None:
    begun = cause(path)
    said = [
        after
        for after, event, obj in changes(path)[begun:]
        if event != "DELETED"
        and evaluate(obj, rules=ALONE).state == READY
        and not TRUTH[path.parent.name](obj)
        and asked(obj) == asked(changes(path)[0][2])  # what was asked for a moment ago is for the wait to tell
    ]
    assert not said, f"called ready at {said} s, when it was not"


@pytest.mark.parametrize("key", sorted(key for key in REVIEWED if (traces.FOLDER / f"{key}.json").exists()))
def test_a_reviewed_trace_is_judged_as_it_was(key: str) -> None:
    assert states(traces.FOLDER / f"{key}.json") == REVIEWED[key]


def test_every_recorded_kind_has_a_reviewed_trace() -> None:
    kinds = {path.parent.name for path in TRACES}
    assert kinds, "there is no trace: nothing above was tested"
    missing = kinds - {key.partition("/")[0] for key in REVIEWED}
    assert not missing, f"no trace of {', '.join(sorted(missing))} was reviewed: add one to tests/readiness/traces.yml"
