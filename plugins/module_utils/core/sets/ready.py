"""Waits for what an apply set in motion: a set's objects, the definitions it installs, what serves its webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..api.errors import PlatformError
from ..api.objects import Object, Ref
from ..readiness.progress import Progress
from ..readiness.rule import Since
from ..readiness.wait import Outcome as Waited
from ..readiness.wait import Patience, Target
from ..readiness.wait import wait as wait_for
from .apply import Outcome
from .applyset import PART_OF
from .job import Job
from .stages import kind_key

_DEFINITION = "CustomResourceDefinition"
_SERVING = ("apps/Deployment", "apps/StatefulSet", "apps/DaemonSet")


def wait(job: Job, outcomes: Iterable[Outcome]) -> list[Waited]:
    """How the wait for every object ended. Objects that no answer of this run shows count as they were listed."""
    return _wait(job, [_target(each) for each in outcomes], job.options.settle)


def established(job: Job, outcomes: Iterable[Outcome]) -> None:
    """Returns once the definitions among these are served; one that never will be becomes a failed outcome."""
    crds = [each for each in outcomes if each.step.ref.kind == _DEFINITION and not each.error]
    if crds:
        _late(job, crds)
        job.context.discovery.forget()


def unmet(job: Job, outcomes: Iterable[Outcome], coming: Iterable[Object]) -> list[Ref]:
    """What the coming objects need and this run wrote, and does not become ready; those become failed outcomes.

    Where the task does not wait, nothing is.
    """
    kinds = {kind for obj in coming for kind in job.context.needs.get(kind_key(obj), ())}
    needed = [each for each in outcomes if each.pending and kind_key(each.step.wanted.full) in kinds]
    return _late(job, needed) if needed and job.options.wait else []


def webhooks(job: Job, outcomes: Iterable[Outcome]) -> None:
    """Returns once the workloads of the set are ready: a webhook without them would refuse what comes next."""
    _sure(_wait(job, [_target(each) for each in outcomes if kind_key(each.step.wanted.full) in _SERVING], None))


def _late(job: Job, outcomes: Iterable[Outcome]) -> list[Ref]:
    by_ref = {each.step.ref: each for each in outcomes}
    late = [each for each in _wait(job, [_target(each) for each in by_ref.values()], 0) if not each.ready]
    for each in late:
        by_ref[each.ref].action, by_ref[each.ref].error = "failed", f"{each.ref} is not ready: {each.message}"
    return [each.ref for each in late]


def _target(each: Outcome) -> Target:
    if each.after and each.changed:
        return Target(each.after, Since.of(each.after, each.step.wanted.kept))
    return Target(each.after or each.step.live or each.step.wanted.kept)


def _wait(job: Job, targets: list[Target], settle: float | None) -> list[Waited]:
    options, context = job.options, job.context
    return wait_for(
        context.client,
        context.discovery,
        targets,
        rules=context.rules,
        patience=Patience(options.timeout, settle, options.status_grace, options.failure_grace),
        progress=Progress(_speaker(job, len(targets)), context.clock),
        clock=context.clock,
        label_selector=f"{PART_OF}={options.name.id}",
    )


def _speaker(job: Job, total: int) -> Callable[[str], None]:
    """Shows lines of the wait; a set that is ready at the first look says nothing."""
    said: list[str] = []

    def say(line: str) -> None:
        if said or not line.endswith(f" {total} of {total} ready"):
            said.append(line)
            job.context.say(f"{job.options.name.name}  {line}")

    return say


def _sure(waited: Iterable[Waited]) -> None:
    late = [f"{each.ref} is not ready: {each.message}" for each in waited if not each.ready]
    if late:
        raise PlatformError("; ".join(late))
