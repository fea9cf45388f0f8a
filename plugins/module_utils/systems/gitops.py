"""GitOps by Argo CD, Rollouts, Workflows and Events: the rows that say when their objects are ready. Pure."""

from __future__ import annotations

from ..core.readiness.matchers import Matcher
from ..core.readiness.rule import (
    FINAL,
    NOT_TRACKED,
    STORED,
    Absent,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Field,
    Generation,
    Not,
    Rule,
    Some,
)


def _given(path: str) -> Matcher:
    """A mapping is there, though it may be empty."""
    return Compare(f"#{path}", ">=", 0, left_default=None)


def _same(left: str, right: str) -> Matcher:
    return Compare(left, "==", right, text=True)


# A number as text; before 0.10 a hash, which tells nothing.
_ROLLOUT_OBSERVED = Generation("A", "status.observedGeneration")
_OLD = Absent("status.phase")
_CURRENT = "status.currentPodHash"
# What controllers before 1.0 left to their clients to conclude (utils/rollout/rolloututil.go, CalculateRolloutPhase).
_OLD_FAILURES = AnyOf(
    Condition("InvalidSpec", "*"), Condition("Progressing", "*", reason=("RolloutAborted", "ProgressDeadlineExceeded"))
)
_OLD_HEALTHY = AllOf(
    _OLD,
    Compare("status.updatedReplicas", ">=", "spec.replicas", default=1, say="{left} of {right} updated"),
    Compare("status.availableReplicas", ">=", "status.updatedReplicas", default=0, say="{left} of {right} available"),
    AnyOf(
        AllOf(
            _given("spec.strategy.blueGreen"),
            _same("status.blueGreen.activeSelector", _CURRENT),
            AnyOf(Absent("status.stableRS"), _same("status.stableRS", _CURRENT)),
        ),
        AllOf(
            _given("spec.strategy.canary"),
            Compare("status.replicas", "<=", "status.updatedReplicas", default=0, say="old replicas remain"),
            AnyOf(_same("status.stableRS", _CURRENT), _same("status.canary.stableRS", _CURRENT)),
        ),
    ),
)
_WORKLOAD_GENERATION = ("metadata", "annotations", "rollout.argoproj.io/workload-generation")

_ANALYSIS = Rule(
    generation=FINAL,
    needs_user=(Field("status.phase", "Inconclusive", say="status.message"),),
    terminal=(Field("status.phase", "Failed", "Error", say="status.message"),),
    ready=(Field("status.phase", "Successful", say="status.message"),),
    source="argo-rollouts: pkg/apis/rollouts/v1alpha1/analysis_types.go:208, experiment_types.go:152",
)


def _event_kind(*provided: str) -> Rule:
    """Sensor, event source, event bus: the parts of the spec are provided, and it is deployed."""
    return Rule(
        generation=NOT_TRACKED,
        terminal=tuple(Condition(p, "False") for p in provided),
        retryable=(Condition("Deployed", "False"),),
        ready=(Condition("Deployed"), *(Condition(p, optional=True) for p in provided)),
        source="argo-events: pkg/apis/events/v1alpha1/status_types.go:17, eventbus_types.go:63",
    )


_OPERATING = Field("status.operationState.phase", "Running", "Terminating", say="status.operationState.message")

RULES: dict[str, Rule] = {
    "argoproj.io/Application": Rule(
        generation=NOT_TRACKED,
        needs_user=(
            Field("status.health.status", "Suspended", say="status.health.message"),
            AllOf(
                Field("status.sync.status", "OutOfSync"),
                AnyOf(Not(_given("spec.syncPolicy.automated")), Field("spec.syncPolicy.automated.enabled", False)),
                Not(_OPERATING),
                Not(Field("operation")),
            ),
        ),
        retryable=(
            Some("status.conditions", Field("type", "*Error", say="message")),
            AllOf(
                Field("status.operationState.phase", "Failed", "Error", say="status.operationState.message"),
                Field("status.sync.status", "OutOfSync"),
            ),
            Field("status.health.status", "Degraded", say="status.health.message"),
        ),
        in_progress=(_OPERATING,),
        ready=(
            Field("status.sync.status", "Synced"),
            Field("status.health.status", "Healthy", say="status.health.message"),
        ),
        warnings=(Some("status.conditions", Field("type", "*Warning", say="message")),),
        source="argo-cd: pkg/apis/application/v1alpha1/types.go (ApplicationStatus, ApplicationCondition)",
    ),
    "argoproj.io/ApplicationSet": Rule(
        generation=NOT_TRACKED,
        retryable=(
            Condition("ErrorOccurred"),
            Condition("ParametersGenerated", "False"),
            Condition("ResourcesUpToDate", "False"),
        ),
        in_progress=(Condition("RolloutProgressing"),),
        ready=(Condition("ResourcesUpToDate"),),
        source="argo-cd: pkg/apis/application/v1alpha1/applicationset_types.go (ApplicationSetConditionType)",
    ),
    "argoproj.io/AppProject": Rule(
        generation=STORED, source="argo-cd: pkg/apis/application/v1alpha1/app_project_types.go"
    ),
    "argoproj.io/Rollout": Rule(
        generation=_ROLLOUT_OBSERVED,
        paused=(
            AllOf(Field("spec.paused", True), Not(Field("status.phase", "Degraded")), Not(AllOf(_OLD, _OLD_FAILURES))),
        ),
        needs_user=(
            Field("status.phase", "Paused", say="status.message"),
            AllOf(_OLD, Some("status.pauseConditions", Field("reason")), Not(_OLD_FAILURES)),
        ),
        terminal=(Field("status.phase", "Degraded", say="status.message"), AllOf(_OLD, _OLD_FAILURES)),
        in_progress=(
            Compare(
                "status.workloadObservedGeneration",
                "!=",
                _WORKLOAD_GENERATION,
                left_default=None,
                say="generation {right} of its workload not yet observed ({left})",
            ),
            AllOf(Field("status.controllerPause", True), Absent("status.pauseConditions")),
        ),
        ready=(AnyOf(Field("status.phase", "Healthy", say="status.message"), _OLD_HEALTHY),),
        pods="spec.selector",
        source="argo-rollouts: utils/rollout/rolloututil.go:67, pkg/apis/rollouts/v1alpha1/types.go:918",
    ),
    "argoproj.io/AnalysisRun": _ANALYSIS,
    "argoproj.io/Experiment": _ANALYSIS,
    **dict.fromkeys(
        (
            f"argoproj.io/{kind}"
            for kind in (
                "AnalysisTemplate",
                "ClusterAnalysisTemplate",
                "WorkflowTemplate",
                "ClusterWorkflowTemplate",
                "WorkflowEventBinding",
            )
        ),
        Rule(generation=STORED, source="argo-rollouts, argo-workflows: templates, no status"),
    ),
    "argoproj.io/Workflow": Rule(
        generation=FINAL,
        paused=(AllOf(Field("spec.suspend", True), Not(Field("status.phase", "Succeeded", "Failed", "Error"))),),
        terminal=(Field("status.phase", "Failed", "Error", say="status.message"),),
        ready=(Field("status.phase", "Succeeded", say="status.message"),),
        pods="workflows.argoproj.io/workflow={name}",
        source="argo-workflows: pkg/apis/workflow/v1alpha1/workflow_phase.go:6",
    ),
    "argoproj.io/CronWorkflow": Rule(
        generation=NOT_TRACKED,
        paused=(Field("spec.suspend", True),),
        # A template that it names may still come.
        retryable=(Condition("SpecError"), Condition("SubmissionError")),
        ready=(Field("status"), Not(Condition("SpecError")), Not(Condition("SubmissionError"))),
        unverified=(Absent("status"),),
        warnings=(Field("status.phase", "Stopped"),),
        source="argo-workflows: pkg/apis/workflow/v1alpha1/cron_workflow_types.go:211, workflow/cron/operator.go:142",
        note="A valid one gets its first status with its first run.",
    ),
    "argoproj.io/EventBus": _event_kind("Configured"),
    "argoproj.io/EventSource": _event_kind("SourcesProvided"),
    "argoproj.io/Sensor": _event_kind("DependenciesProvided", "TriggersProvided"),
    "argoproj.io/ArgoCD": Rule(
        generation=NOT_TRACKED,
        retryable=(Field("status.phase", "Failed"),),
        ready=(Field("status.phase", "Available"),),
        source="argocd-operator: api/v1beta1/argocd_types.go (ArgoCDStatus.Phase)",
    ),
}
