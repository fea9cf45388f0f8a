"""ClickHouse by the Altinity operator and by ClickHouse Inc's: the rows that say when their objects are ready."""

from __future__ import annotations

from ..core.readiness.rule import (
    CONDITIONS,
    NOT_TRACKED,
    STORED,
    AnyOf,
    Compare,
    Condition,
    Field,
    Not,
    Rule,
)

# The operator takes any of these for yes, as text (pkg/apis/common/types/string_bool.go).
_YES = (True, "1", "true", "True", "yes", "Yes", "on", "On", "enable", "Enable", "enabled", "Enabled")

_INSTALLATION = Rule(
    generation=NOT_TRACKED,
    paused=(Field("spec.suspend", *_YES), Field("spec.stop", *_YES)),
    retryable=(Field("status.status", "Aborted", say="status.error"),),
    ready=(
        Field("status.status", "Completed", say="status.action"),
        AnyOf(
            Not(Field("spec.taskID")),
            Compare(
                "status.taskIDsCompleted[]",
                "==",
                "spec.taskID",
                text=True,
                say="last task done {left}, asked {right}",
            ),
        ),
    ),
    source="clickhouse-operator: pkg/apis/clickhouse.altinity.com/v1/type_status.go:34, "
    "pkg/controller/chi/worker-reconciler-chi.go:86",
    note="Where spec.taskID is set, the task last completed must be that one.",
)

# SpecValid=False is written without status.observedGeneration, so each condition's own generation counts.
_CLUSTER = Rule(
    generation=CONDITIONS,
    terminal=(Condition("SpecValid", "False"),),
    retryable=(Condition("ReconcileSucceeded", "False"), Condition("ReplicaStartupSucceeded", "False")),
    ready=(
        Condition("Ready"),
        Condition("ReconcileSucceeded"),
        Condition("Healthy", optional=True),
        Condition("ConfigurationInSync", optional=True),
        Condition("ClusterSizeAligned", optional=True),
    ),
    warnings=(Condition("SchemaInSync", "False"),),
    pods="app.kubernetes.io/instance={name}",
    source="ClickHouse/clickhouse-operator: api/v1alpha1/conditions.go:12, "
    "internal/controller/clickhouse/controller.go:68",
)

RULES: dict[str, Rule] = {
    "clickhouse.altinity.com/ClickHouseInstallation": _INSTALLATION,
    "clickhouse-keeper.altinity.com/ClickHouseKeeperInstallation": _INSTALLATION,
    **dict.fromkeys(
        (
            "clickhouse.altinity.com/ClickHouseInstallationTemplate",
            "clickhouse.altinity.com/ClickHouseOperatorConfiguration",
        ),
        Rule(generation=STORED, source="clickhouse-operator: configuration, no status"),
    ),
    "clickhouse.com/ClickHouseCluster": _CLUSTER,
    "clickhouse.com/KeeperCluster": _CLUSTER,
}
