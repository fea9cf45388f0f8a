"""ClickHouse by the Altinity operator (and ClickHouse Inc's): ready, irreversible changes, what holds data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object, get
from ...core.readiness.rule import (
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
from ...core.sets.guards import Guard, HoldsData
from ...core.sets.values import quantity
from .words import KEEPER, SERVER

# The operator takes any of these for yes, as text (pkg/apis/common/types/string_bool.go).
_YES = (True, "1", "true", "True", "yes", "Yes", "on", "On", "enable", "Enable", "enabled", "Enabled")

_INSTALLATION = Rule(
    generation=NOT_TRACKED,
    paused=(Field("spec.suspend", *_YES), Field("spec.stop", *_YES)),
    retryable=(Field("status.status", "Aborted", say="status.error"),),
    ready=(
        Field("status.status", "Completed", say="status.action"),
        AnyOf(
            Compare(
                "status.taskIDsCompleted[]",
                "==",
                "spec.taskID",
                text=True,
                say="last task done {left}, asked {right}",
            ),
            Not(Field("spec.taskID")),
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

_CLUSTERS, _CLAIMS = "spec.configuration.clusters", "spec.templates.volumeClaimTemplates"


def _rows(value: Any) -> dict[str, Mapping[str, Any]]:
    """The rows of a list, by name."""
    return {str(get(row, "name")): row for row in value or () if isinstance(row, Mapping)}


class _ByName(Guard):
    """A change of one row of a list that is known by its name."""

    def verb(self, live: Any, desired: Any) -> str | None:
        before, after = _rows(live), _rows(desired)
        return next((words for name in before if (words := self.row(name, before[name], after.get(name)))), None)

    def row(self, name: str, live: Mapping[str, Any], desired: Mapping[str, Any] | None) -> str | None:
        """What the change does, as the sentence's first words; None where it is harmless."""
        raise NotImplementedError


class _Gone(_ByName):
    """A row that is there no more; another name is another row."""

    def row(self, name: str, live: Mapping[str, Any], desired: Mapping[str, Any] | None) -> str | None:
        return f"remove {self.path.rpartition('.')[2]} {name} of" if desired is None else None


class _FewerShards(_ByName):
    def row(self, name: str, live: Mapping[str, Any], desired: Mapping[str, Any] | None) -> str | None:
        return _fewer("shardsCount", name, live, desired)


class _FewerReplicas(_ByName):
    def row(self, name: str, live: Mapping[str, Any], desired: Mapping[str, Any] | None) -> str | None:
        return _fewer("replicasCount", name, live, desired)


class _NoMajority(_ByName):
    """So many Keepers go at once that those who stay are no majority of those who were there."""

    def row(self, name: str, live: Mapping[str, Any], desired: Mapping[str, Any] | None) -> str | None:
        before, after = _count("replicasCount", live), _count("replicasCount", desired)
        return _fewer("replicasCount", name, live, desired) if after <= before // 2 else None


class _SmallerClaim(_ByName):
    def row(self, name: str, live: Mapping[str, Any], desired: Mapping[str, Any] | None) -> str | None:
        path = ("spec", "resources", "requests", "storage")
        sizes = [get(each, *path) for each in (live, desired)]
        before, after = (quantity(str(size)) for size in sizes)
        if before is None or after is None or after >= before:
            return None
        return f"shrink volume {name} from {sizes[0]} to {sizes[1]} of"


def _count(field: str, row: Mapping[str, Any] | None) -> int:
    return int(get(row, "layout", field, default=1))


def _fewer(field: str, name: str, live: Mapping[str, Any], desired: Mapping[str, Any] | None) -> str | None:
    before, after = _count(field, live), _count(field, desired)
    return f"set {field} of {name} from {before} to {after} of" if desired is not None and after < before else None


_SHARDS = "no other shard gets the rows of a shard that goes; move them first: docs/runbooks/resize_clickhouse.md"
_VOLUMES = "a volume cannot shrink: the operator would go on failing; a new cluster gets smaller ones"

GUARDS: list[Guard] = [
    _Gone(SERVER.key, _CLUSTERS, "another name makes a new, empty cluster; the tables stay with the old one's volumes"),
    _FewerShards(SERVER.key, _CLUSTERS, _SHARDS),
    _FewerReplicas(SERVER.key, _CLUSTERS, "the other replicas go, and with the last copy but one the safety of it"),
    _Gone(SERVER.key, _CLAIMS, "the parts on it are not there any more when the servers start"),
    _SmallerClaim(SERVER.key, _CLAIMS, _VOLUMES),
    _Gone(KEEPER.key, _CLUSTERS, "another name makes a new, empty Keeper, and every replicated table read-only"),
    _NoMajority(KEEPER.key, _CLUSTERS, "those who stay are no majority, and every replicated table becomes read-only"),
    _SmallerClaim(KEEPER.key, _CLAIMS, _VOLUMES),
]


def _lost(installation: Object) -> str:
    """What a deletion ends, and what becomes of the volumes."""
    hosts = sum(
        _count("shardsCount", each) * _count("replicasCount", each)
        for each in get(installation, "spec", "configuration", "clusters", default=[])
    )
    kept: list[str] = []
    gone: list[str] = []
    for name, each in _rows(get(installation, *_CLAIMS.split("."))).items():
        words = f"{hosts} x {get(each, 'spec', 'resources', 'requests', 'storage')} ({name})"
        (kept if each.get("reclaimPolicy") == "Retain" else gone).append(words)
    told = [f"volumes that stay as claims: {', '.join(kept)}"] if kept else []
    told += [f"volumes that are deleted: {', '.join(gone)}"] if gone else []
    return "; ".join(["its tables are served no more", *told])


def _coordination(keeper: Object) -> str:
    return f"every table that is replicated by it becomes read-only; {_lost(keeper).partition('; ')[2]}"


HOLDS_DATA: list[HoldsData] = [
    HoldsData(SERVER.key, _lost),
    HoldsData(KEEPER.key, _coordination),
]
