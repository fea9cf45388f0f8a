"""Kafka by Strimzi: when its objects are ready, what changes are irreversible, what holds data. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ...core.api.objects import Object, get
from ...core.readiness.rule import (
    FROZEN_WHILE_PAUSED,
    OBSERVED,
    AllOf,
    Annotation,
    AnyOf,
    Compare,
    Condition,
    Field,
    Not,
    Rule,
    Some,
)
from ...core.sets.guards import Guard, HoldsData, NeverChanges, NeverRemoved
from ...core.sets.values import quantity

_PAUSED = (Annotation("strimzi.io/pause-reconciliation", "true"), Condition("ReconciliationPaused"))

# The reason of NotReady is the simple name of the Java exception. These say that the resource itself is wrong ...
_WRONG = (
    "InvalidResourceException",
    "InvalidConfigurationException",
    "InvalidConfigParameterException",
    "KafkaUpgradeException",
    "UnsupportedKafkaVersionException",
    "UnsupportedVersionException",
    "NoImageException",
)
# ... unless the message says that another object is missing, which may still come.
_MISSING_OTHER = (
    "No KafkaNodePools found for Kafka cluster *",
    "*KafkaNodePools for Kafka cluster * either don't exist or have 0 replicas*",
    "ConfigMap * does not exist",
    "ConfigMap * does not contain specified key *",
    "Secret * not found in namespace *",
    "Items with key(s) * are missing in Secret *",
    "* should not be generated, but the secrets were not found*",
    "Failed to process Secrets with custom certificates: *",
)
_IS_WRONG = AllOf(Condition("NotReady", reason=_WRONG), Not(Condition("NotReady", message=_MISSING_OTHER)))
_WARNS = (Condition("Warning"),)
_SOURCE = "strimzi: operator-common/src/main/java/io/strimzi/operator/common/model/StatusUtils.java:82"
_BEING_MADE = Condition("NotReady", reason="Creating")


def _operand(pods: str) -> Rule:
    return Rule(
        generation=FROZEN_WHILE_PAUSED,
        paused=_PAUSED,
        terminal=(_IS_WRONG,),
        retryable=(Condition("NotReady", but_reason="Creating"), Condition("Ready", "False")),
        in_progress=(_BEING_MADE,),
        ready=(Condition("Ready"),),
        warnings=_WARNS,
        pods=pods,
        source=_SOURCE,
    )


_NAMED = _operand("strimzi.io/cluster={name}")

RULES: dict[str, Rule] = {
    "kafka.strimzi.io/Kafka": _NAMED,
    "kafka.strimzi.io/KafkaConnect": _NAMED,
    "kafka.strimzi.io/KafkaMirrorMaker": _NAMED,
    "kafka.strimzi.io/KafkaMirrorMaker2": _NAMED,
    "kafka.strimzi.io/KafkaBridge": _NAMED,
    "kafka.strimzi.io/KafkaUser": _operand(""),
    "kafka.strimzi.io/KafkaNodePool": Rule(
        generation=OBSERVED,
        paused=_PAUSED,
        ready=(Compare("status.replicas", "==", "spec.replicas", default=0, say="{left} of {right} nodes assigned"),),
        warnings=_WARNS,
        pods="strimzi.io/pool-name={name}",
        source="strimzi: cluster-operator KafkaReconciler.java:1258, KafkaPool.java:345",
        note="Has no Ready condition; its status is written at the end of the reconcile of the Kafka that owns it.",
    ),
    "kafka.strimzi.io/KafkaTopic": Rule(
        generation=FROZEN_WHILE_PAUSED,
        paused=_PAUSED,
        terminal=(Condition("Ready", "False", reason="NotSupported"), _IS_WRONG),
        retryable=(Condition("Ready", "False"), Condition("NotReady")),
        in_progress=(Field("status.replicasChange.state", "pending", "ongoing", say="status.replicasChange.message"),),
        ready=(AnyOf(Condition("Ready"), Condition("Unmanaged")),),
        warnings=(*_WARNS, Condition("Unmanaged")),
        source="strimzi: topic-operator BatchingTopicController.java:867, model/TopicOperatorException.java:14",
    ),
    "kafka.strimzi.io/KafkaConnector": Rule(
        generation=FROZEN_WHILE_PAUSED,
        paused=(*_PAUSED, Field("spec.state", "paused", "stopped"), Field("spec.pause", True)),
        terminal=(_IS_WRONG,),
        retryable=(
            Condition("NotReady", but_reason="Creating"),
            Condition("Ready", "False"),
            Field("status.connectorStatus.connector.state", "FAILED", say="status.connectorStatus.connector.trace"),
            Some("status.connectorStatus.tasks", Field("state", "FAILED", say="trace")),
        ),
        in_progress=(
            _BEING_MADE,
            Field("status.connectorStatus.connector.state", "UNASSIGNED", "RESTARTING"),
            Some("status.connectorStatus.tasks", Field("state", "UNASSIGNED", "RESTARTING")),
        ),
        ready=(Condition("Ready"),),
        warnings=_WARNS,
        source="strimzi: cluster-operator KafkaConnectAssemblyOperator.java:533",
    ),
    "kafka.strimzi.io/KafkaRebalance": Rule(
        generation=FROZEN_WHILE_PAUSED,
        paused=(*_PAUSED, Condition("Stopped")),
        needs_user=(AllOf(Condition("ProposalReady"), Not(Annotation("strimzi.io/rebalance-auto-approval", "true"))),),
        terminal=(
            Condition(
                "NotReady",
                but_reason=(
                    "CruiseControlRetriableConnectionException",
                    "NoSuchResourceException",
                    "RuntimeException",
                ),
            ),
        ),
        retryable=(Condition("NotReady"),),
        ready=(AnyOf(Condition("Ready"), Annotation("strimzi.io/rebalance-template", "true")),),
        warnings=_WARNS,
        source="strimzi: api KafkaRebalanceState.java:18, KafkaRebalanceAssemblyOperator.java:773, 1391",
        note="What is NotReady for another reason than a missing or busy cluster stays so until someone asks again.",
    ),
    "core.strimzi.io/StrimziPodSet": Rule(
        generation=OBSERVED,
        retryable=(Condition("Error", ("true", "True")),),
        ready=(
            Compare("status.readyPods", ">=", "#spec.pods", default=0, say="{left} of {right} pods ready"),
            Compare("status.currentPods", ">=", "#spec.pods", default=0, say="{left} of {right} pods current"),
        ),
        pods="spec.selector",
        source="strimzi: cluster-operator StrimziPodSetController.java:350",
    ),
}

_KAFKA, _POOL, _TOPIC = "kafka.strimzi.io/Kafka", "kafka.strimzi.io/KafkaNodePool", "kafka.strimzi.io/KafkaTopic"
_MIRROR = "kafka.strimzi.io/KafkaMirrorMaker2"


class _Volumes(Guard):
    """A volume of a pool that shrinks, changes its class or goes: the operator ignores all changes of storage then."""

    def verb(self, live: Any, desired: Any) -> str | None:
        wanted = _by_id(desired)
        for number, volume in _by_id(live).items():
            other = wanted.get(number)
            if other is None:
                return f"remove volume {number} of"
            before, after = (quantity(str(each.get("size"))) for each in (volume, other))
            if before is not None and after is not None and after < before:
                return f"shrink volume {number} from {volume['size']} to {other['size']} of"
            for field in ("type", "class"):
                if volume.get(field) and volume.get(field) != other.get(field):
                    return f"change {field} of volume {number} from {volume[field]} to {other.get(field)} of"
        return None


def _by_id(storage: Any) -> dict[int, Object]:
    """A pool's volumes; one that is no JBOD counts as the first of one."""
    rows = (storage or {}).get("volumes") or ([storage] if storage else [])
    return {int(each.get("id", 0)): each for each in rows}


class _FewerBrokers(Guard):
    """Fewer nodes of a pool of brokers."""

    def verb(self, live: Any, desired: Any) -> str | None:
        return None if "controller" in _roles(live) else _scaled(live, desired, fewer=True)


class _Controllers(Guard):
    """Any change of who controls: another number, the role given or taken, a further pool with it."""

    def verb(self, live: Any, desired: Any) -> str | None:
        before, after = "controller" in _roles(live), "controller" in _roles(desired)
        if before != after:
            return "take the role controller from" if before else "give the role controller to"
        return _scaled(live, desired) if before else None

    def creating(self, desired: Object, around: Iterable[Object]) -> tuple[str, Object] | None:
        for live in around:
            theirs = live.get("kind") == "KafkaNodePool" and _cluster(live) == _cluster(desired)
            if theirs and "controller" in _roles(live.get("spec")) and "controller" in _roles(desired.get("spec")):
                return f"add controllers by {get(desired, 'metadata', 'name')} to those of", live
        return None


class _BrokerRole(Guard):
    """Nodes that are to hold partitions no longer."""

    def verb(self, live: Any, desired: Any) -> str | None:
        return "take the role broker from" if "broker" in (live or ()) and "broker" not in (desired or ()) else None


def _roles(spec: Any) -> list[str]:
    return list((spec or {}).get("roles") or ())


def _scaled(live: Any, desired: Any, *, fewer: bool = False) -> str | None:
    before, after = int((live or {}).get("replicas", 0)), int((desired or {}).get("replicas", 0))
    if before == after or (fewer and after > before):
        return None
    return f"set spec.replicas from {before} to {after} of"


class _Partitions(Guard):
    """The number of partitions, which a topic never gives back."""

    def verb(self, live: Any, desired: Any) -> str | None:
        if live is None or desired is None or int(live) == int(desired):
            return None
        return f"{'raise' if int(desired) > int(live) else 'lower'} {self.path} from {live} to {desired} of"


class _Older(Guard):
    """A version of Kafka that is older than the one that runs."""

    def verb(self, live: Any, desired: Any) -> str | None:
        if not live or not desired or _numbers(desired) >= _numbers(live):
            return None
        return f"lower {self.path} from {live} to {desired} of"


def _numbers(version: Any) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", str(version))]


class _MirrorStarts(Guard):
    """A mirror that was stopped, for a failover perhaps, and is to write into its target again."""

    def verb(self, live: Any, desired: Any) -> str | None:
        stopped = {_alias(each) for each in live or () if _state(each) == "stopped"}
        started = [_alias(each) for each in desired or () if _alias(each) in stopped and _state(each) != "stopped"]
        return f"start mirroring {started[0]} again by" if started else None


def _alias(mirror: Object) -> str:
    return str(get(mirror, "source", "alias"))


def _state(mirror: Object) -> str:
    return str(get(mirror, "sourceConnector", "state", default="running"))


MIRROR_STARTS: Guard = _MirrorStarts(
    _MIRROR,
    "spec.mirrors",
    "it was stopped, for a failover perhaps: what the source has now would be mixed into what clients have written "
    "here since",
)

GUARDS: list[Guard] = [
    _Older(_KAFKA, "spec.kafka.version", "an older Kafka may not read what the newer one has written"),
    NeverChanges(
        _KAFKA,
        "spec.kafka.metadataVersion",
        "raised, no older Kafka can run on this cluster any more; lowered, Kafka refuses it or loses metadata",
    ),
    NeverRemoved(
        _KAFKA, "spec.kafka.authorization", "everybody who logs in may then read, write and delete everything"
    ),
    _FewerBrokers(
        _POOL,
        "spec",
        "the brokers must be empty first (kafka_rebalance with mode remove-brokers), or the operator takes it back",
    ),
    _Controllers(
        _POOL,
        "spec",
        "the quorum of controllers is fixed when a cluster is made, and the operator cannot change it later: make "
        "another cluster and mirror",
    ),
    _BrokerRole(_POOL, "spec.roles", "the partitions on its nodes must be moved first"),
    _Volumes(
        _POOL,
        "spec.storage",
        "what is on it must be moved first (kafka_rebalance with mode remove-disks), and the operator refuses smaller "
        "volumes and other classes: make a pool beside it (more_pools), move, and let this one go",
    ),
    _Partitions(
        _TOPIC,
        "spec.partitions",
        "there can never be fewer, for which another topic must be made; with more, messages of one key are no longer "
        "in one order",
    ),
    NeverChanges(
        _TOPIC,
        "spec.replicas",
        "Cruise Control copies whole partitions to do it, and without cruise_control the operator refuses it; fewer "
        "copies outlive less",
    ),
    NeverChanges(_TOPIC, "spec.topicName", "the operator refuses it: a topic cannot be renamed; make another one"),
    NeverRemoved(_TOPIC, "spec.topicName", "the operator refuses it: a topic cannot be renamed; make another one"),
    MIRROR_STARTS,
]


def _brokers_lost(kafka: Object, around: Iterable[Object]) -> str:
    """What stays when a Kafka goes, and that nobody can read it."""
    name = get(kafka, "metadata", "name")
    volumes = [
        words
        for each in around
        if each.get("kind") == "KafkaNodePool" and _cluster(each) == name
        for words in _sizes(each)
    ]
    topics = sum(each.get("kind") == "KafkaTopic" and _cluster(each) == name for each in around)
    held = f" with {' and '.join(volumes)}" if volumes else ""
    return (
        f"its nodes stop{held}, {topics} topics and the keys of its CAs; a new cluster of the same name does not take "
        "over volumes that stay, since its cluster ID is another"
    )


def _cluster(obj: Object) -> str:
    return str(get(obj, "metadata", "labels", "strimzi.io/cluster"))


def _sizes(pool: Object) -> list[str]:
    count = get(pool, "spec", "replicas", default=0)
    return [f"{count} x {each.get('size')}" for each in _by_id(get(pool, "spec", "storage")).values()]


def _nodes_lost(pool: Object) -> str:
    volumes = get(pool, "spec", "storage", "volumes", default=[])
    kept = "they are kept" if not any(each.get("deleteClaim") for each in volumes) else "they are deleted"
    roles = " and ".join(get(pool, "spec", "roles", default=[]))
    return f"its nodes ({roles}) stop, and their partitions with them; volumes: {' and '.join(_sizes(pool))}, {kept}"


def _messages_lost(topic: Object) -> str:
    """The topic operator deletes the topic itself, unless it was told not to manage it."""
    if get(topic, "metadata", "annotations", "strimzi.io/managed") == "false":
        return ""
    spec = topic.get("spec", {})
    count = f"{spec.get('partitions', 'its')} partitions x {spec.get('replicas', 'all')} copies"
    return f"its messages are deleted ({count}); to keep them, annotate it strimzi.io/managed: 'false' first"


HOLDS_DATA: list[HoldsData] = [
    HoldsData(_KAFKA, beside=_brokers_lost, reads=(_POOL, _TOPIC)),
    HoldsData(_POOL, _nodes_lost),
    # The topic operator, which runs as long as the Kafka does, takes their finalizer away.
    HoldsData(_TOPIC, _messages_lost, first=True),
    # Offsets of Connect and of mirrors are in topics; a user's Secret can be made again.
    *(
        HoldsData(f"kafka.strimzi.io/{kind}", "")
        for kind in (
            "KafkaConnect",
            "KafkaConnector",
            "KafkaMirrorMaker2",
            "KafkaBridge",
            "KafkaUser",
            "KafkaRebalance",
        )
    ),
]
