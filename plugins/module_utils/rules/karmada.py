"""Readiness rows of Karmada: bindings that spread an object over clusters, works, clusters.

A binding is done when the scheduler has seen its generation, every cluster has applied the object, and no cluster
calls it unhealthy; Unknown is what clusters say of kinds they cannot judge (karmada-io/karmada:
pkg/apis/work/v1alpha2/binding_types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Each, Field, Not, Rule, Some, observed_at
from ..core.readiness.silent import SILENT

_BINDING = Rule(
    generation=observed_at("status.schedulerObservedGeneration", required=False),
    paused=(Field("spec.suspension.scheduling", True), Field("spec.suspension.dispatching", True)),
    retryable=(
        Condition("Scheduled", "False"),
        Some("status.aggregatedStatus", Field("health", "Unhealthy", say="appliedMessage")),
        Some("status.aggregatedStatus", Field("applied", False, say="appliedMessage")),
    ),
    ready=(
        Condition("Scheduled"),
        Condition("FullyApplied"),
        Each("status.aggregatedStatus", Field("applied", True), Not(Field("health", "Unhealthy"))),
    ),
    source="karmada-io/karmada: pkg/apis/work/v1alpha2/binding_types.go:448-553",
)

RULES: dict[str, Rule] = {
    "work.karmada.io/ResourceBinding": _BINDING,
    "work.karmada.io/ClusterResourceBinding": _BINDING,
    "work.karmada.io/Work": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.suspendDispatching", True),),
        retryable=(Condition("Applied", "False"), Condition("Degraded")),
        in_progress=(Condition("Progressing"),),
        ready=(Condition("Applied"), Not(Field("status.manifestStatuses[].health", "Unhealthy"))),
        source="karmada-io/karmada: pkg/apis/work/v1alpha1/work_types.go:153",
    ),
    "cluster.karmada.io/Cluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"),),
        source="karmada-io/karmada: pkg/apis/cluster/v1alpha1/types.go:280",
    ),
    "operator.karmada.io/Karmada": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Condition("Ready"),),
        source="karmada-io/karmada: operator/pkg/apis/operator/v1alpha1/type.go",
    ),
    "policy.karmada.io/*": SILENT,
    "config.karmada.io/*": SILENT,
}
