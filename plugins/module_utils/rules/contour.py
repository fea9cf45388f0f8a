"""Readiness rows of Contour: proxies, extension services, configurations."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Field, Rule
from ..core.readiness.silent import SILENT

_VALID = Rule(
    generation=OBSERVED_IF_SET,
    terminal=(Condition("Valid", "False"),),
    ready=(Condition("Valid"),),
    source="projectcontour/contour: apis/projectcontour/v1/detailedconditions.go",
)

RULES: dict[str, Rule] = {
    # An orphaned proxy has no root that includes it; a root may still come.
    "projectcontour.io/HTTPProxy": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(
            Field("status.currentStatus", "invalid", "orphaned", say="status.description"),
            Condition("Valid", "False"),
        ),
        ready=(Field("status.currentStatus", "valid"), Condition("Valid", optional=True)),
        source="projectcontour/contour: apis/projectcontour/v1/httpproxy.go; internal/status/proxystatus.go",
    ),
    "projectcontour.io/ExtensionService": _VALID,
    "projectcontour.io/ContourConfiguration": _VALID,
    "projectcontour.io/ContourDeployment": SILENT,
    "projectcontour.io/TLSCertificateDelegation": SILENT,
}
