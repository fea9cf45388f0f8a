"""The pods and claims of every simulated resource, as the cluster last told them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from .follow import DELETED
from .marks import OWNER

Object = dict[str, Any]


class Index:
    """Objects of one kind by their resource's UID and their name."""

    def __init__(self) -> None:
        self._by_owner: dict[str, dict[str, Object]] = defaultdict(dict)

    def take(self, event: str, obj: Object) -> str:
        """News of one object; returns the UID of the resource that it belongs to, or nothing."""
        metadata = obj["metadata"]
        owner = str((metadata.get("labels") or {}).get(OWNER, ""))
        if event == DELETED:
            self._by_owner[owner].pop(metadata["name"], None)
        elif owner:
            self._by_owner[owner][metadata["name"]] = obj
        return owner

    def of(self, owner: str) -> dict[str, Object]:
        """Those of one resource by name."""
        return self._by_owner.get(owner, {})

    def forget(self, owner: str) -> None:
        """The resource is gone."""
        self._by_owner.pop(owner, None)


def is_ready(pod: Object) -> bool:
    """Whether a pod is ready and stays."""
    conditions = pod.get("status", {}).get("conditions") or []
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and "deletionTimestamp" not in pod["metadata"]
