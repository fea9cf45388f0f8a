"""Readiness rows of storage operators: Rook (Ceph), Longhorn, Trident.

A Ceph cluster's phase tells what the operator did, ceph.health how Ceph itself is; HEALTH_WARN serves on
(rook/rook: pkg/apis/ceph.rook.io/v1/types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, AnyOf, Condition, Field, Not, Rule
from ..core.readiness.silent import SILENT

_CEPH = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(
        Field("status.phase", "Failure", "Failed", "Error", "ReconcileFailed", say="status.message"),
        Condition("Failure"),
        Condition("ReconcileSucceeded", "False"),
    ),
    ready=(Field("status.phase", "Ready", "Connected", "Created"),),
    source="rook/rook: pkg/apis/ceph.rook.io/v1/types.go ConditionType",
)

_TRIDENT = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Field("status.phase", "*ailed*", "Lost"), Field("status.lastOperationStatus", "Failed")),
    ready=(Field("status.phase", "Bound"), Field("status.lastOperationStatus", "Success")),
    source="NetApp/trident: persistent_store/crd/apis/netapp/v1/types.go",
)

RULES: dict[str, Rule] = {
    "ceph.rook.io/*": _CEPH,
    "ceph.rook.io/CephCluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            *_CEPH.retryable,
            Field("status.state", "Error", say="status.message"),
            Field("status.ceph.health", "HEALTH_ERR"),
        ),
        ready=(
            Field("status.phase", "Ready", "Connected", say="status.message"),
            Field("status.state", "Created", "Connected", say="status.message"),
            Field("status.ceph.health", "HEALTH_OK", "HEALTH_WARN"),
        ),
        warnings=(Field("status.ceph.health", "HEALTH_WARN"),),
        pods="rook_cluster={namespace}",
        source=_CEPH.source,
    ),
    "longhorn.io/Volume": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.robustness", "faulted"),),
        in_progress=(Field("status.robustness", "degraded"),),
        retryable=(Condition("Scheduled", "False"),),
        ready=(
            AnyOf(
                Field("status.robustness", "healthy"),
                Field("status.state", "detached"),  # a detached volume has no robustness, and nothing to wait for
            ),
            Not(Field("status.restoreRequired", True)),
        ),
        source="longhorn/longhorn-manager: k8s/pkg/apis/longhorn/v1beta2/volume.go",
    ),
    "longhorn.io/Backup": Rule(
        generation=FINAL,
        terminal=(Field("status.state", "Error", say="status.error"),),
        ready=(Field("status.state", "Completed"),),
        source="longhorn/longhorn-manager: k8s/pkg/apis/longhorn/v1beta2/backup.go",
    ),
    "longhorn.io/Snapshot": Rule(
        generation=FINAL,
        retryable=(Field("status.error", "?*"),),
        ready=(Field("status.readyToUse", True),),
        source="longhorn/longhorn-manager: k8s/pkg/apis/longhorn/v1beta2/snapshot.go",
    ),
    "longhorn.io/BackupTarget": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Unavailable"),),
        ready=(Field("status.available", True),),
        source="longhorn/longhorn-manager: k8s/pkg/apis/longhorn/v1beta2/backuptarget.go",
    ),
    "longhorn.io/Node": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"), Condition("Schedulable", optional=True)),
        source="longhorn/longhorn-manager: k8s/pkg/apis/longhorn/v1beta2/node.go",
    ),
    "longhorn.io/Setting": SILENT,
    "longhorn.io/RecurringJob": SILENT,
    "trident.netapp.io/TridentBackendConfig": _TRIDENT,
    "trident.netapp.io/TridentOrchestrator": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.status", "Failed", "Error", say="status.message"),),
        ready=(Field("status.status", "Installed"),),
        source="NetApp/trident: operator/crd/apis/netapp/v1/types.go",
    ),
}
