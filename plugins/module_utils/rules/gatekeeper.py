"""Readiness rows of Gatekeeper: templates, constraints, mutators. Each of its pods reports in status.byPod."""

from __future__ import annotations

from ..core.readiness.rule import Absent, Each, Field, Rule, Some, observed_at
from ..core.readiness.silent import SILENT

_BY_POD = observed_at("status.byPod[].observedGeneration", required=False)

_ENFORCED = Rule(
    generation=_BY_POD,
    retryable=(Some("status.byPod", Field("errors[].message")),),
    ready=(Each("status.byPod", Field("enforced", True)),),
    source="open-policy-agent/gatekeeper: apis/status/v1beta1/constraintpodstatus_types.go",
)

RULES: dict[str, Rule] = {
    "templates.gatekeeper.sh/ConstraintTemplate": Rule(
        generation=_BY_POD,
        terminal=(Some("status.byPod", Field("errors[].message")),),
        ready=(Field("status.created", True),),
        source="open-policy-agent/frameworks: constraint/pkg/apis/templates/v1/constrainttemplate_types.go",
    ),
    "constraints.gatekeeper.sh/*": _ENFORCED,
    "mutations.gatekeeper.sh/*": _ENFORCED,
    "expansion.gatekeeper.sh/ExpansionTemplate": Rule(
        generation=_BY_POD,
        terminal=(Some("status.byPod", Field("errors[].message")),),
        ready=(Each("status.byPod", Absent("errors")),),
        source="open-policy-agent/gatekeeper: apis/expansion/unversioned/expansiontemplate_types.go",
    ),
    "externaldata.gatekeeper.sh/Provider": SILENT,
    "config.gatekeeper.sh/Config": SILENT,
}
