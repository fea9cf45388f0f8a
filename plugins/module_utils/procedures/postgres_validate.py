"""Proves a PostgreSQL backup: restores it to a throw-away cluster, asks it, destroys it, and fails loudly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..core.api.errors import PlatformError
from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.options import Options, Spec
from ..core.words import WHICH
from . import pods, reach
from . import postgres_writer as client
from .postgres import Running, which
from .postgres_restore import EVIDENCE, Restore, worse
from .steps import Step, Taken, take

Result = dict[str, Any]
Row = Mapping[str, Any]

CHECKS: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {"query": {"type": "str", "required": True}, "expect": {"type": "str"}},
}
_TARGETS: Spec = {key: {"type": "str"} for key in ("time", "backup_id")}
QUERY = Options({**WHICH, "checks": {**CHECKS, "required": True, "default": None}, "through": {"type": "str"}})
VALIDATE = Options(
    {
        **WHICH,
        **_TARGETS,
        "checks": CHECKS,
        **EVIDENCE,
        "dest": {"type": "path", "required": True},
    }
)
# Each question by a session of its own that cannot write; the answer in one line, after its exit code. Who stands
# behind a Service is known to a node's rules later than to the API server, and so is the name of a new one. Nobody can
# watch them: what is refused or not found is asked again for a while.
_ASK = r"""
LATER="Connection refused|starting up|could not translate host name"
export LC_ALL=C PGCONNECT_TIMEOUT=10 PGOPTIONS="-c default_transaction_read_only=on" PGAPPNAME=groundwork-check
while ((SECONDS < 60)) && psql -XqAt -c "select 1" 2>&1 | grep -qE "$LATER"; do sleep 0.5; done
for ((i = 0; i < COUNT; i++)); do
  query="QUERY_$i"
  answer=$(psql -XqAt -v ON_ERROR_STOP=1 -c "${!query}" 2>&1)
  printf 'answer %d %d %s\n' "$i" "$?" "${answer//$'\n'/ | }"
done
"""


def query(
    *, context: Context, namespace: str, name: str, timeout: int, checks: list[Row], through: str | None = None
) -> Result:
    """Asks a cluster questions as its application, read-only, and fails where an answer is not the expected one."""
    running = Questions(context, namespace, name, timeout)
    running.prepare(checks, through)
    steps = [Step("Look at the cluster", running.look), *running.steps()]
    taken = take(context, running.about, steps).result()
    return {**taken, "changed": False, "answers": running.answers}


class Questions(Running):
    """Questions to one cluster by a pod that runs them and ends."""

    checks: list[Row]
    answers: list[Result]

    def prepare(self, checks: Iterable[Row], through: str | None = None) -> None:
        """What to ask, through which Service."""
        self.checks, self.through, self.answers = list(checks), through, []
        name = f"{self.name}-check-{datetime.now(UTC):%H%M%S%f}"
        self.pod = reach.named("v1", "Pod", self.namespace, name)

    def asked(self) -> list[Result]:
        """The answers, right or wrong, in one step."""
        try:
            self._ask()
        finally:
            self._remove()
        return self.answers

    def steps(self) -> list[Step]:
        """Ask, and judge."""
        return [
            Step("Ask the questions", self._ask, f"run {len(self.checks)} queries in a pod, read-only", self._remove),
            Step("Judge the answers", self._judge, "compare with what is expected"),
            Step("Remove the client", self._remove, "delete its pod"),
        ]

    def _ask(self) -> str:
        self.look()
        way = client.access(self.seen, self.through)
        texts = {f"QUERY_{index}": str(each["query"]) for index, each in enumerate(self.checks)}
        task = client.Task(_ASK, {"COUNT": str(len(self.checks)), **texts})
        reach.create(self.context, client.pod(str(self.pod["metadata"]["name"]), self.seen, way, task))
        reach.until(self.context, self.pod, pods.running, self.timeout)
        self.answers = answers(self.checks, reach.log(self.context, self.pod))
        return f"{len(self.answers)} answers from {way.host}/{way.database}"

    def _judge(self) -> str:
        wrong = [each["wrong"] for each in self.answers if each["wrong"]]
        if wrong:
            raise PlatformError("; ".join(wrong))
        return "; ".join(f"{each['query']} = {each['answer']}" for each in self.answers)[:300]

    def _remove(self) -> str:
        reach.delete(self.context, self.pod)
        return "its pod is gone"


def answers(checks: Iterable[Row], log: str) -> list[Result]:
    """Each query with its answer, and what is wrong with that. Pure."""
    said: dict[int, tuple[str, str]] = {}
    for line in log.splitlines():
        word, _, rest = line.partition(" ")
        if word == "answer":
            index, code, text = f"{rest} ".split(" ", 2)
            said[int(index)] = (code, text.strip())
    return [_judged(each, *said.get(index, ("", "no answer"))) for index, each in enumerate(checks)]


def _judged(check: Row, code: str, answer: str) -> Result:
    expected = check.get("expect")
    wanted = _SOMETHING if expected is None else repr(str(expected))
    right = answer not in _NOTHING if expected is None else answer == str(expected)
    wrong = "" if right and code == "0" else f"{check['query']!r}: expected {wanted}, {_got(code, answer)}"
    return {"query": check["query"], "expect": expected, "answer": answer, "wrong": wrong}


_NOTHING = ("", "f", "false", "0")
_SOMETHING = "an answer other than nothing, f, false and 0"


def _got(code: str, answer: str) -> str:
    if code == "0":
        return f"got {answer!r}" if answer else "got nothing"
    return f"failed: {answer}"


# The whole proof -----------------------------------------------------------------------------------------------------


def validate(*, context: Context, namespace: str, name: str, timeout: int, **asked: Any) -> Result:
    """Restores to a cluster that is thrown away again, asks it, and writes the evidence."""
    return _Validate(context, namespace, name, timeout).run(asked)


class _Validate(Running):
    asked: Mapping[str, Any]

    def run(self, asked: Mapping[str, Any]) -> Result:
        self.asked = asked
        began = datetime.now(UTC)
        self.copy = f"{self.name}-check-{began:%m%d%H%M%S}"
        self.restoring = Restore(self.context, self.namespace, self.name, self.timeout)
        to = {"time": asked.get("time")} if asked.get("time") else {"latest": True}
        given: dict[str, Any] = {**to, "backup_id": asked.get("backup_id"), "instances": 1, "archive": False}
        self.restoring.prepare(self.copy, given)
        self.questions = Questions(self.context, self.namespace, self.copy, self.timeout)
        self.questions.prepare(asked["checks"] or [{"query": "select 1"}])
        about = f"validate {self.namespace}/{self.name}"
        if self.context.check:
            return take(self.context, about, self._steps()).result()
        wrong: list[str] = []
        try:
            taken = take(self.context, about, self._steps())
        except Failure as failure:
            taken, wrong = Taken(True, failure.result["steps"]), [str(failure)]
            self._destroy_quietly(taken)
        return self._kept(taken, began, wrong)

    def _steps(self) -> list[Step]:
        return [
            *self.restoring.steps(),
            *self.questions.steps(),
            Step("Destroy the throw-away cluster", self._destroy, f"delete {self.copy} with its volumes"),
        ]

    def _destroy(self) -> str:
        """Only what this procedure itself has made: the name holds this very second."""
        gone = reach.delete(self.context, which(self.namespace, self.copy))
        reach.delete(self.context, reach.named("v1", "Secret", self.namespace, self.restoring.parent))
        return f"{self.copy} {'is deleted' if gone else 'was not made'}"

    def _destroy_quietly(self, taken: Taken) -> None:
        try:
            told = self._destroy()
        except PlatformError as error:
            told = f"{self.copy} is left over: {error}"
        taken.rows.append(
            {"name": "Destroy the throw-away cluster", "state": "undone", "told": told, "started": 0, "seconds": 0.0}
        )
        taken.rows[-1]["started"] = taken.rows[-2]["started"] + taken.rows[-2]["seconds"]

    def _kept(self, taken: Taken, began: datetime, wrong: list[str]) -> Result:
        wrong = wrong or worse(taken.rows, self.asked)
        what = {
            "what": "PostgreSQL backup validation",
            "options": {"kind": "validate", **{key: self.asked.get(key) for key in _TARGETS}},
            "measured": {"answers": self.questions.answers},
        }
        kept = self.restoring.kept(taken.rows, began, self.asked, wrong, **what)
        result = {**taken.result(), **kept, "answers": self.questions.answers}
        if wrong:
            raise Failure(f"{'; '.join(wrong)}. Evidence: {kept['evidence']}", result)
        return result
