"""Redis by the OT operator and Valkey by its operators: the rows that say when their objects are ready. Pure."""

from __future__ import annotations

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
