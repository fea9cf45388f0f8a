"""Asks and tells a running RabbitMQ cluster by its own rabbitmqctl, in the pod of a node that is ready."""

from __future__ import annotations

import json
from typing import Any

from ..core.api import exec as command
from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.readiness.matchers import holds
from ..core.sets.context import Context
from ..systems.rabbitmq import network
from ..systems.rabbitmq import topology as system
from . import reach

# Every answer is one line of JSON: rabbitmqctl itself breaks lines in lists.
_ONE = """
set -eo pipefail
one() { rabbitmqctl -q "$@" --formatter=json | tr -d '\\n'; echo; }
queues() { one list_queues --vhost "$1" name type leader members online messages consumers state; }
"""
_STATUS = """
one cluster_status
vhosts=$(one list_vhosts name)
echo "$vhosts"
for vhost in $(echo "$vhosts" | grep -o '"name":"[^"]*"' | cut -d'"' -f4); do
  queues "$vhost"
done
"""


def which(namespace: str, name: str) -> Object:
    """The RabbitmqCluster, by name."""
    return reach.named(system.API, "RabbitmqCluster", namespace, name)


def nodes(context: Context, namespace: str, name: str) -> list[Object]:
    """The pods of its nodes, by name."""
    return reach.pods(context, namespace, network.pods({"name": name}))


def ready(pod: Object) -> bool:
    """Whether a pod's containers are."""
    return bool(holds(pod, "Ready"))


def run(context: Context, namespace: str, name: str, script: str, *, stdin: str = "", timeout: float = 300) -> str:
    """What a script prints in the first ready node. Nothing secret may stand in it; stdin may hold what is.

    Raises PlatformError where no node is ready, or the script fails.
    """
    able = [pod for pod in nodes(context, namespace, name) if ready(pod)]
    if not able:
        raise PlatformError(f"no node of RabbitMQ {namespace}/{name} is ready, so nobody can be asked")
    pod = str(get(able[0], "metadata", "name"))
    shell = ["bash", "-c", script]
    done = command.run(context.client, namespace, pod, "rabbitmq", shell, stdin=stdin, timeout=timeout)
    if done.code:
        said = " ".join((done.err or done.out).split())[-300:]
        raise PlatformError(f"rabbitmqctl in pod {namespace}/{pod} ended with {done.code}: {said}")
    return done.out


def status(context: Context, namespace: str, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What `cluster_status` says, and every queue of every vhost with its `vhost`."""
    first, second, *rest = run(context, namespace, name, _ONE + _STATUS).splitlines()
    vhosts = [each["name"] for each in json.loads(second)]
    queues = [{**queue, "vhost": vhost} for vhost, line in zip(vhosts, rest, strict=True) for queue in json.loads(line)]
    return json.loads(first), queues


def queues(context: Context, namespace: str, name: str) -> list[dict[str, Any]]:
    """Every queue of the vhost `/`, with one start of rabbitmqctl, which takes seconds."""
    said = run(context, namespace, name, f"{_ONE}queues /")
    return [{**queue, "vhost": "/"} for queue in json.loads(said)]


def members(queue: dict[str, Any]) -> list[str]:
    """The nodes that a replicated queue has members on; none for a classic queue."""
    return list(queue["members"]) if isinstance(queue.get("members"), list) else []
