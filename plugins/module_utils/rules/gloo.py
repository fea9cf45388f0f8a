"""Readiness rows of Gloo Edge.

A validation verdict, by name or by number (0 Pending, 1 Accepted, 2 Rejected, 3 Warning), once for every Gloo
installation that reads the object (status.statuses), or flat in older versions (solo-io/solo-kit:
api/v1/status.proto).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, AnyOf, Each, Field, Rule, Some
from ..core.readiness.silent import SILENT

_REJECTED = Field("state", "Rejected", 2, say="reason")
_WARNING = Field("state", "Warning", 3, say="reason")
_ACCEPTED = Field("state", "Accepted", 1)

_VALIDATED = Rule(
    generation=OBSERVED_IF_SET,
    terminal=(Some("status.statuses[]", _REJECTED), Field("status.state", "Rejected", 2, say="status.reason")),
    retryable=(Some("status.statuses[]", _WARNING), Field("status.state", "Warning", 3, say="status.reason")),
    ready=(AnyOf(Each("status.statuses[]", _ACCEPTED), Field("status.state", "Accepted", 1)),),
    source="solo-io/solo-kit: api/v1/status.proto; solo-io/gloo: install/helm/gloo/crds",
)

_LATER = Rule(
    generation=OBSERVED_IF_SET,
    terminal=(Field("status.state", "REJECTED", "Rejected", 2, say="status.message"),),
    ready=(Field("status.state", "ACCEPTED", "Accepted", 1),),
    source="solo-io/solo-apis: api/rate-limiter/v1alpha1/ratelimit.proto",
)

RULES: dict[str, Rule] = {
    "gateway.solo.io/*": _VALIDATED,
    "gloo.solo.io/*": _VALIDATED,
    "enterprise.gloo.solo.io/*": _VALIDATED,
    "graphql.gloo.solo.io/*": _VALIDATED,
    "ratelimit.solo.io/*": _LATER,
    "gateway.gloo.solo.io/*": SILENT,
}
