"""ClickHouse by the Altinity operator and by ClickHouse Inc's: the rows that say when their objects are ready."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from ..core import footprint as fp
from ..core.api.objects import Object, get
from ..core.footprint import Footprint
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

# What the Altinity operator makes: pkg/model/{chi,chk}/namer/patterns.go, pkg/model/common/creator/pdb.go (its own
# labels are copied). A StatefulSet, a Service and the claims of its templates for every host.


def _layout(cluster: Object) -> tuple[int, int]:
    """Shards and replicas: as counted, or as listed."""
    layout = cluster.get("layout") or {}
    shards, replicas = layout.get("shards") or [], layout.get("replicas") or []
    return int(layout.get("shardsCount") or len(shards) or 1), int(layout.get("replicasCount") or len(replicas) or 1)


def _template(spec: Object, kind: str, name: str | None) -> Object:
    """A template by name; only what is named is used."""
    found: Object = next((each for each in get(spec, "templates", kind, default=[]) if each.get("name") == name), {})
    return found


def _hosts(obj: Object, prefix: str, group: str, container: str, ports: Mapping[str, int]) -> list[Object]:
    spec, name = obj.get("spec", {}), get(obj, "metadata", "name")
    used = get(spec, "defaults", "templates", default={})
    pod = dict(_template(spec, "podTemplates", used.get("podTemplate")).get("spec") or {})
    pod.setdefault("containers", [{"name": container, "image": f"clickhouse/{container}:latest"}])
    claims = {
        claim: _template(spec, "volumeClaimTemplates", claim).get("spec") or {}
        for claim in (used.get("dataVolumeClaimTemplate"), used.get("logVolumeClaimTemplate"))
        if claim
    }
    parts: list[Object] = []
    for cluster in get(spec, "configuration", "clusters", default=[{"name": "default"}]) or [{"name": "default"}]:
        shards, replicas = _layout(cluster)
        labels = {**fp.labels_of(obj), f"{group}/app": "chop", f"{group}/{prefix}": name}
        labels |= {f"{group}/cluster": str(cluster.get("name"))}
        for shard, replica in itertools.product(range(shards), range(replicas)):
            host = f"{prefix}-{name}-{cluster.get('name')}-{shard}-{replica}"
            own = {**labels, f"{group}/shard": str(shard), f"{group}/replica": str(replica)}
            parts.append(fp.service(obj, host, own, selector=own, ports=ports, headless=True))
            parts.append(
                fp.stateful_set(obj, host, own, selector=own, replicas=1, pod=pod, claims=claims, serviceName=host)
            )
        most = int(cluster.get("pdbMaxUnavailable") or 1)
        if str(cluster.get("pdbManaged", "yes")).lower() in ("yes", "true", "1", "on", "enabled"):
            budget = f"{prefix}-{name}-{cluster.get('name')}"
            parts.append(fp.budget(obj, budget, labels, selector=labels, maxUnavailable=most))
    return parts


def footprint(installation: Object) -> Footprint:
    """Every host of a ClickHouseInstallation, and the Service of all."""
    name = get(installation, "metadata", "name")
    ports, group = {"http": 8123, "tcp": 9000}, "clickhouse.altinity.com"
    labels = {**fp.labels_of(installation), f"{group}/app": "chop", f"{group}/chi": name}
    selector = {f"{group}/app": "chop", f"{group}/chi": name}
    common = fp.service(installation, f"clickhouse-{name}", labels, selector=selector, ports=ports)
    return Footprint((common, *_hosts(installation, "chi", group, "clickhouse-server", ports)))


def keeper_footprint(keeper: Object) -> Footprint:
    """Every host of a ClickHouseKeeperInstallation, and the Service of all."""
    name = get(keeper, "metadata", "name")
    ports, group = {"zk": 2181, "raft": 9444}, "clickhouse-keeper.altinity.com"
    labels = {**fp.labels_of(keeper), f"{group}/app": "chop", f"{group}/chk": name}
    selector = {f"{group}/app": "chop", f"{group}/chk": name}
    common = fp.service(keeper, f"keeper-{name}", labels, selector=selector, ports=ports)
    return Footprint((common, *_hosts(keeper, "chk", group, "clickhouse-keeper", ports)))


FOOTPRINTS: dict[str, fp.Function] = {
    "clickhouse.altinity.com/ClickHouseInstallation": footprint,
    "clickhouse-keeper.altinity.com/ClickHouseKeeperInstallation": keeper_footprint,
}
