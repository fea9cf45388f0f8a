"""Readiness rows of Koperator (Kafka by Banzai Cloud, now adobe and cisco).

The cluster's state says what the reconciler does, each broker's says whether configuration and rebalancing have
caught up (banzaicloud/koperator: api/v1beta1/common_types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Each, Field, Rule, Some

_BALANCE = "gracefulActionState.cruiseControlState"

RULES: dict[str, Rule] = {
    "kafka.banzaicloud.io/KafkaCluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Some("status.brokersState[]", Field(_BALANCE, "*CompletedWithError")),
            Some("status.brokersState[]", Field("perBrokerConfigurationState", "PerBrokerConfigError")),
            Some("status.brokersState[]", Field("configurationState", "ConfigError")),
        ),
        ready=(
            Field("status.state", "ClusterRunning"),
            Each(
                "status.brokersState[]",
                Field("configurationState", "ConfigInSync", default="ConfigInSync"),
                Field(_BALANCE, "*Succeeded", default="GracefulUpscaleSucceeded"),
                Field("perBrokerConfigurationState", "PerBrokerConfigInSync", default="PerBrokerConfigInSync"),
                at_least=0,
            ),
        ),
        pods="kafka_cr={name}",
        source="banzaicloud/koperator: api/v1beta1/common_types.go",
    ),
    "kafka.banzaicloud.io/KafkaTopic": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Field("status.state", "created"),),
        source="banzaicloud/koperator: api/v1alpha1/kafkatopic_types.go",
    ),
    "kafka.banzaicloud.io/KafkaUser": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Field("status.state", "created"),),
        source="banzaicloud/koperator: api/v1alpha1/kafkauser_types.go",
    ),
    "kafka.banzaicloud.io/CruiseControlOperation": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.currentTask.state", "CompletedWithError", say="status.currentTask.errorMessage"),),
        ready=(Field("status.currentTask.state", "Completed"),),
        source="banzaicloud/koperator: api/v1alpha1/cruisecontroloperation_types.go",
    ),
}
