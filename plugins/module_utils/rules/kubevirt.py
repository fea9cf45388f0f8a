"""Readiness rows of KubeVirt and of the Containerized Data Importer.

A machine's printableStatus is the sum of its conditions and of its pod's troubles (kubevirt/kubevirt:
staging/src/kubevirt.io/api/core/v1/types.go, VirtualMachineStatus*).
"""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, AnyOf, Compare, Condition, Field, Not, Rule
from ..core.readiness.silent import SILENT

_TYPES = "kubevirt/kubevirt: staging/src/kubevirt.io/api"

_ONCE = Rule(
    generation=FINAL,
    terminal=(Field("status.phase", "Failed"), Condition("Failure")),
    ready=(Field("status.phase", "Succeeded"),),
    source=f"{_TYPES}/snapshot/v1beta1/types.go, clone/v1beta1/types.go",
)

_TRIPLE = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Degraded"),),
    in_progress=(Condition("Progressing"),),
    ready=(Field("status.phase", "Deployed"), Condition("Available")),
    source=f"{_TYPES}/core/v1/types.go KubeVirtPhase*",
)

RULES: dict[str, Rule] = {
    "kubevirt.io/VirtualMachine": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("status.printableStatus", "Stopped", "Paused"), Condition("Paused")),
        asked=(Field("spec.running", False), Field("spec.runStrategy", "Halted", "Manual")),
        terminal=(Field("status.printableStatus", "DataVolumeError"),),
        retryable=(
            Field(
                "status.printableStatus",
                "CrashLoopBackOff",
                "ErrImagePull",
                "ImagePullBackOff",
                "ErrorUnschedulable",
                "ErrorPvcNotFound",
            ),
            Condition("Failure"),
        ),
        ready=(Field("status.printableStatus", "Running"), Condition("Ready")),
        pods="vm.kubevirt.io/name={name}",
        source=f"{_TYPES}/core/v1/types.go VirtualMachineStatus*",
    ),
    "kubevirt.io/VirtualMachineInstance": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Condition("Paused"),),
        terminal=(Field("status.phase", "Failed"),),
        retryable=(Condition("Synchronized", "False"),),
        ready=(Field("status.phase", "Running"), Condition("Ready")),
        pods="kubevirt.io/domain={name}",
        source=f"{_TYPES}/core/v1/types.go VirtualMachineInstancePhase",
    ),
    "kubevirt.io/VirtualMachineInstanceMigration": _ONCE,
    "kubevirt.io/VirtualMachineInstanceReplicaSet": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True), Condition("ReplicaPaused")),
        retryable=(Condition("ReplicaFailure"),),
        ready=(Compare("status.readyReplicas", ">=", "spec.replicas", default=1),),
        source=f"{_TYPES}/core/v1/types.go",
    ),
    "kubevirt.io/KubeVirt": _TRIPLE,
    "cdi.kubevirt.io/CDI": _TRIPLE,
    "kubevirt.io/*Preset": SILENT,
    "instancetype.kubevirt.io/*": SILENT,
    "pool.kubevirt.io/VirtualMachinePool": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True), Condition("ReplicaPaused")),
        retryable=(Condition("ReplicaFailure"),),
        ready=(Compare("status.readyReplicas", ">=", "spec.replicas", default=1),),
        source=f"{_TYPES}/pool/v1beta1/types.go",
    ),
    "snapshot.kubevirt.io/VirtualMachineSnapshot": Rule(
        generation=FINAL,
        terminal=(Field("status.phase", "Failed"), Condition("Failure")),
        retryable=(Field("status.error.message"),),
        ready=(Field("status.readyToUse", True), Field("status.phase", "Succeeded")),
        source=f"{_TYPES}/snapshot/v1beta1/types.go",
    ),
    "snapshot.kubevirt.io/VirtualMachineSnapshotContent": Rule(
        generation=FINAL,
        retryable=(Field("status.error.message"),),
        ready=(Field("status.readyToUse", True),),
        source=f"{_TYPES}/snapshot/v1beta1/types.go",
    ),
    "snapshot.kubevirt.io/VirtualMachineRestore": Rule(
        generation=FINAL,
        terminal=(Condition("Failure"),),
        ready=(Field("status.complete", True),),
        source=f"{_TYPES}/snapshot/v1beta1/types.go",
    ),
    "clone.kubevirt.io/VirtualMachineClone": _ONCE,
    "export.kubevirt.io/VirtualMachineExport": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Field("status.phase", "Ready"), Condition("Ready")),
        source=f"{_TYPES}/export/v1beta1/types.go",
    ),
    # A volume that waits for its first consumer is not filled yet; a machine of the same set is that consumer.
    "cdi.kubevirt.io/DataVolume": Rule(
        generation=FINAL,
        paused=(Field("status.phase", "Paused"),),
        terminal=(Field("status.phase", "Failed"),),
        retryable=(
            Condition("Running", "False", reason=("Error", "*Error", "*Failed", "*BackOff")),
            Condition("Bound", "False", reason=("*Error*", "ErrClaim*")),
        ),
        ready=(
            Field("status.phase", "Succeeded"),
            AnyOf(Condition("Ready"), Not(Field("status.conditions"))),
        ),
        source="kubevirt/containerized-data-importer: staging/src/.../pkg/apis/core/v1beta1/types.go DataVolumePhase",
    ),
    "cdi.kubevirt.io/DataImportCron": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("UpToDate", "False", reason="*Fail*"),),
        in_progress=(Condition("Progressing"),),
        ready=(Condition("UpToDate"),),
        source="kubevirt/containerized-data-importer: staging/src/.../pkg/apis/core/v1beta1/types.go",
    ),
    "cdi.kubevirt.io/DataSource": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"),),
        source="kubevirt/containerized-data-importer: staging/src/.../pkg/apis/core/v1beta1/types.go",
    ),
    "cdi.kubevirt.io/StorageProfile": SILENT,
}
