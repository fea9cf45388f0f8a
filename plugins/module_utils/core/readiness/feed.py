"""Keeps a part of one collection up to date: LIST, then WATCH; polled only where it may not or cannot be watched."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Any

from ..api.client import Client
from ..api.clock import Clock
from ..api.discovery import Discovery, Resource
from ..api.errors import NO_WAY, ApiError, Class, Expired, PlatformError, Stopped
from ..api.objects import Object
from .matchers import value

_LASTS, _SPREAD = 240, 60  # seconds that a watch is asked to last, and so many more at random
_LOST = 3  # watches lost in a row before the collection is polled
_POLL = (2.0, 10.0)  # seconds between two polls: at first, at most
_REOPEN = 1.0  # seconds between the openings of two watches at least
_BLIND = (Class.FORBIDDEN, Class.UNSUPPORTED)
_CLOSED = (*NO_WAY, Class.UNAUTHORIZED)  # what asking again does not mend: the client was patient where that helps

Take = Callable[[str, Object | None], None]


class Feed:
    """The objects of one kind in one namespace. `take` gets a name and the object, or None when it is not there.

    names: only these (None: all). note: gets a sentence about the feed itself. lose: gets the error that ends it, where
    the server cannot be reached any more.
    """

    def __init__(
        self,
        client: Client,
        discovery: Discovery,
        resource: Resource,
        namespace: str,
        *,
        names: Collection[str] | None,
        take: Take,
        note: Callable[[str], None],
        lose: Callable[[PlatformError], None],
        clock: Clock,
        label_selector: str = "",
    ) -> None:
        self.resource, self.namespace = resource, namespace
        self._client, self._discovery, self._clock = client, discovery, clock
        self._names = None if names is None else frozenset(names)
        self._take, self._note, self._lose = take, note, lose
        single = f"metadata.name={next(iter(self._names))}" if self._names and len(self._names) == 1 else None
        self._selectors: dict[str, Any] = {
            "field_selector": single,
            "label_selector": None if single else label_selector or None,
        }
        self._path = discovery.path(resource, namespace or None)
        self._version = ""
        self._there: set[str] = set()
        self._over = threading.Event()
        self._cut: Callable[[], None] | None = None

    def read(self) -> None:
        """LIST, and every name told; GET each where the collection may not be listed. Raises PlatformError."""
        try:
            found, self._version = self._client.list(self._path, **self._selectors)
        except ApiError as error:
            if error.kind not in _BLIND or not self._names:
                raise
            found, self._version = [o for n in self._names if (o := self._get(n)) is not None], ""
        now = {str(value(obj, "metadata.name")): obj for obj in found}
        for name in sorted((self._names or set()) | self._there | set(now)):
            self._tell(name, now.get(name))

    def start(self) -> None:
        """Follows it in a thread of its own until `stop`."""
        threading.Thread(target=self._run, name=f"watch {self._path}", daemon=True).start()

    def stop(self) -> None:
        """Ends the watch."""
        self._over.set()
        if self._cut is not None:
            self._cut()

    def _get(self, name: str) -> Object | None:
        path = self._discovery.path(self.resource, self.namespace or None, name)
        try:
            found: Object = self._client.request("GET", path).data
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return found

    def _tell(self, name: str, obj: Object | None) -> None:
        if self._names is not None and name not in self._names:
            return
        if obj is None:
            self._there.discard(name)
        else:
            self._there.add(name)
        self._take(name, obj)

    def _run(self) -> None:
        try:
            if self._version:
                self._follow()
            self._poll()
        except Stopped:
            pass
        except ApiError as error:
            self._lose(error)

    def _follow(self) -> None:
        """Watches, and watches again from where the last one ended; returns when that does not work."""
        lost = 0
        while not self._over.is_set():
            opened = self._clock.now()
            try:
                lost = 0 if self._watch() else lost
            except Stopped:
                raise
            except PlatformError as error:
                lost += 1
                blind = isinstance(error, ApiError) and error.kind in _BLIND
                if self._over.is_set():
                    return
                if _closed(error):
                    raise
                if blind or lost >= _LOST:
                    where = f"{self.resource.plural} in {self.namespace}" if self.namespace else self.resource.plural
                    self._note(f"cannot watch {where}, asking every {_POLL[0]:.0f} to {_POLL[1]:.0f} s: {error}")
                    return
            self._clock.wait(self._over, max(0.0, opened + _REOPEN - self._clock.now()))

    def _watch(self) -> bool:
        """One watch to its end; whether it said anything. What has expired is listed again."""
        said = False
        try:
            lasts = int(_LASTS + self._clock.jitter(_SPREAD))
            for kind, obj in self._client.watch(
                self._path, resource_version=self._version, timeout=lasts, opened=self._opened, **self._selectors
            ):
                said = True
                self._version = str(value(obj, "metadata.resourceVersion") or self._version)
                if kind != "BOOKMARK":
                    self._tell(str(value(obj, "metadata.name")), None if kind == "DELETED" else obj)
        except Expired:
            self.read()
            return True
        return said

    def _opened(self, cut: Callable[[], None]) -> None:
        self._cut = cut
        if self._over.is_set():
            cut()

    def _poll(self) -> None:
        pause = _POLL[0]
        while not self._over.is_set():
            self._clock.wait(self._over, pause)
            pause = min(_POLL[1], pause * 1.5)
            if self._over.is_set():
                return
            self._try(self.read)

    @staticmethod
    def _try(do: Callable[[], Any]) -> None:
        """A server that does not answer now may answer the next time: the wait's own timeout is the limit."""
        try:
            do()
        except PlatformError as error:
            if isinstance(error, Stopped) or _closed(error):
                raise


def _closed(error: PlatformError) -> bool:
    return isinstance(error, ApiError) and error.kind in _CLOSED
