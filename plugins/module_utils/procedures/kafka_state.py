"""What the objects of a Kafka cluster say: whether they are ready, what a rebalance waits for, how mirrors are. Pure.

A judgement returns what is missing in one sentence, or an empty text; PlatformError where it will never come true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get, ref
from ..core.readiness.matchers import holds

REBALANCE = "strimzi.io/rebalance"
# KafkaRebalanceState.java: the condition whose type is the state.
STATES = (
    "New",
    "PendingProposal",
    "ProposalReady",
    "Rebalancing",
    "Stopped",
    "Ready",
    "NotReady",
    "ReconciliationPaused",
)
_NO_WAY_BACK = ("NotReady", "ReconciliationPaused")
Row = dict[str, Any]


def reason(obj: Object | None) -> str | None:
    """Why an object is not ready, in the operator's words."""
    wrong = holds(obj, "NotReady")
    denied: Row = next(
        (each for each in get(obj, "status", "conditions", default=[]) if each.get("status") == "False"), {}
    )
    told = wrong or denied
    return ": ".join(filter(None, (told.get("reason"), told.get("message")))) or None


def unready(obj: Object | None) -> str:
    """Why an object is not ready as its spec is now."""
    if obj is None:
        return "it is not there"
    seen = get(obj, "status", "observedGeneration", default=0)
    if seen < get(obj, "metadata", "generation", default=0):
        return "the operator has not looked at it since it changed"
    return "" if holds(obj, "Ready") else reason(obj) or "it is not ready"


def warnings(obj: Object) -> list[str]:
    """What the operator warns of."""
    rows = get(obj, "status", "conditions", default=[])
    return [str(each.get("message")) for each in rows if each.get("type") == "Warning" and each.get("status") == "True"]


# Rebalance ------------------------------------------------------------------------------------------------------------


def state(rebalance: Object | None) -> str:
    """What a KafkaRebalance is at; `New` before the operator has looked at it."""
    return next((each for each in STATES if holds(rebalance, each)), "New")


def reached(*wanted: str) -> Callable[[Object | None], str]:
    """Judges whether a KafkaRebalance is at one of these states, and was not asked for anything since."""

    def judge(rebalance: Object | None) -> str:
        if rebalance is None:
            raise PlatformError("somebody deleted it meanwhile")
        found = state(rebalance)
        if found in wanted and not asked(rebalance):
            return ""
        if found in _NO_WAY_BACK and not asked(rebalance):
            raise PlatformError(f"{ref(rebalance)} is {found}: {reason(rebalance) or 'its reconciliation is paused'}")
        return f"it is {found}{f', asked to {asked(rebalance)}' if asked(rebalance) else ''}"

    return judge


def asked(rebalance: Object | None) -> str:
    """What somebody asked for and the operator has not answered yet: it takes the annotation away."""
    return str(get(rebalance, "metadata", "annotations", REBALANCE, default=""))


def proposal(rebalance: Object | None) -> Row:
    """What would be moved, in the operator's figures."""
    result = get(rebalance, "status", "optimizationResult", default={})
    return {
        "replicas": result.get("numReplicaMovements"),
        "leaders": result.get("numLeaderMovements"),
        "between_disks": result.get("numIntraBrokerReplicaMovements"),
        "megabytes": result.get("dataToMoveMB"),
        "score_before": result.get("onDemandBalancednessScoreBefore"),
        "score_after": result.get("onDemandBalancednessScoreAfter"),
    }


# Mirrors --------------------------------------------------------------------------------------------------------------


def connectors(worker: Object | None) -> list[Row]:
    """What a KafkaMirrorMaker2 says of its connectors: name, state, failed tasks."""
    return [_connector(str(each.get("name")), each) for each in get(worker, "status", "connectors", default=[])]


def _connector(name: str, status: Object) -> Row:
    tasks = status.get("tasks") or []
    return {
        "name": name,
        "state": get(status, "connector", "state"),
        "tasks": len(tasks),
        "failed": sum(each.get("state") == "FAILED" for each in tasks),
    }


def connector(obj: Object) -> Row:
    """The same of a KafkaConnector."""
    return _connector(str(get(obj, "metadata", "name")), get(obj, "status", "connectorStatus", default={}))


def target(mirror: Object) -> str:
    """The Kafka beside a mirror that it writes to, by the name of its Service; empty where it is elsewhere."""
    host, _, _ = str(get(mirror, "spec", "target", "bootstrapServers", default="")).partition(":")
    service, *rest = host.split(".")
    here = not rest or rest[0] == get(mirror, "metadata", "namespace")
    return service.removesuffix("-kafka-bootstrap") if here and service.endswith("-kafka-bootstrap") else ""


def mirrors_of(mirror: Object, source: str | None) -> list[Row]:
    """The rows of a mirror's sources, all or one. Raises PlatformError where that one is not mirrored."""
    rows = get(mirror, "spec", "mirrors", default=[])
    found = [each for each in rows if source in (None, get(each, "source", "alias"))]
    if not found:
        known = ", ".join(str(get(each, "source", "alias")) for each in rows)
        raise PlatformError(f"{ref(mirror)} mirrors no source {source}; it mirrors {known}")
    return found


def with_state(mirror: Object, source: str | None, wanted: str) -> list[Row]:
    """All rows of a mirror, those of the source in another state; messages and checkpoints together."""
    chosen = [id(each) for each in mirrors_of(mirror, source)]
    return [
        {**each, **{half: {**each.get(half, {}), "state": wanted} for half in HALVES}} if id(each) in chosen else each
        for each in get(mirror, "spec", "mirrors", default=[])
    ]


HALVES = ("sourceConnector", "checkpointConnector")


def is_at(mirror: Object, source: str | None, wanted: str) -> bool:
    """Whether a mirror's spec asks for that state already."""
    rows = mirrors_of(mirror, source)
    return all(get(each, half, "state", default="running") == wanted for each in rows for half in HALVES)


def followed(wanted: str, aliases: list[str]) -> Callable[[Object | None], str]:
    """Judges whether the connectors of these sources are in the state that was asked for."""

    def judge(mirror: Object | None) -> str:
        if missing := unready(mirror):
            return missing
        mine = [each for each in connectors(mirror) if each["name"].partition("->")[0] in aliases]
        late = [f"{each['name']} is {each['state']}" for each in mine if str(each["state"]).lower() != wanted]
        return ", ".join(late) if mine else "the operator says nothing of its connectors yet"

    return judge
