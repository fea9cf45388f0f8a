"""Surveys a set: what is there beside what is wanted, and everything that is refused before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..api.errors import ApiError, PlatformError
from ..api.objects import Ref, ref
from . import applyset, guards, prune, words
from .guards import Refusal
from .job import Job
from .plan import Step, Verdict, claims, compare, foreign_sets
from .prune import Pruning
from .releases import releases
from .snapshot import Snapshot, look
from .wanted import Wanted


@dataclass(frozen=True)
class Survey:
    """A set as it is beside what is wanted of it. `remaining`: members that stay although nobody wants them."""

    shot: Snapshot
    steps: list[Step]
    pruning: Pruning
    remaining: frozenset[Ref]
    used: frozenset[str]  # sentences of confirm that allowed something

    @property
    def busy(self) -> list[Step]:
        """What the comparison could not call unchanged."""
        return [step for step in self.steps if step.verdict is not Verdict.UNCHANGED]

    def answers(self) -> dict[Ref, str]:
        """What the parent already knows of the members that are wanted or stay."""
        known = self.shot.said.answers if self.shot.said else {}
        return {each: known.get(each, "") for each in (*(step.ref for step in self.steps), *self.remaining)}


def survey(job: Job, wanted: list[Wanted]) -> Survey:
    """Reads and compares. Raises PlatformError for everything that is refused."""
    try:
        shot = look(job.context, job.options.name, wanted)
    except ApiError as error:
        raise PlatformError(words.for_set("read", job.options.name, error)) from error
    refusals = _other_tooling(shot)
    answers = shot.said.answers if shot.said else {}
    steps = [_step(shot, each, answers) for each in wanted]
    claims(steps, job.options, _set_names(job, foreign_sets(steps, job.options.name.id)), answers)
    pruning = _with_releases(job, _pruning(job, shot, wanted), steps)
    refusals += [*pruning.refusals, *_creations(job, shot, steps)]
    for step in steps:
        if step.live and step.verdict is not Verdict.UNCHANGED:
            changes = guards.changes(step.live, step.wanted.kept, job.context.guards)
            refusals += [each._replace(why=words.traced(each.why, step.wanted.origin)) for each in changes]
    guards.check(refusals, job.options.confirm, f"change set {job.options.name}")
    gone = {step.ref for step in steps} | {ref(obj) for obj in pruning.delete}
    remaining = frozenset(each for each in set(answers) - gone if each in shot.members or _kind(each) in shot.unlisted)
    return Survey(shot, steps, pruning, remaining, pruning.used | {refusal.sentence for refusal in refusals})


def _creations(job: Job, shot: Snapshot, steps: Iterable[Step]) -> list[Refusal]:
    """What making new members would do to members that are there."""
    new = [step.wanted.kept for step in steps if step.live is None]
    return [each for obj in new for each in guards.creations(obj, shot.members.values(), job.context.guards)]


def _step(shot: Snapshot, wanted: Wanted, answers: Mapping[Ref, str]) -> Step:
    if shot.unread and wanted.ref in answers and shot.live(wanted.ref) is None:
        return Step(wanted, None, Verdict.CHANGE, "it may not be read")
    return compare(wanted, shot.live(wanted.ref), answers)


def _kind(found: Ref) -> str:
    return f"{found.group}/{found.kind}".lstrip("/")


def _other_tooling(shot: Snapshot) -> list[Refusal]:
    """The set of another tool is refused, unless its parent is named in confirm."""
    if shot.said is None or shot.parent is None or applyset.ours(shot.said.tooling):
        return []
    why = f"it is kept by {shot.said.tooling or 'an unknown tool'}, which must not write it any more"
    return [Refusal(guards.sentence("take over", shot.parent), why)]


def _set_names(job: Job, ids: Collection[str]) -> dict[str, str]:
    """The names of other sets by their ID, for people."""
    names: dict[str, str] = {}
    for each in ids:
        selector = f"{applyset.ID}={each}"
        try:
            found, _ = job.context.client.list("/api/v1/secrets", label_selector=selector, metadata_only=True)
        except ApiError:
            continue
        if found:
            names[each] = f"{ref(found[0]).namespace}/{ref(found[0]).name.removeprefix('groundwork-')}"
    return names


def _pruning(job: Job, shot: Snapshot, wanted: Iterable[Wanted]) -> Pruning:
    """What is to go. Where a kind may not be listed nothing goes: what nobody sees cannot be judged."""
    nothing = Pruning([], [], [], frozenset())
    if job.options.prunes == "never" and not job.absent:
        return nothing
    for text in shot.notes:
        job.context.warn(text)
    for kind, why in shot.unlisted.items():
        job.context.warn(f"nothing is pruned: objects of kind {kind} cannot be listed ({why})")
    if shot.unlisted:
        return nothing
    refs = {each.ref for each in wanted}
    planned = prune.plan(
        [obj for found, obj in shot.members.items() if found not in refs],
        _facts(job, shot, refs),
        set_name=str(job.options.name),
        confirm=job.options.confirm,
        limited=not job.absent,
    )
    for text in planned.warnings:
        job.context.warn(text)
    return planned


def _with_releases(job: Job, pruning: Pruning, steps: Iterable[Step]) -> Pruning:
    left = releases(job, steps)
    for text in left.warnings:
        job.context.warn(text)
    sentences = {guards.sentence("delete", obj) for obj in left.delete}
    return pruning._replace(delete=[*pruning.delete, *left.delete], used=pruning.used | sentences)


def _facts(job: Job, shot: Snapshot, refs: set[Ref]) -> prune.Facts:
    return prune.Facts(
        set_id=job.options.name.id,
        namespace="" if job.absent else job.options.name.namespace,
        wanted=refs,
        inventory=set(shot.said.answers) if shot.said else set(),
        uids={live["metadata"]["uid"] for each in refs if (live := shot.live(each))},
        parent_uid=shot.said.uid if shot.said else "",
        holds_data=job.context.holds_data,
        namespaces_in_use={each.namespace for each in refs},
        members=tuple(shot.members.values()),
    )
