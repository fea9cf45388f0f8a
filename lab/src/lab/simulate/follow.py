"""Follows one collection in all namespaces on the engine's client: LIST, then WATCH, every change told in order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .engine import ApiError, Client, Expired, PlatformError, Stopped

ADDED, MODIFIED, DELETED = "ADDED", "MODIFIED", "DELETED"
_LASTS = 300  # seconds of one watch
_AWAY = 1.0  # seconds before a server that went away is asked again

Take = Callable[[str, dict[str, Any]], None]


class Follow:
    """Tells (type of event, object) of a collection from a thread of its own until the collection or the client ends.

    metadata_only: objects of the first list lack all but their metadata.
    """

    def __init__(
        self, client: Client, path: str, take: Take, *, label_selector: str | None = None, metadata_only: bool = False
    ) -> None:
        self._client, self._path, self._take = client, path, take
        self._selector, self._metadata_only = label_selector, metadata_only
        self._known: dict[str, dict[str, Any]] = {}
        self._over = False
        threading.Thread(target=self._run, name=f"follow {path}", daemon=True).start()

    def stop(self) -> None:
        """Nothing is told any more; the thread ends with its watch."""
        self._over = True

    def _run(self) -> None:
        while not self._over:
            try:
                self._list()
                while not self._over:
                    self._watch()
            except Expired:
                continue
            except Stopped:
                return
            except ApiError as error:
                if error.status == 404:  # its definition is being deleted, or not served yet
                    self._replace({})
                self._client.clock.wait(self._client.stopping, _AWAY)
            except PlatformError:
                self._client.clock.wait(self._client.stopping, _AWAY)

    def _list(self) -> None:
        found, self._version = self._client.list(
            self._path, label_selector=self._selector, metadata_only=self._metadata_only
        )
        self._replace({obj["metadata"]["uid"]: obj for obj in found})

    def _replace(self, now: dict[str, dict[str, Any]]) -> None:
        gone = [obj for uid, obj in self._known.items() if uid not in now]
        self._known = {uid: _remembered(obj) for uid, obj in now.items()}
        for obj in gone:
            self._take(DELETED, obj)
        for obj in now.values():
            self._take(ADDED, obj)

    def _watch(self) -> None:
        for kind, obj in self._client.watch(
            self._path, resource_version=self._version, timeout=_LASTS, label_selector=self._selector
        ):
            metadata = obj["metadata"]
            self._version = metadata["resourceVersion"]
            if kind == "BOOKMARK":
                continue
            if kind == DELETED:
                self._known.pop(metadata["uid"], None)
            else:
                self._known[metadata["uid"]] = _remembered(obj)
            self._take(kind, obj)


def _remembered(obj: dict[str, Any]) -> dict[str, Any]:
    """What is told of an object that was deleted while nobody watched."""
    return {"metadata": {key: value for key, value in obj["metadata"].items() if key != "managedFields"}}
