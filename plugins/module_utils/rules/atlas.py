"""Readiness rows of the Atlas operator (database schemas and migrations).

Ready=False carries why: work under way, a plan that a person approves, or the error of the last try
(ariga/atlas-operator: api/v1alpha1/atlasschema_types.go, internal/status).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Rule

_MIGRATION = Rule(
    generation=OBSERVED_IF_SET,
    needs_user=(Condition("Ready", "False", reason="ApprovalPending"),),
    retryable=(Condition("Ready", "False", but_reason=("Reconciling", "GettingDevDB")),),
    ready=(Condition("Ready"),),
    source="ariga/atlas-operator: api/v1alpha1/atlasmigration_types.go, atlasschema_types.go",
)

RULES: dict[str, Rule] = {"db.atlasgo.io/*": _MIGRATION}
