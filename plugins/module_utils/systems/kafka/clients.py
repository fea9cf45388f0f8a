"""Who may do what in a Kafka cluster, and its topics: KafkaUsers with their ACLs, KafkaTopics. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, present, texts
from .shape import API, CLUSTER, Row, inside, seconds, topic_copies, workers

# What a client of each sort does: the resource's type, and its operations.
_DOES = {
    "produces": ("topic", ("Write", "Describe")),
    "consumes": ("topic", ("Read", "Describe")),
    "groups": ("group", ("Read",)),
    "transactions": ("transactionalId", ("Write", "Describe")),
}
_STORES = ("Create", "Describe", "DescribeConfigs", "Read", "Write")


def users(row: Row) -> list[Object]:
    """The users that are asked for, and one for each Connect and mirror of the set."""
    own = [(worker["name"], _worker_acls(row, kind, worker)) for kind, worker in workers(row)]
    return [
        *(_user(row, name, inside(row)["authentication"], acls) for name, acls in own),
        *(_asked(row, user) for user in row["users"]),
    ]


def _asked(row: Row, user: Row) -> Object:
    template = present(
        metadata=present(labels=texts(user["secret_labels"]), annotations=texts(user["secret_annotations"]))
    )
    more = present(
        quotas=present(
            producerByteRate=user.get("producer_byte_rate"),
            consumerByteRate=user.get("consumer_byte_rate"),
            requestPercentage=user.get("request_percentage"),
        ),
        template={"secret": template} if template else None,
    )
    return _user(row, user["name"], user["authentication"], rights(user), user.get("password_secret"), **more)


def _user(row: Row, name: str, how: str, acls: list[Row], given: Row | None = None, **more: Any) -> Object:
    password = given and {"valueFrom": {"secretKeyRef": {"name": given["secret"], "key": given["key"]}}}
    spec = {
        "authentication": present(type=how, password=password),
        **present(authorization={"type": "simple", "acls": acls} if acls and row["authorization"] else None),
        **more,
    }
    labels = {**texts(row["labels"]), CLUSTER: row["name"]}
    return build(API, "KafkaUser", name, row["namespace"], labels=labels, spec=spec)


def rights(user: Row) -> list[Row]:
    """The ACLs of a user: what it produces, consumes and joins, and those given as they are."""
    short = [
        _acl(kind, name, operations) for does, (kind, operations) in _DOES.items() for name in user.get(does) or ()
    ]
    return [*short, *(_given(each) for each in user["acls"])]


def _given(acl: Row) -> Row:
    found = _acl(acl["type"], acl.get("name") or "", acl["operations"])
    return {**found, **present(host=None if acl["host"] == "*" else acl["host"])} | (
        {"type": "deny"} if acl["rule"] == "deny" else {}
    )


def _acl(kind: str, name: str, operations: Iterable[str]) -> dict[str, Any]:
    """One ACL; a name that ends in `*` stands for all that begin like it, `*` alone for all."""
    resource: dict[str, Any] = {"type": kind}
    if kind != "cluster":
        prefix = name.endswith("*") and name != "*"
        resource |= {"name": name[:-1] if prefix else name, "patternType": "prefix" if prefix else "literal"}
    return {"resource": resource, "operations": list(operations)}


def _worker_acls(row: Row, kind: str, worker: Row) -> list[Row]:
    """What Connect itself needs, then what its connectors do."""
    if kind == "KafkaConnect":
        group = worker["group"]
        return [_acl("group", f"{group}*", ("Read",)), _acl("topic", f"{group}-*", _STORES), *rights(worker)]
    name = worker["name"]
    # Of a mirror's target: kafka 4 MirrorSourceConnector and MirrorCheckpointConnector.
    return [
        _acl("group", name, ("Read",)),
        _acl("topic", f"__{name}-*", _STORES),
        _acl("topic", "*", ("Create", "Alter", "AlterConfigs", "Describe", "DescribeConfigs", "Read", "Write")),
        _acl("group", "*", ("Read", "Describe")),
        _acl("cluster", "", ("Describe",)),
    ]


def topics(row: Row) -> list[Object]:
    """The topics, each with its own copies even where they are the cluster's default: a default may change."""
    return [_topic(row, each) for each in row["topics"]]


def _topic(row: Row, topic: Row) -> Object:
    factor, insync = topic_copies(row, topic)
    config = present(
        **{
            "retention.ms": _milliseconds(topic.get("retention")),
            "segment.ms": _milliseconds(topic.get("segment")),
            "compression.type": topic.get("compression"),
            "min.insync.replicas": insync,
            "cleanup.policy": topic["cleanup"],
        }
    )
    spec = present(
        topicName=topic.get("topic"),
        partitions=topic["partitions"],
        replicas=factor,
        config={**config, **topic["config"]},
    )
    labels = {**texts(row["labels"]), CLUSTER: row["name"]}
    return build(API, "KafkaTopic", topic["name"], row["namespace"], labels=labels, spec=spec)


def _milliseconds(text: Any) -> int | None:
    found = seconds(text) if text else None
    return None if found is None else int(found * 1000)
