"""Readiness rows of Kyverno's policies and of the policy report group.

Ready became a condition in 1.8; before, and still beside it, status.ready says the same. The CEL policies of
policies.kyverno.io keep both one level down in status.conditionStatus.
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
    Rule,
    Some,
)
from ..core.readiness.silent import SILENT

_POLICY = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Ready", "False"),),
    ready=(AnyOf(Condition("Ready"), AllOf(Field("status.ready", True), Absent("status.conditions"))),),
    source="kyverno/kyverno: api/kyverno/v1/policy_status.go",
)

RULES: dict[str, Rule] = {
    "kyverno.io/ClusterPolicy": _POLICY,
    "kyverno.io/Policy": _POLICY,
    "kyverno.io/GlobalContextEntry": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"),),
        source="kyverno/kyverno: api/kyverno/v2alpha1/global_context_entry_status.go",
    ),
    "kyverno.io/UpdateRequest": Rule(
        generation=FINAL,
        retryable=(Field("status.state", "Failed", say="status.message"),),
        ready=(Field("status.state", "Completed", "Skip"),),
        source="kyverno/kyverno: api/kyverno/v2/update_request_types.go",
    ),
    "kyverno.io/*CleanupPolicy": SILENT,
    "kyverno.io/PolicyException": SILENT,
    "policies.kyverno.io/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Some("status.conditionStatus.conditions", Field("status", "False", say="message")),),
        ready=(Field("status.conditionStatus.ready", True),),
        source="kyverno/api: api/policies.kyverno.io/v1alpha1/common_types.go",
    ),
    "policies.kyverno.io/PolicyException": SILENT,
    "wgpolicyk8s.io/*": SILENT,
    "reports.kyverno.io/*": SILENT,
    "openreports.io/*": SILENT,
}
