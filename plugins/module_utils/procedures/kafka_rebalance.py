"""Moves partitions between brokers or disks by Cruise Control: a proposal, its approval, a stop, in named steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.builders import build, present
from ..core.sets.context import Context
from ..core.sets.options import Options
from ..core.words import WHICH
from ..systems.kafka.shape import API, CLUSTER
from . import kafka_state as state
from . import reach
from .steps import Step, Unneeded, take

Result = dict[str, Any]

_LIST = {"type": "list", "elements": "str", "default": []}
REBALANCE = Options(
    {
        **WHICH,
        "rebalance": {"type": "str"},
        "state": {"type": "str", "choices": ["proposed", "approved", "stopped"], "default": "proposed"},
        "mode": {
            "type": "str",
            "choices": ["full", "add-brokers", "remove-brokers", "remove-disks"],
            "default": "full",
        },
        "brokers": {"type": "list", "elements": "int"},
        "volumes": {
            "type": "list",
            "elements": "dict",
            "options": {
                "broker": {"type": "int", "required": True},
                "volumes": {"type": "list", "elements": "int", "required": True},
            },
        },
        "goals": _LIST,
        "between_disks": {"type": "bool", "default": False},
    },
    required_if=(
        ("mode", "add-brokers", ("brokers",)),
        ("mode", "remove-brokers", ("brokers",)),
        ("mode", "remove-disks", ("volumes",)),
    ),
)


def rebalance(*, context: Context, namespace: str, name: str, timeout: int, **asked: Any) -> Result:
    """Asks for a proposal, lets it be done, or stops it. Only what is proposed can be approved."""
    running = _Rebalance(context, namespace, name, timeout, asked)
    taken = take(context, f"rebalance {namespace}/{running.which['metadata']['name']}", running.steps())
    return {**taken.result(), "state": state.state(running.seen), "proposal": state.proposal(running.seen)}


class _Rebalance:
    def __init__(self, context: Context, namespace: str, name: str, timeout: int, asked: Mapping[str, Any]) -> None:
        self.context, self.timeout, self.asked = context, timeout, asked
        self.kafka = reach.named(API, "Kafka", namespace, name)
        self.which = reach.named(API, "KafkaRebalance", namespace, asked.get("rebalance") or f"{name}-rebalance")
        self.seen: Object | None = None

    def steps(self) -> list[Step]:
        """Those of the state that is asked for."""
        look = Step("Look at cluster and rebalance", self._look)
        return [look, *getattr(self, f"_{self.asked['state']}")()]

    def _look(self) -> str:
        kafka = reach.sure(self.context, self.kafka)
        if get(kafka, "spec", "cruiseControl") is None:
            raise PlatformError(
                f"Kafka {get(kafka, 'metadata', 'namespace')}/{get(kafka, 'metadata', 'name')} has no Cruise Control: "
                "nobody could move anything. Give kafka_cluster cruise_control"
            )
        if missing := state.unready(kafka):
            raise PlatformError(f"the cluster is not ready ({missing}): moving partitions now would add to it")
        self.seen = reach.read(self.context, self.which)
        found = state.state(self.seen) if self.seen else "not there"
        return f"the cluster is ready, the rebalance is {found}"

    # A proposal ------------------------------------------------------------------------------------------------------

    def _proposed(self) -> list[Step]:
        return [
            Step("Ask for a proposal", self._ask, f"ask Cruise Control for a proposal ({self.asked['mode']})"),
            Step("Wait for the proposal", self._wait_for_proposal, "wait until there is one; nothing is moved"),
        ]

    def _ask(self) -> str:
        wanted = wished(self.asked, self.which, self.kafka["metadata"]["name"])
        if self.seen is None:
            reach.create(self.context, wanted)
            return f"asked ({self.asked['mode']})"
        if state.state(self.seen) == "Rebalancing":
            raise PlatformError("a rebalance is under way; stop it first (state: stopped), or let it end")
        # A list or mapping that is no longer asked for must go from the spec: a merge would leave it.
        gone = dict.fromkeys(get(self.seen, "spec", default={}).keys() - wanted["spec"].keys())
        annotations = {"annotations": {state.REBALANCE: "refresh"}}
        reach.patch(self.context, self.which, {"metadata": annotations, "spec": {**gone, **wanted["spec"]}})
        return f"asked anew ({self.asked['mode']}); it was {state.state(self.seen)}"

    def _wait_for_proposal(self) -> str:
        self.seen = reach.until(self.context, self.which, state.reached("ProposalReady", "Ready"), self.timeout)
        if state.state(self.seen) == "Ready":
            return "there is nothing to move"
        found = state.proposal(self.seen)
        return f"{found['replicas']} copies with {found['megabytes']} MB and {found['leaders']} leaders would move"

    # Its approval ----------------------------------------------------------------------------------------------------

    def _approved(self) -> list[Step]:
        return [
            Step("Look at the proposal", self._there_is_one),
            Step("Approve it", lambda: self._annotate("approve"), "let Cruise Control move what it proposed"),
            Step("Wait until all is moved", self._wait_until_done, "wait until all is moved"),
        ]

    def _there_is_one(self) -> str:
        found = state.state(self.seen) if self.seen else "not there"
        if found == "Ready":
            raise Unneeded("all is moved already")
        if found == "Rebalancing":
            return "it was approved before, and goes on"
        if found != "ProposalReady":
            raise PlatformError(
                f"there is no proposal to approve, the rebalance is {found}. Ask for one: state: proposed"
            )
        told = state.proposal(self.seen)
        return f"{told['replicas']} copies with {told['megabytes']} MB and {told['leaders']} leaders are to move"

    def _annotate(self, word: str) -> str:
        if word == "approve" and state.state(self.seen) == "Rebalancing":
            return "it is under way already"
        reach.patch(self.context, self.which, {"metadata": {"annotations": {state.REBALANCE: word}}})
        return f"asked to {word}"

    def _wait_until_done(self) -> str:
        self.seen = reach.until(self.context, self.which, state.reached("Ready"), self.timeout)
        return "all is moved"

    # A stop ----------------------------------------------------------------------------------------------------------

    def _stopped(self) -> list[Step]:
        return [
            Step("Look whether something moves", self._something_moves),
            Step("Stop it", lambda: self._annotate("stop"), "stop it; partitions that are under way are finished"),
            Step("Wait until it has stopped", self._wait_for_stop, "wait until it has stopped"),
        ]

    def _something_moves(self) -> str:
        found = state.state(self.seen) if self.seen else "not there"
        if found not in ("PendingProposal", "Rebalancing"):
            raise Unneeded(f"there is nothing to stop, the rebalance is {found}")
        return f"it is {found}"

    def _wait_for_stop(self) -> str:
        self.seen = reach.until(self.context, self.which, state.reached("Stopped", "Ready"), self.timeout)
        return f"it is {state.state(self.seen)}"


def wished(asked: Mapping[str, Any], which: Object, cluster: str) -> Object:
    """The KafkaRebalance that asks for it. Pure."""
    spec = present(
        mode=asked["mode"],
        brokers=asked.get("brokers"),
        moveReplicasOffVolumes=[
            {"brokerId": each["broker"], "volumeIds": each["volumes"]} for each in asked.get("volumes") or ()
        ],
        goals=asked["goals"],
        rebalanceDisk=asked["between_disks"] or None,
    )
    place = which["metadata"]
    return build(API, "KafkaRebalance", place["name"], place["namespace"], labels={CLUSTER: cluster}, spec=spec)
