"""Redis by the OT operator, Valkey by its own: when objects are ready, what is irreversible, what holds data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object, get
from ...core.readiness.matchers import Matcher
from ...core.readiness.rule import (
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
from ...core.sets.guards import Guard, HoldsData, NeverChanges, NeverRemoved, NeverShrinks, NotBelow
from .settings import KEY


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

_CLUSTER, _REPLICATION = f"{_OT}/RedisCluster", f"{_OT}/RedisReplication"
_SIZE = "spec.storage.volumeClaimTemplate.spec.resources.requests.storage"
_VOLUMES = "the operator leaves claims as they are, and no volume shrinks; restore a dump into one with smaller volumes"
_IN_MEMORY = "its servers would keep their keys in memory alone: with the last one all are lost"


class _FewerFollowers(Guard):
    """Fewer followers than there are; their number is clusterSize or their own."""

    def verb(self, live: Any, desired: Any) -> str | None:
        before, after = _followers(live), _followers(desired)
        return f"set followers from {before} to {after} of" if before is not None and after < before else None


def _followers(spec: Any) -> Any:
    if not isinstance(spec, Mapping):
        return None
    own = get(spec, "redisFollower", "replicas")
    return int(spec.get("clusterSize", 3) if own is None else own)


class _FewerServers(Guard):
    """A StatefulSet of ours (by its labels) with fewer servers or sentinels than a majority or a copy needs."""

    def verb(self, live: Any, desired: Any) -> str | None:
        if _role_of(live) not in ("replication", "sentinel") or not isinstance(desired, Mapping):
            return None
        before, after = int(live.get("replicas", 1)), int(desired.get("replicas", 1))
        floor = 2 if _role_of(live) == "replication" else 3
        return f"set spec.replicas to {after} of" if after < floor <= before else None


def _role_of(spec: Any) -> str:
    found = get(spec, "template", "metadata", "labels", "redis_setup_type") if isinstance(spec, Mapping) else None
    return str(found or "")


class _NoLongerKept(Guard):
    """Settings under which a server that kept its keys on its volume no longer does."""

    def verb(self, live: Any, desired: Any) -> str | None:
        lost = _kept(live) and not _kept(desired) and desired is not None
        return "turn off the persistence in" if lost else None


def _kept(data: Any) -> bool:
    """Whether redis.conf has a file written: an append-only file, or dumps."""
    lines = str((data or {}).get(KEY, "")).splitlines()
    return "appendonly yes" in lines or any(each.startswith("save ") and each != 'save ""' for each in lines)


GUARDS: list[Guard] = [
    NeverShrinks(_CLUSTER, _SIZE, _VOLUMES),
    NeverShrinks(_REPLICATION, _SIZE, _VOLUMES),
    NeverRemoved(_CLUSTER, "spec.storage", _IN_MEMORY),
    NeverRemoved(_REPLICATION, "spec.storage", _IN_MEMORY),
    NeverChanges(_CLUSTER, "spec.persistenceEnabled", _IN_MEMORY),
    NeverShrinks(
        _CLUSTER,
        "spec.clusterSize",
        "the operator moves the slots of the last shards while clients use them; what it could not move is lost with "
        "their servers",
    ),
    _FewerFollowers(_CLUSTER, "spec", "a shard without a follower is lost with its leader"),
    NotBelow(_REPLICATION, "spec.clusterSize", "no replica is left: what the master holds is lost with it", floor=2),
    NotBelow(_REPLICATION, "spec.sentinel.size", "no majority is left that could choose another master", floor=3),
    NeverRemoved(_REPLICATION, "spec.sentinel", "nobody is left who could choose another master"),
    _FewerServers("apps/StatefulSet", "spec", "no copy, or no majority of sentinels, is left"),
    _NoLongerKept("ConfigMap", "data", "after a restart of all servers nothing is left of their keys"),
]


def _keys(obj: Object) -> str:
    """What goes with a deployment that a resource describes: volumes are kept, what is in memory is not."""
    size, count = get(obj, *_SIZE.split(".")), int(get(obj, "spec", "clusterSize", default=3))
    if get(obj, "kind") == "RedisCluster":
        count += _followers(get(obj, "spec"))
    if not size:
        return f"the keys of its {count} servers are in memory alone"
    if not get(obj, "spec", "storage", "keepAfterDelete"):
        return f"its volumes go with it: {count} x {size}"
    return f"its {count} servers stop; their volumes stay as claims, {count} x {size}, for one of the same name"


def _servers(obj: Object) -> str:
    """The same for StatefulSets of ours; those of other systems have rules of their own."""
    if _role_of(get(obj, "spec")) != "replication":
        return ""
    count = get(obj, "spec", "replicas", default=1)
    claims = get(obj, "spec", "volumeClaimTemplates", default=[])
    if not claims:
        return f"the keys of its {count} Redis servers are in memory alone"
    size = get(claims[0], "spec", "resources", "requests", "storage")
    return f"its {count} Redis servers stop; their volumes stay as claims, {count} x {size}, for one of the same name"


HOLDS_DATA: list[HoldsData] = [
    HoldsData(_CLUSTER, _keys),
    HoldsData(_REPLICATION, _keys),
    HoldsData("apps/StatefulSet", _servers),
    HoldsData(f"{_OT}/RedisSentinel", ""),
]
