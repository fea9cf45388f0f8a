"""Time as the engine sees it: one object to measure and to wait with, so that tests need not live through it."""

from __future__ import annotations

import random
import threading
import time


class Clock:
    """The machine's monotonic clock, and waits that an event ends early."""

    def now(self) -> float:
        """Seconds on a clock that never goes back; only differences mean anything."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Waits for the event, at most that long; whether the event is set."""
        return event.wait(seconds)

    def jitter(self, upper: float) -> float:
        """A random number of seconds between 0 and upper."""
        return random.uniform(0, upper)  # noqa: S311 - spreads load, protects nothing
