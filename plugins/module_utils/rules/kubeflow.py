"""Readiness rows of Kubeflow: training jobs, notebooks, Katib, profiles.

Training jobs append conditions as they go: Created, Running, Restarting, Succeeded, Failed, Suspended; a past one turns
False (kubeflow/training-operator: pkg/apis/kubeflow.org/v1/common_types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, AnyOf, Compare, Condition, Field, Rule

_JOB = Rule(
    generation=FINAL,
    paused=(Field("spec.runPolicy.suspend", True), Field("spec.suspend", True), Condition("Suspended")),
    terminal=(Condition("Failed"),),
    ready=(AnyOf(Condition("Succeeded"), Condition("Complete")),),
    source="kubeflow/training-operator: pkg/apis/kubeflow.org/v1/common_types.go",
)

RULES: dict[str, Rule] = {
    **{
        f"kubeflow.org/{kind}": _JOB
        for kind in ("JAXJob", "MPIJob", "MXJob", "PaddleJob", "PyTorchJob", "TFJob", "XGBoostJob")
    },
    "trainer.kubeflow.org/TrainJob": _JOB,
    "kubeflow.org/Notebook": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field(("metadata", "annotations", "kubeflow-resource-stopped")),),
        ready=(Compare("status.readyReplicas", ">=", 1),),
        pods="notebook-name={name}",
        source="kubeflow/kubeflow: components/notebook-controller/api/v1/notebook_types.go",
    ),
    "kubeflow.org/Experiment": Rule(
        generation=FINAL,
        terminal=(Condition("Failed"),),
        ready=(Condition("Succeeded"),),
        source="kubeflow/katib: pkg/apis/controller/experiments/v1beta1/experiment_types.go",
    ),
    "kubeflow.org/Trial": Rule(
        generation=FINAL,
        terminal=(Condition("Failed"), Condition("Killed"), Condition("MetricsUnavailable")),
        ready=(AnyOf(Condition("Succeeded"), Condition("EarlyStopped")),),
        source="kubeflow/katib: pkg/apis/controller/trials/v1beta1/trial_types.go",
    ),
    "machinelearning.seldon.io/SeldonDeployment": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.state", "Failed", say="status.description"),),
        ready=(Field("status.state", "Available", say="status.description"),),
        source="SeldonIO/seldon-core v1: operator/apis/machinelearning.seldon.io/v1/seldondeployment_types.go",
    ),
}
