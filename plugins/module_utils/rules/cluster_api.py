"""Readiness rows of Cluster API: clusters, machines, their sets, and the providers' own kinds.

v1alpha3 to v1beta1 sum up in Ready with a severity (Info: still working; api/core/v1beta1/condition_types.go);
v1beta2 has Available instead, and says what moves in RollingOut, ScalingUp, Updating
(api/core/v1beta2/v1beta2_condition_consts.go).
"""

from __future__ import annotations

from ..core.readiness.rule import (
    OBSERVED_IF_SET,
    Annotation,
    AnyOf,
    Compare,
    Condition,
    Field,
    Not,
    Rule,
)
from ..core.readiness.silent import SILENT

_PAUSED = (
    Field("spec.paused", True),
    Annotation("cluster.x-k8s.io/paused"),
)
_BROKEN = (
    Field("status.phase", "Failed", say="status.failureMessage"),
    Field("status.failureReason", say="status.failureMessage"),
)
_ERRORS = (
    Condition("Ready", "False", severity=("Error", "Warning")),
    Condition("ControlPlaneReady", "False", severity="Error"),
    Condition("InfrastructureReady", "False", severity="Error"),
)
_MOVING = (
    Condition("RollingOut"),
    Condition("ScalingUp"),
    Condition("ScalingDown"),
    Condition("Remediating"),
    Condition("Updating"),
    Condition("Deleting"),
)
_SUM = (Condition("Ready", optional=True), Condition("Available", optional=True))

_REPLICATED = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    terminal=_BROKEN,
    retryable=_ERRORS,
    in_progress=_MOVING,
    ready=(
        Field("status.phase", "Running"),
        Compare("status.readyReplicas", ">=", "spec.replicas", default=1),
        Compare("status.unavailableReplicas", "<=", 0, say="{left} replicas unavailable"),
        *_SUM,
    ),
    source="kubernetes-sigs/cluster-api: api/core/v1beta2/machinedeployment_types.go, machinepool_types.go",
)

# A machine that is not healthy is remediated; the check itself is done when all are.
MACHINE_HEALTH_CHECK = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    retryable=(
        Condition("RemediationAllowed", "False"),
        Compare("status.currentHealthy", "<", "status.expectedMachines", say="{left} of {right} machines healthy"),
    ),
    ready=(
        Compare("status.currentHealthy", ">=", "status.expectedMachines", say="{left} of {right} machines healthy"),
    ),
    source="kubernetes-sigs/cluster-api: api/core/v1beta2/machinehealthcheck_types.go",
)

_PROVIDED = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    terminal=_BROKEN,
    retryable=_ERRORS,
    in_progress=_MOVING,
    ready=(
        AnyOf(Condition("Ready"), Condition("Available"), Field("status.ready", True)),
        *_SUM,
        Not(Field("status.ready", False)),
    ),
    source="kubernetes-sigs/cluster-api: docs/book/src/developer/providers/contracts",
)


RULES: dict[str, Rule] = {
    "cluster.x-k8s.io/Cluster": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        terminal=_BROKEN,
        retryable=_ERRORS,
        in_progress=_MOVING,
        ready=(
            Field("status.phase", "Provisioned"),
            *_SUM,
            Condition("ControlPlaneReady", optional=True),
            Condition("ControlPlaneAvailable", optional=True),
            Condition("InfrastructureReady", optional=True),
            Not(Field("status.controlPlaneReady", False)),
            Not(Field("status.infrastructureReady", False)),
        ),
        source="kubernetes-sigs/cluster-api: api/core/v1beta2/cluster_phase_types.go",
    ),
    "cluster.x-k8s.io/Machine": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        terminal=_BROKEN,
        retryable=_ERRORS,
        in_progress=_MOVING,
        ready=(Field("status.phase", "Running"), *_SUM),
        source="kubernetes-sigs/cluster-api: api/core/v1beta2/machine_phase_types.go",
    ),
    "cluster.x-k8s.io/MachineDeployment": _REPLICATED,
    "cluster.x-k8s.io/MachinePool": _REPLICATED,
    "cluster.x-k8s.io/MachineSet": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        terminal=_BROKEN,
        retryable=_ERRORS,
        in_progress=_MOVING,
        ready=(Compare("status.readyReplicas", ">=", "spec.replicas", default=1),),
        source="kubernetes-sigs/cluster-api: api/core/v1beta2/machineset_types.go",
    ),
    "cluster.x-k8s.io/MachineHealthCheck": MACHINE_HEALTH_CHECK,
    "cluster.x-k8s.io/MachineDrainRule": SILENT,
    "cluster.x-k8s.io/ClusterClass": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        retryable=(
            Condition("VariablesReconciled", "False"),
            Condition("VariablesReady", "False"),
            Condition("RefVersionsUpToDate", "False"),
        ),
        ready=(AnyOf(Condition("VariablesReconciled"), Condition("VariablesReady")),),
        source="kubernetes-sigs/cluster-api: api/core/v1beta2/clusterclass_types.go",
    ),
    "addons.cluster.x-k8s.io/ClusterResourceSet": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        retryable=(Condition("ResourcesApplied", "False"),),
        ready=(Condition("ResourcesApplied"),),
        source="kubernetes-sigs/cluster-api: api/addons/v1beta2/clusterresourceset_types.go",
    ),
    "addons.cluster.x-k8s.io/ClusterResourceSetBinding": SILENT,
    "ipam.cluster.x-k8s.io/IPAddress": SILENT,
    "runtime.cluster.x-k8s.io/ExtensionConfig": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Discovered", "False"),),
        ready=(Condition("Discovered"),),
        source="kubernetes-sigs/cluster-api: api/runtime/v1beta2/extensionconfig_types.go",
    ),
    "operator.cluster.x-k8s.io/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("PreflightCheckPassed", "False"), Condition("ProviderInstalled", "False")),
        ready=(Condition("ProviderInstalled"), Condition("Ready")),
        source="kubernetes-sigs/cluster-api-operator: api/v1alpha2/conditions_consts.go",
    ),
    "controlplane.cluster.x-k8s.io/KubeadmControlPlane": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        terminal=_BROKEN,
        retryable=_ERRORS,
        in_progress=(*_MOVING, Condition("Resized", "False"), Condition("MachinesSpecUpToDate", "False")),
        ready=(
            AnyOf(Condition("Ready"), Condition("Available")),
            *_SUM,
            Compare("status.readyReplicas", ">=", "spec.replicas", default=1),
            Compare("status.unavailableReplicas", "<=", 0, say="{left} replicas unavailable"),
        ),
        source="kubernetes-sigs/cluster-api: api/controlplane/kubeadm/v1beta2/kubeadm_control_plane_types.go",
    ),
    # EKS updates in place: Ready stays True while EKSControlPlaneUpdating is.
    "controlplane.cluster.x-k8s.io/AWSManagedControlPlane": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        terminal=_BROKEN,
        retryable=_ERRORS,
        in_progress=(Condition("EKSControlPlaneCreating"), Condition("EKSControlPlaneUpdating")),
        ready=(Field("status.ready", True), Condition("Ready"), Not(Condition("EKSControlPlaneReady", "False"))),
        source="kubernetes-sigs/cluster-api-provider-aws: controlplane/eks/api/v1beta2/conditions_consts.go",
    ),
    "*.cluster.x-k8s.io/*": _PROVIDED,
    "*.cluster.x-k8s.io/*Template": SILENT,
    "metal3.io/BareMetalHost": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Annotation("baremetalhost.metal3.io/paused"), Annotation("baremetalhost.metal3.io/detached")),
        retryable=(
            Field("status.operationalStatus", "error", say="status.errorMessage"),
            Field("status.errorMessage"),
        ),
        ready=(
            Field("status.operationalStatus", "OK"),
            Field(
                "status.provisioning.state",
                "available",
                "ready",
                "provisioned",
                "externally provisioned",
                "unmanaged",
            ),
        ),
        source="metal3-io/baremetal-operator: apis/metal3.io/v1alpha1/baremetalhost_types.go",
    ),
    "machine.openshift.io/MachineHealthCheck": MACHINE_HEALTH_CHECK,
    "machine.openshift.io/Machine": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(
            Field("status.phase", "Failed", say="status.errorMessage"),
            Field("status.errorReason", say="status.errorMessage"),
        ),
        ready=(Field("status.phase", "Running"),),
        source="openshift/api: machine/v1beta1/types_machine.go",
    ),
    "machine.openshift.io/MachineSet": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.errorReason", say="status.errorMessage"),),
        ready=(
            Compare("status.readyReplicas", ">=", "spec.replicas", default=1),
            Compare("status.availableReplicas", ">=", "spec.replicas", default=1),
        ),
        source="openshift/api: machine/v1beta1/types_machineset.go",
    ),
}
