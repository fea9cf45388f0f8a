"""Autoscaling by KEDA and the vertical pod autoscaler: the rows that say when their objects are ready. Pure."""

from __future__ import annotations

from ..core.readiness.matchers import Matcher
from ..core.readiness.rule import NOT_TRACKED, STORED, Annotation, Condition, Not, Rule

_KEDA = "autoscaling.keda.sh"
# Pausing one direction leaves the scaling on, but is told by the same condition.
_PAUSED: tuple[Matcher, ...] = (
    *(Annotation(f"{_KEDA}/{name}", "true") for name in ("paused", "paused-scale-in", "paused-scale-out")),
    Annotation(f"{_KEDA}/paused-replicas"),
    Condition("Paused"),
)

RULES: dict[str, Rule] = {
    "keda.sh/ScaledObject": Rule(
        generation=NOT_TRACKED,
        paused=_PAUSED,
        retryable=(Condition("Ready", "False"), Condition("Fallback")),
        ready=(Condition("Ready"),),
        warnings=(Condition("HPAActive", "False"),),
        source="keda: apis/keda/v1alpha1/condition_types.go:27, controllers/keda/scaledobject_controller.go:205",
        note="Active tells of load, not of health.",
    ),
    "keda.sh/ScaledJob": Rule(
        generation=NOT_TRACKED,
        paused=_PAUSED,
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"),),
        source="keda: controllers/keda/scaledjob_controller.go:160",
    ),
    "keda.sh/*TriggerAuthentication": Rule(generation=STORED, source="keda: its status lists its users only"),
    "eventing.keda.sh/*CloudEventSource": Rule(
        generation=NOT_TRACKED,
        retryable=(Condition("Active", "False"),),
        ready=(Condition("Active"),),
        source="keda: apis/eventing/v1alpha1/condition_types.go",
    ),
    "autoscaling.k8s.io/VerticalPodAutoscaler": Rule(
        generation=NOT_TRACKED,
        terminal=(Condition("ConfigUnsupported"),),
        ready=(Not(Condition("ConfigUnsupported")),),
        warnings=(
            Condition("RecommendationProvided", "False"),
            Condition("NoPodsMatched"),
            Condition("LowConfidence"),
            Condition("ConfigDeprecated"),
        ),
        source="autoscaler: vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1/types.go",
        note="Ready once stored; a first recommendation takes metrics of hours, so its absence only warns.",
    ),
    "autoscaling.k8s.io/VerticalPodAutoscalerCheckpoint": Rule(generation=STORED, source="autoscaler: internal"),
}
