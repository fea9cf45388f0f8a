"""Readiness rows of the Coralogix operator: one condition says whether the account has the object."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Rule

RULES: dict[str, Rule] = {
    "coralogix.com/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("RemoteSynced", "False"),),
        ready=(Condition("RemoteSynced"),),
        source="coralogix/coralogix-operator: internal/utils/conditions.go",
    ),
}
