"""The Istio mesh, its installers included: the rows that say when its objects are ready. Pure."""

from __future__ import annotations

from ..core.readiness.matchers import Matcher
from ..core.readiness.rule import (
    NOT_TRACKED,
    OBSERVED,
    OBSERVED_IF_SET,
    AllOf,
    Condition,
    Field,
    Not,
    Rule,
    Some,
)

# Messages carry no generation of their own; the condition written with them may.
_ANALYSED = Condition("PassedAnalysis", "*", optional=True)


def _message(*levels: str | int) -> Matcher:
    return Some("status.validationMessages", Field("level", *levels, say="type.name"))


_CONFIGURATION = Rule(
    generation=OBSERVED_IF_SET,
    terminal=(AllOf(_message("ERROR", "Error", 3), _ANALYSED),),
    ready=(Not(Condition("Reconciled", "False")), _ANALYSED),
    warnings=(_message("WARNING", "Warn*", 8),),
    source="istio/api: meta/v1alpha1/status.proto, analysis/v1alpha1/message.proto",
    note="There is a status only where istiod's analysis is on; without one the object is ready once stored.",
)
_INSTALLED = Rule(
    generation=OBSERVED,
    # The Istio object has no revision yet: the operator makes it next.
    retryable=(Condition("Reconciled", "False", but_reason="ActiveRevisionNotFound"),),
    ready=(Condition("Reconciled"), Condition("Ready")),
    warnings=(Condition("DependenciesHealthy", "False"),),
    source="sail-operator: api/v1/istio_types.go:157, controllers/istio/istio_controller.go:221",
)

RULES: dict[str, Rule] = {
    **dict.fromkeys(
        ("networking.istio.io/*", "security.istio.io/*", "telemetry.istio.io/*", "extensions.istio.io/*"),
        _CONFIGURATION,
    ),
    **dict.fromkeys(
        (f"sailoperator.io/{kind}" for kind in ("Istio", "IstioRevision", "IstioCNI", "ZTunnel")), _INSTALLED
    ),
    "sailoperator.io/IstioRevisionTag": Rule(
        generation=OBSERVED,
        retryable=(Condition("Reconciled", "False"),),
        ready=(Condition("Reconciled"),),
        source="sail-operator: api/v1/istiorevisiontags_types.go:91",
    ),
    "install.istio.io/IstioOperator": Rule(
        generation=NOT_TRACKED,
        needs_user=(Field("status.status", "ACTION_REQUIRED", 5, say="status.message"),),
        retryable=(Field("status.status", "ERROR", 4, say="status.message"),),
        ready=(Field("status.status", "HEALTHY", 3, say="status.message"),),
        source="istio: operator/pkg/apis/istio/v1alpha1/operator.proto (InstallStatus.Status)",
        note="The number or the name of the state; the operator itself is no longer developed.",
    ),
}
