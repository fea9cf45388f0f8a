"""Readiness rows of observability operators beside ours: VictoriaMetrics, Loki, logging, Dynatrace, NVIDIA."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, AnyOf, Compare, Condition, Field, Not, Rule
from ..core.readiness.silent import SILENT

_VICTORIA = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("spec.paused", True), Field("status.updateStatus", "paused")),
    retryable=(Field("status.updateStatus", "failed", say="status.reason"),),
    ready=(Field("status.updateStatus", "operational"),),
    pods="app.kubernetes.io/instance={name}",
    source="VictoriaMetrics/operator: api/operator/v1beta1/common.go UpdateStatus",
)

# Exactly one of these conditions is True at a time; Degraded needs a change of the configuration.
_STACK = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("spec.managementState", "Unmanaged"),),
    terminal=(Condition("Degraded"), Condition("ConfigurationError")),
    retryable=(Condition("Failed"),),
    in_progress=(Condition("Pending"), Condition("PendingComponents")),
    ready=(Condition("Ready"),),
    warnings=(Condition("Warning"),),
    pods="app.kubernetes.io/instance={name}",
    source="grafana/loki: operator/api/loki/v1/lokistack_types.go; grafana/tempo-operator: api/tempo/v1alpha1",
)

RULES: dict[str, Rule] = {
    "operator.victoriametrics.com/*": _VICTORIA,
    "loki.grafana.com/*": _STACK,
    "tempo.grafana.com/*": _STACK,
    "logging.banzaicloud.io/Logging": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.configCheckResults[]", False), Field("status.problems[]")),
        ready=(Not(Field("status.problems[]")), Not(Field("status.configCheckResults[]", False)), *SILENT.ready),
        source="kube-logging/logging-operator: pkg/sdk/logging/api/v1beta1/logging_types.go",
    ),
    "logging.banzaicloud.io/*": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.problems[]"), Compare("status.problemsCount", ">", 0, say="{left} problems")),
        ready=(AnyOf(Field("status.active", True), Field("status.problemsCount", 0)),),
        source="kube-logging/logging-operator: pkg/sdk/logging/api/v1beta1/output_types.go, flow_types.go",
        note="a flow is active once an output and a Logging refer to it; an output once a flow does",
    ),
    "sloth.slok.dev/PrometheusServiceLevel": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Field("status.promOpRulesGenerated", True),),
        source="slok/sloth: pkg/kubernetes/api/sloth/v1/types.go",
    ),
    "pyrra.dev/ServiceLevelObjective": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Field("status.type"),),
        source="pyrra-dev/pyrra: kubernetes/api/v1alpha1/servicelevelobjective_types.go",
    ),
    "dynatrace.com/DynaKube": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.phase", "Error"),),
        ready=(Field("status.phase", "Running"),),
        source="Dynatrace/dynatrace-operator: pkg/api/status/phase.go",
    ),
    "dynatrace.com/EdgeConnect": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.phase", "Error"),),
        ready=(Field("status.phase", "Running"),),
        source="Dynatrace/dynatrace-operator: pkg/api/status/phase.go",
    ),
    "nvidia.com/ClusterPolicy": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Error"),),
        ready=(Field("status.state", "ready"), Condition("Ready", optional=True)),
        source="NVIDIA/gpu-operator: api/nvidia/v1/clusterpolicy_types.go",
    ),
    "nvidia.com/NVIDIADriver": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Error"),),
        ready=(Field("status.state", "ready"), Condition("Ready", optional=True)),
        source="NVIDIA/gpu-operator: api/nvidia/v1alpha1/nvidiadriver_types.go",
    ),
}
