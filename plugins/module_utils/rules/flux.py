"""Readiness rows of Flux: sources, Kustomization, HelmRelease, notification and image automation.

All controllers use one reconciler library: observedGeneration in every condition, Ready as the sum, Reconciling and
Stalled as kstatus means them (fluxcd/pkg: runtime/conditions, runtime/reconcile).
"""

from __future__ import annotations

from ..core.readiness.rule import Absent, AllOf, AnyOf, Condition, Field, Generation, Rule

# Written when a reconcile succeeds or stalls, not while it fails (fluxcd/source-controller: internal/reconcile/
# reconcile.go:136-171); the static kinds never have it.
_ON_SUCCESS = Generation("D", "status.observedGeneration")
_SUSPENDED = Field("spec.suspend", True)
_WORKING = ("Progressing", "ProgressingWithRetry", "DependencyNotReady")

_RECONCILED = Rule(
    generation=_ON_SUCCESS,
    paused=(_SUSPENDED,),
    retryable=(Condition("Ready", "False", but_reason=_WORKING),),
    ready=(Condition("Ready"), Condition("Healthy", optional=True)),
    source="fluxcd/source-controller: api/v1/condition_types.go",
)

RULES: dict[str, Rule] = {
    "source.toolkit.fluxcd.io/*": _RECONCILED,
    "kustomize.toolkit.fluxcd.io/*": _RECONCILED,
    "image.toolkit.fluxcd.io/*": _RECONCILED,
    "notification.toolkit.fluxcd.io/*": _RECONCILED,
    "infra.contrib.fluxcd.io/*": _RECONCILED,  # tofu-controller uses the same library
    "fluxcd.controlplane.io/*": _RECONCILED,
    "source.extensions.fluxcd.io/*": _RECONCILED,
    "helm.toolkit.fluxcd.io/HelmRelease": Rule(
        generation=_ON_SUCCESS,
        paused=(_SUSPENDED,),
        terminal=(Condition("Ready", "False", reason="RetriesExceeded"),),
        retryable=(
            Condition("Ready", "False", but_reason=_WORKING),
            Condition("TestSuccess", "False", reason="TestFailed"),
        ),
        ready=(Condition("Ready"),),
        source="fluxcd/helm-controller: api/v2/condition_types.go",
    ),
    # Since source-controller 1.3 a HelmRepository of type oci is static: its status is removed.
    "source.toolkit.fluxcd.io/HelmRepository": Rule(
        generation=_ON_SUCCESS,
        paused=(_SUSPENDED,),
        retryable=(Condition("Ready", "False", but_reason=_WORKING),),
        ready=(AnyOf(Condition("Ready"), AllOf(Field("spec.type", "oci"), Absent("status.conditions"))),),
        source="fluxcd/source-controller: internal/controller/helmrepository_controller.go",
    ),
    # From v1beta3 on Alert and Provider are static: no controller writes a status.
    **{
        f"notification.toolkit.fluxcd.io/{kind}": Rule(
            generation=_ON_SUCCESS,
            paused=(_SUSPENDED,),
            retryable=(Condition("Ready", "False", but_reason=_WORKING),),
            ready=(AnyOf(Condition("Ready"), Field("apiVersion", "*/v1beta3")),),
            source="fluxcd/notification-controller: api/v1beta3",
        )
        for kind in ("Alert", "Provider")
    },
}
