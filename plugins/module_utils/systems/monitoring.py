"""Monitoring by prometheus-operator, Grafana, OpenTelemetry and Jaeger: when their objects are ready. Pure."""

from __future__ import annotations

from ..core.readiness.rule import (
    CONDITIONS,
    NOT_TRACKED,
    OBSERVED_IF_SET,
    STORED,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Each,
    Field,
    Not,
    Ratio,
    Rule,
    Some,
)
from ..core.sets.guards import HoldsData


def _server(pods: str) -> Rule:
    return Rule(
        generation=CONDITIONS,
        paused=(Field("spec.paused", True),),
        retryable=(Condition("Reconciled", "False"),),
        in_progress=(Field("status.paused", True),),
        ready=(Condition("Available"), Condition("Reconciled", optional=True)),
        pods=pods,
        source="prometheus-operator: pkg/operator/statefulset_reporter.go:273, pkg/operator/operator.go:66",
        note="Available may also be the word Degraded: some pods are not ready yet.",
    )


_CONFIGURATION = Rule(
    generation=CONDITIONS,
    terminal=(Some("status.bindings", Condition("Accepted", "False", at="conditions")),),
    ready=(Each("status.bindings", Condition("Accepted", at="conditions"), at_least=0),),
    source="prometheus-operator: pkg/operator/config_resource.go:74",
    note="There is a status only with the feature gate StatusForConfigurationResources; else ready once stored.",
)

# What may come right without a change of the object: a Secret or ConfigMap it reads, an address it fetches from.
_OTHERS_FAULT = ("InvalidModelResolution", "InvalidModel", "InvalidSettings", "InvalidContactPoint")


def _in_grafana(synchronized: str) -> Rule:
    """An object that the operator keeps in every Grafana that it selects."""
    return Rule(
        generation=CONDITIONS,
        paused=(Field("spec.suspend", True), Condition("Suspended")),
        terminal=(
            Condition("InvalidSpec", but_reason=_OTHERS_FAULT),
            Condition("NotificationPolicyLoopDetected"),
        ),
        retryable=(
            Condition("InvalidSpec"),
            Condition("NoMatchingInstance"),
            Condition("NoMatchingFolder"),
            Condition("FolderUIDMismatch"),
            Field("status.NoMatchingInstances", True),
            Condition(synchronized, "False"),
        ),
        ready=(Condition(synchronized),),
        source="grafana-operator: controllers/controller_shared.go:45, 303, 346, 425",
        note="InvalidSpec, NoMatchingInstance and NoMatchingFolder are bad when True.",
    )


# The condition is named for the kind, but for one.
_GRAFANA_KINDS = {
    kind: f"{kind}Synchronized"
    for kind in (
        "ContactPoint", "Dashboard", "Datasource", "Folder", "LibraryPanel", "Manifest", "MuteTiming",
        "NotificationPolicy", "NotificationTemplate", "ServiceAccount",
    )
} | {"AlertRuleGroup": "AlertGroupSynchronized"}  # fmt: skip

_COLLECTED = "status.scale.statusReplicas"

RULES: dict[str, Rule] = {
    "monitoring.coreos.com/Prometheus": _server("operator.prometheus.io/name={name}"),
    "monitoring.coreos.com/PrometheusAgent": _server("operator.prometheus.io/name={name}"),
    "monitoring.coreos.com/Alertmanager": _server("alertmanager={name}"),
    "monitoring.coreos.com/ThanosRuler": _server("thanos-ruler={name}"),
    **dict.fromkeys(
        (
            f"monitoring.coreos.com/{kind}"
            for kind in (
                "ServiceMonitor",
                "PodMonitor",
                "Probe",
                "ScrapeConfig",
                "PrometheusRule",
                "AlertmanagerConfig",
            )
        ),
        _CONFIGURATION,
    ),
    "grafana.integreatly.org/Grafana": Rule(
        generation=CONDITIONS,
        paused=(Field("spec.suspend", True), Condition("Suspended")),
        terminal=(Condition("Invalid*Override"),),
        retryable=(
            AllOf(
                Field("status.stageStatus", "failed", say="status.lastMessage"),
                Condition("Invalid*Override", "*", optional=True),
            ),
        ),
        ready=(
            Field("status.stage", "complete"),
            Field("status.stageStatus", "success", say="status.lastMessage"),
            Condition("GrafanaReady", optional=True),
        ),
        pods="app={name}",
        source="grafana-operator: controllers/grafana_controller.go:103, reconcilers/grafana/reconcilers_shared.go:17",
    ),
    **{f"grafana.integreatly.org/Grafana{kind}": _in_grafana(name) for kind, name in _GRAFANA_KINDS.items()},
    "grafana.integreatly.org/GrafanaNotificationPolicyRoute": Rule(
        generation=CONDITIONS,
        terminal=(Condition("InvalidSpec"), Condition("NotificationPolicyLoopDetected")),
        ready=(Not(Condition("InvalidSpec")), Not(Condition("NotificationPolicyLoopDetected"))),
        source="grafana-operator: controllers/notificationpolicy_controller.go:393",
        note="Ready once stored: the policy that selects it tells of its use.",
    ),
    "opentelemetry.io/OpenTelemetryCollector": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Ready", "False"),),
        ready=(
            AnyOf(
                Ratio(_COLLECTED),
                AllOf(Field("spec.mode", "sidecar"), Field("status.version")),
                AllOf(Field("spec.mode", "daemonset"), Ratio(_COLLECTED, zero=True)),
                AllOf(Field("spec.replicas", 0), Ratio(_COLLECTED, zero=True)),
            ),
            AnyOf(
                Compare("status.scale.replicas", ">=", "spec.replicas", default=1, say="{left} of {right} created"),
                Field("spec.mode", "sidecar", "daemonset"),
                Field("spec.autoscaler"),
            ),
            Condition("Ready", optional=True),
        ),
        pods="app.kubernetes.io/instance={namespace}.{name}",
        source="opentelemetry-operator: internal/status/collector/collector.go:22, handle.go:40",
    ),
    "opentelemetry.io/ClusterObservability": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Conflicted"), Condition("Ready", "False")),
        ready=(Condition("Ready"),),
        source="opentelemetry-operator: internal/status/clusterobservability/handle.go:75",
    ),
    "opentelemetry.io/TargetAllocator": Rule(
        generation=NOT_TRACKED,
        ready=(AnyOf(Field("status.version"), Field("spec.image")),),
        follows=("apps/Deployment",),
        source="opentelemetry-operator: internal/status/targetallocator/handle.go:26",
    ),
    "opentelemetry.io/OpAMPBridge": Rule(
        generation=NOT_TRACKED,
        ready=(AnyOf(Field("status.version"), Field("spec.image")),),
        follows=("apps/Deployment",),
        source="opentelemetry-operator: internal/status/opampbridge/handle.go:25",
    ),
    "opentelemetry.io/Instrumentation": Rule(
        generation=STORED, source="opentelemetry-operator: apis/v1alpha1/instrumentation_types.go:402"
    ),
    "jaegertracing.io/Jaeger": Rule(
        generation=NOT_TRACKED,
        retryable=(Field("status.phase", "Failed"),),
        ready=(Field("status.phase", "Running"),),
        pods="app.kubernetes.io/instance={name}",
        source="jaeger-operator: pkg/controller/jaeger/jaeger_controller.go:164, 195",
        note="The operator ends with Jaeger 1.",
    ),
}

# Configuration: what is measured and when somebody is told. Prometheus and its like keep their volumes' data.
HOLDS_DATA = [
    HoldsData(f"monitoring.coreos.com/{kind}", "")
    for kind in ("PodMonitor", "ServiceMonitor", "Probe", "PrometheusRule")
]
