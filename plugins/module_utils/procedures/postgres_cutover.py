"""Moves clients from one PostgreSQL cluster to another by their poolers, and back where the new one does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.gone import wait_gone
from ..core.sets.options import Options
from ..core.words import WHICH
from ..evidence import drill as evidence
from ..systems.postgres import cluster as system
from . import postgres_state as state
from . import reach
from .postgres import Running
from .postgres_restore import EVIDENCE
from .postgres_validate import CHECKS, Questions
from .steps import Step, Taken, Unneeded, take

Result = dict[str, Any]

# Plus one, since an answer of 0 counts as none. Sessions that ended are counted to the last row.
_WRITTEN = "select 1 + coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_user_tables"
CUTOVER = Options(
    {
        **WHICH,
        "source": {"type": "str", "required": True},
        "poolers": {"type": "list", "elements": "str", "required": True},
        "checks": CHECKS,
        **EVIDENCE,
    }
)


def cutover(*, context: Context, namespace: str, name: str, timeout: int, **asked: Any) -> Result:
    """The poolers of `source` serve cluster `name`; until its questions are answered, a failure moves them back.

    A Pooler cannot change its cluster (it is immutable), so it is made anew under its name: the Service keeps its name.
    """
    return _Cutover(context, namespace, name, timeout).run(asked)


class _Cutover(Running):
    asked: Mapping[str, Any]

    def run(self, asked: Mapping[str, Any]) -> Result:
        self.asked = asked
        self.poolers: dict[str, Object] = {}
        self.written: int | None = None
        began, failure = datetime.now(UTC), None
        try:
            taken = take(self.context, f"cutover {self.namespace}/{asked['source']} to {self.name}", self._steps())
        except Failure as error:
            failure, taken = error, Taken(True, error.result["steps"])
        result, wrong = taken.result(), [str(failure)] if failure else []
        if self.asked.get("dest") and not self.context.check and taken.changed and self.poolers:
            result |= self._kept(taken.rows, began, wrong)
            wrong = (
                [*result["verdict"]["wrong"], f"Evidence: {result['evidence']}"] if result["verdict"]["wrong"] else []
            )
        if wrong:
            raise Failure(". ".join(wrong), result) from failure
        return result

    def _steps(self) -> list[Step]:
        checks = self.asked["checks"] or [{"query": "select 1"}]
        count = f"ask {self.name} how many rows were ever written in it"
        steps = [
            Step("Look at clusters and poolers", self._look),
            Step("Count what is written", self._count, count, self._told_apart),
        ]
        for each in self.asked["poolers"]:
            steps.append(self._move(each))
            questions = Questions(self.context, self.namespace, self.name, self.timeout)
            questions.prepare(checks, through=each)
            steps += [step._replace(name=f"{step.name} through {each}") for step in questions.steps()]
        steps.append(Step("Past the point of no return", self._passed, "leave it so: clients write to the new cluster"))
        return steps

    def _kept(self, rows: list[dict[str, Any]], began: datetime, wrong: list[str]) -> Result:
        """The evidence written. RTO: from the first pooler's end until all was answered, or all were moved back."""
        seconds = round(rows[-1]["started"] + rows[-1]["seconds"] - rows[1]["started"], 3)
        figures = {"rto_seconds": seconds, "rpo_seconds": None}
        limits = {"rto": (self.asked.get("profile") or {}).get("rto")}
        slow = [each for each in evidence.worse(figures, limits) if each.startswith("RTO")]
        record = evidence.record(
            what="PostgreSQL cutover by poolers", cluster=f"{self.namespace}/{self.asked['source']}",
            host=self.context.host, began=began, steps=rows, measured=figures, options={"kind": "cutover"},
            before={"serving": self.asked["source"], "to_serve": self.name, "poolers": self.asked["poolers"]},
            wrong=wrong or slow, profile=limits if limits["rto"] else {},
            remarks=list(self.asked["remarks"]),
        )  # fmt: skip
        return {**evidence.keep(record, str(self.asked["dest"])), "verdict": record["verdict"]}

    def _look(self) -> str:
        self.look()
        if missing := state.unhealthy(self.seen):
            raise PlatformError(f"{self.about} is not healthy ({missing}): clients cannot be moved to it")
        for each in self.asked["poolers"]:
            self.poolers[each] = reach.sure(self.context, self._named(each))
        serving = {each: get(found, "spec", "cluster", "name") for each, found in self.poolers.items()}
        if set(serving.values()) == {self.name}:
            raise Unneeded(f"all poolers serve {self.name} already")
        for each, cluster in serving.items():
            if cluster != self.asked["source"]:
                raise PlatformError(f"Pooler {each} serves {cluster}, not {self.asked['source']}; correct `poolers`")
        return f"{len(serving)} poolers serve {self.asked['source']}; their sessions end when they are moved"

    def _written(self) -> int:
        """Rows inserted, updated and deleted so far, by the new cluster's own count."""
        questions = Questions(self.context, self.namespace, self.name, self.timeout)
        questions.prepare([{"query": _WRITTEN}])
        found = questions.asked()[0]
        if found["wrong"]:
            raise PlatformError(found["wrong"])
        return int(found["answer"]) - 1

    def _count(self) -> str:
        self.written = self._written()
        return f"{self.written} rows so far"

    def _told_apart(self) -> str:
        """After all poolers are moved back: what clients wrote meanwhile is on the wrong side, and said so."""
        if self.written is None:
            return "no pooler was moved"
        more = self._written() - self.written
        if not more:
            return f"nothing was written to {self.name} meanwhile"
        return (
            f"{more} rows that clients wrote to {self.name} before they were moved back are there, and not in "
            f"{self.asked['source']}: take them over before {self.name} is deleted"
        )

    def _named(self, name: str) -> Object:
        return reach.named(system.API, "Pooler", self.namespace, name)

    def _move(self, name: str) -> Step:
        return Step(
            f"Move pooler {name}",
            lambda: self._serve(name, self.name),
            f"make pooler {name} anew for {self.name}; its clients' sessions end",
            lambda: self._serve(name, str(self.asked["source"])),
        )

    def _serve(self, name: str, cluster: str) -> str:
        """The Pooler made anew for that cluster, and active: not by what is left of the one before.

        Not deleted in the foreground, which may never end: the operator makes again what a Pooler loses that is going.
        """
        pooler, pods = self._named(name), reach.named("apps/v1", "Deployment", self.namespace, name)
        left = [found for each in (pooler, pods) if (found := reach.read(self.context, each))]
        left += reach.pods(self.context, self.namespace, {"cnpg.io/poolerName": name})
        reach.delete(self.context, pooler)
        wait_gone(self.context, left, self.timeout)
        reach.create(self.context, anew(self.poolers[name], cluster))
        reach.until(self.context, pooler, state.pooler_inactive, self.timeout)
        reach.until(self.context, pods, state.unavailable, self.timeout)
        return f"{name} serves {cluster}"

    def _passed(self) -> str:
        source = self.asked["source"]
        return (
            f"clients write to {self.name}; {source} is as it was, with what was written to it after the moment that "
            f"{self.name} was restored to. The inventory has to follow"
        )


_KEPT = ("labels", "annotations")


def anew(pooler: Object, cluster: str) -> Object:
    """The same Pooler for another cluster. Pure."""
    metadata = {key: pooler["metadata"][key] for key in ("name", "namespace", *_KEPT) if pooler["metadata"].get(key)}
    spec = {**pooler["spec"], "cluster": {"name": cluster}}
    return {"apiVersion": pooler["apiVersion"], "kind": "Pooler", "metadata": metadata, "spec": spec}
