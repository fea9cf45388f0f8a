"""Readiness rows of Flagger's canaries: a phase, and the condition Promoted beside it."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Field, Rule
from ..core.readiness.silent import SILENT

RULES: dict[str, Rule] = {
    "flagger.app/Canary": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.suspend", True),),
        needs_user=(Field("status.phase", "Waiting", "WaitingPromotion"),),
        terminal=(Field("status.phase", "Failed"),),
        ready=(Field("status.phase", "Initialized", "Succeeded"),),
        source="fluxcd/flagger: pkg/apis/flagger/v1beta1/status.go",
    ),
    "flagger.app/MetricTemplate": SILENT,
    "flagger.app/AlertProvider": SILENT,
}
