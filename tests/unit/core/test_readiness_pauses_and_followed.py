"""Readiness: pauses told by an old status, questions to people, numbers that stand still, kinds that are followed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import (
    NOT_TRACKED,
    OBSERVED,
    ON_SUCCESS,
    Annotation,
    Condition,
    Field,
    Generation,
    Rule,
    Since,
    evaluate,
)


def thing(status: dict[str, Any] | None = None, generation: int = 2, **metadata: Any) -> dict[str, Any]:
    made = {"apiVersion": "x.io/v1", "kind": "Thing", "metadata": {"name": "a", "generation": generation, **metadata}}
    return made if status is None else {**made, "status": status}


def verdict(rule: Rule, obj: dict[str, Any], since: Since | None = None, **more: Any) -> tuple[str, str]:
    found = evaluate(obj, rules={"x.io/Thing": rule, **more.pop("rules", {})}, since=since, **more)
    return found.state, found.grade


def conditions(**statuses: Any) -> dict[str, Any]:
    return {"conditions": [{"type": k, "status": v} for k, v in statuses.items()]}


READY = Condition("Ready")
SLEEPS = Rule(
    generation=NOT_TRACKED,
    paused=(Condition("Asleep"),),
    asked=(Annotation("sleep", "on"),),
    ready=(Condition("Ready"),),
)


def test_a_pause_told_by_a_status_from_before_the_change_does_not_count() -> None:
    asleep = thing(conditions(Asleep="True", Ready="True"))
    assert verdict(SLEEPS, asleep) == ("paused", "")
    assert verdict(SLEEPS, asleep, Since.of(asleep)) == ("in_progress", "stale")
    assert verdict(SLEEPS, asleep, Since(mark="another", desired=thing())) == ("paused", "foreign")


def test_the_manifest_asks_for_a_pause_that_only_the_status_tells() -> None:
    asleep, desired = thing(conditions(Asleep="True")), thing(annotations={"sleep": "on"})
    assert verdict(SLEEPS, asleep, Since(mark="another", desired=desired)) == ("paused", "wanted")


def test_a_question_of_an_older_generation_is_not_put_to_a_person() -> None:
    rule = Rule(
        generation=OBSERVED, needs_user=(Field("status.phase", "Asks"),), ready=(Field("status.phase", "Done"),)
    )
    assert verdict(rule, thing({"phase": "Asks", "observedGeneration": 1})) == ("in_progress", "")
    assert verdict(rule, thing({"phase": "Asks", "observedGeneration": 2})) == ("paused", "needs_user")


def test_a_question_from_before_the_change_is_not_put_to_a_person() -> None:
    rule = Rule(generation=NOT_TRACKED, needs_user=(Field("status.phase", "Asks"),), ready=(READY,))
    asks = thing({"phase": "Asks"})
    assert verdict(rule, asks, Since.of(asks)) == ("in_progress", "stale")
    assert verdict(rule, asks, Since(mark="another")) == ("paused", "needs_user")


def test_a_number_that_stands_still_on_purpose_is_no_lag() -> None:
    once = Generation("A", "status.observedGeneration", required=True, unless=Field("spec.once", True))
    rule = Rule(generation=once, ready=(Field("status.phase", "Done"),))
    done = thing({"phase": "Done", "observedGeneration": 1})
    assert verdict(rule, done) == ("in_progress", "")
    assert verdict(rule, {**done, "spec": {"once": True}}) == ("ready", "")
    assert verdict(rule, {**thing({"phase": "Done"}), "spec": {"once": True}}) == ("in_progress", ""), (
        "never seen at all"
    )


def test_a_failure_without_an_instant_counts_once_the_status_was_written_again() -> None:
    rule = Rule(
        generation=ON_SUCCESS, retryable=(Field("status.applied", False),), ready=(Field("status.applied", True),)
    )
    failed = thing({"applied": False, "observedGeneration": 1})
    assert verdict(rule, failed, Since.of(failed)) == ("in_progress", "stale")
    assert verdict(rule, failed, Since(mark="another")) == ("failed", "retryable")


def test_an_object_that_is_ready_without_any_status_needs_no_proof_of_its_age() -> None:
    quiet, now = Rule(generation=NOT_TRACKED), thing()
    assert verdict(quiet, now, Since.of(now)) == ("ready", "")
    told = thing({"seen": 1})
    assert verdict(quiet, told, Since.of(told)) == ("in_progress", "stale")


@pytest.mark.parametrize("status", [True, "True"])
def test_a_condition_may_be_a_boolean(status: Any) -> None:
    assert (
        verdict(Rule(generation=NOT_TRACKED, ready=(Condition("Ready"),)), thing(conditions(Ready=status)))[0]
        == "ready"
    )


FOLLOWS = Rule(generation=NOT_TRACKED, follows=("y.io/Part",))
PART = {"y.io/Part": Rule(generation=OBSERVED, retryable=(Condition("Broken"),), ready=(Condition("Ready"),))}


def part(owner: str, status: dict[str, Any]) -> dict[str, Any]:
    meta = {"name": "p", "generation": 1, "ownerReferences": [{"uid": owner}]}
    return {"apiVersion": "y.io/v1", "kind": "Part", "metadata": meta, "status": {"observedGeneration": 1, **status}}


@pytest.mark.parametrize(
    ("children", "wanted"),
    [
        ([], ("in_progress", "")),
        ([part("another", conditions(Ready="True"))], ("in_progress", "")),
        ([part("u", conditions(Ready="True"))], ("ready", "")),
        ([part("u", conditions(Ready="True")), part("u", conditions(Ready="False"))], ("in_progress", "")),
        ([part("u", conditions(Broken="True"))], ("failed", "retryable")),
    ],
    ids=["none", "of another", "ready", "one is not", "broken"],
)
def test_an_object_is_ready_when_what_it_owns_is(children: list[dict[str, Any]], wanted: tuple[str, str]) -> None:
    assert verdict(FOLLOWS, thing(uid="u"), rules=PART, children=children) == wanted


def test_what_follows_others_has_no_status_of_its_own_to_trust() -> None:
    now = thing(uid="u")
    ready = [part("u", conditions(Ready="True"))]
    assert verdict(FOLLOWS, now, Since.of(now), rules=PART, children=ready) == ("in_progress", "stale")
