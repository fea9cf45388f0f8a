"""Says which cluster answers: its identity, its version, whether it is a lab's."""

from __future__ import annotations

from typing import Any

from ..core.api.cluster import MARK
from ..core.api.objects import get
from ..core.sets.context import Context

PROFILE = "lab.groundwork.platform/profile"  # beside MARK


def info(*, context: Context) -> dict[str, Any]:
    """What is known of the cluster, in two requests: server, uid, version, lab (its name), profile."""
    home = context.client.request("GET", "/api/v1/namespaces/kube-system").data
    version = context.client.request("GET", "/version").data
    return {
        "changed": False,
        "server": context.client.server,
        "uid": get(home, "metadata", "uid", default=""),
        "version": get(version, "gitVersion", default=""),
        "lab": get(home, "metadata", "annotations", MARK, default=""),
        "profile": get(home, "metadata", "annotations", PROFILE, default=""),
    }
