"""Readiness rows of the Spark operator: applications, their schedules, Spark Connect servers.

A running application is ready, as a started Job is; executors still pending are told from those that run.
"""

from __future__ import annotations

from ..core.readiness.matchers import Count
from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, AllOf, AnyOf, Field, Rule

_DYNAMIC = "spec.dynamicAllocation"
_UP = ("RUNNING", "COMPLETED")

RULES: dict[str, Rule] = {
    "sparkoperator.k8s.io/SparkApplication": Rule(
        generation=FINAL,
        paused=(Field("spec.suspend", True), Field("status.applicationState.state", "SUSPENDED", "SUSPENDING")),
        terminal=(Field("status.applicationState.state", "FAILED", say="status.applicationState.errorMessage"),),
        retryable=(
            Field(
                "status.applicationState.state",
                "FAILING",
                "SUBMISSION_FAILED",
                say="status.applicationState.errorMessage",
            ),
        ),
        ready=(
            AnyOf(
                Field("status.applicationState.state", "COMPLETED"),
                AllOf(
                    Field("status.applicationState.state", "RUNNING"),
                    AnyOf(
                        Field(f"{_DYNAMIC}.enabled", True),
                        Count("status.executorState[]", *_UP, at_least="spec.executor.instances"),
                    ),
                    Count("status.executorState[]", *_UP, at_least=f"{_DYNAMIC}.minExecutors", default=0),
                ),
            ),
        ),
        pods="sparkoperator.k8s.io/app-name={name}",
        source="kubeflow/spark-operator: api/v1beta2/sparkapplication_types.go ApplicationState*",
    ),
    "sparkoperator.k8s.io/ScheduledSparkApplication": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.suspend", True),),
        terminal=(Field("status.scheduleState", "FailedValidation", say="status.reason"),),
        ready=(Field("status.scheduleState", "Scheduled"),),
        source="kubeflow/spark-operator: api/v1beta2/scheduledsparkapplication_types.go",
    ),
    "sparkoperator.k8s.io/SparkConnect": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.state", "Failed"),),
        ready=(Field("status.state", "Ready"),),
        source="kubeflow/spark-operator: api/v1alpha1/sparkconnect_types.go",
    ),
    "spark.apache.org/SparkApplication": Rule(
        generation=FINAL,
        terminal=(
            Field(
                "status.currentState.currentStateSummary",
                "*Failed",
                "SchedulingFailure",
                "*TimedOut",
                say="status.currentState.message",
            ),
        ),
        ready=(Field("status.currentState.currentStateSummary", "RunningHealthy", "Succeeded"),),
        source="apache/spark-kubernetes-operator: spark-operator-api/.../status/ApplicationStateSummary.java",
    ),
}
