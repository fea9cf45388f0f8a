"""The words of the grammar one by one, and the order in which a row is judged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.matchers import (
    Absent,
    AllOf,
    Annotation,
    AnyOf,
    Compare,
    Condition,
    Each,
    EachRef,
    Field,
    Label,
    Matcher,
    Not,
    Query,
    Ratio,
    Scope,
    Some,
    Told,
    values,
)
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import (
    FINAL,
    NOT_TRACKED,
    OBSERVED,
    OBSERVED_IF_SET,
    ON_SUCCESS,
    Rule,
    Since,
    evaluate,
    key_of,
    observed_at,
    rule_for,
)


def cond(type_: str, status: str = "True", **more: Any) -> dict[str, Any]:
    return {"type": type_, "status": status, **more}


OBJECT = {
    "metadata": {"labels": {"a.b/c": "yes"}, "annotations": {"x": "y"}, "namespace": "data"},
    "spec": {"replicas": 3, "partition": 1, "sets": [{"count": 2}, {"count": 3}], "paused": True, "version": "1.2"},
    "status": {
        "phase": "Ready",
        "readyReplicas": 2,
        "text": "7",
        "share": "2/3",
        "version": "1.2",
        "none": "0/0",
        "empty": [],
        "conditions": [
            cond("Ready", reason="AllWell", message="all is well"),
            cond("Old", observedGeneration=1),
            cond("New", observedGeneration=2),
            cond("Twice", "False"),
            cond("Twice"),
            cond("Bad", "False", severity="Error"),
        ],
        "parts": [{"name": "a", "state": "up"}, {"name": "b", "state": "down"}, 7, None],
        "named": {"x": {"state": "up"}},
    },
}
CASES: list[tuple[Matcher, str]] = [
    (Condition("Ready"), "yes"),
    (Condition("Ready", "False"), "no"),
    (Condition("Ready", ("False", "True")), "yes"),
    (Condition("Ready", reason="All*"), "yes"),
    (Condition("Ready", reason=("Other", "AllWell")), "yes"),
    (Condition("Ready", but_reason="All*"), "no"),
    (Condition("Ready", message="*well"), "yes"),
    (Condition("Bad", "False", severity="Error"), "yes"),
    (Condition("Bad", "False", severity="Info"), "no"),
    (Condition("Absent"), "no"),
    (Condition("Absent", optional=True), "yes"),
    (Condition("Old"), "stale"),
    (Condition("Old", "False"), "stale"),
    (Condition("New"), "yes"),
    (Condition("Ready", fresh=True), "stale"),
    (Condition("Twice"), "yes"),
    (Condition("Bad", "False", last=True), "yes"),
    (Condition("Ready", last=True), "no"),
    (Condition("Re*"), "yes"),
    (Field("status.phase", "Ready", "Done"), "yes"),
    (Field("status.phase", "R*"), "yes"),
    (Field("status.phase", "ready"), "no"),
    (Field("status.phase"), "yes"),
    (Field("status.empty"), "no"),
    (Field("status.absent"), "no"),
    (Field("status.absent", "x", default="x"), "yes"),
    (Field("spec.paused", True), "yes"),
    (Field("spec.replicas", True), "no"),
    (Field("spec.paused", 1), "no"),
    (Field("status.parts[].state", "down"), "yes"),
    (Field("status.named[].state", "up"), "yes"),
    (Absent("status.absent"), "yes"),
    (Absent("status.empty"), "yes"),
    (Absent("status.phase"), "no"),
    (Label("a.b/c", "yes"), "yes"),
    (Label("a.b/c"), "yes"),
    (Label("other"), "no"),
    (Annotation("x", "z"), "no"),
    (Compare("status.readyReplicas", ">=", "spec.replicas"), "no"),
    (Compare("status.readyReplicas", ">=", "spec.replicas", minus="spec.partition"), "yes"),
    (Compare("status.readyReplicas", "==", 2), "yes"),
    (Compare("status.text", ">", 6), "yes"),
    (Compare("status.phase", ">", 0), "no"),
    (Compare("status.absent", "==", 0), "yes"),
    (Compare("status.absent", "==", 0, left_default=None), "no"),
    (Compare("status.readyReplicas", ">=", "spec.absent"), "no"),
    (Compare("status.readyReplicas", ">=", "spec.absent", default=1), "yes"),
    (Compare("spec.sets[].count", "==", 5), "yes"),
    (Compare("#spec.sets", "==", 2), "yes"),
    (Compare("status.version", "==", "spec.version", text=True), "yes"),
    (Compare("status.phase", "==", "spec.version", text=True), "no"),
    (Ratio("status.share"), "no"),
    (Ratio("status.none"), "no"),
    (Ratio("status.none", zero=True), "yes"),
    (Ratio("status.phase"), "no"),
    (AllOf(Condition("Ready"), Condition("Old")), "stale"),
    (AllOf(Condition("Old"), Condition("Absent")), "no"),
    (AllOf(), "yes"),
    (AnyOf(Condition("Absent"), Condition("Old")), "stale"),
    (AnyOf(Condition("Old"), Condition("Ready")), "yes"),
    (AnyOf(), "no"),
    (Not(Condition("Ready")), "no"),
    (Not(Condition("Absent")), "yes"),
    (Not(Condition("Old")), "stale"),
    (Each("status.parts", Field("state", "up")), "no"),
    (Each("status.parts", Field("state", "up"), where=Field("name", "a")), "yes"),
    (Each("status.parts", Field("state", "up", "down")), "yes"),
    (Each("status.absent", Field("state")), "no"),
    (Each("status.absent", Field("state"), at_least=0), "yes"),
    (Each("status.parts", Field("state"), at_least=3), "no"),
    (Some("status.parts", Field("state", "down")), "yes"),
    (Some("status.parts", Field("state", "gone")), "no"),
    (Query("status.phase == 'Ready'"), "yes"),
    (Query("status.absent"), "no"),
    (Query("status.readyReplicas > `5`"), "no"),
    (Query("sum(status.phase)"), "no"),
    (Told("Wait*"), "yes"),
    (Told("Other"), "no"),
]


@pytest.mark.parametrize(("matcher", "outcome"), CASES, ids=str)
def test_a_word(matcher: Matcher, outcome: str) -> None:
    event = {"kind": "Event", "reason": "WaitForFirstConsumer", "message": "later"}
    assert matcher.match(Scope(OBJECT, 2, (event,))).outcome == outcome
    assert str(matcher) or matcher == AllOf() or matcher == AnyOf()


def refs(*names: str, own: str = "data") -> dict[str, Any]:
    reports = [
        {"parentRef": {"name": n, "namespace": own, "kind": "Gateway"}, "conditions": [cond("Accepted")]} for n in names
    ]
    spec = {"parentRefs": [{"name": "a"}, {"name": "b", "namespace": "data"}]}
    return {"metadata": {"namespace": "data"}, "spec": spec, "status": {"parents": reports}}


@pytest.mark.parametrize(
    ("obj", "outcome"),
    [
        (refs("a", "b"), "yes"),
        (refs("a"), "no"),
        (refs("a", "b", own="other"), "no"),
        (refs("a", "b", "c"), "yes"),
        ({**refs("a"), "spec": {}}, "yes"),
        ({**refs(), "spec": {}}, "no"),
    ],
)
def test_every_reference_must_be_reported_on(obj: dict[str, Any], outcome: str) -> None:
    word = EachRef("spec.parentRefs", "status.parents", "parentRef", Condition("Accepted", at="conditions"))
    assert word.match(Scope(obj)).outcome == outcome


def test_what_is_said_of_a_part_names_it() -> None:
    said = Each("status.parts", Field("state", "up")).match(Scope(OBJECT)).message
    assert said == "b: state down"


def test_values_goes_through_lists_and_never_raises() -> None:
    assert values({"a": [{"b": 1}, 2, {"b": [3]}]}, "a[].b") == [1, [3]]
    assert values([], "a.b[].c") == []
    assert values({"a": {"x": 1, "y": 2}}, "#a") == [2]


# The order of judgement -----------------------------------------------------------------------------------------------

ROW = Rule(
    generation=OBSERVED,
    paused=(Field("spec.paused", True),),
    needs_user=(Condition("Asks"),),
    terminal=(Condition("Broken"),),
    retryable=(Condition("Failing"),),
    in_progress=(Condition("Working"),),
    ready=(Condition("Ready"),),
)
ORDER = ["Asks", "Stalled", "Broken", "Failing", "Working", "Ready"]
STATES = [
    ("paused", "needs_user"), ("failed", "terminal"), ("failed", "terminal"), ("failed", "retryable"),
    ("in_progress", ""), ("ready", ""),
]  # fmt: skip


def thing(*types: str, observed: int | None = 1, **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "x.io/v1",
        "kind": "Thing",
        "metadata": {"name": "t", "generation": 1, **more.pop("metadata", {})},
        "status": {"observedGeneration": observed, "conditions": [cond(t) for t in types]},
        **more,
    }


def judged(obj: Any, row: Rule = ROW, **more: Any) -> tuple[str, str]:
    verdict = evaluate(obj, rules={"x.io/Thing": row}, **more)
    return verdict.state, verdict.grade


@pytest.mark.parametrize("first", range(len(ORDER)), ids=ORDER)
def test_the_first_that_decides(first: int) -> None:
    assert judged(thing(*ORDER[first:])) == STATES[first]


def test_deletion_goes_before_all_and_names_its_finalizers() -> None:
    going = thing("Broken", spec={"paused": True}, metadata={"deletionTimestamp": "x", "finalizers": ["a/b"]})
    verdict = evaluate(going, rules={"x.io/Thing": ROW})
    assert (verdict.state, verdict.reason) == ("in_progress", "Terminating")
    assert verdict.message == "being deleted; finalizers: a/b"


def test_a_pause_goes_before_the_generation() -> None:
    assert judged(thing("Ready", observed=0, spec={"paused": True})) == ("paused", "")


@pytest.mark.parametrize(
    ("observed", "state"),
    [(0, "in_progress"), (None, "in_progress"), (1, "ready"), (2, "ready"), ("1", "ready"), ("x", "in_progress")],
)
def test_the_generation(observed: Any, state: str) -> None:
    assert judged(thing("Ready", observed=observed))[0] == state


def test_generation_modes() -> None:
    old = thing("Ready", observed=None)
    assert judged(old, Rule(generation=OBSERVED_IF_SET, ready=ROW.ready)) == ("ready", "")
    assert judged(old, Rule(generation=NOT_TRACKED, ready=ROW.ready)) == ("ready", "")
    named = observed_at("status.synced", prefix=True)
    prefixed = {**old, "status": {**old["status"], "synced": "1-abc"}}
    assert judged(prefixed, Rule(generation=named, ready=ROW.ready)) == ("ready", "")
    prefixed["status"]["synced"] = "0-abc"
    assert judged(prefixed, Rule(generation=named, ready=ROW.ready)) == ("in_progress", "")


def test_a_lag_hides_no_failure_where_only_success_is_observed() -> None:
    row = Rule(generation=ON_SUCCESS, retryable=ROW.retryable, ready=ROW.ready)
    assert judged(thing("Failing", observed=0), row) == ("failed", "retryable")
    assert judged(thing("Ready", observed=0), row) == ("in_progress", "")


def test_old_status_after_a_change_is_stale_unless_it_cannot_be_old() -> None:
    now = thing("Ready", observed=None)
    since = Since.of(now)
    assert judged(now, Rule(generation=NOT_TRACKED, ready=ROW.ready), since=since) == ("in_progress", "stale")
    assert judged(now, Rule(generation=FINAL, ready=ROW.ready), since=since) == ("ready", "")
    later = {**now, "status": {**now["status"], "seen": 1}}
    assert judged(later, Rule(generation=NOT_TRACKED, ready=ROW.ready), since=since) == ("ready", "")


def test_what_is_short_is_named() -> None:
    assert evaluate(thing("Other"), rules={"x.io/Thing": ROW}).message == "no condition Ready yet"
    bare = {k: v for k, v in thing().items() if k != "status"} | {"metadata": {"name": "t"}}
    assert evaluate(bare, rules={"x.io/Thing": ROW}).message == "no status yet"


@pytest.mark.parametrize(
    ("obj", "state"), [(None, "missing"), ({}, "unknown"), ("text", "unknown"), ({"kind": "Other"}, "unknown")]
)
def test_what_there_is_no_row_for(obj: Any, state: str) -> None:
    assert judged(obj)[0] == state


def test_the_longest_glob_stands_for_a_kind_without_a_row() -> None:
    rows = {"*": Rule(generation=FINAL), "*.x.io/*": Rule(generation=FINAL, note="x"), "a.x.io/K": ROW}
    assert rule_for({"apiVersion": "a.x.io/v1", "kind": "K"}, rows) is ROW
    assert rule_for({"apiVersion": "b.x.io/v1", "kind": "K"}, rows) is rows["*.x.io/*"]
    assert rule_for({"apiVersion": "v1", "kind": "K"}, rows) is rows["*"]
    assert (key_of({"apiVersion": "v1", "kind": "Pod"}), key_of({"apiVersion": "apps/v1", "kind": "D"})) == (
        "Pod",
        "apps/D",
    )
