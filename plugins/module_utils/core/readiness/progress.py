"""Says who is waiting for what: only what changed, a line a second at most, readable in a terminal and in a log."""

from __future__ import annotations

from collections.abc import Callable

from ..api.clock import Clock
from ..api.objects import Ref

PAUSE = 1.0  # seconds between two lines
_NAMED = 3
_LENGTH = 220


class Progress:
    """Lines for people, such as ``+14s  RabbitmqCluster events  in progress  2 of 3 ready``. emit prints one."""

    def __init__(self, emit: Callable[[str], None], clock: Clock | None = None) -> None:
        self._emit = emit
        self._clock = clock or Clock()
        self._start = self._clock.now()
        self._last = float("-inf")
        self._known: dict[Ref, tuple[str, str]] = {}
        self._changed: dict[Ref, None] = {}
        self._notes: list[str] = []

    def update(self, which: Ref, state: str, message: str) -> None:
        """What is known of an object now; said when it changed."""
        if self._known.get(which) != (state, message):
            self._known[which] = (state, message)
            self._changed[which] = None

    def note(self, text: str) -> None:
        """Something about the wait itself."""
        self._notes.append(text)

    def due(self) -> float | None:
        """Seconds until a line is to be printed; None while there is nothing to say."""
        if not self._changed and not self._notes:
            return None
        return max(0.0, self._last + PAUSE - self._clock.now())

    def flush(self, *, last: bool = False) -> None:
        """Prints one line if there is something to say and its second has come; the last one need not wait."""
        due = self.due()
        if due is None or (due > 0 and not last):
            return
        self._last = self._clock.now()
        since = f"+{self._last - self._start:.0f}s"
        self._emit(f"{since:<6}{self._line()}"[:_LENGTH].rstrip())

    def _line(self) -> str:
        if self._notes:
            return self._notes.pop(0)
        changed, self._changed = list(self._changed), {}
        if len(changed) == 1:
            which = changed[0]
            state, message = self._known[which]
            return f"{f'{which.kind} {which.name}':<28}  {_said(state):<12}{message if message != state else ''}"
        waiting = [r for r, (state, _) in self._known.items() if state != "ready"]
        return f"{len(self._known) - len(waiting)} of {len(self._known)} ready{self._waiting(waiting)}"

    def _waiting(self, waiting: list[Ref]) -> str:
        told = [f"{r.kind} {r.name}: {self._known[r][1] or _said(self._known[r][0])}" for r in waiting[:_NAMED]]
        more = f", and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
        return f"; waiting for {', '.join(told)}{more}" if told else ""


def _said(state: str) -> str:
    return state.replace("_", " ")
