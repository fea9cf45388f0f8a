"""Readiness rows of the MariaDB operator, under its present and its first group name.

Long-running kinds sum up in Ready, jobs in Complete; the reason tells work from failure
(mariadb-operator/mariadb-operator: api/v1alpha1/condition_types.go, pkg/condition).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Annotation, Condition, Field, Rule

_FAILED = ("Failed", "*Failed", "*Error", "Invalid*")

_SERVING = Rule(
    generation=OBSERVED_IF_SET,
    paused=(
        Field("spec.suspend", True),
        Annotation("k8s.mariadb.com/suspend", "true"),
        Condition("Ready", "False", reason="Suspended"),
    ),
    retryable=(Condition("Ready", "False", reason=_FAILED),),
    ready=(Condition("Ready"), Condition("Updated", optional=True), Condition("StorageResized", optional=True)),
    pods="app.kubernetes.io/instance={name}",
    source="mariadb-operator/mariadb-operator: pkg/condition/ready.go",
)

_JOB = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("spec.suspend", True), Field("spec.schedule.suspend", True)),
    retryable=(Condition("Complete", "False", reason=_FAILED),),
    ready=(Condition("Complete"),),
    source="mariadb-operator/mariadb-operator: pkg/condition/complete.go:10-48",
    note="a scheduled one is ready after its first run: a failed run has the same reason as a waiting schedule",
)

RULES: dict[str, Rule] = {
    "k8s.mariadb.com/*": _SERVING,
    "mariadb.mmontes.io/*": _SERVING,
    **{
        f"{group}/{kind}": _JOB
        for group in ("k8s.mariadb.com", "mariadb.mmontes.io")
        for kind in ("Backup", "PhysicalBackup", "Restore", "SqlJob")
    },
}
