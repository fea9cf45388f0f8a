"""A drill, whatever the system: a client writes, a fault is made, what the client saw is counted, judged and kept."""

from __future__ import annotations

import abc
import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from ..core.api import cluster as identity
from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.builders import confined
from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.options import Spec
from ..evidence import drill as evidence
from . import pods, reach
from . import seen as client
from .steps import Step, Taken, take

Result = dict[str, Any]
Fault = tuple[Callable[[Any], str], str]

# The options that every system's drill has, beside those that say which cluster, and its own.
OPTIONS: Spec = {
    "node_command": {"type": "list", "elements": "str", "default": []},
    "interval": {"type": "float", "default": 0.1},
    "notice": {"type": "int", "default": 30},
    "profile": {"type": "dict", "options": {"rpo": {"type": "str"}, "rto": {"type": "str"}}},
    "dest": {"type": "path", "required": True},
    "remarks": {"type": "list", "elements": "str", "default": []},
    "confirm": {"type": "list", "elements": "str", "default": []},
}


class Drill(abc.ABC):
    """The steps of a drill. A system says what it is (system, faults) and does what is its own (the abstract methods).
    `before` and `after` are who led before the fault and after it."""

    system: ClassVar[str]
    faults: ClassVar[Mapping[str, Fault]]
    told_options: ClassVar[tuple[str, ...]] = ("fault", "interval")
    context: Context
    namespace: str
    name: str
    timeout: float

    asked: Mapping[str, Any]

    def run(self, asked: Mapping[str, Any]) -> Result:
        """Takes the steps; writes the evidence once a fault was made, and fails where the profile is not kept."""
        self.asked = asked
        self.began = datetime.now(UTC)
        self.pod = reach.named("v1", "Pod", self.namespace, f"{self.name}-drill-{self.began:%H%M%S}")
        self.before = self.after = self.node = self.promise = ""
        self.fault_at = 0.0
        self.found = client.Seen([], [], None)
        if self.context.check:
            return take(self.context, self.title(), self._steps()).result()
        taken, failure = Taken(), ""
        try:
            taken = take(self.context, self.title(), self._steps())
        except Failure as error:
            failure, taken = str(error), Taken(True, error.result["steps"])
            if not self.fault_at:
                raise
        return self._judged(taken, failure) if self.fault_at else taken.result()

    # What a system says and does -------------------------------------------------------------------------------------

    @abc.abstractmethod
    def look_before(self) -> str:
        """Reads it, and refuses a drill on what is not whole (`allowed` included)."""

    @abc.abstractmethod
    def writer(self) -> tuple[Object, str]:
        """The pod that writes, and what it writes to, in words."""

    def writes(self) -> str:
        """Waits until the first commits are acknowledged."""
        reach.until(self.context, self.pod, pods.unready, self.timeout)
        return "the first commits are acknowledged"

    @abc.abstractmethod
    def noticed(self) -> str:
        """Waits until the fault is to be seen, `notice` seconds at most."""

    @property
    def notice(self) -> float:
        """Seconds for a fault to be seen. Of a lost node the control plane itself says nothing for most of a minute."""
        return self.timeout if self.asked.get("fault") == "node" else float(self.asked["notice"])

    @abc.abstractmethod
    def back(self) -> str:
        """Waits until all is whole again."""

    def counted(self, log: str) -> None:  # noqa: B027 - most logs tell no more
        """Takes what else the writer's log tells."""

    @abc.abstractmethod
    def described(self) -> Result:
        """What the evidence says of the system as it was."""

    def heading(self) -> str:
        """What the evidence is called."""
        return f"{self.system} failover drill, fault: {self.asked['fault']}"

    def told(self) -> Result:
        """How it was asked for, in the evidence; `fault` or `kind` among it."""
        return {key: self.asked.get(key) for key in self.told_options}

    # Steps -----------------------------------------------------------------------------------------------------------

    def title(self) -> str:
        """What progress and errors call it."""
        return f"drill {self.asked['fault']} {self.namespace}/{self.name}"

    def looking(self) -> list[Step]:
        """What reads and refuses."""
        return [Step("Look at the cluster", self.look_before)]

    def acting(self) -> list[Step]:
        """What is done while the client writes."""
        fault, words = self.faults[self.asked["fault"]]
        return [
            Step("Make the fault", lambda: self.make(fault), words),
            Step("Wait until the fault is noticed", self.noticed, f"watch for {self.notice:.0f} s at most"),
            Step("Wait until all instances are back", self.back, "wait until all instances are ready"),
        ]

    def _steps(self) -> list[Step]:
        return [
            *self.looking(),
            Step("Start the writer", self._start, f"write every {self.asked['interval']} s", self._salvage),
            Step("Wait until it writes", self.writes, "wait for the first commit"),
            *self.acting(),
            Step("Wait until clients write again", self._served, "wait for commits"),
            Step("Stop the writer and count", self._count, "compare what was acknowledged with what is there"),
            Step("Remove the writer", self._remove, "delete the writer's pod; it has removed what it wrote"),
        ]

    def allowed(self, which: str) -> None:
        """Faults are made on lab clusters, and elsewhere where the sentence of the refusal is given.

        which: the object that is drilled, with the start of its UID, as the sentence names it.
        """
        try:
            identity.verify(self.context.client, None, identity.REQUIRED)
        except PlatformError as error:
            sentence = f"fail the primary of {which}"
            if sentence not in self.asked["confirm"]:
                raise PlatformError(
                    f"{self.context.client.server} is no lab cluster, and a drill interrupts its clients. "
                    f'To do it all the same, give confirm: ["{sentence}"]'
                ) from error

    def _start(self) -> str:
        pod, told = self.writer()
        reach.create(self.context, pod)
        return f"pod {self.pod['metadata']['name']} writes to {told}"

    def make(self, fault: Callable[[Any], str]) -> str:
        """The step from which on clients may notice something."""
        self.fault_at = time.time()
        return fault(self)

    def _served(self) -> str:
        """Instances may be ready whom a pooler still keeps clients from: the writer's pod is ready while it writes."""

        def silent(pod: Object | None) -> str:
            return "no commit for seconds" if pods.unready(pod) else ""

        reach.until(self.context, self.pod, silent, self.timeout)
        return "commits are acknowledged"

    def _count(self) -> str:
        reach.patch(self.context, self.pod, {"spec": {"activeDeadlineSeconds": 1}})
        reach.until(self.context, self.pod, pods.running, 120)
        log = reach.log(self.context, self.pod)
        self.found = client.seen(log)
        self.counted(log)
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

    # Faults that every system can have -------------------------------------------------------------------------------

    def beside(self, which: Object, script: str, image: Any, **container: Any) -> str:
        """An ephemeral container in that pod, with the script; its name."""
        there = get(reach.sure(self.context, which), "spec", "ephemeralContainers", default=[])
        name = f"drill-{self.began:%H%M%S}"
        mine = {
            "name": name,
            "image": image,
            "command": ["sh", "-c", script],
            "securityContext": confined(),
            **container,
        }
        reach.patch(self.context, which, {"spec": {"ephemeralContainers": [*there, mine]}}, "ephemeralcontainers")
        return name

    def fail_node(self) -> str:
        """By the command that the site gives."""
        command = [each.replace("{node}", self.node) for each in self.asked["node_command"]]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PlatformError(f"node_command {command[0]} did not run: {error}") from error
        if done.returncode:
            raise PlatformError(f"node_command {command[0]} ended with {done.returncode}: {done.stderr.strip()[-200:]}")
        return f"node {self.node} was failed by {Path(command[0]).name}"

    # Judgement -------------------------------------------------------------------------------------------------------

    def _judged(self, taken: Taken, failure: str) -> Result:
        figures = client.measured(self.found, self.fault_at)
        wrong = [failure] if failure else evidence.worse(figures, self.asked.get("profile") or {})
        record = evidence.record(
            what=self.heading(),
            cluster=f"{self.namespace}/{self.name}",
            host=self.context.host,
            began=self.began,
            options=self.told(),
            before=self.described(),
            steps=taken.rows,
            measured={**figures, "fault_at": self.fault_at, "failed_over": self.after not in ("", self.before)},
            profile=self.asked.get("profile") or {},
            wrong=wrong,
            remarks=list(self.asked["remarks"]),
        )
        acks = [at for _, at in self.found.acks]
        kept = evidence.keep(record, self.asked["dest"], acks=acks, errors=self.found.errors)
        told = evidence.told(record)
        self.context.say(f"{self.title()}  {told}")
        result = {**taken.result(), **kept, "measured": record["measured"], "verdict": record["verdict"]}
        if wrong:
            raise Failure(f"{self.title()}: {'; '.join(wrong)}. Evidence: {kept['evidence']}", result)
        return result
