"""Judges irreversible changes on live and desired objects: what is refused, and the sentence that would allow it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..api.errors import PlatformError
from ..api.objects import Object, Ref, get, ref
from .stages import builtin, kind_key
from .values import digest, quantity


class Refusal(NamedTuple):
    """One irreversible step: the sentence that allows it, and why it needs one."""

    sentence: str
    why: str


@dataclass(frozen=True)
class HoldsData:
    """What is lost with an object of a kind: in words, or from the live object; empty for a kind that holds no data."""

    kind: str  # "postgresql.cnpg.io/Cluster"
    what: str | Callable[[Object], str] = ""
    beside: Callable[[Object, Iterable[Object]], str] | None = None  # the same, from the set's other live objects too
    reads: tuple[str, ...] = ()  # the kinds of those
    first: bool = False  # deleted before the rest of its set, a part of which finishes its deletion

    @property
    def read(self) -> tuple[str, ...]:
        """The kinds whose objects must be known whole for the words; of others the names do."""
        return (self.kind, *self.reads) if self.beside or callable(self.what) else ()

    def words(self, live: Object, around: Iterable[Object] = ()) -> str:
        if self.beside:
            return self.beside(live, around)
        return self.what if isinstance(self.what, str) else self.what(live)


@dataclass(frozen=True)
class Guard:
    """An irreversible change of one field. Subclasses say when; `why` says what would be lost."""

    kind: str
    path: str  # "spec.storage.size"
    why: str

    def verb(self, live: Any, desired: Any) -> str | None:
        """What the change does, as the sentence's first words; None where it is harmless. `desired` None: removed."""
        return None

    def creating(self, desired: Object, around: Iterable[Object]) -> tuple[str, Object] | None:
        """What the creation of an object does to one that is there: the sentence's first words, and that object."""
        return None


class NeverRemoved(Guard):
    """The field, once there, must stay there."""

    def verb(self, live: Any, desired: Any) -> str | None:
        return f"remove {self.path} of" if live is not None and desired is None else None


class NeverShrinks(Guard):
    """The number or quantity must not become smaller."""

    def verb(self, live: Any, desired: Any) -> str | None:
        before, after = quantity(str(live)), quantity(str(desired))
        if before is None or after is None or after >= before:
            return None
        return f"shrink {self.path} from {live} to {desired} of"


class NeverChanges(Guard):
    """The value, once there, must stay."""

    def verb(self, live: Any, desired: Any) -> str | None:
        if live is None or desired is None or live == desired:
            return None
        return f"change {self.path} from {live} to {desired} of"


@dataclass(frozen=True)
class NotBelow(Guard):
    """The number must not fall below a floor that it has reached."""

    floor: int = field(default=0, kw_only=True)

    def verb(self, live: Any, desired: Any) -> str | None:
        before, after = quantity(str(live)), quantity(str(desired))
        if before is None or after is None or before < self.floor or after >= self.floor:
            return None
        return f"set {self.path} to {desired} of"


# What Kubernetes itself loses with an object. Custom resources that no row names count as holding data.
_KUBERNETES: Mapping[str, str] = {
    "PersistentVolumeClaim": "its volume may be deleted with it",
    "PersistentVolume": "its storage may be deleted with it",
    "Namespace": "everything in it is deleted with it",
    "apiextensions.k8s.io/CustomResourceDefinition": "every object of that kind is deleted with it",
}
_UNLISTED = "no rule says that this kind holds no data"


def loses(live: Object, holds_data: Iterable[HoldsData], around: Iterable[Object] = ()) -> str:
    """What deleting this object would lose, in words; empty where nothing. The rows are those of all systems."""
    key = kind_key(live)
    for row in holds_data:
        if row.kind == key:
            return row.words(live, around)
    return _KUBERNETES.get(key, "" if builtin(live) else _UNLISTED)


def sentence(verb: str, obj: Object) -> str:
    """The words that allow one step on one live object: they end in the start of its UID, so no later object fits."""
    return f"{verb} {ref(obj)} {str(get(obj, 'metadata', 'uid', default=''))[:8]}"


def sentence_for_many(verb: str, what: str, objects: Iterable[Object]) -> str:
    """The words that allow a step on exactly these live objects: they end in a hash of their UIDs."""
    uids = sorted(str(get(obj, "metadata", "uid", default="")) for obj in objects)
    return f"{verb} {what} {digest(uids)[:8]}"


def changes(live: Object, desired: Object, guards: Iterable[Guard]) -> list[Refusal]:
    """The irreversible changes between a live object and what is wanted of it."""
    found = []
    for guard in guards:
        if guard.kind == kind_key(live):
            path = guard.path.split(".")
            before, after = get(live, *path), get(desired, *path)
            if verb := guard.verb(before, after):
                found.append(Refusal(sentence(verb, live), guard.why))
    return found


def creations(desired: Object, around: Iterable[Object], guards: Iterable[Guard]) -> list[Refusal]:
    """The irreversible effects that creating an object has on those that are there."""
    found = []
    for guard in guards:
        if guard.kind == kind_key(desired) and (met := guard.creating(desired, around)):
            found.append(Refusal(sentence(*met), guard.why))
    return found


def check(refusals: Iterable[Refusal], confirm: Collection[str], doing: str) -> None:
    """Raises PlatformError naming every step that no sentence allows; `doing` is what cannot be done."""
    given = {" ".join(words.split()) for words in confirm}
    missing = [refusal for refusal in refusals if refusal.sentence not in given]
    if missing:
        steps = "; ".join(f"{refusal.sentence!r} ({refusal.why})" for refusal in missing)
        raise PlatformError(f"refused to {doing}: nothing was written. To allow it, add to confirm: {steps}")


def unused(confirm: Iterable[str], used: Collection[str]) -> list[str]:
    """The given sentences that allowed nothing: an object that is gone already, or a slip."""
    return [words for words in confirm if " ".join(words.split()) not in used]


__all__ = [
    "Guard",
    "HoldsData",
    "NeverChanges",
    "NeverRemoved",
    "NeverShrinks",
    "NotBelow",
    "Ref",
    "Refusal",
    "changes",
    "check",
    "creations",
    "loses",
    "sentence",
    "sentence_for_many",
    "unused",
]
