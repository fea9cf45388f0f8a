"""Readiness rows of AWS Controllers for Kubernetes: every cloud resource has the same conditions.

ResourceSynced tells whether the cloud has what the spec asks for, Terminal that only a change of the spec helps,
Recoverable that it is tried again (aws-controllers-k8s/runtime: apis/core/v1alpha1/conditions.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, AnyOf, Condition, Field, Not, Rule
from ..core.readiness.silent import SILENT

RULES: dict[str, Rule] = {
    "*.services.k8s.aws/*": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field(("metadata", "annotations", "services.k8s.aws/read-only"), "true"),),
        terminal=(Condition("ACK.Terminal"),),
        retryable=(
            Condition("ACK.Recoverable"),
            Condition("ACK.ReferencesResolved", ("False", "Unknown"), message="?*"),
        ),
        ready=(
            AnyOf(Condition("ACK.ResourceSynced"), Condition("Ready")),
            Condition("ACK.ResourceSynced", optional=True),
            Condition("Ready", optional=True),
            Not(Condition("ACK.ReferencesResolved", ("False", "Unknown"))),
        ),
        source="aws-controllers-k8s/runtime: apis/core/v1alpha1/conditions.go",
    ),
    "services.k8s.aws/FieldExport": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("ACK.Terminal"),),
        retryable=(Condition("ACK.Recoverable"),),
        ready=SILENT.ready,
        source="aws-controllers-k8s/runtime: apis/core/v1alpha1/field_export.go",
    ),
    "services.k8s.aws/AdoptedResource": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("ACK.Terminal"),),
        retryable=(Condition("ACK.Adopted", "False"),),
        ready=(Condition("ACK.Adopted"),),
        source="aws-controllers-k8s/runtime: apis/core/v1alpha1/adopted_resource.go",
    ),
    "elbv2.k8s.aws/TargetGroupBinding": SILENT,
    "elbv2.k8s.aws/IngressClassParams": SILENT,
    "vpcresources.k8s.aws/SecurityGroupPolicy": SILENT,
}
