"""Readiness rows of messaging that we do not render: NATS (NACK), EMQX, Redpanda, ActiveMQ Artemis, Temporal."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, AnyOf, Condition, Not, Rule

_READY = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Ready", "False", reason=("Errored", "*Error", "*Failed", "Failed")),),
    ready=(Condition("Ready"),),
    source="nats-io/nack: controllers/jetstream/conditions.go",
)

RULES: dict[str, Rule] = {
    "jetstream.nats.io/*": _READY,
    "cluster.redpanda.com/Redpanda": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("ResourcesSynced", "False", reason="TerminalError"),),
        retryable=(
            Condition("Healthy", "False"),
            Condition("Ready", "False", reason=("Error", "*Failed", "TerminalError")),
        ),
        ready=(Condition("Ready"), Condition("Healthy", optional=True), Condition("Quiesced", optional=True)),
        source="redpanda-data/redpanda-operator: operator/api/redpanda/v1alpha2",
    ),
    "cluster.redpanda.com/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Synced", "False"), Condition("Ready", "False")),
        ready=(AnyOf(Condition("Synced"), Condition("Ready")),),
        source="redpanda-data/redpanda-operator: operator/api/redpanda/v1alpha2/topic_types.go",
    ),
    "apps.emqx.io/EMQX": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Condition("Ready"), Not(Condition("CoreNodesProgressing")), Not(Condition("ReplicantNodesProgressing"))),
        pods="apps.emqx.io/instance={name}",
        source="emqx/emqx-operator: apis/apps/v2beta1/status.go",
    ),
    "broker.amq.io/*": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("Valid", "False"),),
        ready=(
            Condition("Deployed", optional=True),
            Condition("ConfigApplied", ("True", "Unknown"), optional=True),
            Condition("Ready"),
        ),
        source="arkmq-org/activemq-artemis-operator: api/v1beta1/activemqartemis_types.go",
    ),
    "temporal.io/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("ReconcileError"),),
        ready=(Condition("Ready"), Condition("ReconcileSuccess", optional=True)),
        source="alexandrevilain/temporal-operator: api/v1beta1/conditions.go",
    ),
}
