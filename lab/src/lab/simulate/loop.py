"""One thread that does everything in turn: news as it comes, timers when they are due."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import queue
import threading
import time
import traceback
from collections.abc import Callable

from .engine import PlatformError, Stopped

Call = Callable[[], None]


class Loop:
    """Calls from any thread are run one after the other; a failing one is written to the log and stops nothing."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._timers: list[tuple[float, int, Call]] = []
        self._numbers = itertools.count()

    def soon(self, call: Call) -> None:
        """Runs it after what is waiting already; from any thread."""
        self._calls.put(call)

    def at(self, moment: float, call: Call) -> None:
        """Runs it at a moment of the monotonic clock; from the loop's own thread."""
        heapq.heappush(self._timers, (moment, next(self._numbers), call))

    def run(self) -> None:
        """Until the client is stopped."""
        while not self._stopping.is_set():
            with contextlib.suppress(queue.Empty):
                self._run(self._calls.get(timeout=self._pause()))
            while self._timers and self._timers[0][0] <= time.monotonic():
                self._run(heapq.heappop(self._timers)[2])

    def _pause(self) -> float | None:
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _run(self, call: Call) -> None:
        try:
            call()
        except Stopped:
            self._stopping.set()
        except PlatformError as error:
            say(str(error))
        except Exception:
            traceback.print_exc()


def say(text: str) -> None:
    """One line of the log."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)
