"""A reconciler that says it retries has failed: its failure is told, not only that it works on it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import (
    OBSERVED_IF_SET,
    Condition,
    Rule,
    evaluate,
)

RULES = {
    "example.org/Thing": Rule(
        generation=OBSERVED_IF_SET, retryable=(Condition("Ready", "False"),), ready=(Condition("Ready"),)
    )
}


def judged(reason: str, ready: str) -> tuple[str, str]:
    conditions = [{"type": "Reconciling", "status": "True", "reason": reason}, {"type": "Ready", "status": ready}]
    thing: dict[str, Any] = {"apiVersion": "example.org/v1", "kind": "Thing", "status": {"conditions": conditions}}
    verdict = evaluate(thing, rules=RULES)
    return verdict.state, verdict.grade


@pytest.mark.parametrize(
    ("reason", "ready", "state"),
    [
        ("ProgressingWithRetry", "False", ("failed", "retryable")),
        ("RetryingAfterFailure", "False", ("failed", "retryable")),
        ("Progressing", "False", ("in_progress", "")),
        ("ProgressingWithRetry", "Unknown", ("in_progress", "")),
        ("ProgressingWithRetry", "True", ("in_progress", "")),
    ],
)
def test_retrying_tells_the_failure(reason: str, ready: str, state: tuple[str, str]) -> None:
    assert judged(reason, ready) == state
