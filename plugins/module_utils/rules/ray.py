"""Readiness rows of KubeRay: clusters, services, jobs."""

from __future__ import annotations

from ..core.readiness.rule import (
    FINAL,
    OBSERVED_IF_SET,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Field,
    Not,
    Rule,
)

RULES: dict[str, Rule] = {
    # Older versions stop at the state ready once it was reached: the counts tell what is there now.
    "ray.io/RayCluster": Rule(
        generation=OBSERVED_IF_SET,
        paused=(
            Field("spec.suspend", True),
            Field("status.state", "suspended"),
            Condition("RayClusterSuspended"),
        ),
        retryable=(Field("status.state", "failed", say="status.reason"), Condition("ReplicaFailure")),
        in_progress=(Condition("RayClusterSuspending"),),
        ready=(
            Field("status.state", "ready", say="status.reason"),
            Condition("HeadPodReady", optional=True),
            Condition("RayClusterProvisioned", optional=True),
            AnyOf(
                Condition("RayClusterProvisioned"),
                Compare("status.readyWorkerReplicas", ">=", "status.desiredWorkerReplicas", default=0),
                Compare("status.availableWorkerReplicas", ">=", "status.desiredWorkerReplicas", default=0),
            ),
        ),
        pods="ray.io/cluster={name}",
        source="ray-project/kuberay: ray-operator/apis/ray/v1/raycluster_types.go",
    ),
    "ray.io/RayService": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.suspend", True), Condition("Suspended")),
        terminal=(Condition("Ready", "False", reason="ValidationFailed"),),
        retryable=(Condition("Ready", "False", reason="InitializingTimeout"),),
        in_progress=(Condition("UpgradeInProgress"), Condition("RollbackInProgress")),
        ready=(
            AnyOf(
                Condition("Ready"),
                AllOf(Field("status.serviceStatus", "Running"), Not(Field("status.conditions"))),
            ),
            Not(Field("status.activeServiceStatus.applicationStatuses[].status", "UNHEALTHY", "DEPLOY_FAILED")),
        ),
        source="ray-project/kuberay: ray-operator/apis/ray/v1/rayservice_types.go",
    ),
    # As a Job: started is not done.
    "ray.io/RayJob": Rule(
        generation=FINAL,
        paused=(Field("spec.suspend", True), Field("status.jobDeploymentStatus", "Suspended", "Suspending")),
        terminal=(
            Field("status.jobDeploymentStatus", "Failed", "ValidationFailed", say="status.message"),
            Field("status.jobStatus", "FAILED", "STOPPED", say="status.message"),
        ),
        ready=(Field("status.jobDeploymentStatus", "Complete"), Field("status.jobStatus", "SUCCEEDED")),
        source="ray-project/kuberay: ray-operator/apis/ray/v1/rayjob_types.go",
    ),
}
