"""Waiting against a server that misbehaves: what is watched, what is listed again, what is polled, what is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import Discovery
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness import feed
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.progress import Progress
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import (
    NOT_TRACKED,
    ON_SUCCESS,
    Condition,
    Rule,
    Since,
)
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.wait import (
    Outcome,
    Patience,
    Target,
    wait,
)
from ansible_collections.groundwork.platform.plugins.module_utils.rules.builtin import RULES
from support.server import FOREVER, Server, events, status, text, then
from support.store import Kind

DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


def deployment(
    name: str = "web", *, ready: int = 1, generation: int = 1, observed: int | None = None
) -> dict[str, Any]:
    counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas", "readyReplicas"), ready)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default", "generation": generation},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": generation if observed is None else observed, **counts},
    }


class Waiting:
    """A wait in a thread of its own, so that the test can change the world meanwhile."""

    def __init__(
        self,
        client: Client,
        *objects: dict[str, Any],
        since: Since | None = None,
        rules: Mapping[str, Rule] = RULES,
        **patience: Any,
    ) -> None:
        self.lines: list[str] = []
        self.outcomes: list[Outcome] = []
        self.error: BaseException | None = None
        self._client, self._rules = client, rules
        self._targets = [Target(obj, since) for obj in objects]
        self._patience = Patience(**{"timeout": 10, **patience})
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcomes = wait(
                self._client,
                Discovery(self._client),
                self._targets,
                rules=self._rules,
                patience=self._patience,
                progress=Progress(self.lines.append),
            )
        except BaseException as error:
            self.error = error

    def end(self) -> list[Outcome]:
        self._thread.join(timeout=15)
        assert not self._thread.is_alive(), "the wait does not end"
        if self.error:
            raise self.error
        return self.outcomes

    @property
    def only(self) -> Outcome:
        (outcome,) = self.end()
        return outcome


def reference(obj: dict[str, Any]) -> dict[str, Any]:
    return {
        **{k: obj[k] for k in ("apiVersion", "kind")},
        "metadata": {k: obj["metadata"][k] for k in ("name", "namespace")},
    }


def watching(server: Server, count: int = 1) -> None:
    """Returns when the server has so many watches."""
    until = time.monotonic() + 5
    while len([r for r in server.log if "watch" in r.query]) < count:
        assert time.monotonic() < until, "no watch was opened"
        time.sleep(0.005)


@pytest.fixture
def real(server: Server, opened: Callable[..., Client]) -> Client:
    return opened(server)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls and reopened watches that a test can live through."""
    monkeypatch.setattr(feed, "_POLL", (0.05, 0.1))
    monkeypatch.setattr(feed, "_REOPEN", 0.1)


def test_what_is_ready_costs_one_list_and_no_watch(server: Server, real: Client) -> None:
    made = [server.store.put(deployment(name)) for name in ("a", "b")]
    outcomes = Waiting(real, *map(reference, made)).end()
    assert [o.ready for o in outcomes] == [True, True]
    assert len(server.seen("GET", DEPLOYMENTS)) == 1


def test_what_the_apply_answered_as_ready_costs_nothing(server: Server, real: Client) -> None:
    made = server.store.put(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}}
    )
    assert Waiting(real, made).only.ready
    assert server.log == []


def test_a_flip_is_seen_by_the_watch_and_nothing_is_polled(server: Server, real: Client) -> None:
    made = server.store.put(deployment(ready=0))
    waiting = Waiting(real, reference(made))
    watching(server)
    time.sleep(0.5)
    server.store.put(deployment())
    assert waiting.only.ready
    assert len(server.seen("GET", DEPLOYMENTS)) == 2, "one LIST, one WATCH"
    assert server.seen("GET", DEPLOYMENTS)[1].query["fieldSelector"] == "metadata.name=web"


def test_an_expired_watch_is_listed_again(server: Server, real: Client) -> None:
    made = server.store.put(deployment(ready=0))
    gone = {
        "type": "ERROR",
        "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old", "status": "Failure"},
    }
    server.fault(events(gone), path=DEPLOYMENTS, when=lambda r: "watch" in r.query)
    waiting = Waiting(real, reference(made))
    watching(server, 2)
    server.store.put(deployment())
    assert waiting.only.ready
    assert len([r for r in server.seen("GET", DEPLOYMENTS) if "watch" not in r.query]) == 2


def test_a_watch_that_ends_is_resumed_without_a_list_and_without_haste(
    server: Server, real: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_REOPEN", 0.2)
    made = server.store.put(deployment(ready=0))
    server.fault(events(), path=DEPLOYMENTS, times=FOREVER, when=lambda r: "watch" in r.query)
    waiting = Waiting(real, reference(made), timeout=1.1)
    outcome = waiting.only
    assert not outcome.ready
    assert outcome.message == "0 of 1 updated"
    watches = [r for r in server.log if "watch" in r.query]
    assert 3 <= len(watches) <= 7, "one every 0.2 s"
    assert len([r for r in server.seen("GET", DEPLOYMENTS) if "watch" not in r.query]) == 1


def test_bookmarks_move_the_place_from_which_it_resumes(server: Server, real: Client) -> None:
    made = server.store.put(deployment(ready=0))
    mark = {"type": "BOOKMARK", "object": {"kind": "Deployment", "metadata": {"resourceVersion": "777"}}}
    server.fault(events(mark), path=DEPLOYMENTS, when=lambda r: "watch" in r.query)
    waiting = Waiting(real, reference(made), timeout=0.5)
    assert not waiting.only.ready
    assert [r.query["resourceVersion"] for r in server.log if "watch" in r.query][1] == "777"


@pytest.mark.parametrize("verbs", ["watch", "list and watch"])
def test_where_it_may_not_be_watched_it_is_polled_and_said(server: Server, real: Client, verbs: str) -> None:
    made = server.store.put(deployment(ready=0))
    forbidden = status(403, "deployments.apps is forbidden", reason="Forbidden")
    server.fault(
        forbidden, path=DEPLOYMENTS + "$", times=FOREVER, when=lambda r: "watch" in r.query or verbs != "watch"
    )
    waiting = Waiting(real, reference(made))
    time.sleep(0.3)
    server.store.put(deployment())
    assert waiting.only.ready
    if verbs == "watch":
        assert any("cannot watch deployments in default" in line for line in waiting.lines)
    else:
        assert server.seen("GET", DEPLOYMENTS + "/web")


def test_what_may_not_even_be_read_fails_at_once(server: Server, real: Client) -> None:
    made = server.store.put(deployment(ready=0))
    server.fault(status(403, "deployments.apps is forbidden", reason="Forbidden"), path=DEPLOYMENTS, times=FOREVER)
    outcome = Waiting(real, reference(made)).only
    assert not outcome.ready
    assert "cannot be read" in outcome.message
    assert "forbidden" in outcome.message


def test_an_object_replaced_by_another_of_its_name_is_told(server: Server, real: Client) -> None:
    made = server.store.put(deployment(ready=0))
    waiting = Waiting(real, made)
    watching(server)
    server.store.drop("deployments", "default", "web")
    server.store.put(deployment())
    outcome = waiting.only
    assert (outcome.ready, outcome.verdict.grade) == (False, "terminal")
    assert "deleted, or replaced" in outcome.message


def test_what_is_not_there_yet_is_waited_for(server: Server, real: Client) -> None:
    waiting = Waiting(real, reference(deployment()))
    watching(server)
    server.store.put(deployment())
    assert waiting.only.ready


@pytest.mark.parametrize(
    "wrong", [None, [], {}, "text", 7, {"conditions": "none"}, {"conditions": [None, 1, {"type": []}]}]
)
def test_a_status_of_wrong_types_is_in_progress(server: Server, real: Client, wrong: Any) -> None:
    made = server.store.put({**deployment(), "status": wrong})
    outcome = Waiting(real, reference(made), timeout=0.2).only
    assert (outcome.ready, outcome.verdict.state) == (False, "in_progress")


def test_one_terminal_failure_ends_the_wait_and_tells_of_all(server: Server, real: Client) -> None:
    failed = deployment("a", ready=0)
    failed["status"]["conditions"] = [
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "has timed out"}
    ]
    made = [server.store.put(o) for o in (failed, deployment("b"), deployment("c", ready=0))]
    outcomes = Waiting(real, *map(reference, made)).end()
    assert [(o.ready, o.verdict.state) for o in outcomes] == [
        (False, "failed"),
        (True, "ready"),
        (False, "in_progress"),
    ]
    assert "ProgressDeadlineExceeded: has timed out" in outcomes[0].message


def test_a_failure_that_mends_itself_within_its_grace_is_no_failure(server: Server, real: Client) -> None:
    failing = deployment(ready=0)
    failing["status"]["conditions"] = [
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "quota"}
    ]
    made = server.store.put(failing)
    waiting = Waiting(real, reference(made), failure_grace=1)
    watching(server)
    server.store.put(deployment())
    assert waiting.only.ready
    server.store.put(failing)
    outcome = Waiting(real, reference(made), failure_grace=0.2).only
    assert (outcome.ready, outcome.verdict.grade) == (False, "retryable")


def test_ready_must_hold_for_settle(server: Server, real: Client) -> None:
    made = server.store.put(deployment())
    waiting = Waiting(real, reference(made), settle=0.4)
    watching(server)
    server.store.put(deployment(ready=0))
    time.sleep(0.1)
    server.store.put(deployment())
    assert waiting.only.ready
    assert waiting.only.seconds >= 0.5


THING = Kind("example.com", "v1", "Thing", "things")
FAILS = {
    "example.com/Thing": Rule(
        generation=ON_SUCCESS, terminal=(Condition("Ready", "False"),), ready=(Condition("Ready"),)
    )
}


def thing(at: str, **metadata: Any) -> dict[str, Any]:
    failed = {"type": "Ready", "status": "False", "reason": "Refused", "lastTransitionTime": at}
    return {
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "t", "namespace": "default", "generation": 2, **metadata},
        "status": {"observedGeneration": 0, "conditions": [failed]},
    }


@pytest.mark.parametrize("skew", [3600, -3600])
@pytest.mark.parametrize(("after", "wanted"), [(-60, "in_progress"), (1, "failed")])
def test_only_instants_of_the_server_are_compared(
    server: Server, real: Client, skew: float, after: float, wanted: str
) -> None:
    server.store.kinds[THING.group, THING.plural] = THING
    server.store.skew = skew
    applied = server.store.now()
    made = server.store.put(
        thing(applied, managedFields=[{"manager": "groundwork", "operation": "Apply", "time": applied}])
    )
    server.store.skew += after
    server.store.put(thing(server.store.now()))
    outcome = Waiting(real, reference(made), since=Since.of(made), rules=FAILS, timeout=0.3).only
    assert outcome.verdict.state == wanted


def test_the_children_tell_why(server: Server, real: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = server.store.put(
        {**deployment(ready=0), "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}}}
    )
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "default", "labels": {"app": "web"}},
        "spec": {},
        "status": {
            "phase": "Pending",
            "conditions": [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": "0/3 nodes are available",
                }
            ],
        },
    }
    server.store.put(pod)
    outcome = Waiting(real, reference(made), timeout=0.3).only
    assert outcome.message == "0 of 1 updated; pod web-1: unschedulable: 0/3 nodes are available"


def test_the_wait_ends_its_watches(server: Server, real: Client) -> None:
    made = server.store.put(deployment(ready=0))
    before = {t.name for t in threading.enumerate()}
    waiting = Waiting(real, reference(made))
    watching(server)
    server.store.put(deployment())
    assert waiting.only.ready
    until = time.monotonic() + 2
    while {t.name for t in threading.enumerate() if t.name.startswith("watch ")} - before:
        assert time.monotonic() < until, "a watch outlives its wait"
        time.sleep(0.01)


def test_a_stopped_client_ends_the_wait(server: Server, real: Client) -> None:
    made = server.store.put(deployment(ready=0))
    waiting = Waiting(real, reference(made))
    watching(server)
    server.fault(then(lambda exchange: None))
    real.stop()
    server.store.put(deployment(ready=0, generation=1))
    with pytest.raises(Exception, match="stopped"):
        waiting.end()


def test_a_failed_job_tells_the_last_line_of_its_log(server: Server, real: Client) -> None:
    labels = {"app": "import"}
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "no try left"}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "import", "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}},
        "status": {"conditions": [failed]},
    }
    ended = {"name": "app", "state": {"terminated": {"exitCode": 3}}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "import-x", "namespace": "default", "labels": labels},
        "spec": {"nodeName": "n"},
        "status": {"phase": "Failed", "containerStatuses": [ended]},
    }
    made = [server.store.put(o) for o in (job, pod)]
    server.fault(text(200, "no such table: orders\n"), path="/pods/import-x/log")
    outcome = Waiting(real, reference(made[0])).only
    assert (outcome.ready, outcome.verdict.grade) == (False, "terminal")
    assert outcome.message == (
        "Failed=True BackoffLimitExceeded: no try left; pod import-x: app ended: last exit code 3; "
        "pod import-x: last log line: no such table: orders"
    )
    assert server.seen("GET", "/log")[0].query == {"tailLines": "1", "limitBytes": "2048"}


def test_children_that_may_not_be_read_are_left_out(server: Server, real: Client) -> None:
    spec = {"replicas": 1, "selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}]}}
    made = server.store.put({**deployment(ready=0), "spec": spec})
    server.fault(status(403, "no", reason="Forbidden"), path="/api/v1/", times=FOREVER)
    outcome = Waiting(real, reference(made), timeout=0.2).only
    assert outcome.message == "0 of 1 updated"
    assert server.seen("GET", "/pods")[0].query["labelSelector"] == "app in (a,b)"


def test_what_others_decide_over_is_watched_with_it(server: Server, real: Client) -> None:
    server.store.kinds[THING.group, THING.plural] = THING
    rules = {**RULES, "example.com/Thing": Rule(generation=NOT_TRACKED, follows=("apps/Deployment",))}
    plain = thing("")
    del plain["status"]
    made = server.store.put(plain)
    waiting = Waiting(real, reference(made), rules=rules)
    watching(server, 2)
    owned = deployment()
    owned["metadata"]["ownerReferences"] = [{"uid": made["metadata"]["uid"]}]
    server.store.put(deployment("another"))
    server.store.put(owned)
    assert waiting.only.ready
    assert len([r for r in server.log if "watch" in r.query]) == 2, "one a collection"
