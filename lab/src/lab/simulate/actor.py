"""Plays the operator of one resource: what happens to it starts a script, whose steps are written as they come due.

A step is not written before it is true: instances that it calls healthy must be ready pods, and so must all pods before
it makes the resource ready.
"""

from __future__ import annotations

import datetime
import time
from collections import deque
from typing import Any

from . import events, moods
from .casting import Sides, Stage, Unplayed, cast
from .children import Children
from .engine import (
    MERGE,
    READY,
    RULES,
    ApiError,
    Client,
    Discovery,
    Footprint,
    PlatformError,
    Resource,
    evaluate,
    get,
    merged,
)
from .index import Index, is_ready
from .kinds import Kind
from .loop import Loop, say
from .marks import MANAGER, SIMULATED
from .patches import applied, merge_patch
from .script import CREATE, Script, Step

SWITCHOVER = "switchover"
AGAIN = 5.0  # seconds after which children that were refused are asked for again

Object = dict[str, Any]


class World:
    """What all actors share."""

    def __init__(self, client: Client, discovery: Discovery, loop: Loop, pace: float) -> None:
        self.client, self.discovery, self.loop = client, discovery, loop
        self.pace = pace  # how many recorded seconds pass in one
        self.pods, self.claims = Index(), Index()


class Actor:
    """One resource."""

    def __init__(self, world: World, kind: Kind, resource: Resource, obj: Object) -> None:
        self._world, self._kind, self._resource = world, kind, resource
        self._live = obj
        self._children = Children(world.client, world.discovery, world.pods, world.claims)
        self._seen: tuple[Any, ...] | None = None
        self._ready_pods: set[str] = set()
        self._size = 0
        self._steps: deque[Step] = deque()
        self._stage = Stage({}, {}, {})
        self._base = self._blocked = 0.0
        self._timer = self._retry = 0
        self._refused: list[str] = []
        self._over = self._refusing = self._losing = False

    # News -------------------------------------------------------------------------------------------------------------

    def take(self, obj: Object) -> None:
        """The resource as it is now; news of what was written before our own last write is none."""
        if _version(obj) < _version(self._live):
            return
        self._live = obj
        if get(obj, "metadata", "deletionTimestamp"):
            self.end()
        elif moods.of(obj) == moods.PAUSED and not self._paused():
            self._patch(self._kind.settings.paused)
        elif not self._paused() and not self._over:
            self._act()

    def end(self) -> None:
        """It is gone, or going: the garbage collector does the rest."""
        self._over = True
        self._steps.clear()

    def pods_changed(self) -> None:
        """A pod of this resource came, went, or became another."""
        if self._over or self._seen is None or self._paused():
            return
        now = {name for name, pod in self._world.pods.of(self._uid).items() if is_ready(pod)}
        lost, self._ready_pods = self._ready_pods - now, now
        wanted = {pod["metadata"]["name"] for pod in self._wanted().pods}
        lost &= wanted if self._wanted().of_kind("Pod") else lost
        if lost and (self._blocked or not self._steps):
            self._lose(sorted(lost)[0])
        self._keep()
        self._advance()

    # What starts a script ---------------------------------------------------------------------------------------------

    @property
    def _uid(self) -> str:
        return str(self._live["metadata"]["uid"])

    @property
    def _status(self) -> Object:
        found = self._live.get("status")
        return found if isinstance(found, dict) else {}

    def _wanted(self) -> Footprint:
        return self._kind.footprint(self._live)

    def _paused(self) -> bool:
        pause = self._kind.settings.paused
        return bool(pause) and merged(self._live, pause) == self._live

    def _act(self) -> None:
        settings, before = self._kind.settings, self._seen
        marks = self._marks()
        self._seen = (get(self._live, "metadata", "generation"), marks, moods.of(self._live))
        size, self._size = self._size, len(self._wanted().pods)
        if before is None:
            self._meet()
        elif before[1] != marks:
            changed = [key for key in marks if marks[key] != before[1][key]]
            started = [settings.title(key, marks[key]) for key in changed]
            self._begin(*[title for title in started if title], "configure")
        elif before[0] != self._seen[0]:
            self._resize(size)
        elif before[2] != self._seen[2]:
            self._keep()
            self._advance()
        elif not self._steps and self._is_asked_to_switch():
            self._begin(SWITCHOVER)

    def _is_asked_to_switch(self) -> bool:
        """Somebody wrote into the status who is to lead."""
        settings = self._kind.settings
        asked, leads = (get(self._status, *path.split(".")) for path in (settings.asked, settings.primary))
        return bool(asked) and asked != leads and asked in self._names(self._status)

    def _marks(self) -> Object:
        """What of the resource starts a title of its own."""
        annotations = get(self._live, "metadata", "annotations", default={})
        fields = {path: get(self._live, "spec", *path.split(".")) for path in self._kind.settings.fields}
        return {key: annotations.get(key) for key in self._kind.settings.annotations} | fields

    def _resize(self, before: int) -> None:
        """A changed spec; an operator that refuses a size leaves everything as it is until it is changed back."""
        title = {1: "scale-up", -1: "scale-down"}.get((self._size > before) - (self._size < before), "configure")
        back, self._refusing = self._refusing, title in self._kind.settings.refuses
        if self._refusing:
            self._size = before
        self._begin(*(("scale-back",) if back else ()), title, "configure")

    def _meet(self) -> None:
        """The first sight of it: new, or already played when this simulation was started."""
        if self._status and evaluate(self._live, rules=RULES).state == READY:
            self._keep()
            return
        self._patch({"metadata": {"annotations": {SIMULATED: "true"}}})
        self._begin(CREATE)

    def _lose(self, pod: str) -> None:
        leads = pod == get(self._status, *self._kind.settings.primary.split("."))
        self._begin("fail-primary" if leads else "fail-replica", "fail-pod", "lose-pod", lost=pod)

    def _begin(self, *titles: str, lost: str = "") -> None:
        """Starts the first of these scripts that there is, or the one that leads to ready from nothing."""
        script = self._kind.script(*titles, CREATE)
        self._steps = deque(script.steps if script else ())
        self._base, self._blocked, self._losing = time.monotonic(), 0.0, bool(lost)
        mood = moods.of(self._live)
        if mood == moods.STALE and CREATE not in titles:
            self._base += moods.STALENESS
        if mood == moods.FAILING and self._kind.settings.failing:
            self._steps.appendleft(Step(-moods.FAILURE * self._world.pace, self._kind.settings.failing))
            self._base += moods.FAILURE
        if script:
            say(f"{self._kind.key} {self._name}: {script.title}")
            self._stage = self._cast(script, lost)
        if mood != moods.STALE:
            self._keep()
        self._advance()

    @property
    def _name(self) -> str:
        return f"{self._live['metadata'].get('namespace', '')}/{self._live['metadata']['name']}"

    # Steps ------------------------------------------------------------------------------------------------------------

    def _cast(self, script: Script, lost: str) -> Stage:
        settings, metadata = self._kind.settings, self._live["metadata"]
        words = {script.name: metadata["name"]} if script.name else {}
        for path in settings.words:
            then, now = (get(spec, *path.split(".")) for spec in (script.spec, self._live.get("spec")))
            words |= {then: now} if isinstance(then, str) and isinstance(now, str) else {}
        parts = {}
        if settings.instances and script.after:
            then = self._sides(
                script.before, self._names(script.after), _lost(script, settings.healthy) if lost else ""
            )
            after = [pod["metadata"]["name"] for pod in self._wanted().pods] or self._names(self._status)
            now = self._sides(self._status, after, lost)
            parts = cast(then, now, bystanders=bool(lost))
        return Stage(parts, words, self._values(), (script.namespace, metadata.get("namespace", "")))

    def _names(self, status: Object) -> list[str]:
        return list(get(status, *self._kind.settings.instances.split("."), default=[]))

    def _sides(self, before: Object, after: list[str], lost: str) -> Sides:
        """Instances in the order of their parts: who was lost, who leads, who is ready, the others."""
        primary = get(before, *self._kind.settings.primary.split("."))
        ready = self._ready_pods

        def rank(name: str) -> tuple[bool, bool, bool, str]:
            return (name != lost, name != primary, name not in ready, name)

        return Sides(sorted(self._names(before), key=rank), sorted(after, key=rank))

    def _values(self) -> Object:
        metadata = self._live["metadata"]
        return {
            "now": _now(),
            "generation": metadata.get("generation", 1),
            "name": metadata["name"],
            "namespace": metadata.get("namespace", ""),
            "uid": metadata["uid"],
            "asked": get(self._status, *self._kind.settings.asked.split(".")),
            **_sizes(self._wanted(), metadata["name"]),
            **_texts("spec", self._live.get("spec") or {}),
        }

    def _advance(self) -> None:
        """Writes every step that is due and true; sets a timer for the next one."""
        pace = self._world.pace / (moods.SLOWNESS if moods.of(self._live) == moods.SLOW else 1)
        while self._steps and not self._over and not self._paused():
            now, due = time.monotonic(), self._base + self._steps[0].after / pace
            if now < due:
                self._wake(due)
                return
            status = self._after(self._steps[0])
            if status is not None and not self._is_true(status):
                self._blocked = self._blocked or now
                return
            if self._blocked:  # what comes after keeps its distance
                self._base, self._blocked = self._base + now - self._blocked, 0.0
            self._steps.popleft()
            if status is not None:
                self._write(status)

    def _wake(self, moment: float) -> None:
        self._timer += 1
        number = self._timer
        self._world.loop.at(moment, lambda: self._advance() if number == self._timer else None)

    def _after(self, step: Step) -> Object | None:
        """The status after a step; None for a step about nobody."""
        self._stage.know(self._values())
        try:
            status: Object = applied(self._status, self._stage.play(step.change), _now())
        except Unplayed:
            return None
        if self._losing:
            self._leave_out_lost(status)
        for path, names in self._kind.settings.counts.items():
            if get(status, *path.split(".")) is not None:
                status[path] = len(get(status, *names.split("."), default=[]))
        size = len(self._wanted().pods)
        return merged(status, {path: size for path in self._kind.settings.sizes if path in step.change})

    def _leave_out_lost(self, status: Object) -> None:
        """Who is still healthy after a loss is only who is ready: more may have been lost than in the recording."""
        *above, last = self._kind.settings.healthy.split(".")
        holder = get(status, *above)
        left = get(holder, last)
        if isinstance(left, list) and len(left) < len(self._names(status)):
            pods = self._world.pods.of(self._uid)
            holder[last] = [name for name in left if name in pods and is_ready(pods[name])]

    def _is_true(self, status: Object) -> bool:
        settings, after = self._kind.settings, {**self._live, "status": status}
        pods = self._world.pods.of(self._uid)
        ready = {name for name, pod in pods.items() if is_ready(pod)}
        healthy = get(status, *settings.healthy.split("."), default=[]) if settings.healthy else []
        if not set(healthy) <= ready | set(get(self._status, *settings.healthy.split("."), default=[])):
            return False
        is_ready_now = evaluate(after, rules=RULES).state == READY
        if is_ready_now and moods.of(self._live) == moods.STUCK:
            return False
        claimed = is_ready_now or (_true(status) - _true(self._status)) & set(settings.all_ready)
        return not claimed or len(ready) >= len(self._kind.footprint(after).pods)

    def _write(self, status: Object) -> None:
        change = merge_patch(self._status, status)
        if change:
            self._patch({"status": change}, *(("status",) if "status" in self._resource.subresources else ()))
            self._keep()

    def _patch(self, body: Object, *subresource: str) -> None:
        metadata = self._live["metadata"]
        path = self._world.discovery.path(self._resource, metadata.get("namespace"), metadata["name"], *subresource)
        query = {"fieldManager": MANAGER}
        try:
            self._live = self._world.client.request("PATCH", path, query=query, body=body, content_type=MERGE).data
        except ApiError as error:
            if error.status != 404:  # gone in the meantime
                raise

    # Children ---------------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Children as the footprint wants them now; what is refused is told as an event, and asked for again."""
        if self._over or self._refusing:
            return
        settings = self._kind.settings
        staged = settings.instances and self._kind.verified
        instances = self._names(self._status) if staged else None
        try:
            refused = self._children.keep(self._live, self._wanted(), instances, moods.of(self._live))
        except PlatformError as error:
            refused = [str(error)]
        if refused:
            if refused != self._refused:
                say(f"{self._kind.key} {self._name}: {refused[0]}")
                events.tell(self._world.client, self._live, refused[0])
            self._keep_again()
        self._refused = refused

    def _keep_again(self) -> None:
        """One timer a resource, however often it is asked for: the last one counts."""
        self._retry += 1
        number = self._retry
        self._world.loop.at(time.monotonic() + AGAIN, lambda: self._keep() if number == self._retry else None)


def _version(obj: Object) -> int:
    """Comparable since Kubernetes 1.35 says so, and always was (KEP-5504)."""
    return int(obj["metadata"]["resourceVersion"])


def _lost(script: Script, healthy: str) -> str:
    """Who was lost in a recording: the first that was healthy and is not."""
    there = list(get(script.before, *healthy.split("."), default=[]))
    for step in script.steps:
        left = get(step.change, *healthy.split("."))
        if isinstance(left, list):
            return next((name for name in there if name not in left), "")
    return ""


def _true(status: Object) -> set[str]:
    """The types of the conditions that hold."""
    return {each["type"] for each in status.get("conditions") or [] if each.get("status") == "True"}


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sizes(wanted: Footprint, name: str) -> Object:
    """How many pods there are, and how many of each workload: {replicas.leader} of main-leader."""
    workloads = wanted.of_kind("StatefulSet", "Deployment")
    each = {one["metadata"]["name"].removeprefix(f"{name}-"): one["spec"]["replicas"] for one in workloads}
    return {"size": len(wanted.pods), **{f"replicas.{part}": count for part, count in each.items()}}


def _texts(path: str, value: Any) -> Object:
    """Every value of a spec by its dotted path, for placeholders such as {spec.replicas} and {spec.mirrors.0.state}."""
    if isinstance(value, dict | list):
        named = value.items() if isinstance(value, dict) else enumerate(value)
        return {key: text for name, each in named for key, text in _texts(f"{path}.{name}", each).items()}
    return {path: value}
