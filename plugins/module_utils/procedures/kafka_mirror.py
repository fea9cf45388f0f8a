"""Stops, pauses or starts a mirror of another Kafka cluster, as a failover and a failback need it, in named steps."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get, ref
from ..core.sets import guards
from ..core.sets.context import Context
from ..core.sets.options import Options
from ..core.words import WHICH
from ..systems.kafka.rules import MIRROR_STARTS
from ..systems.kafka.shape import API
from . import kafka_state as state
from . import reach
from .steps import Step, Unneeded, take

Result = dict[str, Any]

MIRROR = Options(
    {
        **WHICH,
        "source": {"type": "str"},
        "state": {"type": "str", "choices": ["stopped", "paused", "running"], "default": "stopped"},
        "confirm": {"type": "list", "elements": "str", "default": []},
    }
)


def mirror(*, context: Context, namespace: str, name: str, timeout: int, **asked: Any) -> Result:
    """Messages and checkpoints of one mirror; once stopped they start again by a sentence only."""
    running = _Mirror(context, namespace, name, timeout, asked)
    taken = take(context, f"mirror {namespace}/{name}", running.steps())
    return {**taken.result(), "connectors": state.connectors(running.seen), "bootstrap": running.bootstrap}


class _Mirror:
    def __init__(self, context: Context, namespace: str, name: str, timeout: int, asked: dict[str, Any]) -> None:
        self.context, self.namespace, self.timeout = context, namespace, timeout
        self.source: str | None = asked.get("source")
        self.wanted: str = asked["state"]
        self.confirm: Collection[str] = asked["confirm"]
        self.which = reach.named(API, "KafkaMirrorMaker2", namespace, name)
        self.seen: Object = {}
        self.bootstrap: list[str] = []

    def steps(self) -> list[Step]:
        """Look, ask, wait: the cluster that clients are to find must be there before anything stops."""
        act = {"stopped": "stop", "paused": "pause", "running": "start"}[self.wanted]
        return [
            Step("Look at the cluster that is mirrored into", self._look_at_target),
            Step("Look at the mirror", self._look),
            Step(f"Ask to {act} it", self._ask, f"{act} copying messages and places of consumer groups"),
            Step("Wait until its connectors follow", self._follow, "wait until the operator says so"),
        ]

    def _look_at_target(self) -> str:
        self.seen = reach.sure(self.context, self.which)
        name = state.target(self.seen)
        if not name:
            raise PlatformError(
                f"{ref(self.seen)} writes to a cluster that is not beside it: look at that one yourself"
            )
        kafka = reach.sure(self.context, reach.named(API, "Kafka", self.namespace, name))
        if missing := state.unready(kafka):
            raise PlatformError(
                f"Kafka {self.namespace}/{name} is not ready ({missing}): clients cannot be moved to it"
            )
        listeners = get(kafka, "status", "listeners", default=[])
        self.bootstrap = [str(each.get("bootstrapServers")) for each in listeners]
        return f"{name} is ready, clients start at {', '.join(self.bootstrap) or 'listeners that it does not tell'}"

    def _look(self) -> str:
        rows = state.mirrors_of(self.seen, self.source)
        if state.is_at(self.seen, self.source, self.wanted):
            self._follow()
            raise Unneeded(f"it is {self.wanted} already")
        if self.wanted != "stopped":
            wished = {"spec": {"mirrors": state.with_state(self.seen, self.source, self.wanted)}}
            refused = guards.changes(self.seen, {**self.seen, **wished}, [MIRROR_STARTS])
            guards.check(refused, self.confirm, f"start {ref(self.seen)}")
        told = [
            f"{each['name']} is {each['state']}, {each['failed']} of {each['tasks']} tasks failed"
            for each in self._of()
        ]
        aliases = ", ".join(str(get(each, "source", "alias")) for each in rows)
        return f"it mirrors {aliases}: {'; '.join(told) or 'its connectors are not told'}"

    def _of(self) -> list[dict[str, Any]]:
        return state.connectors(self.seen)

    def _ask(self) -> str:
        # The whole list: what is in a list cannot be merged.
        rows = state.with_state(self.seen, self.source, self.wanted)
        self.seen = reach.amend(self.context, self.seen, {"spec": {"mirrors": rows}})
        return f"asked; the inventory has to say so, too: state and checkpoints {self.wanted}"

    def _follow(self) -> str:
        aliases = [str(get(each, "source", "alias")) for each in state.mirrors_of(self.seen, self.source)]
        judge = state.followed(self.wanted, aliases)
        self.seen = reach.until(self.context, self.which, judge, self.timeout)
        return f"{len(self._of())} connectors are {self.wanted}"
