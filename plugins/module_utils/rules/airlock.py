"""Readiness rows of Airlock Microgateway's policies: Accepted for each Gateway that they end up on (GEP-713 status)."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Each, Rule, Some

_ACCEPTED = Condition("Accepted", at="conditions")

RULES: dict[str, Rule] = {
    "microgateway.airlock.com/*Policy": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Some("status.ancestors", Condition("Accepted", "False", but_reason="Pending", at="conditions")),
            Some("status.ancestors", Condition("ResolvedRefs", "False", at="conditions")),
        ),
        ready=(Each("status.ancestors", _ACCEPTED, Condition("ResolvedRefs", optional=True, at="conditions")),),
        source="kubernetes-sigs/gateway-api: apis/v1/policy_types.go; Airlock Microgateway API reference",
    ),
}
