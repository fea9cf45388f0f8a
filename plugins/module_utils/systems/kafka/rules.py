"""Kafka by Strimzi: when its objects are ready, what changes are irreversible, what holds data. Pure."""

from __future__ import annotations

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
