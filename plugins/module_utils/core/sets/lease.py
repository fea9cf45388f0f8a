"""Keeps to one run at a time per set: a coordination Lease, held by renewing it, taken over when its holder is dead.

Staleness is judged by our own monotonic clock on what we saw, never by comparing the server's or the holder's time.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from types import TracebackType
from typing import Any

from ..api.client import POLICIES, Client
from ..api.clock import Clock
from ..api.errors import ApiError, Class, PlatformError
from ..api.objects import Object, get
from . import words

DURATION = 15  # seconds without renewal after which a Lease is free
RENEW = 5.0  # seconds between renewals


class State(Enum):
    """What one look at the Lease says."""

    FREE = "nobody holds it"
    HELD = "its holder renewed it while we watched"
    WAITING = "its holder may be dead"
    STALE = "its holder did not renew it for its whole duration"


def judge(first: Object, now: Object, watched: float) -> State:
    """The state of a Lease, from the first look, the latest look and the seconds between them."""
    if not get(now, "spec", "holderIdentity"):
        return State.FREE
    if get(now, "metadata", "resourceVersion") != get(first, "metadata", "resourceVersion"):
        return State.HELD
    return State.STALE if watched >= duration(first) else State.WAITING


def duration(lease: Object) -> float:
    """The Lease's own duration in seconds; ours where it says none."""
    seconds = get(lease, "spec", "leaseDurationSeconds")
    return float(seconds) if isinstance(seconds, (int, float)) and seconds > 0 else float(DURATION)


def holder() -> str:
    """Who we are, for people and unlike any other run."""
    return f"{getpass.getuser()}@{socket.gethostname()} (process {os.getpid()}, run {secrets.token_hex(3)})"


class Lease:
    """One set's Lease, held inside a `with` block. `lost` is set when it could not be kept: write nothing more then."""

    def __init__(
        self,
        client: Client,
        namespace: str,
        name: str,
        *,
        clock: Clock | None = None,
        say: Callable[[str], None] = lambda line: None,
        me: str | None = None,
    ) -> None:
        self.lost = threading.Event()
        self._api, self._clock, self._say = client, clock or Clock(), say
        self._all = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        self._path, self._where = f"{self._all}/{name}", f"{namespace}/{name}"
        self._namespace, self._name, self._me = namespace, name, me or holder()
        self._live: Object = {}
        self._done = threading.Event()
        self._renewer: threading.Thread | None = None

    def __enter__(self) -> Lease:
        while not self._take():
            pass
        self._renewer = threading.Thread(target=self._renew, name=f"lease {self._where}", daemon=True)
        self._renewer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Stops renewing and deletes the Lease, if it is still ours. An error here must not hide the run's own."""
        self._done.set()
        if self._renewer:
            self._renewer.join(timeout=RENEW)
            self._renewer = None
        if not self._live or self.lost.is_set():
            return
        metadata, self._live = self._live["metadata"], {}
        with contextlib.suppress(PlatformError):
            mine = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
            # one that is not given back runs out by itself
            brief = dict.fromkeys(POLICIES, RENEW)
            self._api.request("DELETE", self._path, body={"preconditions": mine}, timeout=RENEW, patience=brief)

    def _take(self) -> bool:
        """One attempt; False when someone was faster, and the Lease must be looked at again.

        It is made before it is looked for: every run deletes its own, so that one in the way is the exception.
        """
        if self._write("POST", self._all, {"name": self._name, "namespace": self._namespace}):
            return True
        first = self._read()
        if first is None:
            return False
        if get(first, "spec", "holderIdentity") == self._me:  # our own write, whose answer was lost
            self._live = first
            return True
        if get(first, "spec", "holderIdentity"):
            now = self._observe(first)
            if now is None:
                return False
            first = now
        metadata = {key: first["metadata"][key] for key in ("name", "namespace", "resourceVersion")}
        return self._write("PUT", self._path, metadata)

    def _observe(self, first: Object) -> Object | None:
        """Watches a held Lease: itself once it may be taken, None once it is gone. Raises when its holder lives."""
        since, who = self._clock.now(), get(first, "spec", "holderIdentity")
        self._say(f"waiting up to {duration(first):.0f} s for the Lease {self._where}, last held by {who}")
        now: Object | None = first
        while now is not None:
            watched = self._clock.now() - since
            state = judge(first, now, watched)
            if state is State.HELD:
                raise PlatformError(
                    f"cannot write set {self._where.replace('/groundwork-', '/')}: another run holds its Lease and is "
                    f"alive: {get(now, 'spec', 'holderIdentity')}. Wait until that run has ended"
                )
            if state is not State.WAITING:
                return now
            now = self._next(now, duration(first) - watched)
        return None

    def _next(self, last: Object, seconds: float) -> Object | None:
        """The Lease at its next change, or as it is when the time is over; None once it is gone."""
        version = last["metadata"]["resourceVersion"]
        try:
            events = self._api.watch(
                self._all,
                resource_version=version,
                field_selector=f"metadata.name={self._name}",
                timeout=max(1, round(seconds)),
            )
            for kind, seen in events:
                if kind != "BOOKMARK":
                    return None if kind == "DELETED" else seen
        except ApiError as error:
            if error.kind not in (Class.FORBIDDEN, Class.EXPIRED, Class.UNSUPPORTED):
                raise
            self._clock.wait(self._done, min(RENEW, seconds))
        return self._read()

    def _read(self) -> Object | None:
        try:
            return self._api.request("GET", self._path).data
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def _write(self, method: str, path: str, metadata: dict[str, Any], *, timeout: float | None = None) -> bool:
        body = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": self._me,
                "leaseDurationSeconds": DURATION,
                "renewTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            },
        }
        try:
            self._live = self._api.request(method, path, body=body, timeout=timeout).data
        except ApiError as error:
            if error.status == 404 and method == "POST":
                set_name = self._where.replace("/groundwork-", "/")
                said = words.no_namespace([self._namespace], set_name)
                raise PlatformError(f"cannot apply: {said}; {words.NO_NAMESPACE}") from error
            if error.kind in (Class.ALREADY_EXISTS, Class.PRECONDITION, Class.NOT_FOUND):
                return False
            raise
        return True

    def _renew(self) -> None:
        kept = self._clock.now()
        while not self._clock.wait(self._done, RENEW):
            try:
                metadata = {key: self._live["metadata"][key] for key in ("name", "namespace", "resourceVersion")}
                if self._write("PUT", self._path, metadata, timeout=RENEW) or self._still_mine():
                    kept = self._clock.now()
                    continue
                self.lost.set()
            except PlatformError:
                if self._clock.now() - kept >= DURATION - RENEW:
                    self.lost.set()
            if self.lost.is_set():
                return

    def _still_mine(self) -> bool:
        """After a refused renewal: our own answer may have been lost on the way, or another run took over."""
        live = self._read()
        if live is None or get(live, "spec", "holderIdentity") != self._me:
            return False
        self._live = live
        return True
