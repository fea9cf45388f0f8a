"""Readiness rows of Confluent for Kubernetes.

Components have a phase and replica counts; what lives inside Kafka, Connect or the Schema Registry has a state, and
app-ready among its conditions (Confluent for Kubernetes API reference, status of platform.confluent.io/v1beta1).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Annotation, Compare, Condition, Field, Not, Rule
from ..core.readiness.silent import SILENT

_PAUSED = (Annotation("platform.confluent.io/block-reconcile", "true"),)
_APP_READY = "platform.confluent.io/app-ready"

_COMPONENT = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    retryable=(
        Field("status.phase", "FAILED", "ERROR", "Failed", "Error"),
        Condition("platform.confluent.io/cluster-ready", "False", reason="*Fail*"),
        Condition("platform.confluent.io/resources-ready", "False", reason="*Fail*"),
    ),
    ready=(
        Field("status.phase", "RUNNING"),
        Compare("status.readyReplicas", ">=", "status.replicas", default=1),
        Compare("status.readyReplicas", ">=", "spec.replicas", default=0),
        Not(Condition("platform.confluent.io/cluster-ready", "False")),
    ),
    source="Confluent for Kubernetes API reference: KafkaStatus, ConnectStatus",
)

_INSIDE = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    retryable=(
        Field("status.state", "ERROR", "FAILED", "DELETE_FAILED"),
        Field("status.appState", "Failed", "Error"),
        Condition(_APP_READY, "False", reason="*Fail*"),
    ),
    ready=(
        Field("status.state", "CREATED", "SUCCEEDED", "PROVISIONED", "ACTIVE", "RUNNING"),
        Field("status.appState", "Created", "Succeeded", "Running", default="Created"),
        Condition(_APP_READY, optional=True),
    ),
    source="Confluent for Kubernetes API reference: KafkaTopicStatus, SchemaStatus, ClusterLinkStatus",
)

RULES: dict[str, Rule] = {
    **{
        f"platform.confluent.io/{kind}": _COMPONENT
        for kind in (
            "Connect",
            "ControlCenter",
            "Kafka",
            "KafkaRestProxy",
            "KRaftController",
            "KsqlDB",
            "SchemaRegistry",
            "Zookeeper",
            "USMAgent",
            "Gateway",
        )
    },
    "platform.confluent.io/*": _INSIDE,
    "platform.confluent.io/KafkaRestClass": SILENT,
    "platform.confluent.io/Connector": Rule(
        generation=OBSERVED_IF_SET,
        paused=(*_PAUSED, Field("status.connectorState", "PAUSED", "STOPPED")),
        retryable=(
            *_INSIDE.retryable,
            Field("status.connectorState", "FAILED"),
            Compare("status.failedTasksCount", ">", 0, say="{left} tasks failed"),
        ),
        ready=(
            *_INSIDE.ready,
            Field("status.connectorState", "RUNNING"),
        ),
        source="Confluent for Kubernetes API reference: ConnectorStatus",
    ),
}
