"""Readiness rows of OpenKruise: advanced workloads, its rollouts, and game servers.

A partition holds pods at the old revision until a person lowers it; so it counts as a wanted pause, as spec.paused
does.
"""

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

_STRATEGY = "spec.updateStrategy"
_HELD = (
    Field(f"{_STRATEGY}.paused", True),
    Field(f"{_STRATEGY}.rollingUpdate.paused", True),
    Compare(f"{_STRATEGY}.partition", ">", 0, say="partition {left} keeps pods at the old revision"),
    Compare(f"{_STRATEGY}.rollingUpdate.partition", ">", 0, say="partition {left} keeps pods at the old revision"),
    AllOf(Field(f"{_STRATEGY}.partition", "*%"), Not(Field(f"{_STRATEGY}.partition", "0%"))),
    AllOf(
        Field(f"{_STRATEGY}.rollingUpdate.partition", "*%"), Not(Field(f"{_STRATEGY}.rollingUpdate.partition", "0%"))
    ),
)

_UPDATED_READY = Compare("status.updatedReadyReplicas", ">=", "spec.replicas", default=1)
_ALL_UPDATED = Compare("status.updatedReadyReplicas", ">=", "status.replicas")
_READY = AnyOf(_UPDATED_READY, Compare("status.readyReplicas", ">=", "spec.replicas", default=1))

_REPLICATED = Rule(
    generation=OBSERVED_IF_SET,
    paused=_HELD,
    terminal=(Condition("Progressing", "False", reason="ProgressDeadlineExceeded"),),
    retryable=(
        AllOf(Condition("FailedScale"), Not(AllOf(_UPDATED_READY, _ALL_UPDATED))),
        AllOf(Condition("FailedUpdate"), Not(AllOf(_UPDATED_READY, _ALL_UPDATED))),
    ),
    ready=(
        _UPDATED_READY,
        _ALL_UPDATED,
        AnyOf(
            Compare("status.updatedAvailableReplicas", ">=", "spec.replicas", default=1),
            Compare("status.availableReplicas", ">=", "spec.replicas", default=1),
        ),
    ),
    source="openkruise/kruise: apis/apps/v1alpha1/cloneset_types.go:168, v1beta1/statefulset_types.go:317",
)

_JOB_COUNTS = Compare("status.failed", "<=", 0, say="{left} pods failed")

RULES: dict[str, Rule] = {
    "apps.kruise.io/CloneSet": _REPLICATED,
    "apps.kruise.io/StatefulSet": Rule(
        generation=OBSERVED_IF_SET,
        paused=_HELD,
        ready=(
            _READY,
            Compare("status.updatedReplicas", ">=", "spec.replicas", default=1),
            Compare("status.replicas", "==", "spec.replicas", default=1),
        ),
        source="openkruise/kruise: apis/apps/v1beta1/statefulset_types.go:317",
    ),
    "apps.kruise.io/DaemonSet": Rule(
        generation=OBSERVED_IF_SET,
        paused=_HELD,
        ready=(
            Compare("status.updatedNumberScheduled", ">=", "status.desiredNumberScheduled"),
            Compare("status.numberAvailable", ">=", "status.desiredNumberScheduled"),
        ),
        source="openkruise/kruise: apis/apps/v1alpha1/daemonset_types.go:169",
    ),
    "apps.kruise.io/UnitedDeployment": Rule(
        generation=OBSERVED_IF_SET,
        ready=(
            _READY,
            Compare("status.updatedReplicas", ">=", "spec.replicas", default=1),
        ),
        source="openkruise/kruise: apis/apps/v1alpha1/uniteddeployment_types.go:309",
    ),
    "apps.kruise.io/SidecarSet": Rule(
        generation=OBSERVED_IF_SET,
        paused=_HELD,
        ready=(
            Compare("status.updatedPods", ">=", "status.matchedPods", left_default=None),
            Compare("status.readyPods", ">=", "status.matchedPods", left_default=None),
        ),
        source="openkruise/kruise: apis/apps/v1alpha1/sidecarset_types.go:384",
    ),
    # With completionPolicy Never the pods stay; then as many as there are nodes is all that can be asked.
    "apps.kruise.io/BroadcastJob": Rule(
        generation=FINAL,
        paused=(Field("spec.paused", True), Field("status.phase", "paused")),
        terminal=(Field("status.phase", "failed"), Condition("Failed")),
        retryable=(Compare("status.failed", ">", 0, say="{left} pods failed"),),
        ready=(
            AnyOf(
                Field("status.phase", "completed"),
                Condition("Complete"),
                AllOf(
                    Field("spec.completionPolicy.type", "Never"),
                    Compare("status.succeeded", ">=", "status.desired"),
                ),
            ),
            _JOB_COUNTS,
        ),
        source="openkruise/kruise: apis/apps/v1alpha1/broadcastjob_types.go:96",
    ),
    "apps.kruise.io/AdvancedCronJob": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True),),
        in_progress=(Field("status.active[].name"),),
        ready=(Field("status.lastScheduleTime"),),
        source="openkruise/kruise: apis/apps/v1alpha1/advancedcronjob_types.go:121",
        note="the status is written at the first schedule; before that nothing tells that the schedule was understood",
    ),
    "apps.kruise.io/*PullJob": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Compare("status.failed", ">", 0, say="{left} nodes failed to pull"),
            Compare("#status.failedImageStatuses", ">", 0, say="{left} images failed to pull"),
        ),
        ready=(Compare("status.succeeded", ">=", "status.desired"), Field("status.completionTime")),
        source="openkruise/kruise: apis/apps/v1alpha1/imagepulljob_types.go:136, imagelistpulljob_types.go:46",
    ),
    "apps.kruise.io/ContainerRecreateRequest": Rule(
        generation=FINAL,
        terminal=(Field("status.phase", "Failed", say="status.message"),),
        ready=(
            Field("status.phase", "Completed", "Succeeded"),
            Not(Field("status.containerRecreateStates[].phase", "Failed")),
        ),
        source="openkruise/kruise: apis/apps/v1alpha1/containerrecreaterequest_types.go:150",
    ),
    "apps.kruise.io/EphemeralJob": Rule(
        generation=FINAL,
        paused=(Field("status.phase", "Paused"),),
        terminal=(Field("status.phase", "Failed", "Error"),),
        ready=(Field("status.phase", "Succeeded", "Running"),),
        source="openkruise/kruise: apis/apps/v1alpha1/ephemeraljob_types.go:176",
    ),
    "rollouts.kruise.io/Rollout": Rule(
        generation=OBSERVED_IF_SET,
        paused=(
            Field("spec.strategy.paused", True),
            Field("spec.disabled", True),
            Field("status.phase", "Disabled", say="status.message"),
        ),
        needs_user=(
            Field("status.canaryStatus.currentStepState", "StepPaused", say="status.message"),
            Field("status.blueGreenStatus.currentStepState", "StepPaused", say="status.message"),
            Condition("Progressing", ("True", "False"), reason="Paused"),
        ),
        retryable=(AllOf(Condition("Succeeded", "False"), Field("status.phase", "Healthy")),),
        ready=(Field("status.phase", "Healthy", say="status.message"),),
        source="openkruise/rollouts: api/v1beta1/rollout_types.go:369",
    ),
    "rollouts.kruise.io/BatchRelease": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Field("status.phase", "Completed", "Ready", say="status.message"),),
        source="openkruise/rollouts: api/v1beta1/batchrelease_plan_types.go:157",
    ),
    "rollouts.kruise.io/TrafficRouting": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Field("status.phase", "Healthy", "Progressing", say="status.message"),),
        source="openkruise/rollouts: api/v1alpha1/trafficrouting_types.go:118",
    ),
    "game.kruise.io/GameServer": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.currentState", "Crash"),),
        ready=(
            Field("status.currentState", "Ready"),
            Compare("status.currentState", "==", "status.desiredState", text=True),
        ),
        source="openkruise/kruise-game: apis/v1alpha1/gameserver_types.go:68",
    ),
    "game.kruise.io/GameServerSet": Rule(
        generation=OBSERVED_IF_SET,
        paused=_HELD,
        ready=(
            Compare("status.readyReplicas", ">=", "spec.replicas", default=1),
            Compare("status.updatedReadyReplicas", ">=", "spec.replicas", default=1),
            Compare("status.replicas", "==", "spec.replicas", default=1),
        ),
        source="openkruise/kruise-game: apis/v1alpha1/gameserverset_types.go:184",
    ),
}
