"""Says how a RabbitMQ cluster is: which nodes run, what is alarmed, where queues have their leaders and members."""

from __future__ import annotations

from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.readiness.matchers import holds
from ..core.sets.context import Context
from . import rabbitmq_ctl as ctl
from . import reach

Row = dict[str, Any]


def info(*, name: str, namespace: str, context: Context) -> Row:
    """The state of one cluster. Raises PlatformError where there is none."""
    cluster = reach.sure(context, ctl.which(namespace, name))
    pods = ctl.nodes(context, namespace, name)
    try:
        (said, queues), unknown = ctl.status(context, namespace, name), ""
    except PlatformError as error:
        said, queues, unknown = {}, [], str(error)
    rows = [row_of_queue(each) for each in queues]
    found = {
        "changed": False,
        "ready": bool(holds(cluster, "AllReplicasReady")),
        "reason": _words(cluster),
        "nodes": [_node(pod, said) for pod in pods],
        "alarms": None if unknown else [_alarm(each) for each in said.get("alarms", [])],
        "partitions": None if unknown else said.get("partitions") or {},
        "queues": None if unknown else rows,
        "messages": None if unknown else sum(int(each["messages"]) for each in rows),
        "unknown": unknown or None,
    }
    wrong = _wrong(found, int(get(cluster, "spec", "replicas", default=1)))
    return {**found, "healthy": not wrong, "wrong": wrong}


def _wrong(found: Row, replicas: int) -> list[str]:
    """What is not as it should be, a sentence each."""
    if found["unknown"]:
        return [found["unknown"]]
    running = sum(bool(each["running"]) for each in found["nodes"])
    lines = [f"{running} of {replicas} nodes run"] if running < replicas else []
    lines += [f"{each['node']} has a {each['resource']} alarm: publishers are blocked" for each in found["alarms"]]
    lines += [f"nodes do not see each other: {found['partitions']}"] if found["partitions"] else []
    for queue in found["queues"]:
        who = f"queue {queue['name']} of {queue['vhost']}"
        if queue["members"] is not None and len(queue["online"]) < len(queue["members"]):
            lines.append(f"{who} has {len(queue['online'])} of {len(queue['members'])} members online")
        if queue["members"] is not None and len(queue["members"]) < min(replicas, 3):
            lines.append(f"{who} has {len(queue['members'])} members on {replicas} nodes: it bears no loss of a node")
    return lines


def unready(cluster: Object | None) -> str:
    """Why not all nodes of a RabbitmqCluster are ready, as its operator sees it."""
    return "" if holds(cluster, "AllReplicasReady") else _words(cluster or {}) or "not all nodes are ready"


def pod_unready(pod: Object | None) -> str:
    """Why a node's pod is not ready; one that is being deleted is not."""
    if pod is None or get(pod, "metadata", "deletionTimestamp"):
        return "its pod is not there yet"
    return "" if ctl.ready(pod) else "its pod is not ready yet"


def _words(cluster: Object) -> str | None:
    """What the operator says where it does not succeed."""
    for each in get(cluster, "status", "conditions", default=[]):
        if each.get("status") == "False":
            return f"{each.get('type')}: {each.get('message') or each.get('reason') or 'no reason was given'}"
    return None


def _node(pod: Object, said: Row) -> Row:
    name = str(get(pod, "metadata", "name"))
    running = {_short(each): each for each in said.get("running_nodes", [])}
    versions = said.get("versions", {}).get(running.get(name, ""), {})
    return {
        "name": name,
        "node": get(pod, "spec", "nodeName"),
        "ready": ctl.ready(pod),
        "running": name in running if said else None,
        "version": versions.get("rabbitmq_version"),
    }


def _short(node: str) -> str:
    """`rabbit@events-server-0.events-nodes.data` is `events-server-0`."""
    return node.partition("@")[2].partition(".")[0]


def _alarm(said: Row) -> Row:
    return {"node": _short(str(said.get("node", ""))), "resource": said.get("resource", said.get("type"))}


def row_of_queue(said: Row) -> Row:
    """A queue as rabbitmqctl lists it, with nodes by the names of their pods."""
    members, online = ctl.members(said), said.get("online")
    replicated = said.get("type") != "classic"
    return {
        "vhost": said["vhost"],
        "name": said["name"],
        "type": said.get("type"),
        "leader": _short(str(said["leader"])) or None if replicated else None,
        "members": sorted(map(_short, members)) if replicated else None,
        "online": sorted(map(_short, online if isinstance(online, list) else [])) if replicated else None,
        "messages": int(said.get("messages") or 0),
        "consumers": int(said.get("consumers") or 0),
        "state": said.get("state"),
    }
