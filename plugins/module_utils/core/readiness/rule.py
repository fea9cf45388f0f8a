"""Judges one object: ready, in progress, failed, paused or missing, by a row of data for its kind.

A rule is a row: when a status counts (generation), and what the status has to say for each verdict. Rows are plain data
in ``RULES: dict[str, Rule]``, keyed ``group/Kind`` (``Pod`` for the core group; a glob such as ``*.crossplane.io/*``
stands for every kind that has no row of its own, the longest glob first). The words are in matchers.py.

How a row is written::

    "rabbitmq.com/RabbitmqCluster": Rule(
        generation=ON_SUCCESS,                     # how the status tells which generation it speaks of (table below)
        paused=(Label("rabbitmq.com/pauseReconciliation", "true"),),                # any of these: paused
        terminal=(Condition("ReconcileSuccess", "False", reason=("TLSError",)),),   # any: failed, only a change helps
        retryable=(Condition("ReconcileSuccess", "False"),),                        # any: failed, operator tries again
        ready=(Condition("ClusterAvailable"), Condition("AllReplicasReady")),       # all: ready; else in progress
        pods="app.kubernetes.io/name={name}",      # whose pods explain a wait (label selector, or a path to one)
        source="internal/controller/rabbitmqcluster_controller.go",                 # where the facts come from
    ),

Judged in this order, the first that decides: not there; being deleted; paused; generation; needs_user; the conditions
Reconciling and Stalled; terminal; retryable; in_progress; ready (all of it, or in progress naming what is short);
follows. Where the pause is told by the status, ``asked`` says how a manifest asks for it.

Clauses are matchers; ``AllOf``, ``AnyOf``, ``Not`` combine them. A failure that another fact excuses says so in its
own clause: ``AllOf(Condition("Ready", "False"), Not(Condition("Issuing")))``. Name real states of the operator's
source: what is not named is in progress, never ready. For what may be absent, ``ready`` uses
``Condition(..., optional=True)`` or ``Not(Condition(x, "False"))``. A condition that carries an older
observedGeneration is stale: it decides nothing, and a ready clause on it waits.

========================  ====  ======================================================================================
generation                mode  meaning
========================  ====  ======================================================================================
OBSERVED                  A     status.observedGeneration at every reconcile; absent means not seen yet
OBSERVED_IF_SET           A     the same, but some versions leave it out: absent means not known
observed_at(path)         A'    the same under another name; ``prefix=True`` reads the number before a "-"
CONDITIONS                B     each condition carries its own
ON_SUCCESS                D     written only after success: behind a lag there may be a failure
FROZEN_WHILE_PAUSED       P     as A; stands still while paused (pause is judged first for every mode)
NOT_TRACKED               E     none: after a change a later status write, an ``echoes`` match or time proves it new
FINAL                     E     none, and none needed: no change of the spec can make this status old
STORED                    none  the kind has no status that counts: ready once stored
========================  ====  ======================================================================================

``echoes`` (all of them) are parts of the spec that the operator repeats in the status once it has acted on them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from .causes import causes
from .deleting import held_by
from .matchers import (
    NO,
    YES,
    Absent,
    AllOf,
    Annotation,
    AnyOf,
    Compare,
    Condition,
    Each,
    EachRef,
    Field,
    Hit,
    Label,
    Matcher,
    Not,
    Path,
    Query,
    Ratio,
    Repeats,
    Scope,
    Some,
    Told,
    conditions,
    number,
    value,
    values,
)

READY, IN_PROGRESS, FAILED, PAUSED, MISSING, UNKNOWN = "ready", "in_progress", "failed", "paused", "missing", "unknown"

__all__ = [
    "CONDITIONS", "FAILED", "FINAL", "FROZEN_WHILE_PAUSED", "IN_PROGRESS", "MISSING", "NOT_TRACKED", "OBSERVED",
    "OBSERVED_IF_SET", "ON_SUCCESS", "PAUSED", "READY", "STORED", "UNKNOWN", "Absent", "AllOf", "Annotation",
    "AnyOf", "Compare", "Condition", "Each", "EachRef", "Field", "Generation", "Label", "Not", "Query", "Ratio",
    "Repeats", "Rule", "Since", "Some", "Told", "Verdict", "evaluate", "key_of", "observed_at", "rule_for",
]  # fmt: skip


class Verdict(NamedTuple):
    """What an object is: state, its grade, a one-word reason, a sentence, and the clause that decided.

    grade of failed: terminal (only a change helps), retryable (the operator tries again). Of in_progress: stale (its
    status may be older than our change; ``evaluate`` without ``since`` tells what it says), unverified (nothing in it
    says ready or not). Of paused: wanted (the manifest asks for it), needs_user (waits for a person), foreign.
    """

    state: str
    grade: str = ""
    reason: str = ""
    message: str = ""
    clause: str = ""


class Since(NamedTuple):
    """The moment of our apply, in the server's own terms: only status that is newer counts.

    at: the server's instant of it (RFC 3339). mark: the status as it was then. desired: what we applied. blank: there
    was no status yet, so that any status is newer.
    """

    at: str = ""
    mark: str = ""
    desired: Mapping[str, Any] | None = None
    blank: bool = False

    @classmethod
    def of(
        cls, answer: Mapping[str, Any], desired: Mapping[str, Any] | None = None, manager: str = "groundwork"
    ) -> Since:
        """From the server's answer to the apply of ``desired``."""
        entries = value(answer, "metadata.managedFields")
        ours = [
            e["time"]
            for e in (entries if isinstance(entries, list) else [])
            if isinstance(e, dict) and e.get("manager") == manager and isinstance(e.get("time"), str)
        ]
        return cls(max(ours, default=""), mark(answer), desired, value(answer, "status") in (None, {}))


def mark(obj: Any) -> str:
    """A digest of an object's status and of who wrote it when; it changes with every write of the status."""
    entries = value(obj, "metadata.managedFields")
    writes = [
        [e.get("manager"), e.get("time")]
        for e in (entries if isinstance(entries, list) else [])
        if isinstance(e, dict) and e.get("subresource") == "status"
    ]
    text = json.dumps([value(obj, "status"), writes], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Generation:
    """How a status tells which generation it speaks of.

    mode: the letter of readiness.md 2.1. path: where the observed generation is, if anywhere. required: absent means
    not seen. prefix: the number before a "-". guarded: whether a status without proof of its age needs a guard.
    unless: objects that match are not looked at again after a change, so that their number stands still.
    """

    mode: str
    path: Path = ()
    required: bool = False
    prefix: bool = False
    guarded: bool = True
    unless: Matcher | None = None

    def observed(self, obj: Any) -> float | None:
        """The generation that the status speaks of, or None where it does not say."""
        raw = value(obj, self.path) if self.path else None
        return number(raw.partition("-")[0] if self.prefix and isinstance(raw, str) else raw)


OBSERVED = Generation("A", "status.observedGeneration", required=True)
OBSERVED_IF_SET = Generation("A", "status.observedGeneration")
CONDITIONS = Generation("B")
ON_SUCCESS = Generation("D", "status.observedGeneration", required=True)
FROZEN_WHILE_PAUSED = Generation("P", "status.observedGeneration")
NOT_TRACKED = Generation("E")
FINAL = Generation("E", guarded=False)
STORED = Generation("none", guarded=False)


def observed_at(path: Path, *, prefix: bool = False, required: bool = True) -> Generation:
    """Mode A': the observed generation under another name."""
    return Generation("A'", path, required=required, prefix=prefix)


Clauses = tuple[Matcher, ...]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One kind's row; the module's docstring says how to write it.

    asked: clauses on the manifest that ask for the pause, where only the status tells that it is one.
    follows: keys of kinds (``apps/StatefulSet``) whose objects, owned by this one, must be there and ready too.
    unverified: any of these makes an object that is not ready one that may never say more (an Ingress whose controller
    publishes no address); a wait takes it for ready, with a warning, after a grace.
    warnings: clauses that leave a ready object ready, and are told.
    pods: a label selector with {name} and {namespace}, or the path of a selector in the object, whose pods (with events
    and last log lines) explain why it is not ready.
    note: a sentence for the documentation.
    """

    generation: Generation
    paused: Clauses = ()
    asked: Clauses = ()
    needs_user: Clauses = ()
    terminal: Clauses = ()
    retryable: Clauses = ()
    in_progress: Clauses = ()
    ready: Clauses = ()
    follows: tuple[str, ...] = ()
    unverified: Clauses = ()
    warnings: Clauses = ()
    echoes: Clauses = ()
    pods: str = ""
    source: str = ""
    note: str = ""

    @cached_property
    def asks(self) -> str:
        """All that ready takes, as a sentence."""
        return " and ".join(map(str, self.ready)) or "stored"


def key_of(obj: Any) -> str:
    """``group/Kind`` of an object, ``Kind`` for the core group; the version does not count."""
    api_version, kind = value(obj, "apiVersion"), value(obj, "kind")
    group, slash, _ = api_version.partition("/") if isinstance(api_version, str) else ("", "", "")
    return f"{group}/{kind}" if slash else str(kind or "")


def rule_for(obj: Any, rules: Mapping[str, Rule]) -> Rule | None:
    """The row of an object's kind, or that of the longest glob that fits."""
    key = key_of(obj)
    return rules.get(key) or next((rules[g] for g in _globs(tuple(rules)) if fnmatchcase(key, g)), None)


@lru_cache(maxsize=32)
def _globs(keys: tuple[str, ...]) -> list[str]:
    return sorted((k for k in keys if "*" in k), key=len, reverse=True)


def evaluate(
    obj: Any, *, rules: Mapping[str, Rule], since: Since | None = None, children: Iterable[Any] = ()
) -> Verdict:
    """Judge an object (None: it is not there); never raises, whatever types its status holds.

    since: the moment of a changing apply of ours; without it the status counts as it stands.
    children: objects that explain a wait: pods, events, claims, replica sets, and last log lines as
    ``{"kind": "Log", "metadata": {"name": pod}, "line": text}``; and those of the kinds that the row follows.
    """
    if obj is None:
        return Verdict(MISSING, reason="NotFound", message="not there")
    rule = rule_for(obj, rules)
    if not isinstance(obj, Mapping) or rule is None:
        return Verdict(UNKNOWN, reason="NoRule", message=f"no rule for {key_of(obj) or 'this'}")
    known = tuple(children)
    scope = _scope(obj)
    verdict = _guarded(obj, rule, since, _judge(scope, rule, since))
    verdict = _followed(obj, rule, rules, known) or verdict if verdict.state == READY else verdict
    if verdict.state not in (IN_PROGRESS, FAILED):
        return verdict
    if verdict.state == IN_PROGRESS and not verdict.grade and _first(rule.unverified, scope._replace(children=known)):
        verdict = verdict._replace(grade="unverified")
    found = [c for c in causes(known) if c.rpartition(": ")[2] not in verdict.message]
    return verdict._replace(message="; ".join([verdict.message, *found] if verdict.message else found))


def _judge(scope: Scope, rule: Rule, since: Since | None) -> Verdict:
    return (
        _deleting(scope.root)
        or _paused(scope, rule, since)
        or _lagging(scope, rule, since)
        or _asking(scope, rule)
        or _conventions(scope, rule)
        or _failing(scope, rule)
        or _working(scope, rule)
        or _ready(scope, rule)
    )


def _scope(obj: Any, children: tuple[Any, ...] = ()) -> Scope:
    generation = number(value(obj, "metadata.generation"))
    return Scope(obj, None if generation is None else int(generation), children)


def _first(clauses: Sequence[Matcher], scope: Scope) -> tuple[Matcher, Hit] | None:
    return next(((c, hit) for c in clauses if (hit := c.match(scope)).outcome == YES), None)


def _deleting(obj: Any) -> Verdict | None:
    if value(obj, "metadata.deletionTimestamp") is None:
        return None
    told = "; ".join(filter(None, ("being deleted", held_by(obj))))
    return Verdict(IN_PROGRESS, "", "Terminating", told, "metadata.deletionTimestamp is set")


def _paused(scope: Scope, rule: Rule, since: Since | None) -> Verdict | None:
    found = _first(rule.paused, scope)
    if found is None:
        return None
    clause, hit = found
    obj = scope.root
    if since and not _fresh(obj, rule, since) and not _first(rule.paused, scope._replace(root={**obj, "status": None})):
        told = f"paused by a status from before this change: {hit.message}"
        return Verdict(IN_PROGRESS, "stale", hit.reason or "Paused", told, str(clause))
    desired = since.desired if since else None
    wanted = desired is not None and _first((*rule.paused, *rule.asked), _scope(desired))
    grade = "wanted" if wanted else "foreign" if desired else ""
    asked = {"wanted": "paused as its manifest asks", "foreign": "paused, not by its manifest"}.get(grade, "paused")
    return Verdict(PAUSED, grade, hit.reason or "Paused", _joined(asked, hit.message), str(clause))


def _asking(scope: Scope, rule: Rule) -> Verdict | None:
    found = _first(rule.needs_user, scope)
    if found is None:
        return None
    clause, hit = found
    return Verdict(PAUSED, "needs_user", hit.reason, _joined("waits for a person", hit.message), str(clause))


def _joined(*parts: str) -> str:
    return ": ".join(p for p in parts if p)


def _lagging(scope: Scope, rule: Rule, since: Since | None) -> Verdict | None:
    mode = rule.generation
    if scope.generation is None or not mode.path:
        return None
    wanted, observed = scope.generation, mode.observed(scope.root)
    if (observed is None and not mode.required) or (observed or 0) >= wanted:
        return None
    if observed is not None and mode.unless is not None and mode.unless.match(scope).outcome == YES:
        return None
    seen = "none" if observed is None else f"{observed:g}"
    message = f"generation {wanted} not yet observed ({seen})"
    failure = _failing_hit(scope, rule) if mode.mode == "D" else None
    if failure is None:
        return Verdict(IN_PROGRESS, "", "GenerationNotObserved", message, f"generation mode {mode.mode}")
    verdict, hit = failure
    if since is None or _not_before(hit.at, since.at) or (not hit.at and _fresh(scope.root, rule, since)):
        return verdict
    message += f"; a failure from before: {verdict.message}"
    return Verdict(IN_PROGRESS, "stale", verdict.reason, message, verdict.clause)


def _not_before(instant: str, since: str) -> bool:
    """Whether a server's instant is at or after another, with 2 s for their resolution."""
    try:
        pair = [datetime.fromisoformat(t.replace("Z", "+00:00")) for t in (instant, since)]
        return pair[0] >= pair[1] - timedelta(seconds=2)
    except (ValueError, TypeError):
        return False


_RECONCILING, _STALLED = Condition("Reconciling"), Condition("Stalled")
# ProgressingWithRetry (fluxcd/pkg), RetryingAfterFailure (Pulumi): the last try failed, and the status tells how.
_RETRYING = Condition("Reconciling", reason="*Retry*")


def _conventions(scope: Scope, rule: Rule) -> Verdict | None:
    if not conditions(scope.root):
        return None
    stalled, reconciling = _STALLED.match(scope), _RECONCILING.match(scope)
    if reconciling.outcome == YES:
        if _RETRYING.match(scope).outcome == YES and (failure := _failing(scope, rule)):
            return failure
        if stalled.outcome == YES:  # they exclude each other by convention: who says both tries again
            return Verdict(FAILED, "retryable", stalled.reason or "Stalled", stalled.message, str(_STALLED))
        return Verdict(IN_PROGRESS, "", reconciling.reason or "Reconciling", reconciling.message, str(_RECONCILING))
    if stalled.outcome == YES:
        return Verdict(FAILED, "terminal", stalled.reason or "Stalled", stalled.message, str(_STALLED))
    return None


def _failing_hit(scope: Scope, rule: Rule) -> tuple[Verdict, Hit] | None:
    for clauses, grade in ((rule.terminal, "terminal"), (rule.retryable, "retryable")):
        found = _first(clauses, scope)
        if found:
            clause, hit = found
            return Verdict(FAILED, grade, hit.reason, hit.message or str(clause), str(clause)), hit
    return None


def _failing(scope: Scope, rule: Rule) -> Verdict | None:
    found = _failing_hit(scope, rule)
    return found[0] if found else None


def _working(scope: Scope, rule: Rule) -> Verdict | None:
    found = _first(rule.in_progress, scope)
    if found is None:
        return None
    clause, hit = found
    return Verdict(IN_PROGRESS, "", hit.reason, hit.message or str(clause), str(clause))


def _ready(scope: Scope, rule: Rule) -> Verdict:
    short = [(c, hit) for c in rule.ready if (hit := c.match(scope)).outcome != YES]
    if short:
        clause, hit = next(((c, h) for c, h in short if h.outcome == NO), short[0])
        if value(scope.root, "status") in (None, {}):
            return Verdict(IN_PROGRESS, "", hit.reason or "NoStatus", "no status yet", str(clause))
        return Verdict(IN_PROGRESS, "", hit.reason, hit.message or f"waiting for {clause}", str(clause))
    warned = [hit.message or str(c) for c in rule.warnings if (hit := c.match(scope)).outcome == YES]
    return Verdict(READY, "", "Ready", "; ".join(["ready", *(f"warning: {w}" for w in warned)]), rule.asks)


def _followed(obj: Any, rule: Rule, rules: Mapping[str, Rule], known: tuple[Any, ...]) -> Verdict | None:
    """What keeps an object from being ready among its own of the kinds that its row follows."""
    uid = value(obj, "metadata.uid")
    for key in rule.follows:
        own = [c for c in known if key_of(c) == key and uid and uid in values(c, "metadata.ownerReferences[].uid")]
        kind, clause = key.rpartition("/")[2], f"its {key} is ready"
        if not own:
            return Verdict(IN_PROGRESS, "", "NotCreated", f"no {kind} of its own yet", clause)
        for child in own:
            told = evaluate(child, rules=rules)
            if told.state != READY:
                state = told.state if told.state == FAILED else IN_PROGRESS
                message = f"{kind} {value(child, 'metadata.name')}: {told.message}"
                return Verdict(state, told.grade, told.reason, message, clause)
    return None


def _guarded(obj: Mapping[str, Any], rule: Rule, since: Since | None, verdict: Verdict) -> Verdict:
    speaks = verdict.state in (READY, FAILED) or verdict.grade == "needs_user"
    if since is None or not speaks or not rule.generation.guarded:
        return verdict
    if dated(obj, rule) or _fresh(obj, rule, since):
        return verdict
    if verdict.state == READY and value(obj, "status") in (None, {}) and not rule.follows:
        return verdict  # ready by having no status at all: nothing here can be old
    said = f"{verdict.state} by a status from before this change: {verdict.message}"
    return Verdict(IN_PROGRESS, "stale", verdict.reason, said, verdict.clause)


def dated(obj: Any, rule: Rule) -> bool:
    """Whether this status says itself which generation it speaks of, so that it needs no other proof of its age."""
    if rule.generation.mode == "E" or _scope(obj).generation is None:
        return False
    if rule.generation.observed(obj) is not None:
        return True
    lists = [conditions(obj), *(conditions(e, "conditions") for p in _NESTED for e in values(obj, p))]
    return any(number(c.get("observedGeneration")) is not None for found in lists for c in found)


_NESTED = ("status.parents[]", "status.ancestors[]", "status.listeners[]", "status.bindings[]")


def echoed(obj: Any, rule: Rule) -> bool:
    """Whether the status repeats what the spec asks for, so that it is the answer to it."""
    scope = _scope(obj)
    return bool(rule.echoes) and all(c.match(scope).outcome == YES for c in rule.echoes)


def _fresh(obj: Any, rule: Rule, since: Since) -> bool:
    return echoed(obj, rule) or mark(obj) != since.mark
