"""Readiness rows of Carvel: kapp-controller's apps and packages, secretgen-controller.

One condition of Reconciling, ReconcileFailed, ReconcileSucceeded is True at a time; a failed app is tried again every
sync period (carvel-dev/kapp-controller: pkg/apis/kappctrl/v1alpha1/status.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Field, Rule
from ..core.readiness.silent import SILENT

_RECONCILED = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("spec.paused", True), Field("spec.canceled", True)),
    retryable=(Condition("ReconcileFailed"), Condition("DeleteFailed")),
    in_progress=(Condition("Reconciling"), Condition("Deleting")),
    ready=(Condition("ReconcileSucceeded"),),
    source="carvel-dev/kapp-controller: pkg/apis/kappctrl/v1alpha1/status.go",
)

RULES: dict[str, Rule] = {
    "kappctrl.k14s.io/*": _RECONCILED,
    "packaging.carvel.dev/*": _RECONCILED,
    "data.packaging.carvel.dev/*": SILENT,
    "secretgen.k14s.io/*": _RECONCILED,
    "secretgen.carvel.dev/*": _RECONCILED,
}
