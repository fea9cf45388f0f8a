"""Readiness rows of chaos tools: an experiment is ready once its faults are injected, a run once it has ended well."""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, Annotation, AnyOf, Condition, Field, Rule

_PAUSED = (Annotation("experiment.chaos-mesh.org/pause", "true"), Condition("Paused"))

RULES: dict[str, Rule] = {
    "chaos-mesh.org/*Chaos": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        retryable=(Condition("Selected", "False"),),
        ready=(Condition("Selected"), AnyOf(Condition("AllInjected"), Condition("AllRecovered"))),
        source="chaos-mesh/chaos-mesh: api/v1alpha1/common_types.go",
    ),
    "chaos-mesh.org/Workflow": Rule(
        generation=FINAL,
        ready=(Condition("Accomplished"),),
        source="chaos-mesh/chaos-mesh: api/v1alpha1/workflow_types.go",
    ),
    "chaos-mesh.org/StatusCheck": Rule(
        generation=FINAL,
        terminal=(Condition("FailureThresholdExceed"), Condition("DurationExceed")),
        ready=(Condition("Completed"),),
        source="chaos-mesh/chaos-mesh: api/v1alpha1/statuscheck_types.go",
    ),
    "chaos-mesh.org/Schedule": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        ready=(Field("status.time"),),
        source="chaos-mesh/chaos-mesh: api/v1alpha1/schedule_types.go",
    ),
    "litmuschaos.io/ChaosEngine": Rule(
        generation=FINAL,
        paused=(Field("spec.engineState", "stop"),),
        terminal=(
            Field("status.experiments[].verdict", "Fail", "Error", "Stopped"),
            Field("status.experiments[].status", "Forcefully Aborted", "ChaosExperiment Not Found"),
            Field("status.engineStatus", "stopped"),
        ),
        ready=(Field("status.engineStatus", "completed"),),
        source="litmuschaos/chaos-operator: api/litmuschaos/v1alpha1/chaosengine_types.go",
    ),
    "litmuschaos.io/ChaosResult": Rule(
        generation=FINAL,
        terminal=(Field("status.experimentStatus.verdict", "Fail", "Error", "Stopped"),),
        ready=(Field("status.experimentStatus.verdict", "Pass"),),
        source="litmuschaos/chaos-operator: api/litmuschaos/v1alpha1/chaosresult_types.go",
    ),
    "k6.io/TestRun": Rule(
        generation=FINAL,
        paused=(Field("spec.paused", "true", True),),
        terminal=(Field("status.stage", "error", "stopped"),),
        ready=(Field("status.stage", "finished"),),
        source="grafana/k6-operator: api/v1alpha1/testrun_types.go",
    ),
}
