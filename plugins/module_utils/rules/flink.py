"""Readiness rows of the Flink operator: deployments, session jobs, snapshots, blue-green deployments.

The lifecycle state sums up, but only newer versions show it; the job manager's and the job's own states are always
there (apache/flink-kubernetes-operator: flink-kubernetes-operator-api/src/main/java/.../api/{lifecycle,status}).
"""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, Absent, AnyOf, Field, Not, Rule

_JOB_RUNS = Field("status.jobStatus.state", "RUNNING", "FINISHED")
_SUSPENDED = (Field("spec.job.state", "suspended"),)
_TERMINAL = (
    Field("status.lifecycleState", "FAILED", say="status.error"),
    Field("status.jobStatus.state", "FAILED", say="status.error"),
    Field("status.lifecycleState", "ROLLED_BACK", say="status.error"),
)
RULES: dict[str, Rule] = {
    "flink.apache.org/FlinkDeployment": Rule(
        generation=OBSERVED_IF_SET,
        paused=_SUSPENDED,
        terminal=_TERMINAL,
        retryable=(
            Field("status.jobManagerDeploymentStatus", "ERROR", say="status.error"),
            Field("status.error"),
            Field("status.reconciliationStatus.success", False, say="status.reconciliationStatus.error"),
        ),
        ready=(
            Field("status.jobManagerDeploymentStatus", "READY"),
            AnyOf(_JOB_RUNS, Absent("spec.job")),
            AnyOf(Field("status.lifecycleState", "STABLE"), Absent("status.lifecycleState")),
            Not(Field("status.reconciliationStatus.state", "UPGRADING", "ROLLING_BACK", "ROLLED_BACK")),
        ),
        source="apache/flink-kubernetes-operator: flink-kubernetes-operator-api/.../status/FlinkDeploymentStatus.java",
    ),
    "flink.apache.org/FlinkSessionJob": Rule(
        generation=OBSERVED_IF_SET,
        paused=_SUSPENDED,
        terminal=_TERMINAL,
        retryable=(Field("status.error"),),
        ready=(
            _JOB_RUNS,
            AnyOf(Field("status.lifecycleState", "STABLE"), Absent("status.lifecycleState")),
        ),
        source="apache/flink-kubernetes-operator: flink-kubernetes-operator-api/.../status/FlinkSessionJobStatus.java",
    ),
    "flink.apache.org/FlinkStateSnapshot": Rule(
        generation=FINAL,
        terminal=(Field("status.state", "FAILED", say="status.error"), Field("status.state", "ABANDONED")),
        ready=(Field("status.state", "COMPLETED"),),
        source="apache/flink-kubernetes-operator: .../status/FlinkStateSnapshotStatus.java",
    ),
    "flink.apache.org/FlinkBlueGreenDeployment": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.jobStatus.state", "FAILED", "FAILING", say="status.error"),),
        retryable=(Field("status.error"),),
        ready=(Field("status.blueGreenState", "ACTIVE_BLUE", "ACTIVE_GREEN"), _JOB_RUNS),
        source="apache/flink-kubernetes-operator: .../status/FlinkBlueGreenDeploymentStatus.java",
    ),
}
