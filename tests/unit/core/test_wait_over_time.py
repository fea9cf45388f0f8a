"""One object judged over time: grace, settle, status that may be old, objects that vanish. No server, no threads."""

from __future__ import annotations

from typing import Any, cast

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import Discovery
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.progress import Progress
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import (
    FINAL,
    NOT_TRACKED,
    OBSERVED,
    ON_SUCCESS,
    Compare,
    Condition,
    Field,
    Rule,
    Since,
)
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.wait import (
    SETTLE,
    Item,
    Patience,
    Target,
    _Wait,
)
from support.clock import FakeClock

TRACKED = Rule(
    generation=OBSERVED,
    paused=(Field("spec.paused", True),),
    terminal=(Condition("Broken"),),
    retryable=(Condition("Failing"),),
    ready=(Condition("Ready"),),
    unverified=(Condition("Silent"),),
    warnings=(Condition("Odd"),),
)
UNTRACKED = Rule(generation=NOT_TRACKED, ready=(Condition("Ready"),), terminal=(Condition("Broken"),))
ECHOING = Rule(generation=NOT_TRACKED, ready=(Condition("Ready"),), echoes=(Field("status.image", "new"),))
COUNTED = Rule(
    generation=OBSERVED, ready=(Compare("status.ready", ">=", "status.wanted", say="{left} of {right} ready"),)
)
LATE = Rule(generation=ON_SUCCESS, ready=(Condition("Ready"),), retryable=(Condition("Ready", "False"),))


def status(*types: str) -> dict[str, Any]:
    return {"observedGeneration": 1, "conditions": [{"type": t, "status": "True"} for t in types]}


class World:
    """An object in the server's hands, and a wait for it."""

    def __init__(self, rule: Rule, *types: str, since: bool = False, new: bool = False, **patience: Any) -> None:
        self.version, self.now = 1, 0.0
        self.status: dict[str, Any] = {
            "conditions": [{"type": t, "status": "True"} for t in types],
            "observedGeneration": 1,
        }
        self.rule = rule
        answer = self.object() if not new else {k: v for k, v in self.object().items() if k != "status"}
        desired = {k: v for k, v in answer.items() if k != "status"}
        target = Target(answer, Since.of(answer, desired) if since else None)
        self.item = Item(target, {"x.io/Thing": rule}, Patience(**patience), 0)
        self.item.judge(0)

    def object(self, **spec: Any) -> dict[str, Any]:
        meta = {"name": "t", "uid": "u", "generation": 1, "resourceVersion": str(self.version)}
        return {"apiVersion": "x.io/v1", "kind": "Thing", "metadata": meta, "spec": spec, "status": self.status}

    def write(self, *types: str, **more: Any) -> World:
        self.version += 1
        self.status = status(*types) | more
        self.item.take(self.object(), self.now)
        self.item.judge(self.now)
        return self

    def after(self, seconds: float) -> World:
        self.now += seconds
        self.item.judge(self.now)
        return self

    @property
    def done(self) -> str:
        return self.item.done


def test_ready_by_a_status_that_tells_its_generation_is_ready_at_once() -> None:
    assert World(TRACKED, "Ready", since=True).done == "ready"


def test_terminal_fails_at_once() -> None:
    assert World(TRACKED, "Broken").done == "failed"


def test_retryable_fails_after_an_unbroken_grace() -> None:
    world = World(TRACKED, "Failing", failure_grace=60)
    assert world.item.again == 60
    assert world.after(59).done == ""
    world.write().after(5)
    world.write("Failing").after(59)
    assert world.done == "", "it was unbroken for 59 s only"
    assert world.after(1).done == "failed"


def test_a_failure_has_the_time_that_others_need_to_get_on() -> None:
    """Topology that its operator cannot make while the broker of the same set starts."""
    clock = FakeClock()
    clock.time = 0.0
    topology, broker = World(TRACKED, "Failing", failure_grace=60), World(COUNTED)
    items = [topology.item, broker.item]
    wait = _Wait(cast(Client, None), cast(Discovery, None), items, Progress(print, clock), clock)

    def after(seconds: float, ready: int) -> str:
        clock.time += seconds
        broker.version += 1  # a write alone is no progress, only what it says
        broker.status = {**status(), "ready": ready, "wanted": 3}
        broker.item.take(broker.object(), clock.now())
        wait._judge()
        return topology.done

    assert [after(50, ready) for ready in (0, 1, 2, 3)] == ["", "", "", ""]
    assert (broker.done, after(59, 3)) == ("ready", "")
    assert after(1, 3) == "failed", "nothing got on for 60 seconds"


def test_ready_must_hold_for_settle_and_may_be_lost_again() -> None:
    world = World(TRACKED, "Ready", settle=10)
    assert world.after(9).done == ""
    world.write()
    assert world.write("Ready").after(9).done == ""
    assert world.after(1).done == "ready"
    assert world.write().done == "", "what was ready is not any more"


def test_what_nothing_is_said_of_is_ready_after_its_grace_with_a_warning() -> None:
    world = World(TRACKED, "Silent", status_grace=30)
    assert world.after(29).done == ""
    assert world.after(1).done == "ready"
    assert "taken for ready" in world.item.warning


def test_a_warning_leaves_ready_ready() -> None:
    world = World(TRACKED, "Ready", "Odd")
    assert (world.done, world.item.warning) == ("ready", "warning: Odd=True")


def test_old_status_counts_when_nothing_follows_it() -> None:
    world = World(UNTRACKED, "Ready", since=True)
    assert world.item.verdict.grade == "stale"
    assert world.after(SETTLE - 0.1).done == ""
    assert world.after(SETTLE + 1).done == "ready"


def test_any_write_puts_off_the_moment_when_old_status_counts() -> None:
    world = World(UNTRACKED, "Ready", since=True)
    world.after(SETTLE - 1)
    world.version += 1
    world.item.take(world.object(), world.now)  # a write of something else than the status
    assert world.after(SETTLE - 1).done == ""


def test_a_stale_terminal_does_not_fail_a_fix() -> None:
    world = World(UNTRACKED, "Broken", since=True)
    assert world.after(1).done == ""
    assert world.write("Ready").after(SETTLE).done == "ready"


def test_a_new_status_without_a_generation_must_hold() -> None:
    world = World(UNTRACKED, "Ready", since=True)
    world.write("Ready", seen="again")
    assert world.after(SETTLE - 0.1).done == ""
    assert world.after(0.2).done == "ready"


def test_the_first_status_of_a_new_object_is_never_old() -> None:
    world = World(UNTRACKED, since=True, new=True)
    assert world.write("Ready").done == "ready"


def test_an_echo_proves_the_status_new() -> None:
    world = World(ECHOING, "Ready", since=True)
    assert world.done == ""
    assert world.write("Ready", image="new").done == "ready"


def test_a_failure_behind_a_lag_counts_when_it_stays() -> None:
    world = World(LATE, since=True, failure_grace=60)
    world.status = {"observedGeneration": 0, "conditions": [{"type": "Ready", "status": "False"}]}
    world.item.since = Since.of(world.object())
    world.item.take({**world.object(), "metadata": {**world.object()["metadata"], "resourceVersion": "9"}}, 0)
    assert world.after(59).done == ""
    assert world.after(2).after(60).done == "failed"


@pytest.mark.parametrize(("asked", "done"), [(True, "ready"), (False, "failed")])
def test_a_pause_is_done_where_it_was_asked_for(asked: bool, done: str) -> None:
    world = World(TRACKED, since=True)
    world.item.since = Since(desired={**world.object(paused=asked), "status": None})
    world.item.take(world.object(paused=True), 0)
    assert world.after(0).done == done


def test_what_vanishes_has_failed() -> None:
    world = World(TRACKED)
    world.item.take(None, 1)
    assert world.after(1).done == "failed"


def test_a_job_that_its_ttl_deletes_has_ended() -> None:
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j", "uid": "u", "resourceVersion": "1"},
        "spec": {"ttlSecondsAfterFinished": 1},
    }
    item = Item(Target(job), {"batch/Job": Rule(generation=FINAL, ready=(Condition("Complete"),))}, Patience(), 0)
    item.take(None, 1)
    item.judge(1)
    assert (item.done, item.verdict.reason) == ("ready", "Deleted")


def test_what_was_never_there_is_waited_for() -> None:
    item = Item(Target({"apiVersion": "x.io/v1", "kind": "Thing", "metadata": {"name": "t"}}), {}, Patience(), 0)
    item.take(None, 0)
    item.judge(500)
    assert (item.done, item.verdict.state) == ("", "missing")
    assert item.outcome(500).sentence == "x.io/Thing t is not ready after 500 s: not there"


def test_what_has_no_status_by_definition_is_ready_at_once() -> None:
    quiet = Rule(generation=OBSERVED, ready=(Condition("Ready"),), unverified=(Field("kind", "Thing"),))
    world = World(quiet)
    world.item.statusless = True
    world.item.take({k: v for k, v in world.object().items() if k != "status"}, 0)
    world.item.live["metadata"].pop("generation")  # type: ignore[index]
    assert world.after(0).done == "ready"
