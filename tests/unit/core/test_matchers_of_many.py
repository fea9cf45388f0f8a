"""Count and Same: matchers over many values."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.matchers import (
    NO,
    YES,
    Count,
    Same,
    Scope,
)

RUNNING = Count("status.states[]", "RUNNING", at_least="spec.instances", default=2)


@pytest.mark.parametrize(
    ("spec", "states", "outcome"),
    [
        ({"instances": 2}, {"a": "RUNNING", "b": "RUNNING"}, YES),
        ({"instances": 2}, {"a": "RUNNING", "b": "FAILED", "c": "FAILED"}, NO),
        ({"instances": 2}, ["RUNNING", "FAILED", "RUNNING"], YES),
        ({}, {"a": "RUNNING"}, NO),
        ({"instances": 0}, {}, YES),
        ({"instances": "many"}, {"a": "RUNNING"}, NO),
        ({"instances": 1}, "RUNNING", NO),
    ],
)
def test_count_counts_wanted_values_only(spec: Any, states: Any, outcome: str) -> None:
    assert RUNNING.match(Scope({"spec": spec, "status": {"states": states}})).outcome == outcome


@pytest.mark.parametrize(
    ("shas", "outcome"),
    [(["a", "a"], YES), (["a"], YES), (["a", "b"], NO), ([], NO), ([["a"], {"b": 1}], NO)],
)
def test_same_needs_one_value_everywhere(shas: Any, outcome: str) -> None:
    found = Same("status.environments[].sha").match(Scope({"status": {"environments": [{"sha": s} for s in shas]}}))
    assert found.outcome == outcome


def test_messages_tell_what_is_short() -> None:
    obj = {"spec": {"instances": 3}, "status": {"states": {"a": "RUNNING"}}}
    assert RUNNING.match(Scope(obj)).message == "1 of 3 states[] RUNNING"
    assert str(RUNNING) == "at least spec.instances of status.states[] are RUNNING"
