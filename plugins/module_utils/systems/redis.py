"""Redis by the OT operator and Valkey by its operators: the rows that say when their objects are ready. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core import footprint as fp
from ..core.api.objects import Object, get
from ..core.builders import present
from ..core.footprint import Footprint
from ..core.readiness.matchers import Matcher
from ..core.readiness.rule import (
    CONDITIONS,
    NOT_TRACKED,
    OBSERVED,
    AllOf,
    Annotation,
    AnyOf,
    Compare,
    Condition,
    Field,
    Not,
    Rule,
)


def _ready_of(role: str) -> Matcher:
    """All ready of a role: the operator takes the role's own count, otherwise clusterSize."""
    have, own = f"status.ready{role}Replicas", f"spec.redis{role}.replicas"
    say = f"{{left}} of {{right}} {role.lower()}s ready"
    return AnyOf(
        AllOf(Not(Field(own)), Compare(have, "==", "spec.clusterSize", default=3, say=say)),
        AllOf(Field(own), Compare(have, "==", own, say=say)),
    )


_OT = "redis.redis.opstreelabs.in"
_STATUSLESS = "The operator writes no status that tells; its StatefulSet does."

RULES: dict[str, Rule] = {
    f"{_OT}/RedisCluster": Rule(
        generation=NOT_TRACKED,
        paused=(Annotation("rediscluster.opstreelabs.in/skip-reconcile", "true"),),
        retryable=(Field("status.state", "Failed", say="status.reason"),),
        ready=(
            Field("status.state", "Ready", say="status.reason"),
            _ready_of("Leader"),
            _ready_of("Follower"),
        ),
        pods="app in ({name}-leader,{name}-follower)",
        source="redis-operator: api/rediscluster/v1beta2/rediscluster_types.go:151, "
        "internal/controller/rediscluster/rediscluster_controller.go:343",
        note="Failed means unhealthy nodes, which the operator then repairs.",
    ),
    f"{_OT}/RedisReplication": Rule(
        generation=NOT_TRACKED,
        paused=(Annotation("redisreplication.opstreelabs.in/skip-reconcile", "true"),),
        ready=(Field("status.masterNode"),),
        follows=("apps/StatefulSet",),
        source="redis-operator: api/redisreplication/v1beta2/redisreplication_types.go:84",
        note=_STATUSLESS,
    ),
    f"{_OT}/Redis": Rule(
        generation=NOT_TRACKED,
        paused=(Annotation("redis.opstreelabs.in/skip-reconcile", "true"),),
        follows=("apps/StatefulSet",),
        source="redis-operator: api/redis/v1beta2/redis_types.go:60",
        note=_STATUSLESS,
    ),
    f"{_OT}/RedisSentinel": Rule(
        generation=NOT_TRACKED,
        paused=(Annotation("redissentinel.opstreelabs.in/skip-reconcile", "true"),),
        follows=("apps/StatefulSet",),
        source="redis-operator: api/redissentinel/v1beta2/redissentinel_types.go:54",
        note=_STATUSLESS,
    ),
    "valkey.io/ValkeyCluster": Rule(
        generation=CONDITIONS,
        retryable=(Condition("Degraded"), AllOf(Field("status.state", "Failed"), Condition("Ready", "False"))),
        ready=(Field("status.state", "Ready", say="status.message"), Condition("Ready")),
        warnings=(Condition("ConfigurationWarning"),),
        pods="valkey.io/cluster={name}",
        source="valkey-operator: api/v1alpha1/valkeycluster_types.go:32, "
        "internal/controller/valkeycluster_controller.go:1405",
    ),
    "valkey.io/ValkeyNode": Rule(
        generation=OBSERVED,
        ready=(Field("status.ready", True),),
        source="valkey-operator: api/v1alpha1/valkeynode_types.go:177",
    ),
    "hyperspike.io/Valkey": Rule(
        generation=NOT_TRACKED,
        ready=(Field("status.ready", True),),
        source="hyperspike/valkey-operator: internal/controller/valkey_controller.go:323",
    ),
}

# What the operator makes: internal/k8sutils/{redis-cluster,redis-replication,redis-sentinel,redis-standalone}.go,
# labels.go (the resource's own labels are copied).
_PORT = {"redis-client": 6379}


def _part(obj: Object, name: str, *, kind: str, role: str, replicas: int, own: Mapping[str, Any]) -> list[Object]:
    """One StatefulSet with its Services; its PodDisruptionBudget where that is asked for."""
    spec = obj.get("spec", {})
    selector = {"app": name, "redis_setup_type": kind, "role": role}
    labels = {**fp.labels_of(obj), **selector}
    general = spec.get("kubernetesConfig") or {}
    pod = fp.pod_spec(
        [
            {
                "name": name,
                "image": general.get("image") or "quay.io/opstree/redis",
                **present(resources=own.get("resources") or general.get("resources")),
            }
        ],
        restricted=False,  # its pods say only what spec.podSecurityContext says
        nodeSelector=own.get("nodeSelector") or spec.get("nodeSelector"),
        affinity=own.get("affinity") or spec.get("affinity"),
        tolerations=own.get("tolerations") or spec.get("tolerations"),
        topologySpreadConstraints=own.get("topologySpreadConstraints") or spec.get("topologySpreadConstraints"),
        priorityClassName=spec.get("priorityClassName"),
    )
    pod |= present(securityContext=own.get("securityContext") or spec.get("podSecurityContext"))
    storage = spec.get("storage") or {}
    claims = {name: get(storage, "volumeClaimTemplate", "spec"), "node-conf": None}
    if kind == "cluster" and storage.get("nodeConfVolume"):
        claims["node-conf"] = get(storage, "nodeConfVolumeClaimTemplate", "spec") or fp.claim_spec("1Mi")
    made = [
        fp.service(obj, name, labels, selector=selector, ports=_PORT),
        fp.service(obj, f"{name}-headless", labels, selector=selector, ports=_PORT, headless=True),
        fp.stateful_set(
            obj,
            name,
            labels,
            selector=selector,
            replicas=replicas,
            pod=pod,
            claims={key: claim for key, claim in claims.items() if claim},
            serviceName=f"{name}-headless",
        ),
    ]
    budget = own.get("pdb") or {}
    if budget.get("enabled"):
        bounds = present(minAvailable=budget.get("minAvailable"), maxUnavailable=budget.get("maxUnavailable"))
        made.append(fp.budget(obj, name, labels, selector=selector, **(bounds or {"minAvailable": replicas // 2 + 1})))
    return made


def footprint(cluster: Object) -> Footprint:
    """Leaders and followers of a RedisCluster: a StatefulSet each of clusterSize, or of its role's own replicas."""
    spec, name = cluster.get("spec", {}), get(cluster, "metadata", "name")
    parts = []
    for role in ("leader", "follower"):
        own = spec.get(f"redis{role.title()}") or {}
        count = int(own.get("replicas") or spec.get("clusterSize", 3))
        parts += _part(cluster, f"{name}-{role}", kind="cluster", role=role, replicas=count, own=own)
    return Footprint(tuple(parts))


def _single(kind: str, suffix: str = "") -> fp.Function:
    def made(obj: Object) -> Footprint:
        spec, name = obj.get("spec", {}), f"{get(obj, 'metadata', 'name')}{suffix}"
        count = 1 if kind == "standalone" else int(spec.get("clusterSize", 3))
        return Footprint(tuple(_part(obj, name, kind=kind, role=kind, replicas=count, own=spec)))

    return made


FOOTPRINTS: dict[str, fp.Function] = {
    f"{_OT}/RedisCluster": footprint,
    f"{_OT}/RedisReplication": _single("replication"),
    f"{_OT}/RedisSentinel": _single("sentinel", "-sentinel"),
    f"{_OT}/Redis": _single("standalone"),
}
