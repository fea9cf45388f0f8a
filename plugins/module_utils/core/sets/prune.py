"""Decides which live members of a set that nobody asks for any more may be deleted, and why others may not. Pure.

Facts: readiness.md 3.3. Operators copy labels to what they make (Strimzi, RabbitMQ, Altinity), so the label alone never
suffices: our apply entry in managedFields is what such a child never has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from ..api.objects import Object, Ref, get, ref
from .applyset import PART_OF, PREFIX
from .fields import MANAGER, entry
from .guards import HoldsData, Refusal, loses, sentence, sentence_for_many
from .stages import kind_key

KEEP = PREFIX + "prune"  # annotation; the value "disabled" keeps the object


class Action(Enum):
    """What becomes of a live object that carries the set's label."""

    DELETE = "delete"
    KEEP = "keep"  # silently: it is wanted, or going already
    WARN = "keep and say why"
    ASK = "keep unless confirmed"
    REFUSE = "refuse the run unless confirmed"


@dataclass(frozen=True)
class Facts:
    """What a decision rests on. `wanted` and `inventory` are references, `uids` those of the applied objects."""

    set_id: str
    namespace: str  # of the set
    wanted: Collection[Ref]
    inventory: Collection[Ref]
    uids: Collection[str] = frozenset()
    parent_uid: str = ""
    holds_data: tuple[HoldsData, ...] = ()
    members: tuple[Object, ...] = ()
    manager: str = MANAGER
    namespaces_in_use: Collection[str] = frozenset()


class Decision(NamedTuple):
    """One object's fate, the row that decided it and the words for people."""

    obj: Object
    action: Action
    row: str
    words: str = ""


class _Row(NamedTuple):
    name: str
    applies: Callable[[Object, Facts], str | bool | None]  # a string is what the words end in
    action: Action
    words: str


def _owner(obj: Object, facts: Facts) -> str | None:
    owners = get(obj, "metadata", "ownerReferences", default=[])
    strangers = [owner for owner in owners if isinstance(owner, dict) and owner.get("uid") != facts.parent_uid]
    return f"{strangers[0].get('kind')} {strangers[0].get('name')}" if strangers else None


def _in_use(obj: Object, facts: Facts) -> bool:
    return kind_key(obj) == "Namespace" and get(obj, "metadata", "name") in {facts.namespace, *facts.namespaces_in_use}


def _never(obj: Object, facts: Facts) -> bool:
    name = str(get(obj, "metadata", "name", default=""))
    return kind_key(obj) in ("Node", "PersistentVolume") or (
        kind_key(obj) == "Namespace" and (name == "default" or name.startswith("kube-"))
    )


# The first row that applies decides.
_ROWS = (
    _Row("label", lambda obj, facts: get(obj, "metadata", "labels", PART_OF) != facts.set_id, Action.KEEP, ""),
    _Row("wanted", lambda obj, facts: ref(obj) in facts.wanted, Action.KEEP, ""),
    _Row("applied", lambda obj, facts: get(obj, "metadata", "uid") in facts.uids, Action.KEEP, ""),
    _Row("deleting", lambda obj, facts: "deletionTimestamp" in (obj.get("metadata") or {}), Action.KEEP, ""),
    _Row("owner", _owner, Action.WARN, "it is owned by"),
    _Row(
        "manager",
        lambda obj, facts: entry(obj, facts.manager) is None,
        Action.WARN,
        "it carries this set's label, but was never applied by us: something copied the label",
    ),
    _Row(
        "mark",
        lambda obj, facts: get(obj, "metadata", "annotations", KEEP) == "disabled",
        Action.WARN,
        f"it is marked {KEEP}: disabled",
    ),
    _Row("in use", _in_use, Action.WARN, "the set still lives in it"),
    _Row("never", _never, Action.WARN, "objects of this kind and name are never pruned"),
    _Row(
        "orphan",
        lambda obj, facts: ref(obj) not in facts.inventory,
        Action.ASK,
        "it carries this set's label, but is not in the set's inventory",
    ),
    _Row("data", lambda obj, facts: loses(obj, facts.holds_data, facts.members), Action.REFUSE, ""),
)


def decide(obj: Object, facts: Facts) -> Decision:
    """The fate of one live object."""
    for row in _ROWS:
        if found := row.applies(obj, facts):
            said = found if isinstance(found, str) else ""
            return Decision(obj, row.action, row.name, f"{row.words} {said}".strip())
    return Decision(obj, Action.DELETE, "unwanted")


class Pruning(NamedTuple):
    """What a run prunes: the objects to delete, what is kept and said, and what needs a sentence first."""

    delete: list[Object]
    warnings: list[str]
    refusals: list[Refusal]
    used: frozenset[str]  # sentences that allowed something


def plan(
    live: Iterable[Object],
    facts: Facts,
    *,
    set_name: str,
    confirm: Collection[str] = (),
    limited: bool = True,
) -> Pruning:
    """The whole pruning of a set. `limited` is off where the whole set is asked to go.

    More deletions than max(10, 30 % of the inventory), or an empty set, need a sentence for the lot.
    """
    given = {" ".join(words.split()) for words in confirm}
    delete, warnings, refusals, used = [], [], [], set()
    kept: dict[str, list[Ref]] = defaultdict(list)
    for decision in (decide(obj, facts) for obj in live):
        allowing = sentence("delete", decision.obj)
        confirmed = decision.action in (Action.ASK, Action.REFUSE) and allowing in given
        if decision.action is Action.DELETE or confirmed:
            delete.append(decision.obj)
            used |= {allowing} & given
        elif decision.action is Action.REFUSE:
            refusals.append(Refusal(allowing, decision.words))
            delete.append(decision.obj)  # counted: the limit is judged on what the run would do
        elif decision.action is Action.WARN:
            kept[decision.words].append(ref(decision.obj))
        elif decision.action is Action.ASK:
            warnings.append(f"kept {ref(decision.obj)}: {decision.words}. To delete it, add to confirm: {allowing!r}")
    if limited and delete:
        many = _too_many(delete, facts, set_name)
        if many and many.sentence in given:
            used.add(many.sentence)
        elif many:
            refusals.append(many)
    warnings += [f"kept {_some(refs)}: {words}" for words, refs in kept.items()]
    return Pruning(delete, warnings, refusals, frozenset(used))


def _some(refs: list[Ref]) -> str:
    """One line however many an operator made: the number, and the first of them."""
    if len(refs) == 1:
        return str(refs[0])
    return f"{len(refs)} objects ({', '.join(map(str, refs[:3]))}{', ...' if len(refs) > 3 else ''})"


def limit(members: int) -> int:
    """How many objects one run may prune without a sentence."""
    return max(10, members * 30 // 100)


def _too_many(delete: list[Object], facts: Facts, set_name: str) -> Refusal | None:
    names = ", ".join(str(ref(obj)) for obj in delete[:20]) + (
        f" and {len(delete) - 20} more" if len(delete) > 20 else ""
    )
    if not facts.wanted:
        return Refusal(
            sentence_for_many("empty set", set_name, delete), f"nothing is wanted any more; it holds {names}"
        )
    allowed = limit(len(facts.inventory))
    if len(delete) > allowed:
        why = f"more than {allowed} at once: {names}"
        return Refusal(sentence_for_many(f"delete {len(delete)} objects of set", set_name, delete), why)
    return None


def options(live: Object, policy: str = "Background") -> Mapping[str, object]:
    """The DeleteOptions for exactly this version of exactly this object."""
    metadata = live["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]},
        "propagationPolicy": policy,
    }
