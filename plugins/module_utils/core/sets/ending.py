"""The ways a run ends early: a failure that leaves a result behind, and a signal."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

from ..api.errors import PlatformError


class Failure(PlatformError):
    """An error that leaves a result behind: what was done before and beside it."""

    def __init__(self, message: str, result: dict[str, Any]) -> None:
        super().__init__(message)
        self.result = result


class Interrupted(BaseException):
    """The run was asked to end: raised by the signal handlers, so that no `except Exception` swallows it."""


@contextlib.contextmanager
def signals() -> Iterator[None]:
    """Inside, SIGINT and SIGTERM raise Interrupted in the main thread, once; elsewhere they mean what they meant."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    both = (signal.SIGINT, signal.SIGTERM)

    def interrupt(number: int, frame: Any) -> None:
        for each in both:
            signal.signal(each, signal.SIG_IGN)  # a second one would only disturb the end
        raise Interrupted

    before = {each: signal.signal(each, interrupt) for each in both}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
