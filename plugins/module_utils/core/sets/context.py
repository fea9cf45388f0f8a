"""What a running task works with: the cluster, check mode, ways to speak, and the rows that systems contribute."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..api.client import Client
from ..api.clock import Clock
from ..api.connection import Connection
from ..api.discovery import Discovery
from .guards import Guard, HoldsData


class Rows(Protocol):
    """What the registry offers; a module hands it to `run`."""

    RULES: Mapping[str, Any]
    GUARDS: list[Guard]
    HOLDS_DATA: list[HoldsData]
    NEEDS: Mapping[str, Collection[str]]


@dataclass
class Context:
    """One task's surroundings. `say` shows a line at once where that is possible; warnings end up in the result."""

    connection: Connection
    client: Client
    discovery: Discovery
    check: bool = False
    diff: bool = False
    say: Callable[[str], None] = lambda line: None
    clock: Clock = field(default_factory=Clock)
    rules: Mapping[str, Any] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    holds_data: tuple[HoldsData, ...] = ()
    needs: Mapping[str, Collection[str]] = field(default_factory=dict)  # kind -> kinds that are ready before it
    host: str = ""  # the inventory host, for progress
    hidden: set[str] = field(default_factory=set)  # texts that no result may show
    warnings: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.started = self.clock.now()

    def warn(self, text: str) -> None:
        """A warning of the result, once."""
        if text not in self.warnings:
            self.warnings.append(text)

    @contextlib.contextmanager
    def timed(self, name: str) -> Any:
        """Adds the seconds spent inside to the result's timings."""
        start = self.clock.now()
        try:
            yield
        finally:
            self.timings[name] = self.timings.get(name, 0.0) + self.clock.now() - start
