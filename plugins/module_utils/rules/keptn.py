"""Readiness rows of Keptn: application and workload versions, tasks, evaluations, metrics, analyses.

One word for the whole and one for every phase: Succeeded, Failed, Warning, Deprecated, Progressing, Pending, Unknown
(keptn/lifecycle-toolkit: lifecycle-operator/apis/lifecycle/v1/common/common.go:55).
"""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, Absent, AllOf, Field, Not, Rule
from ..core.readiness.silent import SILENT

_VERSION = Rule(
    generation=OBSERVED_IF_SET,
    terminal=(
        Field("status.status", "Failed", say="status.currentPhase"),
        Field("status.overallStatus", "Failed"),
        Field("status.status", "Deprecated", say="status.currentPhase"),
    ),
    ready=(Field("status.status", "Succeeded"),),
    source="keptn/lifecycle-toolkit: lifecycle-operator/apis/lifecycle/v1/keptnappversion_types.go",
)
RULES: dict[str, Rule] = {
    "lifecycle.keptn.sh/KeptnAppVersion": _VERSION,
    "lifecycle.keptn.sh/KeptnWorkloadVersion": _VERSION,
    "lifecycle.keptn.sh/KeptnWorkloadInstance": _VERSION,  # its name until v1alpha3
    "lifecycle.keptn.sh/KeptnTask": Rule(
        generation=FINAL,
        terminal=(Field("status.status", "Failed", "Deprecated", say="status.message"),),
        ready=(Field("status.status", "Succeeded"),),
        source="keptn/lifecycle-toolkit: lifecycle-operator/apis/lifecycle/v1/keptntask_types.go",
    ),
    "lifecycle.keptn.sh/KeptnEvaluation": Rule(
        generation=FINAL,
        terminal=(Field("status.overallStatus", "Failed"),),
        ready=(Field("status.overallStatus", "Succeeded"),),
        source="keptn/lifecycle-toolkit: lifecycle-operator/apis/lifecycle/v1/keptnevaluation_types.go",
    ),
    "lifecycle.keptn.sh/*": SILENT,
    "options.keptn.sh/*": SILENT,
    "metrics.keptn.sh/KeptnMetric": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.errMsg"),),
        ready=(Field("status.value"), Absent("status.errMsg")),
        source="keptn/lifecycle-toolkit: metrics-operator/api/v1/keptnmetric_types.go",
    ),
    "metrics.keptn.sh/Analysis": Rule(
        generation=FINAL,
        terminal=(AllOf(Field("status.state", "Completed"), Not(Field("status.pass", True))),),  # false is left out
        ready=(Field("status.state", "Completed"), Field("status.pass", True)),
        source="keptn/lifecycle-toolkit: metrics-operator/api/v1/analysis_types.go",
    ),
    "metrics.keptn.sh/*": SILENT,
}
