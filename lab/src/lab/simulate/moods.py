"""Moods: what a test asks of a simulated operator, by an annotation on its resource."""

from __future__ import annotations

from typing import Any

ANNOTATION = "lab.groundwork.platform/mood"
SLOW, STALE, FAILING, STUCK, PAUSED, UNSCHEDULABLE = "slow", "stale", "failing", "stuck", "paused", "unschedulable"
NONE = "none"
WORDS = {
    SLOW: "everything takes ten times as long",
    STALE: "after a change the status stays as it was for some seconds",
    FAILING: "a failure is reported first, and passes",
    STUCK: "everything happens but the last step: it never becomes ready",
    PAUSED: "the operator is told to look away, as its own users would",
    UNSCHEDULABLE: "the last pod asks for a node that does not exist",
    NONE: "as recorded",
}
SLOWNESS = 10  # times
STALENESS = 2.0  # seconds, of the clock on the wall
FAILURE = 3.0  # seconds, of the clock on the wall
NOWHERE = {"lab.groundwork.platform/nowhere": "true"}  # a node selector


def of(obj: dict[str, Any]) -> str:
    """The mood that an object asks for; anything unknown is none."""
    found = (obj.get("metadata", {}).get("annotations") or {}).get(ANNOTATION, NONE)
    return found if found in WORDS else NONE
