"""Readiness rows of Datadog: the agent, and what it manages in the Datadog account.

Conditions of one shape: Active, Created, Updated and Valid are good when True, Error is bad when True
(DataDog/datadog-operator: api/datadoghq/v1alpha1/*_types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, AnyOf, Condition, Field, Not, Rule, Some

RULES: dict[str, Rule] = {
    "datadoghq.com/DatadogMetric": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Error"),),
        ready=(
            Condition("Active"),
            Condition("Valid"),
            Condition("Updated", optional=True),
            Not(Condition("Error", ("True", "Unknown"))),
        ),
        source="DataDog/datadog-operator: api/datadoghq/v1alpha1/datadogmetric_types.go",
        note="Active is False while no autoscaler asks for the metric; then nothing is known of it",
    ),
    "datadoghq.com/DatadogAgent": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Condition("DatadogAgentReconcileError"),
            Some("status.conditions", Field("type", "*ReconcileConflict", "*Error"), Field("status", "True")),
        ),
        ready=(
            AnyOf(Condition("AgentReconcile"), Condition("ClusterAgentReconcile")),
            Not(Field("status.agent.state", "Progressing", "Updating", "Failed", "Canary*")),
            Not(Field("status.agentList[].state", "Progressing", "Updating", "Failed", "Canary*")),
            Not(Field("status.clusterAgent.state", "Progressing", "Updating", "Failed")),
            Not(Field("status.clusterChecksRunner.state", "Progressing", "Updating", "Failed")),
        ),
        source="DataDog/datadog-operator: api/datadoghq/v2alpha1/datadogagent_types.go",
    ),
    "datadoghq.com/DatadogPodAutoscaler": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Condition("Error"),
            Condition("HorizontalAbleToRecommend", "False"),
            Condition("VerticalAbleToRecommend", "False"),
        ),
        ready=(Condition("Active"),),
        source="DataDog/datadog-operator: api/datadoghq/common/datadogpodautoscaler_types.go",
    ),
    # Monitors, SLOs, dashboards and the rest mirror an object of the account.
    "datadoghq.com/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Condition("Error"),
            Field("status.syncStatus", "error*", "*Error*"),
            Some("status.conditions", Field("type", "Error*", "*Error"), Field("status", "True", say="message")),
        ),
        ready=(AnyOf(Condition("Active"), Condition("Created"), Field("status.syncStatus", "OK")),),
        source="DataDog/datadog-operator: api/datadoghq/v1alpha1/datadogmonitor_types.go",
    ),
}
