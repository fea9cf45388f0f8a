"""Readiness rows of Azure Service Operator: one Ready condition whose severity tells work from failure.

Severity Info: the cloud still works on it; Warning: tried again; Error: only a change of the spec helps
(Azure/azure-service-operator: v2/pkg/genruntime/conditions).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Rule

RULES: dict[str, Rule] = {
    "*.azure.com/*": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("Ready", "False", severity="Error"),),
        retryable=(Condition("Ready", "False", severity="Warning"),),
        ready=(Condition("Ready"),),
        source="Azure/azure-service-operator: v2/pkg/genruntime/conditions/conditions.go",
    ),
}
