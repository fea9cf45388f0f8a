"""A watch on objects: what is there, that this was all of it, and each change from then on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import urlencode

from .cluster import Cluster
from .errors import LabError
from .kubectl import kubectl, program

COMPLETE = "COMPLETE"  # the event after the last object that was there when the watch began
BOOKMARK = "BOOKMARK"  # the API server's own name of it
INITIAL = "k8s.io/initial-events-end"  # annotation on that one bookmark

Object = dict[str, Any]


class Watch:
    """Iterates over (ADDED, MODIFIED, DELETED or COMPLETE, object) until it is stopped or the API server ends it.

    `kind` as kubectl takes it, in full (`backups.postgresql.cnpg.io`); no namespace is all of them.
    """

    def __init__(self, cluster: Cluster, kind: str, namespace: str = "", name: str = "") -> None:
        query = {
            "watch": "true",
            "sendInitialEvents": "true",
            "resourceVersionMatch": "NotOlderThan",
            "allowWatchBookmarks": "true",
        }
        query |= {"fieldSelector": f"metadata.name={name}"} if name else {}
        self._command = [*program(cluster), "get", "--raw", f"{_path(cluster, kind, namespace)}?{urlencode(query)}"]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._process.communicate()

    def stop(self) -> None:
        """Ends the iteration; from any thread."""
        self._process.kill()

    def __iter__(self) -> Iterator[tuple[str, Object]]:
        for line in self._process.stdout or ():
            event = json.loads(line)
            kind, found = event["type"], event["object"]
            if kind == "ERROR":
                raise LabError(f"the API server ended a watch: {found.get('message', 'it gave no reason')}")
            if kind != BOOKMARK:
                yield kind, found
            elif INITIAL in found["metadata"].get("annotations", {}):
                yield COMPLETE, found


def _path(cluster: Cluster, kind: str, namespace: str) -> str:
    """Where the API server lists objects of a kind."""
    for line in kubectl(cluster, "api-resources", "--no-headers").splitlines():
        plural, *_, version, namespaced, _ = line.split()
        group = version.rpartition("/")[0]
        if kind in (plural, f"{plural}.{group}"):
            root = f"/apis/{version}" if group else f"/api/{version}"
            return (
                f"{root}/namespaces/{namespace}/{plural}" if namespace and namespaced == "true" else f"{root}/{plural}"
            )
    raise LabError(f"cluster {cluster.name} has no kind {kind}: name it in full, as backups.postgresql.cnpg.io")
