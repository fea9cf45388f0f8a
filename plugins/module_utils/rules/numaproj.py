"""Readiness rows of Numaflow (pipelines, vertices, buffers) and Numaplane (their rollouts).

Phase and conditions are written together; a phase Running says only that the objects were made, the *Healthy conditions
say whether they work (numaproj/numaflow: pkg/apis/numaflow/v1alpha1/pipeline_types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Each, Field, Not, Rule, Some

_WORKING = ("Progressing", "Processing", "Initializing", "Pending", "Unknown")
_TOLD = ("*Healthy", "Deployed", "Configured")
_PHASE_PAUSED = Field("status.phase", "Paused")

_RUNNING = Rule(
    generation=OBSERVED_IF_SET,
    paused=(_PHASE_PAUSED,),
    asked=(Field("spec.lifecycle.desiredPhase", "Paused"),),
    terminal=(Field("status.phase", "Failed", say="status.message"),),
    retryable=(
        Some(
            "status.conditions",
            Field("type", *_TOLD),
            Field("status", "False", say="message"),
            Not(Field("reason", *_WORKING)),
        ),
    ),
    ready=(
        Field("status.phase", "Running"),
        Each("status.conditions", Field("status", "True", say="message"), where=Field("type", *_TOLD)),
    ),
    source="numaproj/numaflow: pkg/apis/numaflow/v1alpha1/{pipeline,vertex,mono_vertex,isbsvc}_types.go",
)

_ROLLOUT = Rule(
    generation=OBSERVED_IF_SET,
    paused=(
        Field("spec.pipeline.spec.lifecycle.desiredPhase", "Paused"),
        Field("spec.monoVertex.spec.lifecycle.desiredPhase", "Paused"),
    ),
    terminal=(
        Field("status.phase", "Failed", say="status.message"),
        Condition("ProgressiveUpgradeSucceeded", "False"),
    ),
    retryable=(
        Condition("ChildResourcesHealthy", "False", but_reason=_WORKING),
        Condition("ChildResourceDeployed", "False", but_reason=_WORKING),
    ),
    in_progress=(
        Condition("PipelinePausingOrPaused"),
        Condition("MonoVertexPausingOrPaused"),
        Condition("PausingPipelines"),
        Field("status.upgradeInProgress"),
    ),
    ready=(
        Field("status.phase", "Deployed"),
        Condition("ChildResourceDeployed"),
        Condition("ChildResourcesHealthy"),
        Condition("ProgressiveUpgradeSucceeded", optional=True),
    ),
    source="numaproj/numaplane: pkg/apis/numaplane/v1alpha1/status_types.go",
)

RULES: dict[str, Rule] = {
    "numaflow.numaproj.io/*": _RUNNING,
    "numaplane.numaproj.io/*": _ROLLOUT,
}
