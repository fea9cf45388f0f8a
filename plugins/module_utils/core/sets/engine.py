"""Keeps a set as it is wanted: surveys it, asks the server, writes in stages, waits, prunes, and says what it did."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..api.client import Client
from ..api.errors import PlatformError, Stopped
from ..api.masking import secret_values
from ..api.objects import UNKNOWN, Object, Ref, Sourced, ref
from . import outcome, ready, stages, words
from .apply import Outcome, judge, write
from .context import Context
from .deletion import delete
from .diff import is_secret
from .ending import Failure
from .job import Job
from .lease import Lease
from .options import SetOptions
from .parent import Keeper
from .plan import Step, Verdict, answer
from .report import Report
from .surroundings import (
    Surroundings,
    namespace_ready,
    refuse_missing,
    surroundings,
)
from .survey import Survey, survey
from .wanted import Wanted, prepare


def keep(context: Context, options: SetOptions, objects: Iterable[Object | Sourced]) -> dict[str, Any]:
    """Brings the set to what is wanted; the result. Raises Failure (it holds what was done), PlatformError.

    Errors name where an object came from, if it comes with that.
    """
    given = [each if isinstance(each, Sourced) else Sourced(each, UNKNOWN) for each in objects]
    context.hidden |= secret_values([each.object for each in given if is_secret(each.object)])
    job = Job(context, options)
    with context.timed("total"):
        with context.timed("plan"):
            wanted = prepare(given, options, context)
            found = survey(job, wanted)
        if context.check:
            return _foretell(job, found)
        if _settle(job, found) or found.pruning.delete or Keeper(job, found.shot).due(found.answers()):
            return _bring(job, wanted)
        report = Report(job, [Outcome(step) for step in found.steps], found.used)
        _wait(job, report)
        return report.result()


def _settle(job: Job, found: Survey) -> bool:
    """Whether an object has to be written. Mere doubt is settled here by a dry run, without a Lease or a write."""
    doubts = [step for step in found.busy if step.verdict is Verdict.DOUBT]
    if len(doubts) < len(found.busy):
        return True
    settled = job.context.client.map(lambda step: judge(job, step, Surroundings()), doubts)
    return any(isinstance(each, PlatformError) or each.error or each.pending for each in settled)


def _foretell(job: Job, found: Survey) -> dict[str, Any]:
    """Check mode: what a run would do to each object."""
    report = _judge(job, found, surroundings(job, found))
    report.deleted = [obj for wave in stages.in_waves(found.pruning.delete) for obj in wave]
    report.say(len(report.deleted))
    return report.result()


def _judge(job: Job, found: Survey, around: Surroundings) -> Report:
    """Every busy step judged by the server at once; raises Failure naming all that fail."""
    busy = found.busy
    with job.context.timed("preflight"):
        judged = _collect(busy, job.context.client.map(lambda step: judge(job, step, around), busy))
    by_ref = {each.step.ref: each for each in judged}
    report = Report(job, [by_ref.get(step.ref) or Outcome(step) for step in found.steps], found.used)
    report.raise_errors(written=False)
    return report


def _collect(steps: list[Step], found: Iterable[Outcome | PlatformError]) -> list[Outcome]:
    return [
        Outcome(step, "failed", error=str(each)) if isinstance(each, PlatformError) else each
        for step, each in zip(steps, found, strict=True)
    ]


def _bring(job: Job, wanted: list[Wanted]) -> dict[str, Any]:
    """Does all that writes, under the set's Lease, on a survey made after it was taken."""
    made = _make_home(job, wanted)
    name = job.options.name
    # its own: it must live on when the other is stopped
    client = Client(job.context.connection, connections=2, clock=job.context.clock)
    lease = Lease(client, name.namespace, name.parent, say=job.context.say)
    writer = _Writer(job, lease)
    with client:
        try:
            with lease:
                return writer.bring(wanted, made)
        except Exception:
            raise
        except BaseException:  # a signal, or the task's own timeout, which Ansible raises in the same way
            job.context.client.stop()
            lease.release()
            outcome.keep(f"interrupted: set {name}: {writer.words()}; run it again, it goes on from there")
            raise


def _make_home(job: Job, wanted: Iterable[Wanted]) -> Object | None:
    """Creates the set's own namespace when it is a member and missing: Lease and parent live in it."""
    name = job.options.name.namespace
    home = [each for each in wanted if each.ref == Ref("", "Namespace", "", name)]
    if namespace_ready(job, name, coming=bool(home)):
        return None
    if not home:
        refuse_missing(job, [name])
    made = write(job, Step(home[0], None, Verdict.CREATE), Surroundings())
    if made.error:
        raise PlatformError(words.traced(made.error, home[0].origin))
    return made.after


@dataclass
class _Writer:
    """One run that writes, and how far it has come."""

    job: Job
    lease: Lease
    total: int = 0
    done: int = 0

    def words(self) -> str:
        """For the last words of an interrupted run."""
        return f"{self.done} of {self.total} objects were written" if self.total else "nothing was written"

    def bring(self, wanted: list[Wanted], made: Object | None) -> dict[str, Any]:
        """Preflight, the parent as superset, the objects, readiness, pruning, the parent exact."""
        job = self.job
        found = survey(job, wanted)
        keeper = Keeper(job, found.shot)
        around = surroundings(job, found)
        report = self._preflight(found, around)
        leaving = dict.fromkeys((ref(obj) for obj in found.pruning.delete), "")
        keeper.commit({**leaving, **found.answers()}, superset=True)
        with job.context.timed("apply"):
            report.outcomes = self._write(report.outcomes, around)
        _count_home(report.outcomes, made)
        answers = found.answers() | _new_answers(report.outcomes)
        lost = self._commit(keeper, {**leaving, **answers})
        report.say()
        report.raise_errors(written=True)
        if lost:
            raise Failure(f"{lost} (all objects are applied, nothing was pruned)", report.result())
        if job.options.prunes != "after_apply":
            _wait(job, report)
        with job.context.timed("prune"), _kept(report):
            delete(job, found.pruning.delete, self.lease, report.deleted)
        report.say_deleted()
        if job.absent:
            keeper.remove()
        else:
            keeper.commit(answers)
        if job.options.prunes == "after_apply":
            _wait(job, report)
        return report.result()

    @staticmethod
    def _commit(keeper: Keeper, answers: dict[Ref, str]) -> str:
        """What kept the parent from being written: the objects' own errors are told first, and their result."""
        try:
            keeper.commit(answers)
        except PlatformError as error:
            return str(error)
        return ""

    def _preflight(self, found: Survey, around: Surroundings) -> Report:
        """All new and changed objects judged before the first write; without preflight they are all just written."""
        if self.job.options.preflight == "server":
            return _judge(self.job, found, around)
        waiting = [Outcome(step, pending=step.verdict is not Verdict.UNCHANGED) for step in found.steps]
        return Report(self.job, waiting, found.used)

    def _write(self, outcomes: list[Outcome], around: Surroundings) -> list[Outcome]:
        """Stage after stage, in a stage turn after turn; an error ends what comes after it, never its neighbours."""
        results = {each.step.ref: each for each in outcomes}
        todo = [each.step for each in outcomes if each.pending]
        self.total, failed = len(todo), list[Ref]()
        turns = {step.ref: stages.turn(step.wanted.full, self.job.context.needs) for step in todo}
        for number, depth in sorted(set(turns.values())):
            steps = [step for step in todo if turns[step.ref] == (number, depth)]
            if depth and not failed:
                failed = ready.unmet(self.job, results.values(), [step.wanted.full for step in steps])
            if failed:
                why = f"not written, blocked by {', '.join(map(str, failed[:3]))}"
                results |= {step.ref: Outcome(step, "skipped", error=why) for step in steps}
                continue
            if number == stages.WEBHOOKS:
                ready.webhooks(self.job, results.values())
            done = _collect(steps, self.job.context.client.map(lambda step: self._one(step, around), steps))
            results |= {each.step.ref: each for each in done}
            if number == stages.NAMESPACES:
                ready.established(self.job, done)
            failed = [each.step.ref for each in done if each.error]
        return [results[each.step.ref] for each in outcomes]

    def _one(self, step: Step, around: Surroundings) -> Outcome:
        if self.lease.lost.is_set():
            raise PlatformError(f"cannot apply {step.ref}: the set's Lease was lost to another run")
        done = write(self.job, step, around)
        self.done += not done.error
        return done


def _new_answers(outcomes: Iterable[Outcome]) -> dict[Ref, str]:
    return {each.step.ref: answer(each.after) for each in outcomes if each.after and each.pending and not each.error}


def _count_home(outcomes: list[Outcome], made: Object | None) -> None:
    """The set's own namespace was made before the survey, which therefore saw it unchanged."""
    for each in outcomes:
        if made and each.step.ref == ref(made):
            each.action, each.after, each.pending, each.step = "created", made, True, each.step._replace(live=None)


@contextlib.contextmanager
def _kept(report: Report, words: str = "{}") -> Iterator[None]:
    """An error that ends the run leaves the result so far behind."""
    try:
        yield
    except Stopped:
        raise
    except PlatformError as error:
        raise Failure(words.format(error), report.result()) from error


def _wait(job: Job, report: Report) -> None:
    """Waits for readiness; a Failure holds the result so far."""
    if not job.options.wait or job.absent:
        return
    kept = "nothing was pruned" if job.options.prunes == "after_ready" else "pruning is done"
    with job.context.timed("wait"), _kept(report, "cannot wait: {} (all objects are applied, " + kept + ")"):
        waited = ready.wait(job, report.outcomes)
    report.waited = {each.ref: each for each in waited}
    for each in waited:
        if each.warning:
            job.context.warn(f"{each.ref}: {each.warning}")
    origins = {each.step.ref: each.step.wanted.origin for each in report.outcomes}
    late = [
        words.traced(f"{each.ref} is not ready: {each.message}", origins[each.ref]) for each in waited if not each.ready
    ]
    if late:
        more = f"; and {len(late) - 10} more" if len(late) > 10 else ""
        raise Failure(f"{'; '.join(late[:10])}{more} (all objects are applied, {kept})", report.result())
