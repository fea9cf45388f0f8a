"""Waits until deleted objects are really gone, by watching; when they stay, says what holds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ..api.errors import ApiError, Class, Expired, PlatformError
from ..api.objects import Object, get, ref
from ..readiness.deleting import held_by
from .context import Context

_ROUND = 300  # seconds one watch lasts at most


def wait_gone(context: Context, objects: Iterable[Object], timeout: float) -> None:
    """Returns when none of these objects (told by UID) is there any more; PlatformError naming finalizers otherwise."""
    end = context.clock.now() + timeout
    places: dict[str, dict[str, Object]] = defaultdict(dict)
    for obj in objects:
        resource = context.discovery.resource(obj["apiVersion"], obj["kind"])
        places[context.discovery.path(resource, ref(obj).namespace)][obj["metadata"]["uid"]] = obj
    for path, waiting in places.items():
        _wait(context, path, waiting, end)


def _wait(context: Context, path: str, waiting: dict[str, Object], end: float) -> None:
    names = {get(obj, "metadata", "name") for obj in waiting.values()}
    field = f"metadata.name={next(iter(names))}" if len(names) == 1 else None
    while True:
        try:
            listed, version = context.client.list(path, field_selector=field, metadata_only=True)
        except ApiError as error:
            if error.kind in (Class.UNSERVED, Class.NOT_FOUND):
                return  # the kind itself is gone
            raise
        there = {get(obj, "metadata", "uid"): obj for obj in listed}
        for uid in [uid for uid in waiting if uid not in there]:
            del waiting[uid]
        if not waiting:
            return
        seconds = end - context.clock.now()
        if seconds <= 0:
            raise PlatformError("; ".join(_stuck(context, path, waiting[uid]) for uid in waiting))
        context.say(f"waiting for {len(waiting)} deleted objects to go: {ref(next(iter(waiting.values())))}")
        _follow(context, path, waiting, field=field, version=version, seconds=min(seconds, _ROUND))


def _follow(
    context: Context, path: str, waiting: dict[str, Object], *, field: str | None, version: str, seconds: float
) -> None:
    """Watches until all are gone or the time is over; the caller lists again."""
    try:
        events = context.client.watch(
            path, resource_version=version, field_selector=field, timeout=max(1, round(seconds))
        )
        told = ""
        for kind, seen in events:
            uid = get(seen, "metadata", "uid")
            if kind == "DELETED":
                waiting.pop(uid, None)
                if not waiting:
                    return
            elif uid in waiting and (held := held_by(seen)) != told:
                told = held
                context.say(f"{ref(waiting[uid])} is held by {held or 'nothing that it names'}")
    except Expired:
        return
    except ApiError as error:
        if error.kind is Class.FORBIDDEN:
            context.clock.wait(context.client.stopping, min(2, seconds))
        elif error.kind is not Class.LOST:
            raise


def _stuck(context: Context, path: str, obj: Object) -> str:
    """Why an object is still there, as the server has it now: a namespace's status is in no list of metadata."""
    try:
        now = context.client.request("GET", f"{path}/{ref(obj).name}").data
    except ApiError:
        now = obj
    since = get(now, "metadata", "deletionTimestamp", default="")
    if not since:
        return f"{ref(obj)} is still there, and nothing asks for its deletion any more"
    held = held_by(now) or "nothing that it names"
    return f"{ref(obj)} is being deleted since {since}, held by {held}; see whether the controller that removes it runs"
