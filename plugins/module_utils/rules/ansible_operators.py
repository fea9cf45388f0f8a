"""Readiness rows of operators built with the Ansible operator SDK: Kiali, AWX, EDA, Galaxy, Tower's resources.

The SDK writes Running (reason Successful when a run ended well, Running while it runs), Successful and Failure
(operator-framework/ansible-operator-plugins: internal/ansible/controller/status/types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, AnyOf, Condition, Field, Not, Rule

_SDK = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Failure"), Condition("Running", "False", reason="Failed")),
    ready=(
        AnyOf(Condition("Running", reason="Successful"), Condition("Successful")),
        Not(Condition("Running", reason="Running")),
    ),
    source="operator-framework/ansible-operator-plugins: internal/ansible/controller/status/types.go",
)

_JOB = Rule(
    generation=FINAL,
    terminal=(
        Field("status.ansibleJobResult.status", "failed", "error", "canceled", say="status.ansibleJobResult.url"),
        Field("status.ansibleJobResult.failed", True, say="status.ansibleJobResult.url"),
    ),
    retryable=(Condition("Failure"),),
    ready=(Field("status.ansibleJobResult.status", "successful"),),
    source="ansible/awx-resource-operator: roles/job/tasks/main.yml",
)

RULES: dict[str, Rule] = {
    "kiali.io/*": _SDK,
    "awx.ansible.com/*": _SDK,
    "automationcontroller.ansible.com/*": _SDK,
    "eda.ansible.com/*": _SDK,
    "galaxy.ansible.com/*": _SDK,
    "pulp.ansible.com/*": _SDK,
    "tower.ansible.com/*": _SDK,
    "tower.ansible.com/AnsibleJob": _JOB,
    "tower.ansible.com/AnsibleWorkflow": _JOB,
}
