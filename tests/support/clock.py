"""A clock for tests: a wait takes no time, and is written down."""

from __future__ import annotations

import threading

from ansible_collections.groundwork.platform.plugins.module_utils.core.api.clock import Clock


class FakeClock(Clock):
    """Time that passes only in waits, whose seconds are `waits`. Jitter is its upper bound: waits are predictable."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> float:
        return self.time

    def wait(self, event: threading.Event, seconds: float) -> bool:
        with self._lock:
            self.time += seconds
            self.waits.append(seconds)
        return event.is_set()

    def jitter(self, upper: float) -> float:
        return upper


class FastClock(Clock):
    """A clock on which a second takes ten milliseconds: for many threads that wait at once."""

    SCALE = 100

    def now(self) -> float:
        return super().now() * self.SCALE

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return super().wait(event, seconds / self.SCALE)
