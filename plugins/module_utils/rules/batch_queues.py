"""Readiness rows of batch scheduling: Kueue, JobSet, LeaderWorkerSet, Volcano, Armada-like gangs."""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, AnyOf, Compare, Condition, Field, Rule
from ..core.readiness.silent import SILENT

_ACTIVE = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("spec.stopPolicy", "Hold", "HoldAndDrain"),),
    retryable=(Condition("Active", "False"),),
    ready=(Condition("Active"),),
    source="kubernetes-sigs/kueue: apis/kueue/v1beta1/clusterqueue_types.go",
)

RULES: dict[str, Rule] = {
    "kueue.x-k8s.io/ClusterQueue": _ACTIVE,
    "kueue.x-k8s.io/LocalQueue": _ACTIVE,
    "kueue.x-k8s.io/AdmissionCheck": _ACTIVE,
    "kueue.x-k8s.io/MultiKueueCluster": _ACTIVE,
    "kueue.x-k8s.io/ResourceFlavor": SILENT,
    "kueue.x-k8s.io/WorkloadPriorityClass": SILENT,
    "kueue.x-k8s.io/Topology": SILENT,
    "kueue.x-k8s.io/Cohort": SILENT,
    "kueue.x-k8s.io/*Config": SILENT,
    "kueue.x-k8s.io/Workload": Rule(
        generation=FINAL,
        paused=(Field("spec.active", False),),
        retryable=(Condition("Evicted"), Condition("Finished", reason="Failed")),
        ready=(AnyOf(Condition("Admitted"), Condition("Finished", reason=("Succeeded", "JobFinished"))),),
        source="kubernetes-sigs/kueue: apis/kueue/v1beta1/workload_types.go",
    ),
    "jobset.x-k8s.io/JobSet": Rule(
        generation=FINAL,
        paused=(Field("spec.suspend", True), Condition("Suspended")),
        terminal=(Condition("Failed"), Field("status.terminalState", "Failed")),
        ready=(AnyOf(Condition("Completed"), Field("status.terminalState", "Completed")),),
        source="kubernetes-sigs/jobset: api/jobset/v1alpha2/jobset_types.go",
    ),
    "leaderworkerset.x-k8s.io/LeaderWorkerSet": Rule(
        generation=OBSERVED_IF_SET,
        in_progress=(Condition("Progressing"), Condition("UpdateInProgress")),
        ready=(
            Condition("Available"),
            Compare("status.readyReplicas", ">=", "spec.replicas", default=1),
            Compare("status.updatedReplicas", ">=", "spec.replicas", default=1),
        ),
        pods="leaderworkerset.sigs.k8s.io/name={name}",
        source="kubernetes-sigs/lws: api/leaderworkerset/v1/leaderworkerset_types.go",
    ),
    "batch.volcano.sh/Job": Rule(
        generation=FINAL,
        terminal=(Field("status.state.phase", "Failed", "Aborted", "Terminated", say="status.state.message"),),
        ready=(Field("status.state.phase", "Completed"),),
        source="volcano-sh/apis: pkg/apis/batch/v1alpha1/job.go",
    ),
    "scheduling.volcano.sh/Queue": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("status.state", "Closed", "Closing"),),
        ready=(Field("status.state", "Open"),),
        source="volcano-sh/apis: pkg/apis/scheduling/v1beta1/types.go",
    ),
    "scheduling.volcano.sh/PodGroup": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Unschedulable"),),
        ready=(Field("status.phase", "Running", "Completed"),),
        source="volcano-sh/apis: pkg/apis/scheduling/v1beta1/types.go",
    ),
}
