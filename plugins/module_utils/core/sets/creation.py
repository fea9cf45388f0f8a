"""Makes sure that creating creates: what somebody else made since the survey is judged anew, never written over.

Server-side apply merges into whatever is there. A body that names a resourceVersion is refused unless the live object
has just that one, and creates where there is none; no object has the version 1, since etcd counts its own start as
that. (`applyPatch` and `Store.Update` of the API server; measured, dry runs and custom resources included.)
"""

from __future__ import annotations

from ..api.errors import ApiError, Class, PlatformError
from ..api.objects import Object, get
from . import guards
from .applyset import PART_OF
from .diff import HASH
from .fields import entry
from .job import Job
from .plan import Step, Verdict, claim, compare

_NO_OBJECTS = "1"
_MET = (Class.PRECONDITION, Class.ALREADY_EXISTS)


def only_new(obj: Object) -> Object:
    """The object as it is sent where it must not meet another of its name."""
    return {**obj, "metadata": {**obj["metadata"], "resourceVersion": _NO_OBJECTS}}


def met_another(step: Step, error: ApiError) -> bool:
    """Whether the server refused to create because there is such an object by now."""
    return step.live is None and step.verdict is Verdict.CREATE and error.kind in _MET


def looked_at_anew(job: Job, step: Step, path: str) -> Step:
    """The step beside what is there by now. Raises PlatformError where that is not ours to change."""
    try:
        live: Object = job.context.client.request("GET", path, about=str(step.ref)).data
    except ApiError as error:
        if error.status == 404:
            return step  # it came and went
        raise
    now = compare(step.wanted, live, {})
    if words := claim(now, job.options, {}):
        raise PlatformError(
            f"it {words.removeprefix(f'{step.ref} ')}. It was made while this run was under way and is as it was made"
        )
    guards.check(guards.changes(live, step.wanted.kept, job.context.guards), job.options.confirm, f"change {step.ref}")
    return now if now.verdict is not Verdict.UNCHANGED else now._replace(verdict=Verdict.DOUBT)


def ours(job: Job, step: Step) -> bool:
    """Whether what is there is what we sent: the answer to that was lost."""
    live = step.live
    return (
        live is not None
        and get(live, "metadata", "labels", PART_OF) == job.options.name.id
        and get(live, "metadata", "annotations", HASH) == step.wanted.hash
        and entry(live) is not None
    )
