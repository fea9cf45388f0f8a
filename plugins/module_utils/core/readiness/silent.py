"""The row of kinds that no controller reports on: ready once stored, unless a status says otherwise after all."""

from __future__ import annotations

from .conventions import BAD, BUSY, Says
from .rule import Generation, Not, Rule

SILENT = Rule(
    generation=Generation("none", "status.observedGeneration", guarded=False),
    retryable=(Says(BAD),),
    ready=(Not(Says(BAD, weak=True)), Not(Says(BUSY)), Not(Says(BUSY, weak=True))),
    note="configuration that others read; no controller reports on it, unless a newer version does",
)
