"""A failover drill on a PostgreSQL cluster: how its primary is failed, and when it is whole again."""

from __future__ import annotations

from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from ..core.sets.options import Options
from ..core.words import WHICH
from . import drill as common
from . import pods, reach
from . import postgres_state as state
from . import postgres_writer as writer
from .postgres import Running

Result = dict[str, Any]

DRILL = Options(
    {
        **WHICH,
        **common.OPTIONS,
        "fault": {"type": "str", "choices": ["process", "pod", "node", "switchover"], "default": "pod"},
        "through": {"type": "str"},
    },
    required_if=(("fault", "node", ("node_command",)),),
)
_UNPLANNED = ("process", "pod", "node")
_STAYED = {"process": ": restarted in place", "pod": ": restarted in place", "node": ": the node was not missed"}
# Run in the PID namespace of the container with PostgreSQL: the postmaster is the child of its first process.
_KILL = r"""
for each in /proc/[0-9]*/stat; do
  read -r pid name state parent rest < "$each" 2> /dev/null || continue
  if [ "$name" = "(postgres)" ] && [ "$parent" = 1 ]; then kill -KILL "$pid" && exit 0; fi
done
exit 1
"""


def drill(*, context: Context, namespace: str, name: str, timeout: int, **asked: Any) -> Result:
    """Makes the fault under write load and writes the evidence; fails where the profile is not kept.

    asked: the other options of the module postgres_drill. Refused on a cluster that is no lab's, unless confirmed.
    """
    return PostgresDrill(context, namespace, name, timeout).run(asked)


class PostgresDrill(Running, common.Drill):
    """What a client sees of a PostgreSQL cluster to which something is done."""

    system = "PostgreSQL"
    told_options = ("fault", "interval", "through")

    def whole(self) -> str:
        """Reads it; refused where it is not healthy with all its instances."""
        seen = self.look()
        if missing := state.unhealthy(self.seen):
            raise PlatformError(f"{self.about} is not healthy ({missing}): begin with a whole cluster")
        self.before, self.promise = state.primary(self.seen), state.promise(self.seen)
        return seen

    def look_before(self) -> str:
        seen = self.whole()
        uid = str(get(self.seen, "metadata", "uid"))[:8]
        self.allowed(f"postgresql.cnpg.io/Cluster {self.namespace}/{self.name} {uid}")
        where = reach.sure(self.context, reach.named("v1", "Pod", self.namespace, self.before))
        self.node = str(get(where, "spec", "nodeName"))
        return f"{seen}, on node {self.node}; {self.promise}"

    def writer(self) -> tuple[Object, str]:
        way = writer.access(self.seen, self.asked.get("through"))
        table = f"groundwork_drill_{self.began:%Y%m%d%H%M%S}"
        extra = {"TABLE": table, "INTERVAL": f"{self.asked['interval']:.3f}"}
        avoid = self.node if self.asked.get("fault") == "node" else ""
        name = str(self.pod["metadata"]["name"])
        pod = writer.pod(name, self.seen, way, writer.writing(extra, avoid))
        return pod, f"{way.host}/{way.database}, table {table}"

    def noticed(self) -> str:
        def quiet(cluster: Object | None) -> str:
            moved = state.primary(cluster) not in ("", self.before)
            return "" if moved or state.unhealthy(cluster) else "nothing to see yet"

        try:
            now = reach.until(self.context, self.which, quiet, self.notice)
        except PlatformError:
            return f"it reported nothing within {self.notice:.0f} s"
        return state.unhealthy(now) or f"{state.primary(now)} is primary"

    def back(self) -> str:
        told = self.healthy()
        self.after = state.primary(self.seen)
        moved = "failed" if self.asked.get("fault") in _UNPLANNED else "switched"
        if self.after == self.before:
            return f"{told}; without failover{_STAYED.get(str(self.asked.get('fault')), '')}"
        return f"{told}; {moved} over from {self.before}"

    def described(self) -> Result:
        return {
            "instances": get(self.seen, "spec", "instances"),
            "synchronous": get(self.seen, "spec", "postgresql", "synchronous", default={}),
            "image": get(self.seen, "status", "image"),
            "primary": self.before,
            "primary_after": self.after,
            "promise": self.promise,
        }

    # Faults ----------------------------------------------------------------------------------------------------------

    def kill_process(self) -> str:
        """SIGKILL to the postmaster, from an ephemeral container that shares its processes."""
        which = reach.named("v1", "Pod", self.namespace, self.before)
        name = self.beside(which, _KILL, get(self.seen, "status", "image"), targetContainerName="postgres")
        reach.until(self.context, which, pods.done(name, "no postmaster was killed"), 60)
        return f"the postmaster of {self.before} was killed (SIGKILL)"

    def delete_pod(self) -> str:
        """The pod with a second of grace: PostgreSQL has no time to end in order."""
        reach.delete(self.context, reach.named("v1", "Pod", self.namespace, self.before), grace=1)
        return f"pod {self.before} was deleted, with one second of grace"

    def switch_over(self) -> str:
        """A planned switchover, for comparison: what it costs clients."""
        target = state.successor(self.seen, None)
        reach.patch(self.context, self.which, state.asking_for(target), "status")
        return f"{target} was asked to take over"


PostgresDrill.faults = {
    "process": (PostgresDrill.kill_process, "kill the primary's PostgreSQL (SIGKILL)"),
    "pod": (PostgresDrill.delete_pod, "delete the primary's pod with one second of grace"),
    "node": (PostgresDrill.fail_node, "fail the node that the primary runs on"),
    "switchover": (PostgresDrill.switch_over, "ask for a switchover"),
}
