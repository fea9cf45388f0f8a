"""Reads the status of a kind that nobody described, by the conventions that Kubernetes APIs share.

A status is read as a list of *signs*: conditions, words (``phase: Ready``), truths (``ready: true``), counts
(``readyReplicas`` against ``replicas``), values of the spec repeated in the status, error texts. A sign is good, bad,
busy or paused; a strong one speaks for the object, a weak one for a part of it. Ready takes a strong good sign and not
one sign against it: a word that is not in the tables below is never good.

Sources: the Kubernetes API conventions (sig-architecture/api-conventions.md, "Typical status properties") for polarity,
``observedGeneration`` and replica counts; kstatus for Reconciling and Stalled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from .matchers import NO, YES, Hit, Scope, conditions, number, stale, value

GOOD, BAD, BUSY, STILL = "good", "bad", "busy", "paused"


class Sign(NamedTuple):
    """One thing that a status says: tone (good, bad, busy, paused), whether it speaks for the whole, reason, text."""

    tone: str
    strong: bool
    reason: str
    text: str


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GOOD = _words(
    "ready available healthy active bound succeeded successful success complete completed synced insync synchronized "
    "applied deployed accepted enabled established reconciled provisioned installed valid validated ok green online "
    "connected operational uptodate finished done normal"
)
_BAD = _words(
    "fail failed fails failing failure failures err error errors errored invalid degraded unhealthy rejected denied "
    "conflict conflicted conflicting missing notfound unable cannot forbidden unauthorized exceeded crash crashed "
    "crashloop backoff unsupported unreachable timeout timedout violation violations lost red broken aborted expired "
    "stalled blocked unavailable unschedulable unrecoverable recoverable incomplete misconfigured orphan orphaned "
    "fault faulty critical warn warning warnings terminal"
)
_BUSY = _words(
    "progress progressing inprogress reconciling updating creating deleting terminating pending waiting wait "
    "initializing installing upgrading scaling rolling rollout provisioning deprovisioning migrating restarting "
    "starting restoring resizing processing issuing unpacking deploying queued scheduling configuring preparing "
    "downloading importing cloning bootstrapping joining syncing stopping draining retrying yellow unknown outdated "
    "outofsync partial partially not no non"
)
_STILL = _words("paused pause suspended suspend stopped hibernated hibernating disabled disrupting ignored inactive")
# Conditions that sum an object up; others speak of a part or step of it.
_PRIMARY = _words(
    "ready available healthy synced succeeded successful complete completed accepted admitted established reconciled "
    "applied deployed installed provisioned valid"
)
# Said while all is well and while it is not: these neither make ready nor hinder it.
_NEUTRAL = _words("running initialized started")
# In the name of a condition these are no activity of the object.
_NO_ACTIVITY = _words("scaling scheduling provisioning processing no not non")

_WORD_KEY = re.compile(r"(.*[a-z_])?([Ss]tate|[Pp]hase|[Ss]tatus|[Hh]ealth|[Ss]tage|[Rr]esult)$")
_ERROR_KEY = re.compile(r"(last)?_?(err|error|failure)(s|_?msg|_?message|_?reason|_?text)?$", re.IGNORECASE)
_PAST_KEY = re.compile(r"(.*[a-z])?(history|previous|revisions|events)", re.IGNORECASE)
_PARTS = r"(Replicas|Nodes|Pods|Instances|Members|Brokers|NumberScheduled|Ready|Available)"
_HAVE_KEY = re.compile(rf"(ready|available|updated|upToDate|current|healthy|running|number)\w*{_PARTS}$")
_WANT_KEY = re.compile(r"(desired|expected|wanted|total)([A-Z]\w*)$")
_LACK_KEY = re.compile(rf"(unavailable|unready|notReady|failed|missing)\w*{_PARTS}$")
_TRUTH_KEY = re.compile(
    r"(is)?_?(ready(ToUse)?|healthy|available|synced|valid|applied|success(ful)?|succeeded)$", re.IGNORECASE
)
_DEPTH = 5


def _tokens(text: str) -> list[str]:
    """The words of ``ClusterNotReady``, ``in_progress`` or ``Waiting for pods``, in lower case."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return re.findall(r"[a-z0-9]+", spaced.lower())


def _said(parts: list[str]) -> set[str]:
    """The words, and those that two of them make: ``BackOff``, ``InSync``."""
    return {*parts, *(a + b for a, b in pairwise(parts)), "".join(parts)}


def tone(text: str) -> str:
    """What a word says: bad, paused or busy if any part of it does, good if its last part does, else nothing."""
    parts = _tokens(text)
    for words, said in ((_BAD, BAD), (_STILL, STILL), (_BUSY, BUSY)):
        if not words.isdisjoint(_said(parts)):
            return said
    ends = {"".join(parts[-n:]) for n in (1, 2, 3)}  # "up to date" is three
    return "" if _GOOD.isdisjoint(ends) else GOOD


def _polarity(name: str) -> str:
    """What it says when a condition of this type is true: bad, paused, busy, or good."""
    parts = _tokens(name.rpartition("/")[2])
    negated = parts[:1] in (["no"], ["not"], ["non"])
    if negated and not _BAD.isdisjoint(parts):
        return GOOD
    for words, said in ((_BAD, BAD), (_STILL, STILL), (_BUSY - _NO_ACTIVITY, BUSY)):
        if not words.isdisjoint(_said(parts)):
            return said
    return BUSY if negated or (parts and parts[-1].endswith("ing")) else GOOD


def signs(obj: Any, generation: int | None) -> list[Sign]:
    """All that the status of an object says."""
    status = value(obj, "status")
    if not isinstance(status, dict):
        return []
    found = [*_of_conditions(status, generation), *_of_fields(status), *_of_counts(obj, status)]
    return [*found, *_of_spec(obj, status, generation)]


def _of_conditions(status: Any, generation: int | None) -> Iterator[Sign]:
    own = conditions(status, "conditions")
    yield from _judged(own, generation, strong=True)
    lists = list(_condition_lists(status, 0))
    for found in lists:
        read = list(_judged(found, generation, strong=not own))
        yield from read
        if not any(s.tone == GOOD and s.strong for s in read) and not own:
            yield Sign(BUSY, True, "", "a part of the status does not say that it is ready")


def _condition_lists(node: Any, depth: int) -> Iterator[list[dict[str, Any]]]:
    """Lists of conditions further down (those of parents, ancestors, ingresses)."""
    if depth > _DEPTH or not isinstance(node, dict | list):
        return
    for key, below in node.items() if isinstance(node, dict) else enumerate(node):
        if key == "conditions" and depth == 0:
            continue
        if key == "conditions" and isinstance(below, list):
            yield conditions(node, "conditions")
        else:
            yield from _condition_lists(below, depth + 1)


def _judged(found: list[dict[str, Any]], generation: int | None, *, strong: bool) -> Iterator[Sign]:
    summary = any(c.get("type") == "Ready" and c.get("status") == "True" for c in found)
    for condition in found:
        sign = _condition(condition, generation)
        if sign.tone == BUSY and summary and sign.strong and condition.get("status") == "False":
            sign = sign._replace(
                strong=False
            )  # Ready sums the others up; one that is merely false may be for information
        if sign.tone:
            yield sign._replace(strong=sign.strong and strong)


def _condition(condition: dict[str, Any], generation: int | None) -> Sign:
    name, status = str(condition["type"]), condition.get("status")
    reason, message = (_line(condition.get(k)) for k in ("reason", "message"))
    text = f"{name}={status}" + (f" {reason}" if reason else "") + (f": {message}" if message else "")
    joined = "".join(_tokens(name))
    if stale(condition, generation):
        busy = BUSY if joined in _PRIMARY else ""
        return Sign(busy, True, "ConditionStale", f"condition {name} is of an older generation")
    if joined in _NEUTRAL:
        return Sign("", False, reason, text)
    polarity = _polarity(name)
    if polarity != GOOD:
        # "Progressing: NewReplicaSetAvailable" is how a rollout says that it has ended.
        calm = status == "False" or (polarity == BUSY and status == "True" and _ended(reason))
        return Sign("" if calm else polarity if status == "True" else BUSY, True, reason, text)
    if status == "True":
        return Sign(GOOD, joined in _PRIMARY, reason, text)
    said = tone(reason or message) if status == "False" else BUSY
    return Sign(said if said in (BAD, STILL) else BUSY, True, reason, text)


def _ended(reason: str) -> bool:
    return tone(reason) == GOOD


def _line(raw: Any) -> str:
    return " ".join(raw.split()) if isinstance(raw, str) else ""


def _of_fields(status: dict[str, Any]) -> Iterator[Sign]:
    for key, leaf, depth in _leaves(status, 0):
        said = _field(key, leaf)
        if said:
            strong = depth == 0 and said.strong
            yield said._replace(strong=strong, reason=said.reason if strong else "")


def _field(key: str, leaf: Any) -> Sign | None:
    text = f"{key} {leaf}"
    if _ERROR_KEY.match(key):
        nothing = leaf in (None, "", [], {}, False, 0)
        return None if nothing else Sign(BAD, True, "", f"{key}: {_line(leaf) or leaf}")
    if _TRUTH_KEY.match(key) and str(leaf).lower() in ("true", "false"):
        return Sign(GOOD if str(leaf).lower() == "true" else BUSY, True, "", text)
    if leaf is True and (said := tone(key)) not in (GOOD, ""):
        return Sign(said, True, "", text)
    if _WORD_KEY.match(key) and isinstance(leaf, str | int | float) and not isinstance(leaf, bool):
        return _word(leaf, text)
    return None


def _word(leaf: str | float, text: str) -> Sign | None:
    parts = _tokens(leaf) if isinstance(leaf, str) else []
    said = tone(leaf) if isinstance(leaf, str) else ""
    if not said and parts[-1:] and parts[-1] in _NEUTRAL:
        return None
    return Sign(said or BUSY, True, str(leaf) if said != GOOD else "", text)


def _leaves(node: Any, depth: int) -> Iterator[tuple[str, Any, int]]:
    """Every key below a status with its plain value (an error may be any value), and how deep it is."""
    if depth > _DEPTH or not isinstance(node, dict | list):
        return
    for key, below in node.items() if isinstance(node, dict) else (("", e) for e in node):
        name = str(key)
        if name == "conditions" or _PAST_KEY.match(name):
            continue
        if isinstance(below, dict | list) and not _ERROR_KEY.match(name):
            yield from _leaves(below, depth + 1)
        elif name:
            yield name, below, depth


def _of_counts(obj: Any, status: dict[str, Any]) -> Iterator[Sign]:
    wanted = (number(value(obj, "spec.replicas")), _asked(value(obj, "spec")))
    yield from _counted(status, [n for n in wanted if n is not None])
    for part in _parts(status, 0):
        for sign in _counted(part, []):
            yield sign._replace(strong=False)


def _parts(node: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEPTH or not isinstance(node, dict | list):
        return
    for below in node.values() if isinstance(node, dict) else node:
        if isinstance(below, dict):
            yield below
        yield from _parts(below, depth + 1)


def _counted(part: dict[str, Any], asked: list[float]) -> Iterator[Sign]:
    numbers = {k: n for k, v in part.items() if isinstance(k, str) and (n := number(v)) is not None}
    have = {k: n for k, n in numbers.items() if _HAVE_KEY.match(k)}
    yield from _short_of_desired(numbers, have)
    yield from (Sign(BUSY, True, "", f"{n:g} {key}") for key, n in numbers.items() if n > 0 and _LACK_KEY.match(key))
    nodes = numbers.get("desiredNumberScheduled")
    seen = [numbers["replicas"]] if "replicas" in numbers else []
    whole = nodes if nodes is not None else max([*asked, *seen], default=None)
    if whole is None:
        return
    yield from (Sign(BUSY, True, "", f"{n:g} of {whole:g} {key}") for key, n in have.items() if n < whole)
    if whole and any(k.startswith(("ready", "available", "numberA")) and n >= whole for k, n in have.items()):
        yield Sign(GOOD, True, "", f"all {whole:g} ready")


def _short_of_desired(numbers: dict[str, float], have: dict[str, float]) -> Iterator[Sign]:
    for key, wanted in numbers.items():
        pair = _WANT_KEY.match(key)
        short = [h for h in have if pair and h.endswith(pair[2]) and have[h] < wanted]
        if short:
            yield Sign(BUSY, True, "", f"{have[short[0]]:g} of {wanted:g} {short[0]}")


def _asked(spec: Any) -> float | None:
    """How many the spec asks for where it counts in groups (``nodeSets: [{count: 2}, {count: 3}]``)."""
    groups = [g for v in (spec.values() if isinstance(spec, dict) else ()) if isinstance(v, list) for g in v]
    counts = [number(g.get(k)) for g in groups if isinstance(g, dict) for k in ("count", "replicas") if k in g]
    return sum(n for n in counts if n is not None) if counts else None


_SAME = ("version", "image", "replicas", "size")


def _of_spec(obj: Any, status: dict[str, Any], generation: int | None) -> Iterator[Sign]:
    """What the spec asks for and the status, under the same name, has otherwise."""
    for key in _SAME:
        asked, has = value(obj, f"spec.{key}"), status.get(key)
        if (
            isinstance(asked, str | int)
            and isinstance(has, str | int)
            and str(asked).lstrip("v") != str(has).lstrip("v")
        ):
            yield Sign(BUSY, key == "replicas", "", f"{key} is {has}, wanted {asked}")
    for have, want in (("currentState", "desiredState"), ("currentRevision", "updateRevision")):
        if isinstance(status.get(have), str) and isinstance(status.get(want), str) and status[have] != status[want]:
            yield Sign(BUSY, True, "", f"{have} {status[have]}, wanted {status[want]}")
    for key, observed in status.items():
        seen = number(observed) if isinstance(key, str) and key.endswith("ObservedGeneration") else None
        if seen is not None and generation is not None and seen < generation:
            yield Sign(BUSY, False, "", f"{key} {seen:g}, wanted {generation}")


@dataclass(frozen=True)
class Says:
    """The status says so: its first strong sign of this tone; ``weak`` counts the signs of a part too."""

    tone: str
    weak: bool = False

    def match(self, scope: Scope) -> Hit:
        """YES with the sign's own words."""
        found = [s for s in signs(scope.root, scope.generation) if s.tone == self.tone and (s.strong or self.weak)]
        said = found[0] if found else None
        return (
            Hit(YES, said.reason, said.text) if said else Hit(NO, "", f"nothing in the status says {_NAMES[self.tone]}")
        )

    def __str__(self) -> str:
        return f"the status says {_NAMES[self.tone]}" + (", of a part at least" if self.weak else "")


_NAMES = {GOOD: "ready", BAD: "failed", BUSY: "in progress", STILL: "paused"}


@dataclass(frozen=True)
class Unsaid:
    """Nothing strong in the status speaks against the object; what is left is silence, or a part of it."""

    def match(self, scope: Scope) -> Hit:
        """YES when no strong sign is bad, busy or paused."""
        against = [s for s in signs(scope.root, scope.generation) if s.strong and s.tone != GOOD]
        return Hit(NO if against else YES, "", against[0].text if against else "the status does not say")

    def __str__(self) -> str:
        return "the status says neither ready nor otherwise"
