"""RabbitMQ by the cluster and topology operators: the rows that say when their objects are ready. Pure."""

from __future__ import annotations

from ..core.readiness.rule import ON_SUCCESS, Condition, Field, Label, Rule

_NOT_RETRIED = ("InvalidConfiguration", "TLSError", "FailedReconcilePVC", "UnsupportedOperation")
_FAILED = "FailedCreateOrUpdate"

RULES: dict[str, Rule] = {
    "rabbitmq.com/RabbitmqCluster": Rule(
        generation=ON_SUCCESS,
        paused=(Label("rabbitmq.com/pauseReconciliation", "true"), Field("spec.replicas", 0)),
        terminal=(Condition("ReconcileSuccess", "False", reason=_NOT_RETRIED),),
        retryable=(Condition("ReconcileSuccess", "False"),),
        ready=(Condition("ClusterAvailable"), Condition("AllReplicasReady"), Condition("ReconcileSuccess")),
        warnings=(Condition("NoWarnings", "False"),),
        pods="app.kubernetes.io/name={name}",
        source="cluster-operator: internal/controller/rabbitmqcluster_controller.go:116, 416, "
        "internal/status/all_replicas_ready.go:47",
        note="observedGeneration is written on success only: a lag hides failures.",
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
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"),),
        source="messaging-topology-operator: api/v1beta1/conditions.go:27, "
        "internal/controller/topology_controller.go:100, rabbitmqclient/cluster_reference.go:34",
        note="While its RabbitmqCluster does not exist the operator writes nothing.",
    ),
}
