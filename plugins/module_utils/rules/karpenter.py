"""Readiness rows of Karpenter: node pools, node claims and the clouds' node classes.

Conditions carry observedGeneration; Ready sums the living ones, Unknown means not looked at yet (awslabs/operatorpkg:
status/condition_set.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Rule

_CLASS = Rule(
    generation=OBSERVED_IF_SET,
    terminal=(Condition("ValidationSucceeded", "False"),),
    retryable=(Condition("Ready", "False"),),
    ready=(Condition("Ready"),),
    source="aws/karpenter-provider-aws: pkg/apis/v1/ec2nodeclass_status.go",
)

RULES: dict[str, Rule] = {
    "karpenter.k8s.aws/*": _CLASS,
    "karpenter.azure.com/*": _CLASS,
    "karpenter.k8s.gcp/*": _CLASS,
    "karpenter.sh/NodePool": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("ValidationSucceeded", "False"),),
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"), Condition("NodeRegistrationHealthy", ("True", "Unknown"), optional=True)),
        source="kubernetes-sigs/karpenter: pkg/apis/v1/nodepool_status.go",
    ),
    # Launched, Registered, Initialized in turn; Ready sums them. A claim being disrupted is on its way out.
    "karpenter.sh/NodeClaim": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Condition("Launched", "False"),
            Condition("Registered", "False"),
            Condition("Initialized", "False"),
        ),
        in_progress=(
            Condition("Disrupting"),
            Condition("DisruptionReason"),
            Condition("InstanceTerminating"),
            Condition("Drained"),
        ),
        ready=(Condition("Launched", optional=True), Condition("Registered", optional=True), Condition("Ready")),
        source="kubernetes-sigs/karpenter: pkg/apis/v1/nodeclaim_status.go",
    ),
    "karpenter.sh/NodeOverlay": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("ValidationSucceeded", "False"),),
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"),),
        source="kubernetes-sigs/karpenter: pkg/apis/v1alpha1/nodeoverlay_status.go",
    ),
}
