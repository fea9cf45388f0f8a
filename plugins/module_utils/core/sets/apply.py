"""Applies one object: asks the server by a dry run what would become of it, or writes it and says what changed."""

from __future__ import annotations

import copy
import re
import secrets
from dataclasses import dataclass
from typing import Any

from ..api.client import APPLY
from ..api.errors import NO_WAY, ApiError, Class, PlatformError, conflicts
from ..api.objects import Object, certain, get
from . import creation, fields, ownership, schema, words
from .applyset import PART_OF
from .gone import wait_gone
from .guards import Refusal, check, loses, sentence
from .job import Job
from .plan import Step, Verdict, differs, remarked
from .prune import options as delete_options
from .surroundings import Surroundings

JSON_PATCH = "application/json-patch+json"


@dataclass
class Outcome:
    """What became, or would become, of one object.

    action: created, changed, adopted, replaced, unchanged, failed, skipped. judged: server, schema, none.
    pending: whether it has to be written at all (our own mark may have to be renewed without any change).
    lost: the error is that the server cannot be reached.
    """

    step: Step
    action: str = "unchanged"
    judged: str = "server"
    after: Object | None = None
    error: str = ""
    pending: bool = False
    lost: bool = False

    @property
    def changed(self) -> bool:
        return self.action in ("created", "changed", "adopted", "replaced")


def judge(job: Job, step: Step, around: Surroundings) -> Outcome:
    """What an apply would do, by the best there is: a dry run on the server, else the kind's schema, else nothing."""
    wanted = step.wanted
    if wanted.resource is None:
        return Outcome(step, "created", "none", wanted.full, pending=True)
    if wanted.ref.namespace in around.absent:
        return _judge_elsewhere(job, step, around)
    try:
        step, after = _apply(job, step, dry=True)
    except ApiError as error:
        return _judged_error(job, step, error, around)
    except PlatformError as error:
        return Outcome(step, "failed", error=words.sentence("apply", step.ref, error))
    if step.live and "deletionTimestamp" in step.live["metadata"]:
        return Outcome(step, "created", after=after, pending=True)  # the live one will be gone before ours is made
    return _compared(step, after)


def _judged_error(job: Job, step: Step, error: ApiError, around: Surroundings) -> Outcome:
    if _awaited(error, around):
        return Outcome(step, "changed" if step.live else "created", "schema", step.wanted.full, pending=True)
    if error.kind in (Class.UNSERVED, Class.NOT_FOUND):
        return _judge_by_schema(job, step, error)
    if error.kind is Class.IMMUTABLE and job.options.replace != "never":
        if problem := _replace_problem(job, step, error):
            return Outcome(step, "failed", error=problem)
        return Outcome(step, "replaced", "schema", step.wanted.full, pending=True)
    return _failed(step, error)


def _awaited(error: ApiError, around: Surroundings) -> bool:
    """Whether the set itself makes what the server misses, by the name that it tells."""
    if error.kind not in (Class.DEPENDENCY_MISSING, Class.NOT_FOUND):
        return False
    return any(re.search(rf"(?<![\w.:-]){re.escape(name)}(?![\w.:-])", error.message) for _, name in around.provides)


def _judge_by_schema(job: Job, step: Step, error: ApiError) -> Outcome:
    crd = job.context.discovery.crd(step.ref.group, step.ref.kind)
    if crd is None:
        return Outcome(step, "failed", "none", error=_explain(step, error))
    found = schema.problems(step.wanted.full, crd)
    if found:
        return Outcome(step, "failed", "schema", error=f"cannot apply {step.ref}: {'; '.join(found)}")
    return Outcome(step, "created", "schema", step.wanted.full, pending=True)


def _judge_elsewhere(job: Job, step: Step, around: Surroundings) -> Outcome:
    """Its namespace is not there: the server judges its structure, under a name of its own in a namespace that is."""
    resource = certain(step.wanted.resource)
    twin = copy.copy(step.wanted.full)
    name = f"{step.ref.name[:46].rstrip('.-')}-{secrets.token_hex(4)}"
    twin["metadata"] = {**twin["metadata"], "namespace": "default", "name": name}
    try:
        _patch(job, step, twin, job.context.discovery.path(resource, "default", name), dry=True)
    except ApiError as error:
        if _awaited(error, around):
            return Outcome(step, "created", "schema", step.wanted.full, pending=True)
        if error.kind in (Class.UNSERVED, Class.NOT_FOUND):
            return _judge_by_schema(job, step, error)
        if error.kind in (Class.SCHEMA, Class.INVALID, Class.BAD_REQUEST, Class.TOO_LARGE):
            return Outcome(step, "failed", "schema", error=_explain(step, error))
        return Outcome(step, "created", "none", step.wanted.full, pending=True)
    return Outcome(step, "created", "schema", step.wanted.full, pending=True)


def write(job: Job, step: Step, around: Surroundings) -> Outcome:
    """Applies the object for real; never raises for what the server says of it, or where there is no server."""
    try:
        if step.live and "deletionTimestamp" in step.live["metadata"]:
            wait_gone(job.context, [step.live], job.options.timeout)
            step = step._replace(live=None, verdict=Verdict.CREATE)
        return _compared(*_apply(job, step, dry=False, patience=around.patience))
    except ApiError as error:
        if error.kind is Class.IMMUTABLE and job.options.replace != "never":
            return _replace(job, step, error, around)
        return _failed(step, error)
    except PlatformError as error:
        return Outcome(step, "failed", error=words.sentence("apply", step.ref, error))


def _apply(job: Job, step: Step, *, dry: bool, patience: dict[Class, float] | None = None) -> tuple[Step, Object]:
    """Applies it, and gives the server's answer; what was made meanwhile is looked at before it is written to."""
    try:
        return step, _send(job, step, dry=dry, patience=patience)
    except ApiError as error:
        if not creation.met_another(step, error):
            raise
    now = creation.looked_at_anew(job, step, _path(job, step))
    if not dry and creation.ours(job, now):
        return step, certain(now.live)
    return now, _send(job, now, dry=dry, patience=patience)


def _send(
    job: Job,
    step: Step,
    *,
    dry: bool,
    patience: dict[Class, float] | None = None,
) -> Object:
    """One apply of one object, hand-overs and migrations first; in a dry run their effect is part of what is sent."""
    wanted, live = step.wanted, step.live
    if live is None:
        # Where it is not to be created it is there, but may not be read.
        body = creation.only_new(wanted.full) if step.verdict is Verdict.CREATE else wanted.kept
        return _patch(job, step, body, _path(job, step), dry=dry, patience=patience)
    body, tool = wanted.kept, job.options.adopt_from
    migrates = bool(tool and ownership.made_by(live, tool) and ownership.migrated(live, tool))
    stake = ownership.at_stake(live, wanted.left)
    if dry and stake:
        body = ownership.with_live(body, live, stake)
    if not dry:
        _prepare_live(job, step, live, stake, tool if migrates else None)
    takes = (*job.options.take_from, *(ownership.tool_managers(tool) if tool and migrates else ()))
    try:
        after = _patch(job, step, body, _path(job, step), dry=dry, patience=patience)
    except ApiError as error:
        owners = {each.manager for each in conflicts(error)}
        if error.kind is not Class.MANAGER_CONFLICT or not owners or not owners <= set(takes):
            raise
        after = _patch(job, step, body, _path(job, step), dry=dry, patience=patience, force=True)
    if dry and tool and migrates:
        after = ownership.cut(after, ownership.dropped(live, tool, fields.owned(after)))
    return after


def _prepare_live(job: Job, step: Step, live: Object, stake: fields.Fields, tool: str | None) -> None:
    """What must be settled on the live object before our apply leaves fields out."""
    if tool:
        patch = ownership.migration(live, tool)
        job.context.client.request(
            "PATCH", _path(job, step), body=patch, content_type=JSON_PATCH, about=str(step.ref),
            query={"fieldManager": fields.MANAGER},
        )  # fmt: skip
    if stake:
        _patch(job, step, ownership.handover(live, stake), _path(job, step), dry=False, manager=fields.HANDOVER)


def _path(job: Job, step: Step) -> str:
    return job.context.discovery.path(certain(step.wanted.resource), step.ref.namespace, step.ref.name)


def _patch(
    job: Job,
    step: Step,
    body: Object,
    path: str,
    *,
    dry: bool,
    force: bool = False,
    manager: str = fields.MANAGER,
    patience: dict[Class, float] | None = None,
) -> Object:
    query = {"fieldManager": manager, "fieldValidation": "Strict"}
    query |= {"dryRun": "All"} if dry else {}
    query |= {"force": "true"} if force else {}
    result: Object = job.context.client.request(
        "PATCH", path, query=query, body=body, content_type=APPLY, about=str(step.ref), patience=patience
    ).data
    return result


def _compared(step: Step, after: Object) -> Outcome:
    """What the server's answer means: a change, a renewed mark of ours, or nothing."""
    if step.live is None:
        action = "created" if step.verdict is Verdict.CREATE else "changed"
        return Outcome(step, action, after=after, pending=True)
    if get(step.live, "metadata", "labels", PART_OF) != get(after, "metadata", "labels", PART_OF):
        return Outcome(step, "adopted", after=after, pending=True)
    if differs(step.live, after):
        return Outcome(step, "changed", after=after, pending=True)
    return Outcome(step, "unchanged", after=after, pending=remarked(step.live, after))


def _failed(step: Step, error: ApiError) -> Outcome:
    return Outcome(step, "failed", error=_explain(step, error), lost=error.kind in NO_WAY)


def _explain(step: Step, error: ApiError) -> str:
    if error.kind in NO_WAY:
        return str(error)
    if error.kind is Class.MANAGER_CONFLICT:
        return words.conflict(step.ref, error, step.wanted.kept, step.live)
    if error.kind is Class.IMMUTABLE:
        return words.immutable(step.ref, error, step.wanted.kept)
    return words.sentence("apply", step.ref, error)


# Replacing what cannot be changed in place ---------------------------------------------------------------------------


def _replace_problem(job: Job, step: Step, error: ApiError) -> str | None:
    """Why the object may not be deleted and created anew; None where it may."""
    if not step.live or not words.replaceable(step.wanted.kept):
        return words.immutable(step.ref, error, step.wanted.kept)
    lost = loses(step.live, job.context.holds_data)
    try:
        refusals = [Refusal(sentence("replace", step.live), lost)] if lost else []
        check(refusals, job.options.confirm, f"replace {step.ref}")
    except PlatformError as refused:
        return str(refused)
    return None


def _replace(job: Job, step: Step, error: ApiError, around: Surroundings) -> Outcome:
    """Deletes exactly the live object and creates it anew; with `orphan` its pods stay and are adopted again."""
    if problem := _replace_problem(job, step, error):
        return Outcome(step, "failed", error=problem)
    judged = certain(step.live)
    live: dict[str, Any] = job.context.client.request("GET", _path(job, step)).data
    if live["metadata"]["uid"] != judged["metadata"]["uid"]:
        return Outcome(
            step, "failed", error=f"cannot replace {step.ref}: it was replaced by someone else just now; run again"
        )
    policy = "Orphan" if job.options.replace == "orphan" else "Background"
    try:
        job.context.client.request("DELETE", _path(job, step), body=delete_options(live, policy), about=str(step.ref))
        wait_gone(job.context, [live], job.options.timeout)
        anew = step._replace(live=None, verdict=Verdict.CREATE)
        _, after = _apply(job, anew, dry=False, patience=around.patience)
    except PlatformError as again:
        return Outcome(step, "failed", error=words.sentence("replace", step.ref, again))
    return Outcome(step, "replaced", after=after, pending=True)
