"""Readiness rows of backup operators that we do not render: K8up, Kanister."""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, Condition, Field, Rule

_ONCE = Rule(
    generation=FINAL,
    terminal=(Condition("Completed", reason=("Failed", "*Failed")),),
    retryable=(
        Condition("Ready", "False", reason="*Failed"),
        Condition("PreBackupPodReady", "False", reason="*Failed"),
    ),
    ready=(Condition("Completed", reason="Succeeded"),),
    source="k8up-io/k8up: api/v1/conditions.go",
)

RULES: dict[str, Rule] = {
    **{f"k8up.io/{kind}": _ONCE for kind in ("Archive", "Backup", "Check", "Prune", "Restore")},
    "k8up.io/Schedule": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"),),
        source="k8up-io/k8up: api/v1/schedule_types.go",
    ),
    "cr.kanister.io/ActionSet": Rule(
        generation=FINAL,
        terminal=(Field("status.state", "failed", "attemptfailed", say="status.error.message"),),
        ready=(Field("status.state", "complete"),),
        source="kanisterio/kanister: pkg/apis/cr/v1alpha1/types.go",
    ),
}
