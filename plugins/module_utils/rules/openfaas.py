"""Readiness rows of OpenFaaS functions: Ready when deployed, Healthy while a replica serves."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Rule

RULES: dict[str, Rule] = {
    "openfaas.com/Function": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("Stalled"),),
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"), Condition("Healthy")),
        pods="faas_function={name}",
        source="openfaas/faas-netes: pkg/apis/openfaas/v1/types.go",
    ),
}
