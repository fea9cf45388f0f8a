"""Ends requests that take too long, or that nobody wants any more, by shutting their socket.

A socket's own timeout restarts with every byte, so a server that sends one byte a second is never too slow for it.
"""

from __future__ import annotations

import contextlib
import errno
import math
import socket
import ssl
import threading
import time
from typing import Any

_current = threading.local()


class Call:
    """One request under way: when it must be over, the socket it uses, whether it was cut."""

    __slots__ = ("cut", "deadline", "sock")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.sock: Any = None
        self.cut = False

    def end(self) -> None:
        """Shuts the socket, which wakes the thread that reads or writes it."""
        self.cut = True
        if self.sock is not None:
            # Not SSLSocket.shutdown: it forgets its TLS state, under which the other thread is still reading.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


class Tracked:
    """Mixin for a connection class: tells the thread's call which socket it uses, and drops connections to a server
    that is shutting down once their answer is read."""

    sock: Any
    _held: list[bytes] | None = None

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._note()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._note()
        held: list[bytes] = []
        self._held = held
        try:
            super().request(*args, **kwargs)  # type: ignore[misc]
        finally:
            self._held = None
        try:
            super().send(b"".join(held))  # type: ignore[misc]
        except ssl.SSLEOFError as error:
            # the server has hung up; what it said before that (why it refuses our certificate) is still to be read,
            # as urllib3 does without TLS
            raise BrokenPipeError(errno.EPIPE, str(error)) from error

    def send(self, data: Any) -> None:
        """Head and body leave in one piece: one TLS record and one system call less for every request."""
        if self._held is None:
            super().send(data)  # type: ignore[misc]
        else:
            self._held.append(data)

    def getresponse(self) -> Any:
        response = super().getresponse()  # type: ignore[misc]
        if response.status == 503:
            self.close()  # type: ignore[attr-defined]
        return response

    def _note(self) -> None:
        call = getattr(_current, "call", None)
        if call is not None:
            call.sock = self.sock


class Deadlines:
    """The requests under way in one client, and the thread that ends the late ones."""

    def __init__(self) -> None:
        self._calls: dict[int, Call] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._next = -math.inf
        self._thread: threading.Thread | None = None
        self._closed = False

    def begin(self, seconds: float) -> Call:
        """Starts the time of a request made by this thread."""
        call = Call(time.monotonic() + seconds)
        with self._lock:
            self._calls[id(call)] = call
            late = call.deadline < self._next
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
        if late:
            self._wake.set()
        _current.call = call
        return call

    def end(self, call: Call) -> None:
        """The request is over."""
        _current.call = None
        self._calls.pop(id(call), None)

    def abort(self) -> None:
        """Ends every request under way. Takes no lock: it may be called from anywhere."""
        for call in list(self._calls.values()):
            call.end()

    def close(self) -> None:
        """Ends every request and the thread."""
        self._closed = True
        self.abort()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=1)

    def _run(self) -> None:
        while not self._closed:
            now = time.monotonic()
            with self._lock:
                calls = list(self._calls.values())
                self._next = min((c.deadline for c in calls if c.deadline > now), default=math.inf)
                self._wake.clear()
            for call in calls:
                if call.deadline <= now:
                    call.end()
            if not self._closed:
                self._wake.wait(None if self._next == math.inf else self._next - now)
