"""Readiness rows of Kuadrant: policies on Gateway API objects, and the operator's own kinds.

Accepted says that a policy is valid and its target exists, Enforced that the gateways apply it
(Kuadrant/kuadrant-operator: internal/kuadrant/conditions.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Rule

_POLICY = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Accepted", "False"), Condition("Enforced", "False")),
    ready=(Condition("Accepted"), Condition("Enforced")),
    source="Kuadrant/kuadrant-operator: internal/kuadrant/conditions.go",
)

RULES: dict[str, Rule] = {
    f"kuadrant.io/{kind}": _POLICY
    for kind in ("AuthPolicy", "DNSPolicy", "RateLimitPolicy", "TLSPolicy", "TokenRateLimitPolicy")
}
