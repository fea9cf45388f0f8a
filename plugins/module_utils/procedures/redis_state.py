"""What the StatefulSets of a Redis replication say: who is missing, how a client reaches it. Pure.

Both backends have them, by the same names: `<name>` for servers, `<name>-s` for sentinels.
"""

from __future__ import annotations

from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..systems.redis import parts


def unready(workload: Object | None) -> str:
    """Why a StatefulSet is not ready with all its pods."""
    if workload is None:
        return "it is not there"
    wanted, there = get(workload, "spec", "replicas", default=1), get(workload, "status", "readyReplicas", default=0)
    if get(workload, "status", "observedGeneration", default=0) < get(workload, "metadata", "generation", default=0):
        return "its last change is not seen yet"
    return "" if there == wanted else f"{there} of {wanted} servers ready"


def sentinels(servers: Object, watch: Object) -> list[str]:
    """The names of all sentinels."""
    name, namespace = (str(get(servers, "metadata", key)) for key in ("name", "namespace"))
    count = int(get(watch, "spec", "replicas", default=1))
    return [parts.service_host(f"{name}-s-{n}", f"{name}-s-hl", namespace) for n in range(count)]


def server(servers: Object) -> Object:
    """The container of a server: the one that has the password."""
    for each in get(servers, "spec", "template", "spec", "containers", default=[]):
        found: Object = each
        if get(servers, "spec", "template", "metadata", "labels", "redis_setup_type") and secret(found):
            return found
    raise PlatformError(
        f"StatefulSet {get(servers, 'metadata', 'namespace')}/{get(servers, 'metadata', 'name')} is no Redis of this "
        "collection or its operator: none of its containers has REDIS_PASSWORD from a Secret"
    )


def secret(container: Object) -> dict[str, Any]:
    """Where its password is, as an environment's valueFrom; empty where it has none."""
    for each in container.get("env") or []:
        if each.get("name") == "REDIS_PASSWORD":
            found: dict[str, Any] = each.get("valueFrom") or {}
            return found
    return {}


def promise(wait: int, fewest: int) -> str:
    """What is promised to a client that was told that its write is done."""
    bound = (
        f"; the master takes no write while fewer than {fewest} replicas answer, which bounds by time what it alone has"
        if fewest
        else ""
    )
    if wait:
        return (
            f"asynchronous, and the client waits until {wait} replicas have each write (WAIT): it is lost only where a "
            f"replica leads that has not{bound}"
        )
    return f"asynchronous: what the master acknowledged and no replica has yet is lost with it{bound}"
