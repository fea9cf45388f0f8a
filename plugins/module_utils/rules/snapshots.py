"""Readiness rows of volume snapshots and volume replication (CSI)."""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, Condition, Field, Rule
from ..core.readiness.silent import SILENT

_SNAPSHOT = Rule(
    generation=FINAL,
    retryable=(Field("status.error.message"),),
    ready=(Field("status.readyToUse", True),),
    source="kubernetes-csi/external-snapshotter: client/apis/volumesnapshot/v1/types.go",
)

RULES: dict[str, Rule] = {
    "snapshot.storage.k8s.io/*": _SNAPSHOT,
    "snapshot.storage.k8s.io/*Class": SILENT,
    "groupsnapshot.storage.k8s.io/*": _SNAPSHOT,
    "groupsnapshot.storage.k8s.io/*Class": SILENT,
    "replication.storage.openshift.io/VolumeReplication": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Degraded"), Condition("Completed", "False", reason="*Failed*")),
        in_progress=(Condition("Resyncing"),),
        ready=(Condition("Completed"),),
        source="csi-addons/kubernetes-csi-addons: api/replication.storage/v1alpha1/volumereplication_types.go",
    ),
    "volsync.backube/ReplicationSource": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True),),
        retryable=(
            Condition("Synchronizing", "False", reason="Error"),
            Field("status.latestMoverStatus.result", "Failed", say="status.latestMoverStatus.logs"),
        ),
        ready=(Field("status.lastSyncTime"),),
        source="backube/volsync: api/v1alpha1/replicationsource_types.go",
    ),
    "volsync.backube/ReplicationDestination": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True),),
        retryable=(Condition("Synchronizing", "False", reason="Error"),),
        ready=(Condition("Synchronizing", ("True", "False"), but_reason="Error"),),
        source="backube/volsync: api/v1alpha1/replicationdestination_types.go",
    ),
}
