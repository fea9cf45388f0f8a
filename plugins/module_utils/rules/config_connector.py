"""Readiness rows of Google Config Connector: one convention for every cloud resource.

Ready sums up; its reason tells work from failure, and observedGeneration moves with it
(GoogleCloudPlatform/k8s-config-connector: pkg/k8s/constants.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, AnyOf, Condition, Field, Not, Rule
from ..core.readiness.silent import SILENT

RULES: dict[str, Rule] = {
    "*.cnrm.cloud.google.com/*": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Condition("Ready", "False", reason="Unmanaged"),),
        terminal=(Condition("Ready", "False", reason="ManagementConflict"),),
        retryable=(
            Condition(
                "Ready",
                "False",
                reason=("*Failed", "*Invalid", "*Error"),
            ),
        ),
        ready=(Condition("Ready"),),
        source="GoogleCloudPlatform/k8s-config-connector: pkg/k8s/constants.go",
    ),
    "core.cnrm.cloud.google.com/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.healthy", False, say="status.errors"), Field("status.errors[]")),
        ready=(AnyOf(Field("status.healthy", True), Condition("Ready")), Not(Field("status.errors[]"))),
        source="GoogleCloudPlatform/k8s-config-connector: operator/pkg/apis/core/v1beta1/configconnector_types.go",
    ),
    "core.cnrm.cloud.google.com/ServiceMapping": SILENT,
}
