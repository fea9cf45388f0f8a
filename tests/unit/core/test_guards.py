"""Irreversible changes: judged on live and desired, allowed by a sentence that fits one object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import guards
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.guards import (
    HoldsData,
    NeverChanges,
    NeverRemoved,
    NeverShrinks,
    NotBelow,
    Refusal,
)

KIND = "postgresql.cnpg.io/Cluster"


def cluster(**spec: Any) -> dict[str, Any]:
    metadata = {"name": "main", "namespace": "data", "uid": "3f9a21c4-1111-2222"}
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": metadata, "spec": spec}


SIZE = NeverShrinks(KIND, "spec.size", why="data would be lost")
CLASS = NeverChanges(KIND, "spec.class", why="a claim keeps its class")
FLOOR = NotBelow(KIND, "spec.instances", why="quorum is lost", floor=3)


@pytest.mark.parametrize(
    ("guard", "live", "desired", "verb"),
    [
        (SIZE, {"size": "20Gi"}, {"size": "10Gi"}, "shrink spec.size from 20Gi to 10Gi of"),
        (SIZE, {"size": "1Ti"}, {"size": "1000Gi"}, "shrink spec.size from 1Ti to 1000Gi of"),
        (SIZE, {"size": "10Gi"}, {"size": "10240Mi"}, None),
        (SIZE, {"size": "10Gi"}, {"size": "20Gi"}, None),
        (SIZE, {}, {"size": "20Gi"}, None),
        (SIZE, {"size": "20Gi"}, {}, None),
        (SIZE, {"size": "unknown"}, {"size": "1Gi"}, None),
        (CLASS, {"class": "fast"}, {"class": "slow"}, "change spec.class from fast to slow of"),
        (CLASS, {"class": "fast"}, {"class": "fast"}, None),
        (CLASS, {}, {"class": "slow"}, None),
        (FLOOR, {"instances": 5}, {"instances": 2}, "set spec.instances to 2 of"),
        (FLOOR, {"instances": 5}, {"instances": 3}, None),
        (FLOOR, {"instances": 1}, {"instances": 2}, None),
    ],
)
def test_a_guard(guard: guards.Guard, live: dict[str, Any], desired: dict[str, Any], verb: str | None) -> None:
    refusals = guards.changes(cluster(**live), cluster(**desired), [guard])
    assert refusals == ([Refusal(f"{verb} {KIND} data/main 3f9a21c4", guard.why)] if verb else [])


def test_a_guard_of_another_kind_says_nothing() -> None:
    other = NeverShrinks("example.org/Other", "spec.size", why="x")
    assert guards.changes(cluster(size="2"), cluster(size="1"), [other]) == []


def test_a_refusal_names_all_sentences_at_once() -> None:
    refusals = guards.changes(cluster(size="2", **{"class": "a"}), cluster(size="1", **{"class": "b"}), [SIZE, CLASS])
    with pytest.raises(PlatformError) as refused:
        guards.check(refusals, ["something else"], "change set data/main")
    assert "nothing was written" in str(refused.value)
    for refusal in refusals:
        assert repr(refusal.sentence) in str(refused.value)
        assert refusal.why in str(refused.value)
    guards.check(refusals, [refusal.sentence.replace(" ", "  ") for refusal in refusals], "change set data/main")


def test_what_would_be_lost() -> None:
    rows = [HoldsData(KIND, lambda live: f"{live['spec']['size']} of databases"), HoldsData("example.org/Known", "")]
    assert guards.loses(cluster(size="2Gi"), rows) == "2Gi of databases"
    assert guards.loses({"apiVersion": "example.org/v1", "kind": "Known"}, rows) == ""
    assert (
        guards.loses({"apiVersion": "example.org/v1", "kind": "Unknown"}, rows)
        == "no rule says that this kind holds no data"
    )
    assert guards.loses({"apiVersion": "v1", "kind": "ConfigMap"}, rows) == ""
    assert guards.loses({"apiVersion": "v1", "kind": "Namespace"}, rows) == "everything in it is deleted with it"


def test_sentences_that_allowed_nothing() -> None:
    assert guards.unused(["one  two", "three"], {"one two"}) == ["three"]


class Overwrites(guards.Guard):
    """A creation that meets what is there."""

    def creating(self, desired: dict[str, Any], around: Iterable[dict[str, Any]]) -> tuple[str, dict[str, Any]] | None:
        return next((("overwrite", each) for each in around if each["kind"] == "Archive"), None)


def test_a_field_that_is_removed() -> None:
    rows = [NeverRemoved(KIND, "spec.wal", "it holds the log"), NeverChanges(KIND, "spec.wal", "never")]
    assert [each.why for each in guards.changes(cluster(wal=1), cluster(), rows)] == ["it holds the log"]
    assert not guards.changes(cluster(), cluster(), rows)
    assert not guards.changes(cluster(), cluster(wal=1), rows)


def test_a_creation_is_judged_by_what_is_there() -> None:
    there = {"apiVersion": "v1", "kind": "Archive", "metadata": {"name": "a", "uid": "0123456789"}}
    rows = [Overwrites(KIND, "", "it was somebody's")]
    assert guards.creations(cluster(), [there], rows) == [Refusal("overwrite Archive a 01234567", "it was somebody's")]
    assert not guards.creations(cluster(), [], rows)
    assert not guards.creations(there, [there], rows)


def test_what_is_lost_is_told_from_what_is_beside() -> None:
    row = HoldsData(KIND, beside=lambda obj, around: f"{len(list(around))} beside it", reads=("example.org/Archive",))
    assert guards.loses(cluster(), [row], [{}, {}]) == "2 beside it"
    assert row.read == (KIND, "example.org/Archive")
    assert not HoldsData(KIND, "words").read
