"""Says what became of a set: the result for machines, one line for people, one sentence for all that failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..api.objects import Object, Ref, ref
from ..readiness.wait import Outcome as Waited
from . import diff, guards, words
from .apply import Outcome
from .ending import Failure
from .job import Job

_SHOWN = 10  # errors in one message


class Report:
    """What is known of a run so far; `result` may be asked for at any time."""

    def __init__(self, job: Job, outcomes: list[Outcome], used: Iterable[str] = ()) -> None:
        self._job, self._used, self._start = job, set(used), job.context.started
        self.outcomes = outcomes
        self.deleted: list[Object] = []
        self.waited: Mapping[Ref, Waited] = {}

    def result(self) -> dict[str, Any]:
        """The module's result."""
        self._warn_unused()
        rows = [self._row(each) for each in self.outcomes] + [_deleted(obj) for obj in self.deleted]
        result: dict[str, Any] = {
            "changed": any(each.changed for each in self.outcomes) or bool(self.deleted),
            "set": str(self._job.options.name),
            "objects": rows,
        }
        if self._job.context.diff:
            changed = [each for each in self.outcomes if each.changed and each.after]
            result["diff"] = [diff.entry(each.step.live, each.after, each.judged) for each in changed]
            result["diff"] += [diff.entry(obj, None) for obj in self.deleted]
        return result

    def raise_errors(self, *, written: bool) -> None:
        """Failure with every object's error, and the result of all; nothing where nothing failed."""
        failed = [each for each in self.outcomes if each.action == "failed"]
        if not failed:
            return
        if not written:
            for each in self.outcomes:
                each.action = "skipped" if each.changed else each.action
        told = [words.traced(each.error, each.step.wanted.origin) for each in failed if not each.lost]
        told += [each.error for each in failed if each.lost][:1]  # a lost server is no object's fault
        shown = "; ".join(told[:_SHOWN]) + (f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else "")
        if len(failed) > 1:
            shown = f"{len(failed)} of {len(self.outcomes)} objects of set {self._job.options.name} failed: {shown}"
        done = f"{sum(each.changed for each in self.outcomes)} objects were" if written else "nothing was"
        raise Failure(f"{shown} ({done} written, nothing was pruned)", self.result())

    def _row(self, each: Outcome) -> dict[str, Any]:
        waited = self.waited.get(each.step.ref)
        return {
            **_named(each.step.wanted.kept),
            "action": each.action,
            "judged": each.judged,
            "ready": waited.ready if waited else None,
            "message": each.error or (waited.message if waited else ""),
        }

    def say(self, deletions: int = 0) -> None:
        """Shows what was or would be done, where anything was; in check mode with how it was judged."""
        actions = Counter(each.action for each in self.outcomes) + Counter({"deleted": deletions})
        if not set(actions) - {"unchanged"}:
            return
        said = _counted(actions)
        if self._job.context.check:
            judged = Counter(each.judged for each in self.outcomes if each.action != "unchanged")
            said += f" (judged: {_counted(judged + Counter({'server': deletions}))})"
        seconds = self._job.context.clock.now() - self._start
        self._job.context.say(f"{self._job.options.name.name}  {actions.total()} objects: {said} ({seconds:.1f} s)")

    def say_deleted(self) -> None:
        """Shows how many objects were pruned, where any were."""
        if self.deleted:
            self._job.context.say(f"{self._job.options.name.name}  {len(self.deleted)} objects deleted")

    def _warn_unused(self) -> None:
        """A sentence that allowed nothing is a slip, or its object is gone; a replacement used its own."""
        replaced = [each.step.live for each in self.outcomes if each.action == "replaced" and each.step.live]
        used = self._used | {guards.sentence("replace", live) for live in replaced}
        for sentence in guards.unused(self._job.options.confirm, used):
            self._job.context.warn(f"confirm: {sentence!r} allowed nothing: the object is gone, or the words differ")


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))


def _named(obj: Object) -> dict[str, Any]:
    found = ref(obj)
    return {
        "api_version": obj["apiVersion"],
        "kind": found.kind,
        "namespace": found.namespace,
        "name": found.name,
    }


def _deleted(obj: Object) -> dict[str, Any]:
    return {**_named(obj), "action": "deleted", "judged": "server", "ready": None, "message": ""}
