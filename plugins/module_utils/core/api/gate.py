"""How many requests may be under way at once: fewer when the server is overloaded, slowly more when it is not."""

from __future__ import annotations

import threading

_SUCCESSES = 20  # so many good answers open the gate by one


class Gate:
    """Additive increase, multiplicative decrease: halved on a 429, one more after 20 good answers, at most `most`."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = most
        self.active = 0
        self._good = 0
        self._age = 0
        self._free = threading.Condition(threading.Lock())

    def enter(self) -> int:
        """Waits for a place; the ticket goes back with `leave`."""
        with self._free:
            while self.active >= self.limit:
                self._free.wait()
            self.active += 1
            return self._age

    def leave(self, ticket: int | None, overloaded: bool | None) -> None:
        """Gives the place back. overloaded: True for a 429, False for a good answer, None when it says nothing."""
        if ticket is None:
            return
        with self._free:
            self.active -= 1
            if overloaded:
                self._halve(ticket)
            elif overloaded is False and self.limit < self.most:
                self._good += 1
                if self._good >= _SUCCESSES:
                    self._good, self.limit = 0, self.limit + 1
            if self.active < self.limit:
                self._free.notify()

    def open(self) -> None:
        """Lets everybody through: the client stops, and each will find out on the other side."""
        self.limit = self.most = 1 << 30
        if self._free.acquire(timeout=0.2):
            self._free.notify_all()
            self._free.release()

    def _halve(self, ticket: int) -> None:
        # A burst of refusals is one sign of overload, not many: only those sent since the last halving count.
        if ticket == self._age:
            self.limit = max(1, self.limit // 2)
            self._age += 1
            self._good = 0
