"""PostgreSQL by CloudNativePG: the rows that say when its objects are ready. Pure."""

from __future__ import annotations

from ..core.readiness.rule import (
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
        terminal=(Field("status.phase", *_TERMINAL_PHASES, say="status.phaseReason"),),
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
        note="The operator writes the healthy phase last; archiving and backup conditions only warn.",
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
        pods="cnpg.io/poolerName={name}",
        source="cloudnative-pg: api/v1/pooler_types.go:33, internal/controller/pooler_status.go:95",
    ),
    **dict.fromkeys(
        ("barmancloud.cnpg.io/ObjectStore", "postgresql.cnpg.io/*ImageCatalog", "postgresql.cnpg.io/FailoverQuorum"),
        Rule(generation=STORED, source="plugin-barman-cloud: api/v1/objectstore_types.go", note="Configuration only."),
    ),
}
