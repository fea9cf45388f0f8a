"""A failover drill on a PostgreSQL cluster: a client writes, a fault is made, what the client saw is measured."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..core.api import cluster as identity
from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.options import Options
from ..evidence import drill as evidence
from . import pods, reach
from . import postgres_state as state
from . import postgres_writer as writer
from . import seen as client
from .postgres import WHICH, Running
from .steps import Step, Taken, take

Result = dict[str, Any]

DRILL = Options(
    {
        **WHICH,
        "fault": {"type": "str", "choices": ["process", "pod", "node", "switchover"], "default": "pod"},
        "node_command": {"type": "list", "elements": "str", "default": []},
        "through": {"type": "str"},
        "interval": {"type": "float", "default": 0.1},
        "notice": {"type": "int", "default": 30},
        "profile": {"type": "dict", "options": {"rpo": {"type": "str"}, "rto": {"type": "str"}}},
        "dest": {"type": "path", "required": True},
        "remarks": {"type": "list", "elements": "str", "default": []},
        "confirm": {"type": "list", "elements": "str", "default": []},
    },
    required_if=(("fault", "node", ("node_command",)),),
)
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
    return _Drill(context, namespace, name, timeout).run(asked)


class _Drill(Running):
    asked: Mapping[str, Any]

    def run(self, asked: Mapping[str, Any]) -> Result:
        self.asked = asked
        self.began = datetime.now(UTC)
        self.pod = reach.named("v1", "Pod", self.namespace, f"{self.name}-drill-{self.began:%H%M%S}")
        self.before = self.after = self.node = self.promise = ""
        self.fault_at = 0.0
        self.found = client.Seen([], [], None)
        if self.context.check:
            return take(self.context, self._title(), self._steps()).result()
        taken, failure = Taken(), ""
        try:
            taken = take(self.context, self._title(), self._steps())
        except Failure as error:
            failure, taken = str(error), Taken(True, error.result["steps"])
            if not self.fault_at:
                raise
        return self._judged(taken, failure)

    def _title(self) -> str:
        return f"drill {self.asked['fault']} {self.namespace}/{self.name}"

    def _steps(self) -> list[Step]:
        fault, words = _FAULTS[self.asked["fault"]]
        rows = f"a row every {self.asked['interval']} s through {self.asked.get('through') or f'{self.name}-rw'}"
        return [
            Step("Look at the cluster", self._look),
            Step("Start the writer", self._start, f"write {rows}", self._salvage),
            Step("Wait until it writes", self._writes, "wait for the first commit"),
            Step("Make the fault", lambda: self._make(fault), words),
            Step("Wait until the operator notices", self._noticed, f"watch for {self.asked['notice']} s at most"),
            Step("Wait until all instances are back", self._back, "wait until all instances are ready"),
            Step("Stop the writer and count", self._count, "compare what was acknowledged with what is there"),
            Step("Remove the writer", self._remove, "delete the writer's pod; it has dropped its table"),
        ]

    # Steps -----------------------------------------------------------------------------------------------------------

    def _look(self) -> str:
        seen = self.look()
        if missing := state.unhealthy(self.seen):
            raise PlatformError(f"{self.about} is not healthy ({missing}): a drill begins with a whole cluster")
        self._allowed()
        self.before, self.promise = state.primary(self.seen), state.promise(self.seen)
        where = reach.sure(self.context, reach.named("v1", "Pod", self.namespace, self.before))
        self.node = str(get(where, "spec", "nodeName"))
        return f"{seen}, on node {self.node}; {self.promise}"

    def _allowed(self) -> None:
        """Faults are made on lab clusters, and elsewhere where the sentence of the refusal is given."""
        try:
            identity.verify(self.context.client, None, identity.REQUIRED)
        except PlatformError as error:
            uid = str(get(self.seen, "metadata", "uid"))[:8]
            sentence = f"fail the primary of postgresql.cnpg.io/Cluster {self.namespace}/{self.name} {uid}"
            if sentence not in self.asked["confirm"]:
                raise PlatformError(
                    f"{self.context.client.server} is no lab cluster, and a drill interrupts its clients. "
                    f'To do it all the same, give confirm: ["{sentence}"]'
                ) from error

    def _start(self) -> str:
        way = writer.access(self.seen, self.asked.get("through"))
        table = f"groundwork_drill_{self.began:%Y%m%d%H%M%S}"
        extra = {"TABLE": table, "INTERVAL": f"{self.asked['interval']:.3f}"}
        avoid = self.node if self.asked["fault"] == "node" else ""
        name = str(self.pod["metadata"]["name"])
        reach.create(self.context, writer.pod(name, self.seen, way, writer.writing(extra, avoid)))
        return f"pod {name} writes to {way.host}/{way.database}, table {table}"

    def _writes(self) -> str:
        reach.until(self.context, self.pod, pods.unready, self.timeout)
        return "the first commits are acknowledged"

    def _make(self, fault: Callable[[_Drill], str]) -> str:
        self.fault_at = time.time()
        return fault(self)

    def _noticed(self) -> str:
        def quiet(cluster: Object | None) -> str:
            moved = state.primary(cluster) not in ("", self.before)
            return "" if moved or state.unhealthy(cluster) else "nothing to see yet"

        try:
            now = reach.until(self.context, self.which, quiet, self.asked["notice"])
        except PlatformError:
            return f"it reported nothing within {self.asked['notice']} s"
        return state.unhealthy(now) or f"{state.primary(now)} is primary"

    def _back(self) -> str:
        told = self.healthy()
        self.after = state.primary(self.seen)
        moved = "switched" if self.asked["fault"] == "switchover" else "failed"
        if self.after == self.before:
            return f"{told}; without failover: restarted in place"
        return f"{told}; {moved} over from {self.before}"

    def _count(self) -> str:
        reach.patch(self.context, self.pod, {"spec": {"activeDeadlineSeconds": 1}})
        reach.until(self.context, self.pod, pods.running, 120)
        self.found = client.seen(reach.log(self.context, self.pod))
        if self.found.kept is None:
            raise PlatformError("the writer could not read its rows back, so nothing is known of what was lost")
        return f"{len(self.found.acks)} commits acknowledged, {len(self.found.errors)} statements failed"

    def _salvage(self) -> str:
        """What the writer saw is worth most where the cluster did not come back."""
        try:
            told = self._count() if self.fault_at else "no fault was made"
        except PlatformError as error:
            told = f"nothing is known of its rows: {error}"
        return f"{told}; {self._remove()}"

    def _remove(self) -> str:
        reach.delete(self.context, self.pod)
        return "the writer is gone"

    # Faults ----------------------------------------------------------------------------------------------------------

    def kill_process(self) -> str:
        """SIGKILL to the postmaster, from an ephemeral container that shares its processes."""
        which = reach.named("v1", "Pod", self.namespace, self.before)
        there = get(reach.sure(self.context, which), "spec", "ephemeralContainers", default=[])
        name = f"drill-{self.began:%H%M%S}"
        mine = {
            "name": name,
            "image": get(self.seen, "status", "image"),
            "targetContainerName": "postgres",
            "command": ["bash", "-c", _KILL],
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
        body = {"spec": {"ephemeralContainers": [*there, mine]}}
        reach.patch(self.context, which, body, "ephemeralcontainers")
        reach.until(self.context, which, pods.done(name, "no postmaster was killed"), 60)
        return f"the postmaster of {self.before} was killed (SIGKILL)"

    def delete_pod(self) -> str:
        """The pod with a second of grace: PostgreSQL has no time to end in order."""
        reach.delete(self.context, reach.named("v1", "Pod", self.namespace, self.before), grace=1)
        return f"pod {self.before} was deleted, with one second of grace"

    def fail_node(self) -> str:
        """By the command that the site gives."""
        command = [each.replace("{node}", self.node) for each in self.asked["node_command"]]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PlatformError(f"node_command {command[0]} did not run: {error}") from error
        if done.returncode:
            raise PlatformError(f"node_command {command[0]} ended with {done.returncode}: {done.stderr.strip()[-200:]}")
        return f"node {self.node} was failed by {command[0]}"

    def switch_over(self) -> str:
        """A planned switchover, for comparison: what it costs clients."""
        target = state.successor(self.seen, None)
        reach.patch(self.context, self.which, state.asking_for(target), "status")
        return f"{target} was asked to take over"

    # Judgement -------------------------------------------------------------------------------------------------------

    def _judged(self, taken: Taken, failure: str) -> Result:
        figures = client.measured(self.found, self.fault_at)
        wrong = [failure] if failure else evidence.worse(figures, self.asked.get("profile") or {})
        record = evidence.record(
            what=f"PostgreSQL failover drill, fault: {self.asked['fault']}",
            cluster=f"{self.namespace}/{self.name}",
            host=self.context.host,
            began=self.began,
            options={key: self.asked.get(key) for key in ("fault", "interval", "through")},
            before=self._described(),
            steps=taken.rows,
            measured={**figures, "fault_at": self.fault_at, "failed_over": self.after not in ("", self.before)},
            profile=self.asked.get("profile") or {},
            wrong=wrong,
            remarks=list(self.asked["remarks"]),
        )
        acks = [at for _, at in self.found.acks]
        kept = evidence.keep(record, self.asked["dest"], acks=acks, errors=self.found.errors)
        told = evidence.told(record)
        self.context.say(f"{self._title()}  {told}")
        result = {**taken.result(), **kept, "measured": record["measured"], "verdict": record["verdict"]}
        if wrong:
            raise Failure(f"{self._title()}: {'; '.join(wrong)}. Evidence: {kept['evidence']}", result)
        return result

    def _described(self) -> Result:
        return {
            "instances": get(self.seen, "spec", "instances"),
            "synchronous": get(self.seen, "spec", "postgresql", "synchronous", default={}),
            "image": get(self.seen, "status", "image"),
            "primary": self.before,
            "primary_after": self.after,
            "promise": self.promise,
        }


_FAULTS: dict[str, tuple[Callable[[_Drill], str], str]] = {
    "process": (_Drill.kill_process, "kill the primary's PostgreSQL (SIGKILL)"),
    "pod": (_Drill.delete_pod, "delete the primary's pod with one second of grace"),
    "node": (_Drill.fail_node, "fail the node that the primary runs on"),
    "switchover": (_Drill.switch_over, "ask for a switchover"),
}
