"""Readiness rows of delivery tools: Tekton, Kargo, GitHub runners, Terraform, Camel K."""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, AnyOf, Condition, Field, Rule
from ..core.readiness.silent import SILENT

_RUN = Rule(
    generation=FINAL,
    paused=(Field("spec.status", "PipelineRunPending"),),
    terminal=(Condition("Succeeded", "False"),),
    ready=(Condition("Succeeded"),),
    source="tektoncd/pipeline: pkg/apis/pipeline/v1/pipelinerun_types.go",
)

_TEKTON_PART = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(
        Condition("DependenciesInstalled", "False"),
        Condition("PreReconciler", "False"),
        Condition("PostReconciler", "False"),
        Condition("InstallerSetReady", "False", reason="Error"),
    ),
    ready=(Condition("Ready"),),
    source="tektoncd/operator: pkg/apis/operator/v1alpha1/tektonpipeline_lifecycle.go",
)

_CAMEL = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(
        Field("status.phase", "Error", "Failed", "Creation Failed", "Cannot Monitor"),
        Condition("Ready", "False", reason=("*Error", "*Failed", "Error")),
    ),
    ready=(Field("status.phase", "Running", "Ready"), Condition("Ready", optional=True)),
    pods="camel.apache.org/integration={name}",
    source="apache/camel-k: pkg/apis/camel/v1/integration_types.go",
)

RULES: dict[str, Rule] = {
    "tekton.dev/PipelineRun": _RUN,
    "tekton.dev/TaskRun": _RUN,
    "tekton.dev/Run": _RUN,
    "tekton.dev/CustomRun": _RUN,
    "tekton.dev/*": SILENT,
    "triggers.tekton.dev/EventListener": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Available", "False"),),
        ready=(Condition("Available"), Condition("Ready", optional=True)),
        source="tektoncd/triggers: pkg/apis/triggers/v1beta1/event_listener_types.go",
    ),
    "triggers.tekton.dev/*": SILENT,
    "operator.tekton.dev/*": _TEKTON_PART,
    # A stage is as healthy as what it promoted last; one that never promoted has nothing to be healthy about.
    "kargo.akuity.io/Stage": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Condition("Healthy", "False"),
            Condition("Verified", "False"),
            Field("status.health.status", "Unhealthy", say="status.health.issues[]"),
        ),
        in_progress=(Condition("Promoting"), Field("status.health.status", "Progressing", "Unknown")),
        ready=(
            AnyOf(Condition("Ready"), Field("status.health.status", "Healthy", "NotApplicable")),
            Condition("Ready", optional=True),
        ),
        source="akuity/kargo: api/v1alpha1/stage_types.go, conditions.go",
    ),
    "kargo.akuity.io/Warehouse": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Healthy", "False"), Condition("Ready", "False")),
        ready=(Condition("Ready"), Condition("Healthy", optional=True)),
        source="akuity/kargo: api/v1alpha1/warehouse_types.go",
    ),
    "kargo.akuity.io/Project": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"),),
        source="akuity/kargo: api/v1alpha1/project_types.go",
    ),
    "kargo.akuity.io/Promotion": Rule(
        generation=FINAL,
        terminal=(Field("status.phase", "Failed", "Errored", "Aborted", say="status.message"),),
        ready=(Field("status.phase", "Succeeded"),),
        source="akuity/kargo: api/v1alpha1/promotion_types.go",
    ),
    "kargo.akuity.io/*": SILENT,
    "actions.github.com/AutoscalingRunnerSet": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.phase", "Outdated", say="status.failure.reason"),),
        ready=(Field("status.phase", "Running", default="Running"), Field("status.currentRunners")),
        source="actions/actions-runner-controller: apis/actions.github.com/v1alpha1/autoscalingrunnerset_types.go",
    ),
    "actions.github.com/EphemeralRunner": Rule(
        generation=FINAL,
        terminal=(Field("status.phase", "Failed", "Outdated", say="status.message"),),
        ready=(Field("status.phase", "Running", "Succeeded"),),
        source="actions/actions-runner-controller: apis/actions.github.com/v1alpha1/ephemeralrunner_types.go",
    ),
    "app.terraform.io/Workspace": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.runStatus.status", "errored", "policy_soft_failed"),),
        needs_user=(
            Field("status.runStatus.status", "policy_override", "planned", "cost_estimated", "policy_checked"),
        ),
        retryable=(Field("status.runStatus.status", "canceled", "force_canceled", "discarded"),),
        ready=(
            Field("status.workspaceID"),
            Field("status.runStatus.status", "applied", "planned_and_finished", "planned_and_saved", default="applied"),
        ),
        source="hashicorp/hcp-terraform-operator: api/v1alpha2/workspace_types.go",
    ),
    "app.terraform.io/Module": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.run.status", "errored"),),
        ready=(Field("status.run.status", "applied", "planned_and_finished"),),
        source="hashicorp/hcp-terraform-operator: api/v1alpha2/module_types.go",
    ),
    "app.terraform.io/AgentPool": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Field("status.agentPoolID"),),
        source="hashicorp/hcp-terraform-operator: api/v1alpha2/agentpool_types.go",
    ),
    "tf.isaaguilar.com/Terraform": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.phase", "failed"),),
        ready=(Field("status.phase", "completed"),),
        source="GalleyBytes/terraform-operator: pkg/apis/tf/v1beta1/terraform_types.go",
    ),
    "camel.apache.org/Integration": _CAMEL,
    "camel.apache.org/IntegrationKit": _CAMEL,
    "camel.apache.org/IntegrationPlatform": _CAMEL,
    "camel.apache.org/Pipe": _CAMEL,
    "camel.apache.org/KameletBinding": _CAMEL,
    "camel.apache.org/Kamelet": _CAMEL,
    "camel.apache.org/CamelCatalog": _CAMEL,
    "camel.apache.org/Build": Rule(
        generation=FINAL,
        terminal=(Field("status.phase", "Failed", "Error", "Interrupted", say="status.error"),),
        ready=(Field("status.phase", "Succeeded"),),
        source="apache/camel-k: pkg/apis/camel/v1/build_types.go",
    ),
}
