"""PostgreSQL by CloudNativePG: when its objects are ready, what changes are irreversible, what holds data. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...core.api.objects import Object, get
from ...core.readiness.rule import (
    FINAL,
    NOT_TRACKED,
    ON_SUCCESS,
    STORED,
    Absent,
    AllOf,
    Annotation,
    Compare,
    Condition,
    Field,
    Not,
    Rule,
)
from ...core.sets.guards import Guard, HoldsData, NeverChanges, NeverRemoved, NeverShrinks

_HEALTHY = "Cluster in healthy state"
_TERMINAL_PHASES = (
    "Invalid cluster definition",
    "Cluster has incomplete or invalid image catalog",
    "Cluster is unrecoverable and needs manual intervention",
    "Cluster cannot execute instance online upgrade due to missing architecture binary",
)
_RETRYABLE_PHASES = (
    "Unable to create required cluster objects",
    "Cluster cannot proceed to reconciliation due to an unknown plugin being required",
    "Cluster cannot proceed to reconciliation due to an error while interacting with plugins",
    "Not enough disk space",
    "Instance Status Extraction Error: HTTP communication issue",
)
_HIBERNATION = "cnpg.io/hibernation"
# Until the first WAL of a new cluster is archived, the plugin looks whether any is there. Of barman's programs that
# archive only this look ends with 1 (barman: clients/cloud_check_wal_archive.py; 2 no connection, 4 all else).
_ARCHIVE_NOT_EMPTY = Condition(
    "ContinuousArchiving",
    "False",
    message="*barman-cloud-wal-archive: exit status 1",
    say="its archive holds WAL of a former cluster of that name, so it archives nothing and gets no standby: give "
    "backup.server_name another name, or restore from that archive (recovery)",
)

# Inside PostgreSQL (databases, roles, publications, subscriptions): the instance manager writes observedGeneration
# together with applied=true and at no other time, so a failure of a new generation stands behind a lag.
_IN_DATABASE = Rule(
    generation=ON_SUCCESS,
    paused=(AllOf(Absent("status.applied"), Field("status.message", "waiting for the cluster to become primary")),),
    retryable=(Field("status.applied", False, say="status.message"),),
    ready=(Field("status.applied", True),),
    source="cloudnative-pg: api/v1/database_funcs.go:28, internal/management/controller/common.go:48",
    note="On a replica cluster nothing is applied before promotion: told as paused.",
)

RULES: dict[str, Rule] = {
    "postgresql.cnpg.io/Cluster": Rule(
        generation=NOT_TRACKED,
        paused=(
            Annotation("cnpg.io/reconciliationLoop", "disabled"),
            AllOf(Condition(_HIBERNATION), Not(Annotation(_HIBERNATION, "off"))),
        ),
        asked=(Annotation(_HIBERNATION, "on"),),
        needs_user=(Field("status.phase", "Waiting for user action", say="status.phaseReason"),),
        terminal=(_ARCHIVE_NOT_EMPTY, Field("status.phase", *_TERMINAL_PHASES, say="status.phaseReason")),
        retryable=(Field("status.phase", *_RETRYABLE_PHASES, say="status.phaseReason"),),
        in_progress=(
            Condition(_HIBERNATION, "*"),
            AllOf(Annotation(_HIBERNATION, "on"), Not(Condition(_HIBERNATION))),
        ),
        ready=(
            Field("status.phase", _HEALTHY, say="status.phaseReason"),
            Compare(
                "status.readyInstances", "==", "spec.instances", default=1, say="{left} of {right} instances ready"
            ),
            Compare("status.currentPrimary", "==", "status.targetPrimary", text=True),
            Condition("Ready"),
        ),
        warnings=tuple(
            Condition(side, "False")
            for side in (
                "ContinuousArchiving",
                "LastBackupSucceeded",
                "ConsistentSystemID",
                "SyncReplicationTopologySatisfied",
            )
        ),
        pods="cnpg.io/cluster={name},cnpg.io/podRole=instance",
        source="cloudnative-pg: api/v1/cluster_types.go:698, internal/controller/plugins.go:132",
        note="The operator writes the healthy phase last; archiving and backup conditions only warn, but for an "
        "archive that is not empty before the first WAL is in it.",
    ),
    **dict.fromkeys(
        (f"postgresql.cnpg.io/{kind}" for kind in ("Database", "DatabaseRole", "Publication", "Subscription")),
        _IN_DATABASE,
    ),
    "postgresql.cnpg.io/Backup": Rule(
        generation=FINAL,
        terminal=(Field("status.phase", "failed", "invalid backup definition", say="status.error"),),
        retryable=(Field("status.phase", "walArchivingFailing", say="status.error"),),
        ready=(Field("status.phase", "completed"),),
        source="cloudnative-pg: api/v1/backup_types.go:31",
    ),
    "postgresql.cnpg.io/ScheduledBackup": Rule(
        generation=NOT_TRACKED,
        paused=(Field("spec.suspend", True),),
        terminal=(Field("status.error"),),
        source="cloudnative-pg: api/v1/scheduledbackup_types.go:101",
        note="Ready once stored; each backup is an object of its own.",
    ),
    "postgresql.cnpg.io/Pooler": Rule(
        generation=NOT_TRACKED,
        paused=(Field("spec.pgbouncer.paused", True),),
        terminal=(Field("status.error"),),
        retryable=(Field("status.phase", "failed", say="status.phaseReason"),),
        in_progress=(Field("status.phase", "inactive", "paused", say="status.phaseReason"),),
        ready=(
            Field("status.phase", "active"),
            Compare("status.instances", "==", "spec.instances", default=1, say="{left} of {right} instances created"),
        ),
        follows=("apps/Deployment",),
        pods="cnpg.io/poolerName={name}",
        source="cloudnative-pg: api/v1/pooler_types.go:33, internal/controller/pooler_status.go:95",
    ),
    **dict.fromkeys(
        ("barmancloud.cnpg.io/ObjectStore", "postgresql.cnpg.io/*ImageCatalog", "postgresql.cnpg.io/FailoverQuorum"),
        Rule(generation=STORED, source="plugin-barman-cloud: api/v1/objectstore_types.go", note="Configuration only."),
    ),
}

_CLUSTER = "postgresql.cnpg.io/Cluster"
_STORE = "barmancloud.cnpg.io/ObjectStore"
_VOLUMES = "the operator refuses it, since a volume cannot shrink; restore into a new cluster with smaller volumes"


class _FewerCopies(Guard):
    """Fewer instances: below three no quorum is left, below two no copy; the volumes of the others are deleted."""

    def verb(self, live: Any, desired: Any) -> str | None:
        lost = live and desired and [floor for floor in (3, 2) if int(desired) < floor <= int(live)]
        return f"set {self.path} to {desired} of" if lost else None


class _ArchiveInUse(Guard):
    """A new cluster that would archive over what a former one of the same server name left.

    The ObjectStore's status is all that the API knows of an archive: base backups, and those as long as that object is
    there. WAL alone, and what a deleted ObjectStore pointed at, the plugin notices (_ARCHIVE_NOT_EMPTY).
    """

    def creating(self, desired: Object, around: Iterable[Object]) -> tuple[str, Object] | None:
        for plugin in get(desired, "spec", "plugins", default=[]):
            given = plugin.get("parameters") or {}
            for store in around:
                window = get(store, "status", "serverRecoveryWindow", given.get("serverName", ""))
                same = get(store, "metadata", "name") == given.get("barmanObjectName")
                if store.get("kind") == "ObjectStore" and same and window:
                    return f"write to archive {given['serverName']} of", store
        return None


GUARDS: list[Guard] = [
    NeverShrinks(_CLUSTER, "spec.storage.size", _VOLUMES),
    NeverShrinks(_CLUSTER, "spec.walStorage.size", _VOLUMES),
    NeverRemoved(_CLUSTER, "spec.walStorage", "the operator refuses it; restore into a new cluster without one"),
    _FewerCopies(
        _CLUSTER, "spec.instances", "the volumes of the other instances are deleted, and no quorum or copy is left"
    ),
    NeverChanges(
        _CLUSTER,
        "spec.imageCatalogRef.major",
        "all instances stop for pg_upgrade, replicas are made anew, and no older backup can be continued over it",
    ),
    _ArchiveInUse(
        _CLUSTER,
        "spec.plugins",
        "it holds backups of a former cluster of that name: the plugin archives nothing over them, and with another "
        "cluster's WAL in it they could not be restored; restore from it (recovery), or give backup.server_name",
    ),
]


def _lost(cluster: Object, around: Iterable[Object]) -> str:
    """The volumes that go with a Cluster, and since when its archive can bring it back."""
    count = get(cluster, "spec", "instances", default=1)
    sizes = [get(cluster, "spec", each, "size") for each in ("storage", "walStorage")]
    volumes = " and ".join(f"{count} x {size}" for size in sizes if size)
    return f"its databases and volumes go with it: {volumes}; {_restorable(cluster, around)}"


def _restorable(cluster: Object, around: Iterable[Object]) -> str:
    for plugin in get(cluster, "spec", "plugins", default=[]):
        given = plugin.get("parameters") or {}
        for store in around:
            if store.get("kind") == "ObjectStore" and get(store, "metadata", "name") == given.get("barmanObjectName"):
                window = get(store, "status", "serverRecoveryWindow", given.get("serverName", ""), default={})
                last, first = window.get("lastSuccessfulBackupTime"), window.get("firstRecoverabilityPoint")
                return f"last backup {last}, restorable since {first}" if last else "no backup of it has ever succeeded"
    return "where its last backup is cannot be seen here"


def _dropped(field: str, what: str) -> HoldsData:
    kind = "Database" if what == "database" else "DatabaseRole"
    return HoldsData(
        f"postgresql.cnpg.io/{kind}",
        lambda obj: f"its reclaim policy drops the {what}" if get(obj, "spec", field) == "delete" else "",
    )


HOLDS_DATA: list[HoldsData] = [
    HoldsData(_CLUSTER, beside=_lost, reads=(_STORE,)),
    _dropped("databaseReclaimPolicy", "database"),
    _dropped("databaseRoleReclaimPolicy", "role"),
    # A record of a backup is no backup: those are in the object store, whose resource is configuration only.
    *(
        HoldsData(f"postgresql.cnpg.io/{kind}", "")
        for kind in ("Pooler", "ScheduledBackup", "Backup", "ImageCatalog", "Publication", "Subscription")
    ),
    HoldsData(_STORE, ""),
]
