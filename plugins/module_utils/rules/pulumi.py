"""Readiness rows of the Pulumi operator.

Ready, Reconciling and Stalled as kstatus means them; lastUpdate tells how the last run ended, also in version 1 that
had no conditions (pulumi/pulumi-kubernetes-operator: operator/api/pulumi/v1/stack_types.go, shared/stack_types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import (
    FINAL,
    OBSERVED_IF_SET,
    Absent,
    AllOf,
    AnyOf,
    Condition,
    Field,
    Not,
    Rule,
)

RULES: dict[str, Rule] = {
    "pulumi.com/Stack": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.lastUpdate.state", "failed", say="status.lastUpdate.message"),),
        in_progress=(Condition("Ready", "False"),),
        ready=(
            AnyOf(
                Condition("Ready"),
                AllOf(Absent("status.conditions"), Field("status.lastUpdate.state", "succeeded")),
            ),
            Not(Field("status.lastUpdate.state", "failed")),
        ),
        source="pulumi/pulumi-kubernetes-operator: operator/api/pulumi/v1/stack_types.go",
    ),
    "auto.pulumi.com/Workspace": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Ready", "False", reason="*Fail*"),),
        ready=(Condition("Ready"),),
        source="pulumi/pulumi-kubernetes-operator: operator/api/auto/v1alpha1/workspace_types.go",
    ),
    "auto.pulumi.com/Update": Rule(
        generation=FINAL,
        terminal=(Condition("Failed"),),
        in_progress=(Condition("Progressing"),),
        ready=(Condition("Complete"),),
        source="pulumi/pulumi-kubernetes-operator: operator/api/auto/v1alpha1/update_types.go",
    ),
}
