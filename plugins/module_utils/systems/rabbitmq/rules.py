"""RabbitMQ by its two operators: when its objects are ready, what changes are irreversible, what holds data. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.api.objects import Object, get
from ...core.readiness.rule import ON_SUCCESS, AllOf, Condition, Field, Label, Not, Rule
from ...core.sets.guards import Guard, HoldsData, NeverChanges, NeverShrinks

_NOT_RETRIED = ("InvalidConfiguration", "TLSError", "FailedReconcilePVC", "UnsupportedOperation")
_FAILED = "FailedCreateOrUpdate"
# What the topology operator says of everything for as long as its cluster starts (seen on v1.20.1), and of what needs
# another object that it has not declared yet.
_STARTING = (
    "Error 404 *",
    "RabbitmqCluster has no ServiceReference set*",
    "no status.binding set*",
    "*connect: connection refused*",
    "*no such host*",
    "*i/o timeout*",
    "*vhost_supervisor_not_running*",
    "*home node * is down or inaccessible*",
)

RULES: dict[str, Rule] = {
    "rabbitmq.com/RabbitmqCluster": Rule(
        generation=ON_SUCCESS,
        paused=(Label("rabbitmq.com/pauseReconciliation", "true"), Field("spec.replicas", 0)),
        terminal=(Condition("ReconcileSuccess", "False", reason=_NOT_RETRIED),),
        retryable=(Condition("ReconcileSuccess", "False"),),
        ready=(Condition("ClusterAvailable"), Condition("AllReplicasReady"), Condition("ReconcileSuccess")),
        follows=("apps/StatefulSet",),
        warnings=(Condition("NoWarnings", "False"),),
        pods="app.kubernetes.io/name={name}",
        source="cluster-operator: internal/controller/rabbitmqcluster_controller.go:116, 416, "
        "internal/status/all_replicas_ready.go:47",
        note="observedGeneration is written on success only: a lag hides failures. Every condition holds before the "
        "rolling restart of a change begins (seen on v2.16), so its StatefulSet decides.",
    ),
    # Queue, Exchange, Binding, User, Vhost, Permission, TopicPermission, Policy, OperatorPolicy, Federation, Shovel,
    # SchemaReplication, SuperStream: one controller, one status.
    "rabbitmq.com/*": Rule(
        generation=ON_SUCCESS,
        paused=(Condition("Ready", "False", reason=_FAILED, message="RabbitmqCluster is scaled to zero replicas*"),),
        terminal=(
            Condition(
                "Ready",
                "False",
                reason=_FAILED,
                message="resource is not allowed to reference defined cluster reference*",
            ),
        ),
        retryable=(AllOf(Condition("Ready", "False"), Not(Condition("Ready", "False", message=_STARTING))),),
        ready=(Condition("Ready"),),
        source="messaging-topology-operator: api/v1beta1/conditions.go:27, "
        "internal/controller/topology_controller.go:100, rabbitmqclient/cluster_reference.go:34",
        note="While its RabbitmqCluster does not exist the operator writes nothing. While that starts: in progress.",
    ),
}

_CLUSTER, _QUEUE = "rabbitmq.com/RabbitmqCluster", "rabbitmq.com/Queue"


def _of(*kinds: str) -> tuple[str, ...]:
    return tuple(f"rabbitmq.com/{kind}" for kind in kinds)


_FOR_LIFE = (
    "the operator refuses it, since a queue is for life what it was declared as; declare another queue, move the "
    "messages with a shovel, delete this one"
)


class _Redeclared(Guard):
    """What comes, goes or changes; nothing, no and empty are the same."""

    def verb(self, live: Any, desired: Any) -> str | None:
        return None if (live or None) == (desired or None) else f"change {self.path} of"


GUARDS: list[Guard] = [
    NeverShrinks(
        _CLUSTER,
        "spec.persistence.storage",
        "the operator refuses it, since a volume cannot shrink; make a new cluster and move the messages with shovels",
    ),
    NeverShrinks(
        _CLUSTER,
        "spec.replicas",
        "the operator refuses to take nodes away: their members of quorum queues would be missing; make a new cluster",
    ),
    *(NeverChanges(_QUEUE, f"spec.{field}", _FOR_LIFE) for field in ("type", "durable")),
    *(_Redeclared(_QUEUE, f"spec.{field}", _FOR_LIFE) for field in ("autoDelete", "arguments")),
]


def _lost(cluster: Object) -> str:
    """The volumes that go with a RabbitmqCluster: the template of their claims has it as owner."""
    size = get(cluster, "spec", "persistence", "storage", default="10Gi")
    return f"all its queues go with it, with their messages: {get(cluster, 'spec', 'replicas', default=1)} x {size}"


def _deleted(what: str) -> Callable[[Object], str]:
    """What goes unless the object's deletion policy keeps it; the API's default does not."""

    def words(obj: Object) -> str:
        return "" if get(obj, "spec", "deletionPolicy") == "retain" else what

    return words


# The topology operator waits longer after each failure: what comes before its queue, while nodes start, may be tried
# again only after ten minutes (seen on v1.20.1).
NEEDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_of("Vhost", "User", "SchemaReplication"), (_CLUSTER,)),
    **dict.fromkeys(
        _of(
            "Exchange",
            "Federation",
            "OperatorPolicy",
            "Permission",
            "Policy",
            "Queue",
            "SuperStream",
            "TopicPermission",
        ),
        _of("Vhost", "User"),
    ),
    **dict.fromkeys(_of("Binding", "Shovel"), _of("Exchange", "Queue")),
}

HOLDS_DATA: list[HoldsData] = [
    HoldsData(_CLUSTER, _lost),
    HoldsData(_QUEUE, _deleted("the queue is deleted in RabbitMQ, with its messages")),
    HoldsData("rabbitmq.com/Vhost", _deleted("every queue in it is deleted in RabbitMQ, with its messages")),
    HoldsData("rabbitmq.com/SuperStream", "its partitions are deleted in RabbitMQ, with their messages"),
    *(
        HoldsData(kind, "")
        for kind in _of(
            "Binding", "Exchange", "Federation", "OperatorPolicy", "Permission", "Policy", "SchemaReplication",
            "Shovel", "TopicPermission", "User",
        )
    ),
]  # fmt: skip
