"""Readiness rows of kubernetes-nmstate: network configuration of nodes.

The policy sums up its nodes; Ignored means that no node matches (nmstate/kubernetes-nmstate:
api/shared/condition_types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Rule
from ..core.readiness.silent import SILENT

RULES: dict[str, Rule] = {
    "nmstate.io/NodeNetworkConfigurationPolicy": Rule(
        generation=OBSERVED_IF_SET,
        needs_user=(Condition("Ignored"), Condition("Available", ("True", "False"), reason="NoMatchingNode")),
        retryable=(Condition("Degraded"), Condition("Available", "False", reason="FailedToConfigure")),
        in_progress=(Condition("Progressing"),),
        ready=(Condition("Available"),),
        source="nmstate/kubernetes-nmstate: api/shared/nodenetworkconfigurationpolicy_types.go",
    ),
    "nmstate.io/NodeNetworkConfigurationEnactment": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Failing"), Condition("Aborted")),
        in_progress=(Condition("Progressing"), Condition("Pending")),
        ready=(Condition("Available"),),
        source="nmstate/kubernetes-nmstate: api/shared/nodenetworkconfigurationenactment_types.go",
    ),
    "nmstate.io/NodeNetworkState": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Failing"),),
        ready=(Condition("Available", optional=True), *SILENT.ready),
        source="nmstate/kubernetes-nmstate: api/shared/nodenetworkstate_types.go",
    ),
    "nmstate.io/NMState": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Degraded"),),
        in_progress=(Condition("Progressing"),),
        ready=(Condition("Available"),),
        source="nmstate/kubernetes-nmstate: api/shared/nmstate_types.go",
    ),
}
