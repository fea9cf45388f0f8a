"""The words of a readiness rule: small immutable matchers that look at one object and say yes, no, or stale.

Every matcher has ``match(scope) -> Hit`` and never raises, whatever the types inside the object; its ``str`` is the
sentence that the documentation and the messages use.

A *path* is a dotted string (``status.phase``); a tuple where a key holds a dot. ``[]`` behind a name means every entry
of that list (or every value of that mapping): ``spec.nodeSets[].count``. ``#`` before a path: the number of entries.
A *glob* is a string with ``*`` and ``?`` (fnmatch, case-sensitive). Where several are allowed, any of them will do.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Protocol

YES, NO, STALE = "yes", "no", "stale"

Path = str | tuple[str, ...]


class Hit(NamedTuple):
    """What a matcher saw: outcome (YES, NO, STALE), a one-word reason, a sentence, and the server's instant of it.

    All but the outcome may be empty. at: RFC 3339, a condition's lastTransitionTime.
    """

    outcome: str
    reason: str = ""
    message: str = ""
    at: str = ""


class Scope(NamedTuple):
    """Where a matcher looks: the object or an element of one of its lists, and the generation that counts.

    generation: the object's metadata.generation, which a condition's own observedGeneration must have reached.
    children: objects that tell more about it (events).
    """

    root: Any
    generation: int | None = None
    children: tuple[Any, ...] = ()


class Matcher(Protocol):
    """What a clause of a rule can be."""

    def match(self, scope: Scope) -> Hit:
        """Look at the scope; never raises."""


class _Plan(NamedTuple):
    """A path read once: its steps, whether the number of entries is asked for, whether it goes through lists."""

    steps: tuple[str, ...]
    counts: bool
    lists: bool


@cache
def _plan(path: Path) -> _Plan:
    counts = isinstance(path, str) and path.startswith("#")
    steps = path if isinstance(path, tuple) else tuple(path.removeprefix("#").split(".")) if path else ()
    parts = tuple(p for step in steps for p in ((step[:-2], "[]") if step.endswith("[]") else (step,)) if p)
    return _Plan(parts, counts, "[]" in parts)


def values(root: Any, path: Path) -> list[Any]:
    """Everything at the path: at most one value, or any number where it goes through lists."""
    plan = _plan(path)
    found = _through(root, plan.steps) if plan.lists else _down(root, plan.steps)
    return [len(v) for v in found if isinstance(v, list | dict)] if plan.counts else found


def _down(root: Any, steps: tuple[str, ...]) -> list[Any]:
    for step in steps:
        root = root.get(step) if isinstance(root, dict) else None
        if root is None:
            return []
    return [root]


def _through(root: Any, steps: tuple[str, ...]) -> list[Any]:
    found = [root]
    for step in steps:
        if step == "[]":
            found = [e for v in found if isinstance(v, list | dict) for e in (v.values() if isinstance(v, dict) else v)]
        else:
            found = [v[step] for v in found if isinstance(v, dict) and v.get(step) is not None]
    return found


def value(root: Any, path: Path) -> Any:
    """The first value at the path, or None."""
    found = values(root, path)
    return found[0] if found else None


def number(raw: Any) -> float | None:
    """A finite number, or text that is one; None for all else (booleans too)."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int | float):
        return raw if math.isfinite(raw) else None
    if isinstance(raw, str) and re.fullmatch(r"-?\d{1,18}", raw.strip()):
        return int(raw)
    return None


def name_of(path: Path) -> str:
    """The path as people write it."""
    return path if isinstance(path, str) else ".".join(path)


def _many(raw: Any) -> tuple[Any, ...]:
    return tuple(raw) if isinstance(raw, tuple | list) else (raw,)


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def equal(found: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one; text is compared as a glob, and 1 is not true."""
    if isinstance(wanted, str):
        return isinstance(found, str) and _glob(wanted).fullmatch(found) is not None
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)


def _any_of(found: Any, wanted: tuple[Any, ...]) -> bool:
    return any(equal(found, w) for w in wanted)


def _said(items: Iterable[Any]) -> str:
    return " or ".join(str(i).lower() if isinstance(i, bool) else str(i) for i in items)


def _text(raw: Any) -> str:
    return " ".join(raw.split()) if isinstance(raw, str) else ""


def conditions(root: Any, at: Path = "status.conditions") -> list[dict[str, Any]]:
    """The conditions at the path: mappings with a type; a JSON text is read (autoscaling/v1 keeps them so)."""
    found = value(root, at)
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            found = None
    return [c for c in found if isinstance(c, dict) and c.get("type")] if isinstance(found, list) else []


def holds(obj: Any, kind: str) -> dict[str, Any]:
    """The condition of that type whose status is True; empty where there is none."""
    return next((each for each in conditions(obj) if each["type"] == kind and each.get("status") == "True"), {})


def stale(condition: Mapping[str, Any], generation: int | None) -> bool:
    """Whether a condition speaks of an older generation of its object than the present one."""
    observed = number(condition.get("observedGeneration"))
    return generation is not None and observed is not None and observed < generation


@dataclass(frozen=True)
class Condition:
    """A condition has this status: ``Condition("Ready")``, ``Condition("Ready", "False", reason="Invalid*")``.

    reason, but_reason, message, severity: globs on those fields. optional: an absent condition matches too.
    last: only the list's last entry counts (operators that append). at: where the list is.
    fresh: a condition without observedGeneration is stale (for operators that always write it).
    say: what it means, in words that are told before the condition's own.
    """

    type: str
    status: str | tuple[str, ...] = "True"
    reason: str | tuple[str, ...] = ()
    but_reason: str | tuple[str, ...] = ()
    message: str | tuple[str, ...] = ()
    severity: str | tuple[str, ...] = ()
    optional: bool = False
    last: bool = False
    fresh: bool = False
    say: str = ""
    at: Path = "status.conditions"

    def match(self, scope: Scope) -> Hit:
        """YES when the condition is as wanted; STALE when it speaks of an older generation."""
        found = conditions(scope.root, self.at)
        found = [c for c in (found[-1:] if self.last else found) if equal(c["type"], self.type)]
        if not found:
            return Hit(YES if self.optional else NO, "", "" if self.optional else f"no condition {self.type} yet")
        condition = found[-1]
        raw, reason = condition.get("status"), _text(condition.get("reason"))
        seen = str(raw) if isinstance(raw, bool) else raw  # some operators write a boolean
        said = f"{condition['type']}={seen}" + "".join(
            f"{sep}{text}" for sep, text in ((" ", reason), (": ", _text(condition.get("message")))) if text
        )
        if stale(condition, scope.generation) or (
            self.fresh and scope.generation is not None and number(condition.get("observedGeneration")) is None
        ):
            observed = condition.get("observedGeneration", "none")
            said = f"condition {condition['type']} is of generation {observed}, wanted {scope.generation}"
            return Hit(STALE, "ConditionStale", said)
        tests: tuple[tuple[Any, Any], ...] = (
            (self.reason, reason),
            (self.message, _text(condition.get("message"))),
            (self.severity, condition.get("severity") or ""),
        )
        wanted = (
            _any_of(seen, _many(self.status))
            and all(_any_of(have, _many(want)) for want, have in tests if want)
            and not (self.but_reason and _any_of(reason, _many(self.but_reason)))
        )
        told = f"{self.say} ({said})" if self.say and wanted else said
        return Hit(YES if wanted else NO, reason, told, _text(condition.get("lastTransitionTime")))

    def __str__(self) -> str:
        more = [f"{k} {_said(_many(v))}" for k, v in (("reason", self.reason), ("message", self.message)) if v]
        more += [f"severity {_said(_many(self.severity))}"] if self.severity else []
        more += [f"any reason but {_said(_many(self.but_reason))}"] if self.but_reason else []
        text = f"condition {self.type}={_said(_many(self.status))}" + (f" ({', '.join(more)})" if more else "")
        return text + (" where present" if self.optional else "")


@dataclass(frozen=True, init=False)
class Field:
    """A field has one of these values: ``Field("status.phase", "Ready")``; without values: is there and not empty.

    default: the value where the field is absent. say: a path whose text explains the value (``status.message``).
    """

    path: Path
    wanted: tuple[Any, ...]
    default: Any
    say: Path

    def __init__(self, path: Path, *wanted: Any, default: Any = None, say: Path = ()) -> None:
        for key, given in (("path", path), ("wanted", wanted), ("default", default), ("say", say)):
            object.__setattr__(self, key, given)

    def match(self, scope: Scope) -> Hit:
        """YES when any value at the path is wanted."""
        found = values(scope.root, self.path)
        found = found if found or self.default is None else [self.default]
        yes = any(_any_of(v, self.wanted) if self.wanted else v not in (None, "", [], {}) for v in found)
        shown = _plain(found[0]) if found else ""
        why = _text(value(scope.root, self.say)) if self.say else ""
        name = name_of(self.path).removeprefix("status.")
        if not found:
            return Hit(NO, "", f"no {name} yet")
        return Hit(
            YES if yes else NO, _word(shown), (f"{name} {shown}".strip() if shown else name) + (why and f": {why}")
        )

    def __str__(self) -> str:
        if not self.wanted:
            return f"{name_of(self.path)} is set"
        return f"{name_of(self.path)} is {_said(self.wanted)}" + ("" if self.default is None else " or absent")


def _plain(raw: Any) -> str:
    return json.dumps(raw) if isinstance(raw, bool) else str(raw) if isinstance(raw, str | int | float) else ""


def _word(text: str) -> str:
    return "" if text in ("true", "false") else text if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,60}", text) else ""


@dataclass(frozen=True)
class Absent:
    """Nothing is at the path, or only something empty."""

    path: Path

    def match(self, scope: Scope) -> Hit:
        """YES when the field is absent or empty."""
        found = [v for v in values(scope.root, self.path) if v not in ("", [], {})]
        shown = _text(found[0]) if found else ""
        return Hit(NO if found else YES, "", name_of(self.path).removeprefix("status.") + (shown and f": {shown}"))

    def __str__(self) -> str:
        return f"{name_of(self.path)} is empty"


def Label(key: str, *wanted: str) -> Field:
    """A label has one of these values (globs); without values: is there."""
    return Field(("metadata", "labels", key), *(wanted or ("*",)))


def Annotation(key: str, *wanted: str) -> Field:
    """An annotation has one of these values (globs); without values: is there."""
    return Field(("metadata", "annotations", key), *(wanted or ("*",)))


_ORDER = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


@dataclass(frozen=True)
class Compare:
    """Two numbers of the object compare so: ``Compare("status.readyReplicas", ">=", "spec.replicas", default=1)``.

    right: a path or a number. default: the right side where absent; left_default: the left side where absent (0).
    minus: a path or number taken from the right side. A path through a list is the sum of its values.
    text: compare as text (RFC 3339 instants too; both must be there). say: the message, with {left} and {right}.
    """

    left: Path
    op: str
    right: Path | int
    default: int | None = None
    left_default: int | None = 0
    minus: Path | int = 0
    text: bool = False
    say: str = ""

    def match(self, scope: Scope) -> Hit:
        """YES when the comparison holds; NO when a side is missing or no number."""
        left, right = self._sides(scope.root)
        if left is None or right is None:
            return Hit(NO, "", f"no {name_of(self.left if left is None else _as_path(self.right))} yet")
        say = self.say or f"{_short(self.left)} {{left}}, wanted {self.op} {{right}}"
        shown = say.format(left=_whole(left), right=_whole(right))
        return Hit(YES if _ORDER[self.op](left, right) else NO, "", shown)

    def _sides(self, root: Any) -> tuple[Any, Any]:
        if self.text:
            pair = value(root, self.left), value(root, _as_path(self.right))
            left, right = (str(v) if isinstance(v, str | int) else None for v in pair)
            return left, right
        have, want = _sum(root, self.left, self.left_default), _sum(root, self.right, self.default)
        return have, None if want is None else want - (_sum(root, self.minus, 0) or 0)

    def __str__(self) -> str:
        right = name_of(_as_path(self.right)) + (f" - {name_of(_as_path(self.minus))}" if self.minus else "")
        absent = "" if self.default is None else f" (absent: {self.default})"
        return f"{name_of(self.left)} {self.op} {right}{absent}"


def _as_path(path: Path | int) -> Path:
    return str(path) if isinstance(path, int) else path


def _short(path: Path) -> str:
    return name_of(path).removeprefix("status.")


def _whole(n: Any) -> Any:
    return int(n) if isinstance(n, float) and n.is_integer() else n


def _sum(root: Any, path: Path | int, default: int | None) -> float | None:
    if isinstance(path, int):
        return path
    found = values(root, path)
    numbers = [number(v) for v in found]
    if not found:
        return default
    return None if None in numbers else sum(n for n in numbers if n is not None)


@dataclass(frozen=True)
class Ratio:
    """Text such as "2/3" is complete: both sides equal, and more than 0 (``zero``: 0/0 will do)."""

    path: Path
    zero: bool = False

    def match(self, scope: Scope) -> Hit:
        """YES when all of the whole are there."""
        found = value(scope.root, self.path)
        parts = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", found) if isinstance(found, str) else None
        if not parts:
            return Hit(NO, "", f"no {_short(self.path)} yet")
        have, want = int(parts[1]), int(parts[2])
        return Hit(YES if have >= want and (want or self.zero) else NO, "", f"{_short(self.path)} {have}/{want}")

    def __str__(self) -> str:
        return f"{name_of(self.path)} is n/n" + (", or 0/0" if self.zero else "")


@dataclass(frozen=True, init=False)
class Count:
    """So many values at a path are wanted ones: ``Count("status.states[]", "RUNNING", at_least="spec.instances")``.

    at_least: a path or a number. default: how many where that path is absent.
    """

    path: Path
    wanted: tuple[Any, ...]
    at_least: Path | int
    default: int

    def __init__(self, path: Path, *wanted: Any, at_least: Path | int, default: int = 1) -> None:
        for key, given in (("path", path), ("wanted", wanted), ("at_least", at_least), ("default", default)):
            object.__setattr__(self, key, given)

    def match(self, scope: Scope) -> Hit:
        """YES when there are enough; NO when the number wanted is no number."""
        have = sum(_any_of(v, self.wanted) for v in values(scope.root, self.path))
        want = _sum(scope.root, self.at_least, self.default)
        said = f"{have} of {_whole(want) if want is not None else '?'} {_short(self.path)} {_said(self.wanted)}"
        return Hit(YES if want is not None and have >= want else NO, "", said)

    def __str__(self) -> str:
        return f"at least {name_of(_as_path(self.at_least))} of {name_of(self.path)} are {_said(self.wanted)}"


@dataclass(frozen=True)
class Same:
    """All values at a path are the same one (a commit that has reached every environment); none at all will not do."""

    path: Path

    def match(self, scope: Scope) -> Hit:
        """YES when there is exactly one distinct value."""
        found = {_plain(v) for v in values(scope.root, self.path)}
        said = f"{len(found)} different {_short(self.path)}" if found else f"no {_short(self.path)} yet"
        return Hit(YES if len(found) == 1 and "" not in found else NO, "", said)

    def __str__(self) -> str:
        return f"all {name_of(self.path)} are the same"


@dataclass(frozen=True)
class Repeats:
    """The status holds the whole of what the spec asks for, and no more: ``Repeats("status.hard", "spec.hard")``."""

    path: Path
    asked: Path

    def match(self, scope: Scope) -> Hit:
        """YES when both are the same value; nothing asked for and nothing there are the same."""
        have, want = value(scope.root, self.path), value(scope.root, self.asked)
        if have in (None, {}, []) and want not in (None, {}, []):
            return Hit(NO, "", f"no {_short(self.path)} yet")
        same = (have or None) == (want or None)
        said = "repeats" if same else "does not yet repeat"
        return Hit(YES if same else NO, "", f"{_short(self.path)} {said} {name_of(self.asked)}")

    def __str__(self) -> str:
        return f"{name_of(self.path)} repeats {name_of(self.asked)}"


@dataclass(frozen=True, init=False)
class AllOf:
    """Every one of these matches."""

    clauses: tuple[Matcher, ...]

    def __init__(self, *clauses: Matcher) -> None:
        object.__setattr__(self, "clauses", clauses)

    def match(self, scope: Scope) -> Hit:
        """The first that does not match decides; what the first one saw is the message."""
        hits = [c.match(scope) for c in self.clauses]
        for outcome in (NO, STALE):
            for hit in hits:
                if hit.outcome == outcome:
                    return hit
        return hits[0] if hits else Hit(YES)

    def __str__(self) -> str:
        return " and ".join(f"({c})" if isinstance(c, AnyOf) else str(c) for c in self.clauses)


@dataclass(frozen=True, init=False)
class AnyOf:
    """At least one of these matches."""

    clauses: tuple[Matcher, ...]

    def __init__(self, *clauses: Matcher) -> None:
        object.__setattr__(self, "clauses", clauses)

    def match(self, scope: Scope) -> Hit:
        """The first that matches decides; otherwise what the first one saw is the message."""
        hits = [c.match(scope) for c in self.clauses]
        for outcome in (YES, STALE):
            for hit in hits:
                if hit.outcome == outcome:
                    return hit
        return hits[0] if hits else Hit(NO)

    def __str__(self) -> str:
        return " or ".join(f"({c})" if isinstance(c, AllOf) else str(c) for c in self.clauses)


@dataclass(frozen=True)
class Not:
    """This does not match; stale stays stale."""

    clause: Matcher

    def match(self, scope: Scope) -> Hit:
        """YES when the clause says no."""
        hit = self.clause.match(scope)
        return hit._replace(outcome={YES: NO, NO: YES, STALE: STALE}[hit.outcome])

    def __str__(self) -> str:
        return f"not ({self.clause})"


@dataclass(frozen=True, init=False)
class Each:
    """Every entry of a list matches every clause, and there are ``at_least`` so many; paths start at the entry.

    where: only entries that match this count.
    """

    path: Path
    clauses: tuple[Matcher, ...]
    at_least: int
    where: Matcher | None

    def __init__(self, path: Path, *clauses: Matcher, at_least: int = 1, where: Matcher | None = None) -> None:
        given = (("path", path), ("clauses", clauses), ("at_least", at_least), ("where", where))
        for key, item in given:
            object.__setattr__(self, key, item)

    def match(self, scope: Scope) -> Hit:
        """The first entry that does not match decides."""
        scopes = _entries(scope, self.path, self.where)
        if len(scopes) < self.at_least:
            return Hit(NO, "", f"{len(scopes)} of at least {self.at_least} {_short(self.path)} reported")
        hits = [(s, AllOf(*self.clauses).match(s)) for s in scopes]
        for outcome in (NO, STALE):
            for inner, hit in hits:
                if hit.outcome == outcome:
                    return hit._replace(message=_named(inner.root, hit.message))
        return Hit(YES)

    def __str__(self) -> str:
        return f"each of {name_of(self.path)}: {AllOf(*self.clauses)}"


@dataclass(frozen=True, init=False)
class Some:
    """At least one entry of a list matches every clause; paths start at the entry."""

    path: Path
    clauses: tuple[Matcher, ...]

    def __init__(self, path: Path, *clauses: Matcher) -> None:
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "clauses", clauses)

    def match(self, scope: Scope) -> Hit:
        """The first entry that matches decides."""
        hits = [(s, AllOf(*self.clauses).match(s)) for s in _entries(scope, self.path, None)]
        for outcome in (YES, STALE):
            for inner, hit in hits:
                if hit.outcome == outcome:
                    return hit._replace(message=_named(inner.root, hit.message))
        return Hit(NO, "", f"none of {_short(self.path)}")

    def __str__(self) -> str:
        return f"any of {name_of(self.path)}: {AllOf(*self.clauses)}"


def _entries(scope: Scope, path: Path, where: Matcher | None) -> list[Scope]:
    found = values(scope.root, path)
    listed = [e for v in found for e in (v if isinstance(v, list) else [v])]
    scopes = [scope._replace(root=e) for e in listed if isinstance(e, dict)]
    return [s for s in scopes if where is None or where.match(s).outcome == YES]


_NAMES = ("name", "ref.name", "parentRef.name", "ancestorRef.name", "group", "version", "type", "id")


def _named(entry: Any, message: str) -> str:
    name = next((v for p in _NAMES if isinstance(v := value(entry, p), str) and v), "")
    return f"{name}: {message}" if name and message else message


_REF_DEFAULTS = {"group": "gateway.networking.k8s.io", "kind": "Gateway"}
_REF_KEYS = ("group", "kind", "namespace", "name", "sectionName", "port")


@dataclass(frozen=True, init=False)
class EachRef:
    """Every reference that the spec makes has been reported on, and every report on it matches every clause.

    wanted: path of the references; reported: path of the reports; ref: where a report names its reference.
    References compare as Gateway API's ParentReference does (its defaults, own namespace). Without wanted references
    every report counts, and there must be one.
    """

    wanted: Path
    reported: Path
    ref: Path
    clauses: tuple[Matcher, ...]

    def __init__(self, wanted: Path, reported: Path, ref: Path, *clauses: Matcher) -> None:
        for key, given in (("wanted", wanted), ("reported", reported), ("ref", ref), ("clauses", clauses)):
            object.__setattr__(self, key, given)

    def match(self, scope: Scope) -> Hit:
        """The first reference without a report, or report without a match, decides."""
        own = value(scope.root, "metadata.namespace")
        reports = [(s, self._key(value(s.root, self.ref), own)) for s in _entries(scope, self.reported, None)]
        wanted = [(self._key(s.root, own), s.root) for s in _entries(scope, self.wanted, None)]
        for key, ref in wanted:
            if not any(key == k for _, k in reports):
                return Hit(NO, "", f"no report on {ref.get('name', 'a reference')} yet")
        asked = {k for k, _ in wanted}
        counted = [s for s, k in reports if k in asked] if wanted else [s for s, _ in reports]
        return Each("reports", *self.clauses).match(scope._replace(root={"reports": [s.root for s in counted]}))

    @staticmethod
    def _key(ref: Any, own: Any) -> tuple[str, ...]:
        given = ref if isinstance(ref, dict) else {}
        defaults = {**_REF_DEFAULTS, "namespace": own}
        return tuple(str(given.get(k) if given.get(k) is not None else defaults.get(k) or "") for k in _REF_KEYS)

    def __str__(self) -> str:
        return f"each of {name_of(self.wanted)} reported in {name_of(self.reported)} with {AllOf(*self.clauses)}"


@dataclass(frozen=True)
class Told:
    """An event about the object, given among its children, has this reason (a glob)."""

    reason: str

    def match(self, scope: Scope) -> Hit:
        """YES with the event's own words."""
        for child in scope.children:
            if value(child, "kind") == "Event" and equal(value(child, "reason"), self.reason):
                text = _text(value(child, "message")) or _text(value(child, "note"))
                return Hit(YES, _word(self.reason), f"{value(child, 'reason')}: {text}")
        return Hit(NO)

    def __str__(self) -> str:
        return f"event {self.reason}"


@dataclass(frozen=True)
class Query:
    """A JMESPath expression over the whole object is true; for rules that users give, not for our rows."""

    expression: str
    _compiled: Any = field(default=None, compare=False, repr=False)

    def match(self, scope: Scope) -> Hit:
        """YES when the result is neither null, false nor empty."""
        import jmespath
        from jmespath import exceptions

        try:
            found = (self._compiled or jmespath.compile(self.expression)).search(scope.root)
        except exceptions.JMESPathError as e:
            return Hit(NO, "QueryError", f"{self.expression}: {_text(str(e))}")
        return Hit(YES if found or (found == 0 and found is not False) else NO, "", self.expression)

    def __str__(self) -> str:
        return self.expression
