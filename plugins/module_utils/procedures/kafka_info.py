"""Says how a Kafka cluster is, by what the operator writes into its resources; brokers themselves are not asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.api.objects import Object, get
from ..core.readiness.matchers import holds
from ..core.sets.context import Context
from ..systems.kafka.shape import API, CLUSTER
from . import kafka_state as state
from . import reach

Row = dict[str, Any]

_NOT_ASKED = (
    "lag of consumer groups, partitions without leader or copy, disk and traffic are metrics of brokers and of Kafka "
    "Exporter: alerts watch them, nothing here asks for them",
)


def info(*, name: str, namespace: str, context: Context) -> Row:
    """The state of one cluster. Raises PlatformError where there is none."""
    kafka = reach.sure(context, reach.named(API, "Kafka", namespace, name))

    def of(kind: str, cluster: str = name) -> list[Object]:
        return reach.listed(context, reach.named(API, kind, namespace, ""), label_selector=f"{CLUSTER}={cluster}")

    return {
        "changed": False,
        "ready": not state.unready(kafka),
        "reason": state.unready(kafka) or None,
        "warnings_of_operator": state.warnings(kafka),
        "version": get(kafka, "status", "kafkaVersion"),
        "metadata_version": get(kafka, "status", "kafkaMetadataVersion"),
        "cluster_id": get(kafka, "status", "clusterId"),
        "listeners": [
            {"name": each.get("name"), "bootstrap": each.get("bootstrapServers")}
            for each in get(kafka, "status", "listeners", default=[])
        ],
        "pools": [_pool(each) for each in of("KafkaNodePool")],
        "nodes": _nodes(context, namespace, name),
        "topics": [_topic(each) for each in of("KafkaTopic")],
        "users": [_user(each) for each in of("KafkaUser")],
        "rebalances": [
            {"name": get(each, "metadata", "name"), "state": state.state(each), "proposal": state.proposal(each)}
            for each in of("KafkaRebalance")
        ],
        "connect": _connect(context, namespace, name, of),
        "mirrors": _mirrors(context, namespace, name),
        "not_asked": list(_NOT_ASKED),
    }


def _pool(pool: Object) -> Row:
    return {
        "name": get(pool, "metadata", "name"),
        "roles": get(pool, "spec", "roles"),
        "wanted": get(pool, "spec", "replicas"),
        "nodes": get(pool, "status", "nodeIds", default=[]),
    }


def _nodes(context: Context, namespace: str, name: str) -> list[Row]:
    """Brokers and controllers that have a pod."""
    pods = reach.pods(context, namespace, {CLUSTER: name, "strimzi.io/name": f"{name}-kafka"})
    found = [
        {
            "name": get(pod, "metadata", "name"),
            "ready": bool(holds(pod, "Ready")),
            "node": get(pod, "spec", "nodeName"),
        }
        for pod in pods
    ]
    return sorted(found, key=lambda each: str(each["name"]))


def _topic(topic: Object) -> Row:
    return {
        "name": get(topic, "status", "topicName") or get(topic, "metadata", "name"),
        "ready": not state.unready(topic),
        "reason": state.unready(topic) or None,
        "partitions": get(topic, "spec", "partitions"),
        "replicas": get(topic, "spec", "replicas"),
        "moving": get(topic, "status", "replicasChange", "state"),
    }


def _user(user: Object) -> Row:
    return {
        "name": get(user, "metadata", "name"),
        "ready": not state.unready(user),
        "reason": state.unready(user) or None,
        "authentication": get(user, "spec", "authentication", "type"),
        "secret": get(user, "status", "secret"),
    }


def _connect(context: Context, namespace: str, name: str, of: Callable[[str, str], list[Object]]) -> list[Row]:
    """What runs connectors for this cluster."""
    found = reach.listed(context, reach.named(API, "KafkaConnect", namespace, ""))
    mine = [each for each in found if _starts_at(get(each, "spec", "bootstrapServers"), name)]
    return [
        {
            "name": get(each, "metadata", "name"),
            "ready": not state.unready(each),
            "reason": state.unready(each) or None,
            "connectors": [state.connector(one) for one in of("KafkaConnector", get(each, "metadata", "name"))],
        }
        for each in mine
    ]


def _mirrors(context: Context, namespace: str, name: str) -> list[Row]:
    """What mirrors other clusters into this one."""
    found = reach.listed(context, reach.named(API, "KafkaMirrorMaker2", namespace, ""))
    return [
        {
            "name": get(each, "metadata", "name"),
            "ready": not state.unready(each),
            "reason": state.unready(each) or None,
            "sources": [get(row, "source", "alias") for row in get(each, "spec", "mirrors", default=[])],
            "connectors": state.connectors(each),
        }
        for each in found
        if state.target(each) == name
    ]


def _starts_at(bootstrap: Any, name: str) -> bool:
    return str(bootstrap).startswith((f"{name}-kafka-bootstrap:", f"{name}-kafka-bootstrap."))
