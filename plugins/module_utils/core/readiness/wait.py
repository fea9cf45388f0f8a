"""Waits until objects are ready: watches what is not, judges it by its row over time, and tells what holds it up.

Durations are the monotonic clock's; what is older than our change is told by the server's own marks (readiness.Since).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

from ..api.client import Client
from ..api.clock import Clock
from ..api.discovery import Discovery
from ..api.errors import PlatformError, Stopped
from ..api.objects import Object, Ref, ref
from . import children
from .feed import Feed
from .matchers import value, values
from .progress import Progress
from .rule import (
    FAILED,
    IN_PROGRESS,
    PAUSED,
    READY,
    Rule,
    Since,
    Verdict,
    dated,
    echoed,
    evaluate,
    rule_for,
)

SETTLE = 5.0  # seconds that a status which cannot prove its age must hold, or stay unwritten
_LOOKS = (2.0, 15.0, 60.0, 240.0, 900.0)  # seconds of waiting after which an object's children are looked at
_OWNERS = "metadata.ownerReferences[].uid"
_LOOKING = 4  # objects whose children are looked at at once
_LAST_LOOK = 10.0  # seconds for the last look at what did not become ready
_EXPLAINED = 10  # objects that are explained, while waiting and at the end
_NEVER = float("inf")
_WORDS = {FAILED: "has failed", PAUSED: "is paused"}


class Target(NamedTuple):
    """What is waited for: an object as the server last gave it (or just a reference, without resourceVersion).

    since: the moment of our change to it; None where its status counts as it stands.
    """

    object: Object
    since: Since | None = None


class Patience(NamedTuple):
    """Seconds. timeout: in all. settle: how long ready must hold (None: as long as the kind's status needs).

    status_grace: how long a silent status is waited for. failure_grace: how long a failure may last, unbroken, that
    the operator tries to mend itself, while nothing else that is waited for gets on: what fails because something else
    still starts has the time that this takes.
    """

    timeout: float = 600
    settle: float | None = None
    status_grace: float = 30
    failure_grace: float = 60


class Outcome(NamedTuple):
    """How the wait for one object ended. ready: done, perhaps with a warning; seconds: how long it took."""

    ref: Ref
    ready: bool
    verdict: Verdict
    seconds: float
    warning: str = ""

    @property
    def message(self) -> str:
        """Why, in one line."""
        return self.warning or self.verdict.message

    @property
    def sentence(self) -> str:
        """The whole of it: what, how, after how long, why."""
        word = "is ready" if self.ready else _WORDS.get(self.verdict.state, "is not ready")
        return f"{self.ref} {word} after {self.seconds:.0f} s: {self.message}"


def wait(
    client: Client,
    discovery: Discovery,
    targets: Iterable[Target],
    *,
    rules: Mapping[str, Rule],
    patience: Patience = Patience(),  # noqa: B008 - immutable
    progress: Progress | None = None,
    clock: Clock | None = None,
    label_selector: str = "",
) -> list[Outcome]:
    """The outcome of every target, in order: all ready, or as they were when one failed or the time was over.

    label_selector: what all targets have, so that no others are listed. Raises UnknownKind, Stopped; ApiError where the
    server is lost on the way.
    """
    clock = clock or client.clock
    progress = progress or Progress(lambda line: None, clock)
    items = [Item(target, rules, patience, clock.now()) for target in targets]
    return _Wait(client, discovery, items, progress, clock).run(patience.timeout, label_selector)


class Item:
    """One object that is waited for, and how long it has been as it is."""

    def __init__(self, target: Target, rules: Mapping[str, Rule], patience: Patience, now: float) -> None:
        self.ref = ref(target.object)
        self.since = target.since
        self.rule = rule_for(target.object, rules)
        self.live: Object | None = None
        self.uid = ""
        self.began = self.written = self.judged = now
        self.ended = 0.0
        self.verdict = Verdict(IN_PROGRESS)
        self.warning = ""
        self.done = ""  # READY or FAILED
        self.error = ""
        self.statusless = False
        self.owned: dict[str, Object] = {}
        self.about: list[Object] = []
        self.looks = 0
        self.again = now  # when it is to be judged without news
        self.rules, self._patience = rules, patience
        self._gone = False
        self._mood, self._mood_since = ("", ""), now
        self.reference = target.object
        if value(target.object, "metadata.resourceVersion"):
            self.take(target.object, now)

    def take(self, obj: Object | None, now: float) -> None:
        """News: the object as it is now, or None when it is not there."""
        uid = str(value(obj, "metadata.uid") or "")
        self._gone = bool(self.uid) and (obj is None or bool(uid and uid != self.uid))
        if obj is not None and not self._gone:
            if not self.uid:
                self.owned = {key: each for key, each in self.owned.items() if uid in values(each, _OWNERS)}
            self.uid = uid
            if value(obj, "metadata.resourceVersion") != value(self.live, "metadata.resourceVersion"):
                self.written = now
            self.live = obj
        self.again = now

    def judge(self, now: float, moved: float = 0.0) -> None:
        """Decides anew: `done`, `verdict`, `warning`, and `again`, the moment until which only news can change it.

        moved: when anything else that is waited for last got on.
        """
        self.judged = now
        self.verdict, needed, ending = self._decide(now)
        mood = (self.verdict.state, self.verdict.grade)
        if mood != self._mood:
            self._mood, self._mood_since = mood, now
        since = max(self._mood_since, moved) if mood == (FAILED, "retryable") else self._mood_since
        moment = since + needed
        if now < moment:
            self.done, self.warning, self.again = "", "", min(moment, self.again if self.again > now else _NEVER)
            return
        self.ended = self.ended if self.done == ending else now
        self.done, self.again = ending, _NEVER
        self.warning = _warning(self.verdict) if ending == READY else ""

    def _decide(self, now: float) -> tuple[Verdict, float, str]:
        """The verdict, for how many seconds without a break it must stand, and what it then ends as."""
        self.again = _NEVER
        if self.error:
            return Verdict(FAILED, "terminal", "Unreadable", self.error), 0, FAILED
        if self._gone:
            return self._vanished()
        known = [*self.owned.values(), *self.about]
        verdict = evaluate(self.live, rules=self.rules, since=self.since, children=known)
        if verdict.grade == "stale":
            self.again = self.written + self._quiet()
            if now < self.again:
                return verdict, _NEVER, ""
            self.again = _NEVER
            verdict = evaluate(self.live, rules=self.rules, children=known)
            verdict = verdict._replace(grade="wanted") if verdict.state == PAUSED and self._asked_for() else verdict
            return (verdict, *self._needed(verdict, hold=0))
        return (verdict, *self._needed(verdict, self._hold()))

    def _needed(self, verdict: Verdict, hold: float) -> tuple[float, str]:
        patience, grade = self._patience, verdict.grade
        if verdict.state == READY:
            return hold, READY
        if verdict.state == FAILED:
            return (patience.failure_grace if grade == "retryable" else 0), FAILED
        if verdict.state == PAUSED:
            return 0, READY if grade == "wanted" else FAILED
        if grade == "unverified":
            silent = self.statusless and value(self.live, "status") is None
            return (0 if silent else patience.status_grace), READY
        return _NEVER, ""

    def _hold(self) -> float:
        """How long ready must hold: a change that the status does not answer to must have had time to show."""
        if self._patience.settle is not None:
            return self._patience.settle
        since, rule = self.since, self.rule
        if since is None or since.blank or rule is None or not rule.generation.guarded:
            return 0
        return 0 if dated(self.live, rule) or echoed(self.live, rule) else SETTLE

    def _quiet(self) -> float:
        """How long nothing must be written before a status that may be old counts after all."""
        lagging = self.rule is not None and self.rule.generation.mode == "D"
        return self._patience.failure_grace if lagging else self._patience.settle or SETTLE

    def _asked_for(self) -> bool:
        desired = self.since.desired if self.since else None
        told = evaluate({**(self.live or {}), "status": None}, rules=self.rules, since=Since(desired=desired))
        return told.grade == "wanted"

    def _vanished(self) -> tuple[Verdict, float, str]:
        if self.ref.kind == "Job" and value(self.live, "spec.ttlSecondsAfterFinished") is not None:
            return Verdict(READY, "", "Deleted", "ready; warning: ended, and deleted by its TTL"), 0, READY
        words = "deleted, or replaced by another of its name, during the wait"
        return Verdict(FAILED, "terminal", "Vanished", words), 0, FAILED

    def outcome(self, now: float) -> Outcome:
        """How it ended, or stands."""
        ended = self.ended if self.done else now
        return Outcome(self.ref, self.done == READY, self.verdict, max(0.0, ended - self.began), self.warning)


def _warning(verdict: Verdict) -> str:
    """What is to be told although the object counts as ready."""
    if verdict.grade == "unverified":
        return f"taken for ready, its status does not say: {verdict.message}"
    if verdict.state == READY:
        return verdict.message.partition("ready; ")[2]
    return verdict.message


class _Wait:
    """One wait: the objects, what feeds them, and the loop between news."""

    def __init__(
        self, client: Client, discovery: Discovery, items: list[Item], progress: Progress, clock: Clock
    ) -> None:
        self._client, self._discovery, self._items = client, discovery, items
        self._progress, self._clock = progress, clock
        self._news = threading.Event()
        self._lock = threading.RLock()
        self._feeds: list[Feed] = []
        self._looking = 0
        self._closed: PlatformError | None = None
        self._moved = clock.now()  # when anything last got on that has not failed

    def run(self, timeout: float, label_selector: str) -> list[Outcome]:
        """Judges what is known, reads what is not, watches what is not ready."""
        end = self._clock.now() + timeout
        self._judge()
        try:
            fed = self._read([i for i in self._items if not i.done], label_selector)
            self._feeds = [feed for feed, items in fed if timeout and any(not i.done for i in items)]
            for feed in self._feeds:
                feed.start()
            self._loop(end)
        finally:
            for feed in self._feeds:
                feed.stop()
        self._explain()
        self._judge_progress()
        self._progress.flush(last=True)
        now = self._clock.now()
        return [i.outcome(now) for i in self._items]

    # News ------------------------------------------------------------------------------------------------------------

    def _read(self, waiting: list[Item], label_selector: str) -> list[tuple[Feed, list[Item]]]:
        """LISTs all collections at once; returns them, each with what it feeds."""
        fed = [*self._own(waiting, label_selector), *self._followed(waiting)]
        for (_, items), answer in zip(fed, self._client.map(lambda f: f[0].read(), fed), strict=True):
            if isinstance(answer, Stopped):
                raise answer
            if isinstance(answer, PlatformError):
                for item in items:
                    item.error, item.again = f"cannot be read: {answer}", self._clock.now()
        self._judge()
        return fed

    def _own(self, waiting: list[Item], label_selector: str) -> list[tuple[Feed, list[Item]]]:
        groups: dict[tuple[str, str, str], list[Item]] = {}
        for item in waiting:
            key = (str(item.reference.get("apiVersion")), item.ref.kind, item.ref.namespace)
            groups.setdefault(key, []).append(item)
        fed = []
        for (version, kind, namespace), items in groups.items():
            resource = self._discovery.resource(version, kind)
            by_name = {i.ref.name: i for i in items}
            for item in items:
                item.statusless = "status" not in resource.subresources
            feed = Feed(
                self._client,
                self._discovery,
                resource,
                namespace,
                names=by_name,
                take=partial(self._took, by_name),
                note=self._progress.note,
                lose=self._lost,
                clock=self._clock,
                label_selector=label_selector,
            )
            fed.append((feed, items))
        return fed

    def _followed(self, waiting: list[Item]) -> list[tuple[Feed, list[Item]]]:
        """Collections whose objects decide over their owner (a row's `follows`)."""
        groups: dict[tuple[str, str], list[Item]] = {}
        for item in waiting:
            for key in item.rule.follows if item.rule else ():
                groups.setdefault((key, item.ref.namespace), []).append(item)
        fed = []
        for (key, namespace), items in groups.items():
            group, _, kind = key.rpartition("/")
            feed = Feed(
                self._client,
                self._discovery,
                self._discovery.find(group, kind),
                namespace,
                names=None,
                take=partial(self._took_child, items, key),
                note=self._progress.note,
                lose=self._lost,
                clock=self._clock,
            )
            fed.append((feed, items))
        return fed

    def _took(self, by_name: Mapping[str, Item], name: str, obj: Object | None) -> None:
        with self._lock:
            by_name[name].take(obj, self._clock.now())
        self._news.set()

    def _took_child(self, owners: list[Item], key: str, name: str, obj: Object | None) -> None:
        """An owner that is not read yet keeps them all until it is: the two are read at the same time."""
        uids = values(obj, _OWNERS)
        with self._lock:
            for owner in owners:
                before = owner.owned.pop(f"{key} {name}", None)
                if obj is not None and (not owner.uid or owner.uid in uids):
                    owner.owned[f"{key} {name}"] = obj
                elif before is None:
                    continue
                owner.again = self._clock.now()
        self._news.set()

    def _lost(self, error: PlatformError) -> None:
        self._closed = error
        self._news.set()

    # Judging ---------------------------------------------------------------------------------------------------------

    def _loop(self, end: float) -> None:
        while True:
            self._news.clear()
            again = self._judge()
            now = self._clock.now()
            if all(i.done for i in self._items) or any(i.done == FAILED for i in self._items) or now >= end:
                return
            if self._closed is not None:
                raise self._closed
            self._progress.flush()
            due = self._progress.due()
            again = min(again, self._look(now), end, _NEVER if due is None else now + due)
            self._clock.wait(self._news, max(0.0, again - now))
            if self._client.stopping.is_set():
                raise Stopped("stopped before everything was ready")

    def _judge(self) -> float:
        """Judges what has news or whose moment has come; returns the next moment."""
        now = self._clock.now()
        with self._lock:
            for item in self._items:
                if item.again <= now:
                    before = item.verdict
                    item.judge(now, self._moved)
                    if item.verdict.state != FAILED and item.verdict[:4] != before[:4]:
                        self._moved = now
                    self._tell(item)
            return min((i.again for i in self._items), default=_NEVER)

    def _judge_progress(self) -> None:
        for item in self._items:
            self._tell(item)

    def _tell(self, item: Item) -> None:
        message = item.warning if item.done == READY else item.verdict.message
        self._progress.update(item.ref, item.done or item.verdict.state, message)

    # Explaining ------------------------------------------------------------------------------------------------------

    def _look(self, now: float) -> float:
        """Looks at the children of what has waited long enough, beside the wait; returns when to look next."""
        moments = [_NEVER]
        waiting = [i for i in self._items if not i.done and i.live is not None]
        for item in waiting[:_EXPLAINED]:
            if item.looks >= len(_LOOKS):
                continue
            moment = item.began + _LOOKS[item.looks]
            if now >= moment and self._looking < _LOOKING:
                item.looks += 1
                self._looking += 1
                threading.Thread(target=self._look_at, args=(item,), daemon=True).start()
            moments.append(max(moment, now + 0.5))
        return min(moments)

    def _look_at(self, item: Item) -> None:
        try:
            found = children.collect(self._client, item.live or {}, item.rule)
            with self._lock:
                item.about, item.again = found, self._clock.now()
        except PlatformError:
            return
        finally:
            self._looking -= 1
            self._news.set()

    def _explain(self) -> None:
        """The last look at what did not become ready, with a limit of its own."""
        late = [i for i in self._items if i.done != READY and i.live is not None][:_EXPLAINED]
        if not late:
            return
        looks = threading.Thread(target=lambda: self._client.map(self._look_last, late), daemon=True)
        looks.start()
        looks.join(timeout=_LAST_LOOK)

    def _look_last(self, item: Item) -> None:
        self._looking += 1
        self._look_at(item)
        verdict = evaluate(item.live, rules=item.rules, children=[*item.owned.values(), *item.about])
        if verdict.state == item.verdict.state:
            item.verdict = item.verdict._replace(message=verdict.message)
