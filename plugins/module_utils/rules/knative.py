"""Readiness rows of Knative: serving, eventing, and the operator's own kinds.

Every kind has one living condition set whose happy condition is Ready: True, False or Unknown (knative/pkg:
apis/condition_set.go); dependents with severity Info do not count in it.
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Rule

_READY = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Ready", "False"),),
    ready=(Condition("Ready"),),
    source="knative/pkg: apis/condition_set.go",
)

# Ready=False also while deployments come up; only the parts that cannot come by waiting are failures.
_OPERATOR = Rule(
    generation=OBSERVED_IF_SET,
    terminal=(Condition("VersionMigrationEligible", "False"),),
    retryable=(
        Condition("InstallSucceeded", "False"),
        Condition("DependenciesInstalled", "False", reason=("Error", "Missing*")),
        Condition("TargetClusterResolved", "False"),
    ),
    ready=(
        Condition("InstallSucceeded", optional=True),
        Condition("DependenciesInstalled", optional=True),
        Condition("DeploymentsAvailable", optional=True),
        Condition("Ready"),
    ),
    source="knative/operator: pkg/apis/operator/v1beta1/knativeserving_lifecycle.go, base/common_lifecycle.go",
)

RULES: dict[str, Rule] = {
    "serving.knative.dev/*": _READY,
    "eventing.knative.dev/*": _READY,
    "messaging.knative.dev/*": _READY,
    "flows.knative.dev/*": _READY,
    "sources.knative.dev/*": _READY,
    "sinks.knative.dev/*": _READY,
    "bindings.knative.dev/*": _READY,
    "*.internal.knative.dev/*": _READY,
    "operator.knative.dev/*": _OPERATOR,
}
