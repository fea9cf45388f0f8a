"""Readiness rows of the SAP BTP service operator.

Succeeded is about the last operation, Ready about the service, Failed about an operation that will not be tried
again; the text status.ready repeats Ready (SAP/sap-btp-service-operator: api/common/consts.go,
internal/utils/condition_utils.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Field, Rule

RULES: dict[str, Rule] = {
    "services.cloud.sap.com/*": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("Failed"),),
        retryable=(Condition("Succeeded", "False", reason=("*Failed", "Blocked", "NotFound", "ShareFailed")),),
        in_progress=(Condition("CredRotationInProgress"), Condition("PendingTermination")),
        ready=(Condition("Succeeded"), Condition("Ready"), Field("status.ready", "True", default="True")),
        source="SAP/sap-btp-service-operator: internal/utils/condition_utils.go",
    ),
}
