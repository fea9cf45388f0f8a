"""Readiness of every kind that has no row of its own: by convention, and never ready on a guess."""

from __future__ import annotations

from ..core.readiness.conventions import BAD, BUSY, GOOD, STILL, Says, Unsaid
from ..core.readiness.rule import OBSERVED_IF_SET, Field, Not, Rule

RULES: dict[str, Rule] = {
    "*": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True), Field("spec.suspend", True), Field("spec.suspended", True), Says(STILL)),
        retryable=(Says(BAD),),
        in_progress=(Says(BUSY),),
        ready=(
            Says(GOOD),
            Not(Says(BAD, weak=True)),
            Not(Says(BUSY, weak=True)),
            Not(Says(STILL, weak=True)),
        ),
        unverified=(Unsaid(),),
        source="kubernetes: API conventions; kstatus",
        note="A status that says nothing either way counts as ready after status_grace, with a warning.",
    )
}
