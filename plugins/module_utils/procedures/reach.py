"""How a procedure touches the cluster: reads, writes one object, watches one until a judgement is content."""

from __future__ import annotations

import email.utils
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ..core.api.client import APPLY, MERGE
from ..core.api.errors import ApiError, PlatformError, Stopped
from ..core.api.objects import Object, get, ref
from ..core.builders import merged
from ..core.readiness.feed import Feed
from ..core.readiness.progress import Progress
from ..core.sets import fields
from ..core.sets.context import Context

MANAGER = {"fieldManager": fields.MANAGER}
Judge = Callable[[Object | None], str]


def named(api_version: str, kind: str, namespace: str, name: str) -> Object:
    """An object by name only, as the functions here take it."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"namespace": namespace, "name": name}}


def read(context: Context, which: Object) -> Object | None:
    """The object as it is now; None where it is not there."""
    try:
        found: Object = context.client.request("GET", _path(context, which), about=str(ref(which))).data
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return found


def sure(context: Context, which: Object, hint: str = "Correct the name or the namespace") -> Object:
    """The object as it is now. Raises PlatformError where it is not there."""
    found = read(context, which)
    if found is None:
        raise PlatformError(f"there is no {ref(which)}. {hint}")
    return found


def listed(context: Context, which: Object, label_selector: str | None = None) -> list[Object]:
    """All objects of a kind in the namespace of `which`."""
    resource = context.discovery.resource(which["apiVersion"], which["kind"])
    path = context.discovery.path(resource, which["metadata"]["namespace"])
    return context.client.list(path, label_selector=label_selector)[0]


def pods(context: Context, namespace: str, labels: Mapping[str, str] | str) -> list[Object]:
    """The pods with these labels, by name; a text is a label selector."""
    selector = labels if isinstance(labels, str) else ",".join(f"{key}={value}" for key, value in labels.items())
    found = listed(context, named("v1", "Pod", namespace, ""), label_selector=selector)
    return sorted(found, key=lambda pod: str(get(pod, "metadata", "name")))


def patch(context: Context, which: Object, body: Mapping[str, Any], subresource: str = "") -> Object:
    """Merges `body` into the object, or into a part of it such as `status`."""
    found: Object = context.client.request(
        "PATCH",
        _path(context, which, subresource),
        query=MANAGER,
        body=dict(body),
        content_type=MERGE,
        about=str(ref(which)),
    ).data
    return found


def amend(context: Context, live: Object, body: Mapping[str, Any]) -> Object:
    """Changes fields of an object as the set that keeps it would, so that the set's next run finds them its own.

    A merge would give them to a second manager, and every later change by the set would be a conflict. What no set
    keeps is merged.
    """
    mine = fields.owned(live)
    if not mine:
        return patch(context, live, body)
    kept = merged(fields.extract(mine, live), body)
    metadata = {**kept.get("metadata", {}), **{key: live["metadata"][key] for key in ("name", "namespace")}}
    found: Object = context.client.request(
        "PATCH",
        _path(context, live),
        query=MANAGER,
        body={**kept, "apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": metadata},
        content_type=APPLY,
        about=str(ref(live)),
    ).data
    return found


def create(context: Context, obj: Object) -> Object:
    """Creates it. Raises ApiError where it is there."""
    resource = context.discovery.resource(obj["apiVersion"], obj["kind"])
    path = context.discovery.path(resource, obj["metadata"]["namespace"])
    found: Object = context.client.request("POST", path, query=MANAGER, body=obj, about=str(ref(obj))).data
    return found


def delete(context: Context, which: Object, grace: int | None = None) -> bool:
    """Deletes it, with so many seconds for a pod to end; whether it was there."""
    query = {"propagationPolicy": "Background", **({} if grace is None else {"gracePeriodSeconds": str(grace)})}
    try:
        context.client.request("DELETE", _path(context, which), query=query, about=str(ref(which)))
    except ApiError as error:
        if error.status == 404:
            return False
        raise
    return True


def log(context: Context, pod: Object, container: str | None = None) -> str:
    """What a pod has printed so far."""
    query = {"container": container} if container else {}
    answer = context.client.request("GET", _path(context, pod, "log"), query=query, accept="*/*", about=str(ref(pod)))
    return answer.data if isinstance(answer.data, str) else ""


def server_time(context: Context) -> datetime:
    """The API server's clock, to the second: the machine that runs us may be wrong."""
    answer = context.client.request("GET", "/version", about="the server's clock")
    return email.utils.parsedate_to_datetime(answer.headers["Date"])


def until(context: Context, which: Object, judge: Judge, timeout: float) -> Object:
    """Watches the object until `judge` says nothing is missing (an empty text); the object as it was then.

    judge gets the object, or None where it is not there, and raises PlatformError where waiting is in vain. Raises
    PlatformError with its last sentence when the time is over.
    """
    return _Until(context, which, judge).run(timeout)


class _Until:
    def __init__(self, context: Context, which: Object, judge: Judge) -> None:
        self._context, self._which, self._judge = context, which, judge
        self._news = threading.Event()
        self._now: Object | None = None
        self._closed: PlatformError | None = None
        name = which["metadata"]["name"]
        self._progress = Progress(lambda line: context.say(f"{name}  {line}"), context.clock)
        self._feed = Feed(
            context.client,
            context.discovery,
            context.discovery.resource(which["apiVersion"], which["kind"]),
            which["metadata"]["namespace"],
            names=[name],
            take=self._take,
            note=self._progress.note,
            lose=self._lost,
            clock=context.clock,
        )

    def _take(self, name: str, obj: Object | None) -> None:
        self._now = obj
        self._news.set()

    def _lost(self, error: PlatformError) -> None:
        self._closed = error
        self._news.set()

    def run(self, timeout: float) -> Object:
        clock, end = self._context.clock, self._context.clock.now() + timeout
        self._feed.read()
        missing = self._judge(self._now)
        if not missing:
            return self._now or {}
        self._feed.start()
        try:
            while missing:
                self._tell(missing)
                if clock.now() >= end:
                    raise PlatformError(f"{ref(self._which)} after {timeout:.0f} s: {missing}")
                due = self._progress.due()
                clock.wait(self._news, max(0.0, min(end - clock.now(), end if due is None else due)))
                if self._context.client.stopping.is_set():
                    raise Stopped("stopped before it was done")
                if self._closed is not None:
                    raise self._closed
                self._news.clear()
                missing = self._judge(self._now)
        finally:
            self._feed.stop()
        return self._now or {}

    def _tell(self, missing: str) -> None:
        self._progress.update(ref(self._which), "in progress", missing)
        self._progress.flush()


def _path(context: Context, which: Object, subresource: str = "") -> str:
    resource = context.discovery.resource(which["apiVersion"], which["kind"])
    return context.discovery.path(
        resource, get(which, "metadata", "namespace"), which["metadata"]["name"], subresource or None
    )
