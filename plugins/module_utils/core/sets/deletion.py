"""Deletes members of a set in waves, each exactly as it was judged: by UID and resourceVersion."""

from __future__ import annotations

from ..api.errors import ApiError, Class, PlatformError
from ..api.objects import Object, get, ref
from .applyset import PART_OF
from .context import Context
from .fields import entry
from .gone import wait_gone
from .job import Job
from .lease import Lease
from .options import SetOptions
from .prune import options as delete_options
from .stages import in_waves
from .words import sentence

_TRIES = 5  # how often an object may move between our look and our deletion


def delete(job: Job, objects: list[Object], lease: Lease, done: list[Object]) -> None:
    """Deletes the objects, each noted in `done` at once. PlatformError naming those that could not be, or stay."""
    waves = in_waves(objects, {row.kind for row in job.context.holds_data if row.first})
    for number, wave in enumerate(waves, start=1):
        found = job.context.client.map(lambda obj: _delete(job, obj, lease), wave)
        deleted = [obj for obj, each in zip(wave, found, strict=True) if each is True]
        done += deleted
        errors = [str(each) for each in found if isinstance(each, PlatformError)]
        if errors:
            raise PlatformError("; ".join(errors))
        if number < len(waves) or (job.absent and job.options.wait):
            wait_gone(job.context, deleted, job.options.timeout)


def _delete(job: Job, obj: Object, lease: Lease) -> bool:
    """True once it is deleted, False where the object is no longer the one that was judged."""
    found = ref(obj)
    path = job.context.discovery.path(
        job.context.discovery.resource(obj["apiVersion"], obj["kind"]), found.namespace, found.name
    )
    for _ in range(_TRIES):
        if lease.lost.is_set():
            raise PlatformError(f"cannot delete {found}: the set's Lease was lost to another run")
        try:
            job.context.client.request("DELETE", path, body=delete_options(obj), about=str(found))
            return True
        except ApiError as error:
            if error.status == 404:
                return True
            if error.kind is not Class.PRECONDITION:
                raise PlatformError(sentence("delete", found, error)) from error
        now = _again(job.context, path)
        if now is None or not _still(obj, now, job.options):
            job.context.warn(f"kept {found}: it was changed or replaced since it was judged")
            return False
        obj = now
    raise PlatformError(f"cannot delete {found}: it changes faster than it can be judged. Run again")


def _again(context: Context, path: str) -> Object | None:
    try:
        found: Object = context.client.request("GET", path).data
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return found


def _still(judged: Object, now: Object, options: SetOptions) -> bool:
    """Whether what made it ours to delete still holds: same object, our label and entry, same owners and marks."""
    same = ("uid", "ownerReferences", "annotations")
    return (
        get(now, "metadata", "labels", PART_OF) == options.name.id
        and entry(now) is not None
        and all(get(judged, "metadata", part) == get(now, "metadata", part) for part in same)
    )
