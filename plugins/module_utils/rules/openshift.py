"""Readiness rows of OpenShift: routes, deployment configs, builds, operators of the platform, machine configs.

Platform operators report Available, Progressing and Degraded; while Available stays True during an update, Progressing
tells that it is not over (openshift/api: config/v1/types_cluster_operator.go).
"""

from __future__ import annotations

from ..core.readiness.rule import (
    FINAL,
    OBSERVED_IF_SET,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Each,
    Field,
    Not,
    Rule,
    Some,
)
from ..core.readiness.silent import SILENT

_OPERATOR = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("spec.managementState", "Unmanaged", "Removed"),),
    retryable=(
        Condition("Degraded"),
        Some("status.conditions", Field("type", "*Degraded"), Field("status", "True", say="message")),
    ),
    in_progress=(
        Condition("Progressing"),
        Some("status.conditions", Field("type", "*Progressing"), Field("status", "True", say="message")),
    ),
    ready=(
        AnyOf(Condition("Available"), Some("status.conditions", Field("type", "*Available"))),
        Not(Some("status.conditions", Field("type", "*Available"), Field("status", "False", "Unknown", say="message"))),
    ),
    source="openshift/api: operator/v1/types.go",
)

_CLUSTER_OPERATOR = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Degraded"), Condition("Available", "False")),
    in_progress=(Condition("Progressing"),),
    ready=(Condition("Available"),),
    source="openshift/api: config/v1/types_cluster_operator.go",
)

_CONFIG = Rule(
    generation=OBSERVED_IF_SET,
    terminal=(Condition("Failure", "True"), Condition("Accepted", "False")),
    ready=(Condition("Success"),),
    source="openshift/api: machineconfiguration/v1/types.go",
)

RULES: dict[str, Rule] = {
    "apps.openshift.io/DeploymentConfig": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True),),
        terminal=(Condition("Progressing", "False", reason="ProgressDeadlineExceeded"),),
        retryable=(Condition("ReplicaFailure"), Condition("Progressing", "False")),
        ready=(
            Condition("Progressing", reason="NewReplicationControllerAvailable"),
            Compare("status.updatedReplicas", ">=", "spec.replicas", default=1),
            Compare("status.availableReplicas", ">=", "spec.replicas", default=1),
        ),
        pods="deploymentconfig={name}",
        source="openshift/api: apps/v1/types.go",
    ),
    # Every router that takes the route writes an entry of its own.
    "route.openshift.io/Route": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Some("status.ingress", Condition("Admitted", "False", at="conditions")),),
        ready=(Each("status.ingress", Condition("Admitted", at="conditions")),),
        source="openshift/api: route/v1/types.go",
    ),
    "build.openshift.io/Build": Rule(
        generation=FINAL,
        terminal=(Field("status.phase", "Failed", "Error", "Cancelled", say="status.message"),),
        ready=(Field("status.phase", "Complete"),),
        source="openshift/api: build/v1/types.go",
    ),
    "build.openshift.io/BuildConfig": SILENT,
    "image.openshift.io/ImageStream": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Some("status.tags[].conditions", Field("type", "ImportSuccess"), Field("status", "False")),),
        ready=SILENT.ready,
        source="openshift/api: image/v1/types.go",
    ),
    "project.openshift.io/Project": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Field("status.phase", "Active"),),
        source="openshift/api: project/v1/types.go",
    ),
    "template.openshift.io/TemplateInstance": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("InstantiateFailure"),),
        ready=(Condition("Ready"),),
        source="openshift/api: template/v1/types.go",
    ),
    "template.openshift.io/Template": SILENT,
    "config.openshift.io/ClusterOperator": _CLUSTER_OPERATOR,
    "config.openshift.io/ClusterVersion": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Condition("Failing"),
            Condition("Invalid"),
            Condition("ReleaseAccepted", "False"),
            Condition("Available", "False"),
        ),
        in_progress=(Condition("Progressing"),),
        ready=(Condition("Available"),),
        source="openshift/api: config/v1/types_cluster_version.go",
    ),
    "operator.openshift.io/*": _OPERATOR,
    "operator.openshift.io/ImageContentSourcePolicy": SILENT,
    "operator.openshift.io/IngressController": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("Admitted", "False"),),
        retryable=(Condition("Degraded"), Condition("Available", "False")),
        in_progress=(Condition("Progressing"),),
        ready=(
            Condition("Admitted"),
            Condition("Available"),
            Condition("DeploymentReplicasAllAvailable", optional=True),
            Condition("LoadBalancerReady", optional=True),
            Condition("DNSReady", optional=True),
        ),
        pods="ingresscontroller.operator.openshift.io/deployment-ingresscontroller={name}",
        source="openshift/api: operator/v1/types_ingress.go",
    ),
    "imageregistry.operator.openshift.io/*": _OPERATOR,
    "samples.operator.openshift.io/*": _OPERATOR,
    "network.operator.openshift.io/*": SILENT,
    "machineconfiguration.openshift.io/MachineConfigPool": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True),),
        retryable=(Condition("Degraded"), Condition("NodeDegraded"), Condition("RenderDegraded")),
        in_progress=(Condition("Updating"),),
        ready=(
            Condition("Updated"),
            Compare("status.updatedMachineCount", ">=", "status.machineCount", default=0),
            Compare("status.degradedMachineCount", "<=", 0, say="{left} machines degraded"),
        ),
        source="openshift/api: machineconfiguration/v1/types.go",
    ),
    "machineconfiguration.openshift.io/MachineConfig": SILENT,
    "machineconfiguration.openshift.io/KubeletConfig": _CONFIG,
    "machineconfiguration.openshift.io/ContainerRuntimeConfig": _CONFIG,
    "hco.kubevirt.io/HyperConverged": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Degraded"), Condition("ReconcileComplete", "False")),
        in_progress=(Condition("Progressing"),),
        ready=(Condition("ReconcileComplete"), Condition("Available")),
        source="kubevirt/hyperconverged-cluster-operator: api/v1beta1/hyperconverged_types.go",
    ),
    "tuned.openshift.io/Profile": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Degraded"),),
        ready=(Condition("Applied"),),
        source="openshift/cluster-node-tuning-operator: pkg/apis/tuned/v1/tuned_types.go",
    ),
    "hive.openshift.io/ClusterDeployment": Rule(
        generation=OBSERVED_IF_SET,
        paused=(AllOf(Field("spec.powerState", "Hibernating"), Condition("Hibernating")),),
        terminal=(Condition("ProvisionStopped"),),
        retryable=(
            Condition("ProvisionFailed"),
            Condition("ClusterImageSetNotFound"),
            Condition("InstallLaunchError"),
            Condition("AuthenticationFailure"),
            Condition("RequirementsMet", "False"),
            Condition("Unreachable"),
        ),
        ready=(Field("spec.installed", True), Condition("Unreachable", "False", optional=True)),
        source="openshift/hive: apis/hive/v1/clusterdeployment_types.go",
    ),
}
