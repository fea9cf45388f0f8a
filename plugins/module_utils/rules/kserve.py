"""Readiness rows of KServe (and of ModelMesh under it).

Ready speaks of the serving objects; a new model that fails to load leaves the old one serving, Ready stays True and
only modelStatus tells (kserve/kserve: pkg/apis/serving/v1beta1/inference_service_status.go TransitionStatus).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Annotation, Condition, Field, Rule
from ..core.readiness.silent import SILENT

_READY = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Ready", "False"),),
    ready=(Condition("Ready"),),
    source="kserve/kserve: pkg/apis/serving",
)

RULES: dict[str, Rule] = {
    "serving.kserve.io/*": _READY,
    "serving.kserve.io/*Runtime": SILENT,
    "serving.kserve.io/LLMInferenceServiceConfig": SILENT,
    "serving.kserve.io/ClusterStorageContainer": SILENT,
    "serving.kserve.io/InferenceService": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Annotation("serving.kserve.io/stop", "true"), Condition("Stopped")),
        terminal=(
            Field(
                "status.modelStatus.transitionStatus", "InvalidSpec", say="status.modelStatus.lastFailureInfo.message"
            ),
        ),
        retryable=(
            Field(
                "status.modelStatus.transitionStatus",
                "BlockedByFailedLoad",
                say="status.modelStatus.lastFailureInfo.message",
            ),
            Condition("Ready", "False"),
        ),
        ready=(
            Condition("Ready"),
            Field("status.modelStatus.transitionStatus", "UpToDate", default="UpToDate"),
        ),
        pods="serving.kserve.io/inferenceservice={name}",
        source="kserve/kserve: pkg/apis/serving/v1beta1/inference_service_status.go",
    ),
}
