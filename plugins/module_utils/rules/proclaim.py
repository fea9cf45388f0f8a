"""Readiness rows of Proclaim: DNS-SD services, adopted by a zone, advertised, found again by a lookup."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Rule

RULES: dict[str, Rule] = {
    "proclaim.dogmatiq.io/DNSSDServiceInstance": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Condition("Advertised", "False", reason=("*Error", "*Failed", "*Invalid*")),
            Condition("Adopted", "False", reason=("InstanceIgnored", "*Error")),
        ),
        ready=(
            Condition("Discoverable"),
            Condition("Advertised", optional=True),
            Condition("Adopted", optional=True),
        ),
        source="dogmatiq/proclaim: crd/condition.go",
    ),
}
