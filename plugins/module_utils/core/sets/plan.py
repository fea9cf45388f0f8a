"""Compares what is wanted with what is there: unchanged objects without asking the server, whose objects are whose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import NamedTuple

from ..api.errors import PlatformError
from ..api.objects import Object, Ref, get
from .applyset import PART_OF
from .diff import HASH, is_secret
from .fields import (
    MANAGER,
    Fields,
    entry,
    leaves,
    minus,
    owned,
    project,
    union,
    unsettled,
)
from .options import SetOptions
from .ownership import made_by
from .values import digest
from .wanted import Wanted
from .words import traced

_OWN_MARK: Fields = {"f:metadata": {"f:annotations": {"f:" + HASH: {}}}}
_EVERYWHERE = ("", "ServiceAccount", "default")  # group, kind, name: in every namespace, and nobody's
_SECRET: Fields = {"f:data": {}, "f:stringData": {}}


class Verdict(Enum):
    """What the comparison says of one object."""

    UNCHANGED = "unchanged"
    CREATE = "create"
    CHANGE = "change"  # what is wanted of it has changed, or it is to be adopted
    DOUBT = "doubt"  # wanted as before, but not all is as we left it: the server decides


class Step(NamedTuple):
    """One wanted object beside the live one."""

    wanted: Wanted
    live: Object | None
    verdict: Verdict
    why: str = ""

    @property
    def ref(self) -> Ref:
        return self.wanted.ref


def compare(wanted: Wanted, live: Object | None, answers: Mapping[Ref, str]) -> Step:
    """The verdict on one object; `answers` are the hashes of the server's answers that the parent keeps."""
    if live is None:
        return Step(wanted, None, Verdict.CREATE)
    if get(live, "metadata", "annotations", HASH) != wanted.hash:
        return Step(wanted, live, Verdict.CHANGE)
    if "deletionTimestamp" in live["metadata"]:
        return Step(wanted, live, Verdict.CHANGE, "it is being deleted")
    ours = entry(live)
    if ours is None or ours.get("apiVersion") != wanted.kept["apiVersion"]:
        return Step(wanted, live, Verdict.DOUBT, f"{MANAGER} has not applied it in this version")
    fields = ours.get("fieldsV1") or {}
    doubt = unsettled(wanted.kept, fields, live)
    if doubt and answers.get(wanted.ref) == answer(live) and not _secret_doubt(wanted, fields, live):
        doubt = None  # the server made this of the same wish before
    return Step(wanted, live, Verdict.DOUBT if doubt else Verdict.UNCHANGED, doubt or "")


def _secret_doubt(wanted: Wanted, fields: Fields, live: Object) -> str | None:
    data = {key: value for key, value in wanted.kept.items() if key == "data"}
    return unsettled(data, fields, live) if is_secret(live) else None


def answer(live: Object) -> str:
    """A hash of what we own in an object and its values there, Secret data left out."""
    fields = minus(owned(live), _OWN_MARK)
    return digest(project(minus(fields, _SECRET) if is_secret(live) else fields, live))


def differs(before: Object, after: Object) -> bool:
    """Whether an apply changed anything of ours but our own mark: a value, or what we own."""
    old, new = minus(owned(before), _OWN_MARK), minus(owned(after), _OWN_MARK)
    if set(leaves(old)) != set(leaves(new)):
        return True
    both = union(old, new)
    return bool(project(both, before) != project(both, after))


def remarked(before: Object, after: Object) -> bool:
    """Whether our own mark alone has to be renewed: a write that is no change."""
    return bool(get(before, "metadata", "annotations", HASH) != get(after, "metadata", "annotations", HASH))


def claims(steps: Iterable[Step], options: SetOptions, sets: Mapping[str, str], known: Collection[Ref]) -> None:
    """Raises PlatformError naming every object that is there, but not ours to apply.

    sets: names by set ID; known: the set's inventory (a member that lost its label is still ours if we applied it).
    """
    strangers = [step for step in steps if step.live and not (step.ref in known and _lost_its_label(step.live))]
    refused = [traced(why, step.wanted.origin) for step in strangers if (why := claim(step, options, sets))]
    if refused:
        shown = "; ".join(refused[:20]) + (f"; and {len(refused) - 20} more" if len(refused) > 20 else "")
        raise PlatformError(f"cannot apply set {options.name}, nothing was written: {shown}")


def _lost_its_label(live: Object) -> bool:
    return get(live, "metadata", "labels", PART_OF) is None and entry(live) is not None


def claim(step: Step, options: SetOptions, sets: Mapping[str, str]) -> str | None:
    """Why the live object is not the set's to apply; None where it is."""
    live = step.live or {}
    label = get(live, "metadata", "labels", PART_OF)
    if label == options.name.id:
        return None
    if label:
        return (
            f"{step.ref} belongs to set {sets.get(label, label)}, and set {options.name} wants it too; "
            "take it out of one of them"
        )
    if step.ref[:2] + step.ref[3:] == _EVERYWHERE or (options.adopt_from and made_by(live, options.adopt_from)):
        return None
    if options.adopt == "always" or (options.adopt == "matching" and _matches(step)):
        return None
    if options.adopt == "matching":
        return f"{step.ref} is there already and differs from what is wanted; adopt: always takes it over as wanted"
    return (
        f"{step.ref} is there already and belongs to no set; adopt: matching takes it over if it is as wanted, "
        "adopt: always in any case"
    )


def _matches(step: Step) -> bool:
    """Whether the live object has every wanted value; our own marks aside, whoever owns the fields."""
    wanted = {**step.wanted.kept, "metadata": dict(step.wanted.kept["metadata"])}
    for part, mark in (("labels", PART_OF), ("annotations", HASH)):
        rest = {key: value for key, value in wanted["metadata"].pop(part).items() if key != mark}
        wanted["metadata"] |= {part: rest} if rest else {}
    everything = union(
        *(each.get("fieldsV1") or {} for each in get(step.live, "metadata", "managedFields", default=[]))
    )
    return unsettled(wanted, everything, step.live or {}) is None


def foreign_sets(steps: Iterable[Step], own: str) -> Collection[str]:
    """The IDs of other sets that wanted objects belong to."""
    labels = (get(step.live, "metadata", "labels", PART_OF) for step in steps if step.live)
    return {label for label in labels if label and label != own}
