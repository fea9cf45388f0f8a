"""A failover drill on Redis with sentinels: how its master is failed, and when all is whole again."""

from __future__ import annotations

import re
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from ..core.sets.options import Options
from ..core.words import WHICH
from ..systems.redis import settings
from . import drill as common
from . import pods, reach
from . import redis_ctl as ctl
from . import redis_state as state
from . import redis_writer as writer

Result = dict[str, Any]

DRILL = Options(
    {
        **WHICH,
        **common.OPTIONS,
        "fault": {"type": "str", "choices": ["process", "freeze", "pod", "drain", "node"], "default": "pod"},
        "freeze": {"type": "int", "default": 20},
        "wait": {"type": "int", "default": 0},
    },
    required_if=(("fault", "node", ("node_command",)),),
)
# The server is a process among those of its pod, which share their numbers; of a container alone it would be the first,
# whom no signal of a neighbour reaches.
_FIND = r"""
pid=
for each in /proc/[0-9]*; do
  read -r what < "$each/comm" 2> /dev/null || continue
  [ "$what" = redis-server ] && [ "${each#/proc/}" != 1 ] && pid=${each#/proc/}
done
[ "$pid" ] || exit 1
"""


def drill(*, context: Context, namespace: str, name: str, timeout: int, **asked: Any) -> Result:
    """Makes the fault under write load and writes the evidence; fails where the profile is not kept.

    asked: the other options of the module redis_drill. Refused on a cluster that is no lab's, unless confirmed.
    """
    return _Drill(context, namespace, name, timeout).run(asked)


class _Drill(common.Drill):
    system = "Redis"
    told_options = ("fault", "interval", "wait", "freeze")

    def __init__(self, context: Context, namespace: str, name: str, timeout: float) -> None:
        self.context, self.namespace, self.name, self.timeout = context, namespace, name, timeout
        self.servers = reach.named("apps/v1", "StatefulSet", namespace, name)
        self.watch = reach.named("apps/v1", "StatefulSet", namespace, f"{name}-s")
        self.seen: Object = {}
        self.sentinels: list[str] = []
        self.uid = self.stopper = ""

    def look_before(self) -> str:
        hint = "A drill is for Redis with sentinels (redis_replication). Correct the name or the namespace"
        self.seen, watch = (reach.sure(self.context, each, hint) for each in (self.servers, self.watch))
        missing = state.unready(self.seen) or state.unready(watch)
        if missing:
            raise PlatformError(
                f"Redis {self.namespace}/{self.name} is not whole ({missing}): a drill begins with all of it"
            )
        if self.asked["fault"] in ("process", "freeze") and not self._shared():
            raise PlatformError(
                f"fault {self.asked['fault']} needs backend statefulset: the operator's servers are the first process "
                "of their container, which nobody beside it can stop; take fault pod or node"
            )
        uid = str(get(self.seen, "metadata", "uid"))[:8]
        self.allowed(f"apps/StatefulSet {self.namespace}/{self.name} {uid}")
        self.sentinels = state.sentinels(self.seen, watch)
        self.promise = state.promise(self.asked["wait"], self._fewest())
        return f"{get(self.seen, 'spec', 'replicas')} servers, {len(self.sentinels)} sentinels; {self.promise}"

    def _shared(self) -> bool:
        return bool(get(self.seen, "spec", "template", "spec", "shareProcessNamespace"))

    def _fewest(self) -> int:
        """min-replicas-to-write, as the settings that its set keeps have it."""
        found = reach.read(self.context, reach.named("v1", "ConfigMap", self.namespace, f"{self.name}-settings"))
        text = str(get(found, "data", default={}).get(settings.KEY, "")) if found else ""
        match = re.search(r"^min-replicas-to-write (\d+)$", text, re.MULTILINE)
        return int(match[1]) if match else 0

    def writer(self) -> tuple[Object, str]:
        key = f"groundwork:drill:{self.began:%Y%m%d%H%M%S}"
        environment = {
            "SENTINELS": " ".join(self.sentinels),
            "KEY": key,
            "INTERVAL": f"{self.asked['interval']:.3f}",
            "WAIT": str(self.asked["wait"]),
        }
        avoid = self._master_node() if self.asked["fault"] == "node" else ""
        return writer.pod(str(self.pod["metadata"]["name"]), self.seen, environment, avoid), f"the list {key}"

    def _master_node(self) -> str:
        """Who leads is known once the writer runs; until then it keeps off the node of the first server."""
        found = reach.read(self.context, reach.named("v1", "Pod", self.namespace, f"{self.name}-0"))
        return str(get(found, "spec", "nodeName", default=""))

    def writes(self) -> str:
        told = super().writes()
        self.before = (writer.leaders(reach.log(self.context, self.pod)) or [""])[-1]
        self.master = reach.named("v1", "Pod", self.namespace, self.before)
        there = reach.sure(self.context, self.master)
        self.node, self.uid = (str(get(there, *path)) for path in (("spec", "nodeName"), ("metadata", "uid")))
        return f"{told} by {self.before}, on node {self.node}"

    def noticed(self) -> str:
        """The writer's own pod is ready while it writes."""

        def interrupted(pod: Object | None) -> str:
            return "" if pods.unready(pod) else "clients write"

        try:
            reach.until(self.context, self.pod, interrupted, self.asked["notice"])
        except PlatformError:
            return f"clients noticed nothing within {self.asked['notice']} s"
        reach.until(self.context, self.pod, pods.unready, self.timeout)
        self.after = (writer.leaders(reach.log(self.context, self.pod)) or [""])[-1]
        return f"clients were interrupted, and write to {self.after}"

    def back(self) -> str:
        """A pod that was deleted counts as ready while it ends."""
        if self.asked["fault"] in ("pod", "drain"):
            reach.until(self.context, self.master, self._replaced, self.timeout)
        self.seen = reach.until(self.context, self.servers, state.unready, self.timeout)
        if self.asked["fault"] == "freeze":
            self._thawed()
        return f"all {get(self.seen, 'spec', 'replicas')} servers ready"

    def _thawed(self) -> None:
        """A server that was stopped counts as ready for a while, and believes that it leads until it is told."""
        reach.until(self.context, self.master, pods.done(self.stopper, "the server was not let go on"), self.timeout)
        if self.after not in ("", self.before):
            server = ctl.Server(self.namespace, self.before, str(state.server(self.seen)["name"]))
            ctl.follows(self.context, server, self.timeout)

    def _replaced(self, pod: Object | None) -> str:
        return "the pod that was deleted is still there" if get(pod, "metadata", "uid") == self.uid else ""

    def counted(self, log: str) -> None:
        self.after = (writer.leaders(log) or [self.before])[-1]

    def described(self) -> Result:
        return {
            "servers": get(self.seen, "spec", "replicas"),
            "sentinels": len(self.sentinels),
            "image": state.server(self.seen)["image"] if self.seen else None,
            "master": self.before,
            "master_after": self.after,
            "promise": self.promise,
        }

    # Faults ----------------------------------------------------------------------------------------------------------

    def kill_process(self) -> str:
        """SIGKILL, from an ephemeral container that shares the pod's processes; it is started again in place."""
        name = self.beside(self.master, f'{_FIND}kill -KILL "$pid"', state.server(self.seen)["image"])
        reach.until(self.context, self.master, pods.done(name, "no server was killed"), 60)
        return f"the server of {self.before} was killed (SIGKILL)"

    def freeze_process(self) -> str:
        """SIGSTOP for a while: to all others it is gone, and comes back believing that it leads."""
        seconds = self.asked["freeze"]
        script = f'{_FIND}kill -STOP "$pid"\nsleep {seconds}\nkill -CONT "$pid"'
        self.stopper = self.beside(self.master, script, state.server(self.seen)["image"])
        reach.until(self.context, self.master, pods.started(self.stopper), 60)
        return f"the server of {self.before} was stopped (SIGSTOP) for {seconds} s"

    def delete_pod(self) -> str:
        """Without grace: no hook runs that would hand over."""
        reach.delete(self.context, self.master, grace=0)
        return f"pod {self.before} was deleted without grace"

    def drain(self) -> str:
        """With its grace, as a drained node's pods go: it hands over first."""
        reach.delete(self.context, self.master)
        return f"pod {self.before} was deleted with its grace, and hands over"


_Drill.faults = {
    "process": (_Drill.kill_process, "kill the master's server (SIGKILL)"),
    "freeze": (_Drill.freeze_process, "stop the master's server (SIGSTOP) for a while"),
    "pod": (_Drill.delete_pod, "delete the master's pod without grace"),
    "drain": (_Drill.drain, "delete the master's pod with its grace, so that it hands over"),
    "node": (_Drill.fail_node, "fail the node that the master runs on"),
}
