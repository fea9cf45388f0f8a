"""The baseline for the score: the generic rules that kstatus publishes, told in our grammar of verdicts.

From sigs.k8s.io/cli-utils pkg/kstatus (README and status/generic.go, status/core.go): deletion, observedGeneration,
Reconciling, Stalled, a table for Kubernetes' own kinds, Ready; anything else is current. For its own kinds the table is
near enough to ours that the baseline uses our rows for them.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.matchers import (
    Condition,
    Scope,
    number,
    value,
)
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import (
    FAILED,
    IN_PROGRESS,
    READY,
    Verdict,
    evaluate,
    key_of,
)
from ansible_collections.groundwork.platform.plugins.module_utils.rules.builtin import RULES

_OWN = {k: RULES[k] for k in RULES if k.startswith("apps/")} | {
    k: RULES[k]
    for k in (
        "Pod", "PersistentVolumeClaim", "Service", "batch/Job", "policy/PodDisruptionBudget",
        "apiextensions.k8s.io/CustomResourceDefinition",
    )
}  # fmt: skip
_SIGNS = (("Reconciling", "True", IN_PROGRESS), ("Stalled", "True", FAILED), ("Ready", "False", IN_PROGRESS))


def judge(obj: Any) -> Verdict:
    """The verdict of the published rules."""
    if value(obj, "metadata.deletionTimestamp") is not None:
        return Verdict(IN_PROGRESS, reason="Terminating")
    observed, wanted = number(value(obj, "status.observedGeneration")), number(value(obj, "metadata.generation"))
    if observed is not None and wanted is not None and observed != wanted:
        return Verdict(IN_PROGRESS, reason="LatestGenerationNotObserved")
    if key_of(obj) in _OWN:
        return evaluate(obj, rules=_OWN)
    for type_, status, state in (*_SIGNS, ("Ready", "Unknown", IN_PROGRESS)):
        if Condition(type_, status).match(Scope(obj)).outcome == "yes":
            return Verdict(state, reason=type_)
    return Verdict(READY, reason="Current")
