"""Readiness rows of NetApp's application protection: Astra Connector, and Trident Protect after it.

Backups, restores, snapshots and hooks run once: status.state Running, Completed, Failed; Error is tried again
(Trident Protect documentation, custom resources of protect.trident.netapp.io).
"""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, STORED, Field, Rule
from ..core.readiness.silent import SILENT

_ONCE = Rule(
    generation=FINAL,
    terminal=(Field("status.state", "Failed", say="status.error"),),
    retryable=(Field("status.state", "Error", say="status.error"),),
    ready=(Field("status.state", "Completed"),),
    source="Trident Protect documentation: backups, restores, snapshots",
)

_VAULT = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Field("status.state", "Error", "Failed", "Unavailable", say="status.error"),),
    ready=(Field("status.state", "Available"),),
    source="Trident Protect documentation: AppVault",
)

_APPLICATION = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Field("status.state", "Error", "Failed", say="status.error"),),
    ready=(Field("status.state", "Ready", "Available"),),
    source="Trident Protect documentation: Application",
)

# Nothing is written before the first run; then the conditions of that run.
_SCHEDULE = Rule(
    generation=STORED,
    paused=(Field("spec.enabled", False, "false"),),
    retryable=SILENT.retryable,
    ready=SILENT.ready,
    source="Trident Protect documentation: Schedule",
)

RULES: dict[str, Rule] = {
    f"{group}/{kind}": rule
    for group in ("astra.netapp.io", "protect.trident.netapp.io")
    for kind, rule in (
        ("*", _ONCE),
        ("AppVault", _VAULT),
        ("Application", _APPLICATION),
        ("Schedule", _SCHEDULE),
        ("ExecHook", _SCHEDULE),
    )
}
