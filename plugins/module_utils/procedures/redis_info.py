"""Says how a Redis deployment is: who leads, how far behind the others are, memory, eviction, what is kept.

From its StatefulSets and pods, and from the exporter of each server, read through the API server. What neither tells is
null; `unknown` says why, by server.
"""

from __future__ import annotations

from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from ..systems.redis import parts
from . import pods as judged
from . import reach
from . import redis_state as state
from .metrics import Metrics, ask, whole

Row = dict[str, Any]


def info(*, name: str, namespace: str, context: Context) -> Row:
    """The state of one deployment, of either shape and backend. Raises PlatformError where there is none."""
    sets = _sets(context, name, namespace)
    servers = [each for each in sets if _kind(each) != "sentinel"]
    if not servers:
        raise PlatformError(f"there is no Redis {namespace}/{name}. Correct the name or the namespace")
    pods = _pods(context, namespace, [str(get(each, "metadata", "name")) for each in servers])
    metrics, unknown = ask(context, namespace, list(pods), parts.METRICS)
    rows = [_server(pod, pods[pod], metrics[pod]) for pod in sorted(pods)]
    shape = _kind(servers[0])
    masters = [row for row in rows if row["role"] == "master"]
    leading = masters[0]["offset"] if shape == "replication" and len(masters) == 1 else None
    watch = [each for each in sets if _kind(each) == "sentinel"]
    return {
        "changed": False,
        "shape": shape,
        "ready": not any(map(state.unready, sets)),
        "reason": "; ".join(filter(None, map(state.unready, sets))) or None,
        "masters": [row["name"] for row in masters],
        "servers": [{**row, "behind_bytes": _behind(row, leading)} for row in rows],
        "sentinels": _sentinels(watch[0]) if watch else None,
        "cluster": _cluster(metrics) if shape == "cluster" else None,
        "unknown": unknown,
    }


def _sets(context: Context, name: str, namespace: str) -> list[Object]:
    names = ",".join((name, f"{name}-s", f"{name}-leader", f"{name}-follower"))
    which = reach.named("apps/v1", "StatefulSet", namespace, "")
    return reach.listed(context, which, label_selector=f"app in ({names}),redis_setup_type")


def _kind(workload: Object) -> str:
    return str(get(workload, "spec", "template", "metadata", "labels", "redis_setup_type"))


def _pods(context: Context, namespace: str, sets: list[str]) -> dict[str, Object]:
    selector = f"app in ({','.join(sets)}),redis_setup_type"
    found = reach.pods(context, namespace, selector)
    return {str(get(pod, "metadata", "name")): pod for pod in found}


def _server(name: str, pod: Object, metrics: Metrics) -> Row:
    told = next(iter(metrics.all("redis_instance_info")), (None, {}))[1]
    role = told.get("role")
    linked = metrics.one("redis_master_link_up")
    offset = metrics.one("redis_slave_repl_offset" if role == "slave" else "redis_master_repl_offset")
    return {
        "name": name,
        "role": {"slave": "replica"}.get(str(role), role),
        "version": told.get("redis_version"),
        "ready": not _unready(pod),
        "node": get(pod, "spec", "nodeName"),
        "linked": None if linked is None else bool(linked),
        "replicas": whole(metrics.one("redis_connected_slaves")),
        "offset": whole(offset),
        "memory": _memory(metrics, told.get("maxmemory_policy")),
        "keys": whole(_sum(metrics, "redis_db_keys")),
        "hits_percent": _hits(metrics),
        "kept": _kept(metrics),
    }


def _unready(pod: Object) -> str:
    try:
        return judged.unready(pod)
    except PlatformError as error:
        return str(error)


def _behind(row: Row, leading: int | None) -> int | None:
    """Bytes of the master's stream that a replica does not have; unknown in a cluster, where there are several."""
    if row["role"] != "replica" or row["offset"] is None or not leading:
        return None
    return max(0, leading - int(row["offset"]))


def _memory(metrics: Metrics, policy: str | None) -> Row:
    used, most = metrics.one("redis_memory_used_bytes"), metrics.one("redis_memory_max_bytes")
    return {
        "used_bytes": whole(used),
        "max_bytes": whole(most),
        "percent": round(100 * used / most, 1) if used is not None and most else None,
        "policy": policy,
        "evicted": whole(metrics.one("redis_evicted_keys_total")),
    }


def _kept(metrics: Metrics) -> Row:
    """What is on its volume: whether writes are appended, when the last dump was made, whether both work."""
    aof = metrics.one("redis_aof_enabled")
    written, saved = metrics.one("redis_aof_last_write_status"), metrics.one("redis_rdb_last_bgsave_status")
    return {
        "aof": None if aof is None else bool(aof),
        "aof_works": None if written is None else bool(written),
        "last_save": whole(metrics.one("redis_rdb_last_save_timestamp_seconds")),
        "save_works": None if saved is None else bool(saved),
        "changes_since_save": whole(metrics.one("redis_rdb_changes_since_last_save")),
    }


def _hits(metrics: Metrics) -> float | None:
    hits, misses = metrics.one("redis_keyspace_hits_total"), metrics.one("redis_keyspace_misses_total")
    asked = (hits or 0) + (misses or 0)
    return round(100 * (hits or 0) / asked, 1) if asked else None


def _sum(metrics: Metrics, name: str) -> float | None:
    found = [value for value, _ in metrics.all(name)]
    return sum(found) if found else None


def _sentinels(watch: Object) -> Row:
    return {
        "ready": get(watch, "status", "readyReplicas", default=0),
        "wanted": get(watch, "spec", "replicas"),
        "group": parts.GROUP,
    }


def _cluster(metrics: dict[str, Metrics]) -> Row:
    """As the server that sees least of it says."""
    states = [found for each in metrics.values() if (found := each.one("redis_cluster_state")) is not None]
    slots = [found for each in metrics.values() if (found := each.one("redis_cluster_slots_ok")) is not None]
    return {"ok": bool(min(states)) if states else None, "slots_ok": whole(min(slots)) if slots else None}
