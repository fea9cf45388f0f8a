"""A failover drill on a RabbitMQ cluster: a client publishes to a quorum queue, the node that leads it is failed."""

from __future__ import annotations

from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from ..core.sets.options import Options
from ..core.words import WHICH
from . import drill as common
from . import rabbitmq_ctl as ctl
from . import rabbitmq_info, reach
from . import rabbitmq_writer as writer

Result = dict[str, Any]

DRILL = Options(
    {
        **WHICH,
        **common.OPTIONS,
        "fault": {"type": "str", "choices": ["pod", "node"], "default": "pod"},
    },
    required_if=(("fault", "node", ("node_command",)),),
)


def drill(*, context: Context, namespace: str, name: str, timeout: int, **asked: Any) -> Result:
    """Makes the fault while a client publishes and writes the evidence; fails where the profile is not kept.

    asked: the other options of the module rabbitmq_drill. Refused on a cluster that is no lab's, unless confirmed.
    """
    return RabbitmqDrill(context, namespace, name, timeout).run(asked)


class RabbitmqDrill(common.Drill):
    """What a publisher with confirms sees of a cluster that loses the node which leads its queue."""

    system = "RabbitMQ"

    def __init__(self, context: Context, namespace: str, name: str, timeout: int) -> None:
        self.context, self.namespace, self.name, self.timeout = context, namespace, name, timeout
        self.which = ctl.which(namespace, name)
        self.cluster: Object = {}
        self.members: list[str] = []

    def look_before(self) -> str:
        self.cluster = reach.sure(self.context, self.which)
        found = rabbitmq_info.info(name=self.name, namespace=self.namespace, context=self.context)
        if found["wrong"]:
            raise PlatformError(f"{self.namespace}/{self.name} is not whole ({found['wrong'][0]}): mend that first")
        uid = str(get(self.cluster, "metadata", "uid"))[:8]
        self.allowed(f"rabbitmq.com/RabbitmqCluster {self.namespace}/{self.name} {uid}")
        self.promise = "a confirmed message of a quorum queue is on a majority of its members"
        return f"{len(found['nodes'])} nodes run, {len(found['queues'])} queues, no alarm"

    @property
    def queue(self) -> str:
        """The queue that is written to, and gone at the end."""
        return f"groundwork-drill-{self.began:%Y%m%d%H%M%S}"

    def writer(self) -> tuple[Object, str]:
        extra = {"QUEUE": self.queue, "INTERVAL": f"{self.asked['interval']:.3f}"}
        return writer.pod(str(self.pod["metadata"]["name"]), self.cluster, extra), f"quorum queue {self.queue}"

    def writes(self) -> str:
        told = super().writes()
        self.before, self.members = self._leader()
        pod = reach.sure(self.context, reach.named("v1", "Pod", self.namespace, self.before))
        self.node = str(get(pod, "spec", "nodeName"))
        return f"{told}; {self.before} on node {self.node} leads, members on {', '.join(self.members)}"

    def _leader(self) -> tuple[str, list[str]]:
        """The pod that leads the drill's queue, and those that its members are in."""
        queues = ctl.queues(self.context, self.namespace, self.name)
        for each in map(rabbitmq_info.row_of_queue, queues):
            if each["name"] == self.queue:
                return str(each["leader"] or ""), each["members"]
        raise PlatformError(f"queue {self.queue} is not there")

    def noticed(self) -> str:
        def quiet(cluster: Object | None) -> str:
            return "" if rabbitmq_info.unready(cluster) else "nothing to see yet"

        try:
            now = reach.until(self.context, self.which, quiet, self.notice)
        except PlatformError:
            return f"the operator reported nothing within {self.notice:.0f} s"
        return rabbitmq_info.unready(now)

    def back(self) -> str:
        pod = reach.named("v1", "Pod", self.namespace, self.before)
        reach.until(self.context, pod, rabbitmq_info.pod_unready, self.timeout)
        reach.until(self.context, self.which, rabbitmq_info.unready, self.timeout)
        self.after, members = self._leader()
        return f"all nodes are ready; {self.after} leads, members on {', '.join(members)}"

    def described(self) -> Result:
        return {
            "instances": get(self.cluster, "spec", "replicas"),
            "image": get(self.cluster, "spec", "image"),
            "members": self.members,
            "primary": self.before,
            "primary_after": self.after,
            "promise": self.promise,
        }

    def delete_pod(self) -> str:
        """The pod with a second of grace: RabbitMQ has no time to hand its queues over."""
        reach.delete(self.context, reach.named("v1", "Pod", self.namespace, self.before), grace=1)
        return f"pod {self.before} was deleted, with one second of grace"


RabbitmqDrill.faults = {
    "pod": (RabbitmqDrill.delete_pod, "delete the pod of the node that leads the queue, with one second of grace"),
    "node": (RabbitmqDrill.fail_node, "fail the node on which the queue's leader runs"),
}
