"""Waiting against a server that misbehaves: watches that break, objects that change, status that is wrong or old."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.connection import Connection
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import Discovery
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import ApiError, Class
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.progress import Progress
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import (
    NOT_TRACKED,
    Rule,
    Since,
    evaluate,
)
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.wait import (
    Outcome,
    Patience,
    Target,
    wait,
)
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES
from support.certificates import Authority
from support.clock import FastClock
from support.objects import config_map, namespace, workload
from support.server import FOREVER, Exchange, Server, events, status, text, then
from support.store import Kind

Opened = Callable[..., Client]
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
FIXTURES = Path(__file__).parents[1] / "readiness" / "fixtures"
READY = {
    "observedGeneration": 1,
    "replicas": 1,
    "updatedReplicas": 1,
    "readyReplicas": 1,
    "availableReplicas": 1,
    "conditions": [
        {"type": "Available", "status": "True"},
        {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
    ],
}


def fixture(key: str, name: str) -> dict[str, Any]:
    obj: dict[str, Any] = yaml.safe_load((FIXTURES / key / f"{name}.yml").read_text())
    obj["metadata"].setdefault("namespace", "default")
    return obj


class Waiting:
    """A wait in a thread of its own, on a clock a hundred times as fast, so that the world can change meanwhile."""

    def __init__(
        self,
        server: Server,
        opened: Opened,
        objects: list[Any],
        *,
        rules: Mapping[str, Rule] = RULES,
        connection: Connection | None = None,
        **patience: Any,
    ) -> None:
        self.clock, self._rules, self.error = FastClock(), rules, None
        self.client = opened(server, clock=self.clock, connection=connection)
        self.lines: list[str] = []
        self.outcomes: Any = None
        self.began = self.clock.now()
        self._thread = threading.Thread(
            target=self._run, args=(objects, Patience(**{"timeout": 1000, **patience})), daemon=True
        )
        self._thread.start()

    def _run(self, objects: list[Any], patience: Patience) -> None:
        targets = [obj if isinstance(obj, Target) else Target(obj) for obj in objects]
        try:
            self.outcomes = wait(
                self.client,
                Discovery(self.client),
                targets,
                rules=self._rules,
                patience=patience,
                progress=Progress(self.lines.append, self.clock),
                clock=self.clock,
            )
        except BaseException as error:
            self.error = error
        self.seconds = self.clock.now() - self.began

    def end(self) -> Any:
        self._thread.join(20)
        assert not self._thread.is_alive(), "the wait does not end"
        if self.error:
            raise self.error
        return self.outcomes

    @property
    def only(self) -> Outcome:
        (outcome,) = self.end()
        return outcome


def until(what: Callable[[], bool], seconds: float = 10) -> None:
    ticks = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if what():
            return
        ticks.wait(0.01)
    raise AssertionError("it did not happen")


def made_ready(server: Server, name: str) -> None:
    live = server.store.read("deployments", "default", name)
    assert live
    server.store.put({**live, "status": {**READY, "observedGeneration": live["metadata"]["generation"]}})


def watches(server: Server) -> int:
    return len([r for r in server.log if "watch" in r.query])


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


def reference(obj: dict[str, Any]) -> dict[str, Any]:
    return {
        **{k: obj[k] for k in ("apiVersion", "kind")},
        "metadata": {k: obj["metadata"][k] for k in ("name", "namespace")},
    }


def test_row_30_lists_and_watches_that_break_lose_nothing(server: Server, opened: Opened) -> None:
    names = [f"n{number:03}" for number in range(520)]
    live = [server.store.put(workload(name)) for name in names]
    for name in names[:-1]:
        made_ready(server, name)
    # Two pages: the second is too old, so the list starts again.
    gone = status(410, "The provided continue parameter is too old", reason="Expired")
    server.fault(gone, method="GET", path="/deployments$", when=lambda r: bool(r.query.get("continue")))
    expired = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
    bookmark = {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"resourceVersion": str(server.store.version)},
    }
    again = {"type": "MODIFIED", "object": server.store.read("deployments", "default", names[0])}

    def watching(request: Any) -> bool:
        return "watch" in request.query

    broken = [
        server.fault(events({"type": "ERROR", "object": expired}), when=watching),
        server.fault(events({"type": "BOOKMARK", "object": bookmark}), when=watching),
        server.fault(events(again, again), when=watching),
        server.fault(events(), when=watching, times=5),
    ]
    waiting = Waiting(server, opened, live, timeout=1500)
    until(lambda: broken[-1].hits == 5)
    until(lambda: watches(server) == 9, 5)
    made_ready(server, names[-1])
    outcomes = waiting.end()
    assert all(outcome.ready for outcome in outcomes)
    assert [fault.hits for fault in broken] == [1, 1, 1, 5]
    assert watches(server) <= waiting.seconds + 5, "a watch that ends at once is opened again once a second at most"


def test_row_31_where_watching_is_forbidden_it_asks_again(server: Server, opened: Opened) -> None:
    live = [server.store.put(workload(name)) for name in ("one", "two")]
    server.fault(status(403, "cannot watch", reason="Forbidden"), when=lambda r: "watch" in r.query, times=FOREVER)
    waiting = Waiting(server, opened, live, timeout=900)
    until(lambda: len(server.seen("GET", "/deployments$")) >= 4)
    for name in ("one", "two"):
        made_ready(server, name)
    assert all(outcome.ready for outcome in waiting.end())
    assert any("cannot watch deployments in default" in line for line in waiting.lines)
    lists = [r for r in server.seen("GET", "/deployments$") if "watch" not in r.query]
    assert len(lists) <= waiting.seconds / 2 + 3, "every 2 to 10 seconds"


def test_row_32_an_object_of_the_same_name_is_another_object(server: Server, opened: Opened) -> None:
    live = server.store.put(workload("web"))
    expired = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}

    def replace(exchange: Any) -> None:
        with server.store.changed:
            server.store.drop("deployments", "default", "web")
            server.store.put(workload("web"))
            made_ready(server, "web")
        events({"type": "ERROR", "object": expired})(exchange)

    # Nobody saw it go: only the list after the broken watch shows another one, which is ready.
    server.fault(replace, when=lambda r: "watch" in r.query)
    (outcome,) = Waiting(server, opened, [live], timeout=900).end()
    assert not outcome.ready
    assert "replaced" in outcome.message


WRONG: list[Any] = [
    None,
    "Ready",
    7,
    [],
    [None],
    {},
    {"conditions": None},
    {"conditions": {"type": "Ready", "status": "True"}},
    {"conditions": "Ready"},
    {"conditions": [None, 3, "Ready", {"type": None}, {"status": True}]},
    {"conditions": [{"type": ["Ready"], "status": {"a": 1}, "observedGeneration": "x"}]},
    {"observedGeneration": "one", "replicas": "1", "readyReplicas": None, "phase": {}, "state": []},
]
KEYS = sorted(key for key, row in RULES.items() if "*" not in key and row.ready)


def judged(key: str, wrong: Any, generation: Any) -> str:
    group, _, kind = key.rpartition("/")
    obj = {
        "apiVersion": f"{group}/v1" if group else "v1",
        "kind": kind,
        "metadata": {"name": "x", "generation": generation},
        "spec": {"replicas": 1},
        "status": wrong,
    }
    return evaluate(obj, rules=RULES).state


def test_row_33_status_of_wrong_types_is_no_error_and_not_ready() -> None:
    speaking = [key for key in KEYS if judged(key, None, 2) != "ready"]  # the others say nothing while all is well
    assert len(speaking) > 150
    ready = {key for key in speaking for wrong in WRONG for number in (2, "2") if judged(key, wrong, number) == "ready"}
    assert ready == STATUS_IS_ENOUGH
    silent = set(KEYS) - set(speaking)
    assert all(judged(key, wrong, number) for key in silent for wrong in WRONG for number in (2, "2", None))


# Kinds that are ready once their controller has written any status at all.
STATUS_IS_ENOUGH = {"argoproj.io/CronWorkflow"}

MODES = {
    "A": ["apps/Deployment", "apps/StatefulSet"],
    "A'": ["secrets.hashicorp.com/VaultStaticSecret"],
    "B": ["cert-manager.io/Certificate"],
    "D": ["postgresql.cnpg.io/Database"],
    "P": ["kafka.strimzi.io/Kafka"],
    "E": ["postgresql.cnpg.io/Cluster"],
}


@pytest.mark.parametrize(("mode", "key"), [(mode, key) for mode, keys in MODES.items() for key in keys])
def test_row_34_ready_from_before_a_change_is_not_ready(mode: str, key: str) -> None:
    assert RULES[key].generation.mode == mode
    files = sorted((FIXTURES / key).glob("ready*.yml"))
    assert files
    for path in files:
        before = yaml.safe_load(path.read_text())
        assert evaluate(before, rules=RULES).state == "ready"
        after = copy.deepcopy(before)
        after["metadata"]["generation"] = before["metadata"].get("generation", 1) + 1
        after["spec"] = {**after.get("spec", {}), "changedByUs": True}
        verdict = evaluate(after, rules=RULES, since=Since.of(after, after))
        assert verdict.state != "ready", (path.name, verdict)


def test_row_34_a_failure_behind_a_lag_shows_after_the_grace(server: Server, opened: Opened) -> None:
    server.store.kinds["rabbitmq.com", "rabbitmqclusters"] = Kind(
        "rabbitmq.com", "v1beta1", "RabbitmqCluster", "rabbitmqclusters"
    )
    obj = yaml.safe_load(
        sorted((FIXTURES / "rabbitmq.com/RabbitmqCluster").glob("failed_retryable*.yml"))[0].read_text()
    )
    obj["metadata"]["namespace"] = "default"
    live = server.store.put(obj)
    target = Target(live, Since.of(live, live))
    waiting = Waiting(server, opened, [target], timeout=1500, failure_grace=60)
    (outcome,) = waiting.end()
    assert not outcome.ready
    assert outcome.verdict.state == "failed", outcome
    assert 60 <= outcome.seconds < 1000


def test_row_35_failures_that_mend_and_ready_that_flaps_end_nothing_early(server: Server, opened: Opened) -> None:
    live = server.store.put(workload("web"))
    waiting = Waiting(server, opened, [live], timeout=1500, failure_grace=300, settle=100)
    until(lambda: watches(server) >= 1)
    now = server.store.read("deployments", "default", "web")
    assert now
    failed = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}
    broken = {**READY, "availableReplicas": 0, "readyReplicas": 0, "conditions": [failed]}
    pause = threading.Event()
    server.store.put({**now, "status": broken})
    pause.wait(0.5)
    assert waiting.outcomes is None, "a failure of 50 seconds is within its grace"
    flaps = 0
    for _ in range(3):
        made_ready(server, "web")
        pause.wait(0.2)
        assert waiting.outcomes is None, "ready for 20 seconds of 100"
        server.store.put({**now, "status": {**READY, "availableReplicas": 0, "readyReplicas": 0}})
        pause.wait(0.1)
        flaps += 1
    made_ready(server, "web")
    last = waiting.clock.now()
    (outcome,) = waiting.end()
    assert outcome.ready
    assert waiting.clock.now() - last >= 99, "settle"
    assert flaps == 3


@pytest.mark.parametrize("skew", [3600.0, -3600.0])
def test_row_44_clocks_that_differ_change_nothing(
    server: Server, keep: Callable[..., Any], opened: Opened, skew: float
) -> None:
    server.store.skew = skew
    objects = [namespace("data"), config_map("one", "data"), workload("web")]
    told: list[str] = []

    def tell() -> None:
        told.append("ready")
        made_ready(server, "web")

    def later(exchange: Any) -> None:
        threading.Timer(0.3, tell).start()

    server.fault(then(later), method="PATCH", path="/deployments/web", when=lambda r: not r.dry, times=FOREVER)
    result = keep(objects)
    assert not result.failed, result.msg
    assert all(row["ready"] for row in result["objects"])
    changed = workload("web", replicas=1, minReadySeconds=3)
    result = keep([namespace("data"), config_map("one", "data"), changed], timeout=1500)
    assert result.actions["Deployment web"] == "changed"
    assert len(told) == 2, "it waited for the status of the new generation"
    # A failure behind a lag: whether it is older than our change is told by the server's own times.
    path = next((FIXTURES / "rabbitmq.com/RabbitmqCluster").glob("failed_retryable*.yml"))
    now = datetime.fromisoformat(server.store.now())
    for seconds, state in ((-60, "in_progress"), (1, "failed")):
        obj = yaml.safe_load(path.read_text())
        ours = {"manager": "groundwork", "operation": "Apply", "time": server.store.now()}
        obj["metadata"]["managedFields"] = [ours]
        for condition in obj["status"]["conditions"]:
            condition["lastTransitionTime"] = (now + timedelta(seconds=seconds)).isoformat()
        assert evaluate(obj, rules=RULES, since=Since.of(obj, obj)).state == state, seconds


THING = Kind("example.com", "v1", "Thing", "things")


def test_what_is_ready_costs_one_list_and_no_watch(server: Server, opened: Opened) -> None:
    made = [server.store.put(deployment(name)) for name in ("a", "b")]
    outcomes = Waiting(server, opened, [*map(reference, made)]).end()
    assert [o.ready for o in outcomes] == [True, True]
    assert len(server.seen("GET", DEPLOYMENTS)) == 1


def test_what_the_apply_answered_as_ready_costs_nothing(server: Server, opened: Opened) -> None:
    made = server.store.put(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}}
    )
    assert Waiting(server, opened, [made]).only.ready
    assert server.log == []


def test_a_flip_is_seen_by_the_watch_and_nothing_is_polled(server: Server, opened: Opened) -> None:
    made = server.store.put(deployment(ready=0))
    waiting = Waiting(server, opened, [reference(made)])
    until(lambda: watches(server) >= 1)
    time.sleep(0.5)
    server.store.put(deployment())
    assert waiting.only.ready
    assert len(server.seen("GET", DEPLOYMENTS)) == 2, "one LIST, one WATCH"
    assert server.seen("GET", DEPLOYMENTS)[1].query["fieldSelector"] == "metadata.name=web"


def test_bookmarks_move_the_place_from_which_it_resumes(server: Server, opened: Opened) -> None:
    made = server.store.put(deployment(ready=0))
    mark = {"type": "BOOKMARK", "object": {"kind": "Deployment", "metadata": {"resourceVersion": "777"}}}
    server.fault(events(mark), path=DEPLOYMENTS, when=lambda r: "watch" in r.query)
    waiting = Waiting(server, opened, [reference(made)])
    until(lambda: watches(server) >= 2)
    waiting.client.stop()
    with pytest.raises(Exception, match="stopped"):
        waiting.end()
    assert [r.query["resourceVersion"] for r in server.log if "watch" in r.query][1] == "777"


def test_what_may_not_even_be_read_fails_at_once(server: Server, opened: Opened) -> None:
    made = server.store.put(deployment(ready=0))
    server.fault(status(403, "deployments.apps is forbidden", reason="Forbidden"), path=DEPLOYMENTS, times=FOREVER)
    outcome = Waiting(server, opened, [reference(made)]).only
    assert not outcome.ready
    assert "cannot be read" in outcome.message
    assert "forbidden" in outcome.message


def test_what_is_not_there_yet_is_waited_for(server: Server, opened: Opened) -> None:
    waiting = Waiting(server, opened, [reference(deployment())])
    until(lambda: watches(server) >= 1)
    server.store.put(deployment())
    assert waiting.only.ready


def test_one_terminal_failure_ends_the_wait_and_tells_of_all(server: Server, opened: Opened) -> None:
    failed = deployment("a", ready=0)
    failed["status"]["conditions"] = [
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "has timed out"}
    ]
    made = [server.store.put(o) for o in (failed, deployment("b"), deployment("c", ready=0))]
    outcomes = Waiting(server, opened, [*map(reference, made)]).end()
    assert [(o.ready, o.verdict.state) for o in outcomes] == [
        (False, "failed"),
        (True, "ready"),
        (False, "in_progress"),
    ]
    assert "ProgressDeadlineExceeded: has timed out" in outcomes[0].message


def test_the_children_tell_why(server: Server, opened: Opened) -> None:
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
    outcome = Waiting(server, opened, [reference(made)], timeout=30).only
    assert outcome.message == "0 of 1 updated; pod web-1: unschedulable: 0/3 nodes are available"


def test_the_wait_ends_its_watches(server: Server, opened: Opened) -> None:
    made = server.store.put(deployment(ready=0))
    before = {t.name for t in threading.enumerate()}
    waiting = Waiting(server, opened, [reference(made)])
    until(lambda: watches(server) >= 1)
    server.store.put(deployment())
    assert waiting.only.ready
    until(lambda: not {t.name for t in threading.enumerate() if t.name.startswith("watch ")} - before)


def test_a_server_that_stays_away_ends_the_wait_when_the_client_gives_up(server: Server, opened: Opened) -> None:
    waiting = Waiting(server, opened, [reference(server.store.put(deployment(ready=0)))], timeout=100_000)
    until(lambda: watches(server) >= 1)
    server.leave()
    with pytest.raises(ApiError, match=r"connection refused; given up after \d+ tries in [1-9]\d\d+ s"):
        waiting.end()


def test_another_cluster_on_the_same_port_ends_the_wait_at_once(tmp_path: Path, opened: Opened) -> None:
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")
    here = ("127.0.0.1",)
    with Server(certificate=ours.issue("one", hosts=here)) as server:
        connection = server.connection(ca_cert=ours.certificate)
        made = server.store.put(deployment(ready=0))
        waiting = Waiting(server, opened, [reference(made)], connection=connection, timeout=100_000)
        until(lambda: watches(server) >= 1)
        server.restart(0, certificate=other.issue("two", hosts=here))
        with pytest.raises(ApiError, match="is not trusted") as refused:
            waiting.end()
        assert refused.value.kind is Class.TLS
        assert waiting.seconds < 600


def test_a_stopped_client_ends_the_wait(server: Server, opened: Opened) -> None:
    made = server.store.put(deployment(ready=0))
    waiting = Waiting(server, opened, [reference(made)])
    until(lambda: watches(server) >= 1)
    server.fault(then(lambda exchange: None))
    waiting.client.stop()
    server.store.put(deployment(ready=0, generation=1))
    with pytest.raises(Exception, match="stopped"):
        waiting.end()


def test_a_failed_job_tells_the_last_line_of_its_log(server: Server, opened: Opened) -> None:
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
    outcome = Waiting(server, opened, [reference(made[0])]).only
    assert (outcome.ready, outcome.verdict.grade) == (False, "terminal")
    assert outcome.message == (
        "Failed=True BackoffLimitExceeded: no try left; pod import-x: app ended: last exit code 3; "
        "pod import-x: last log line: no such table: orders"
    )
    assert server.seen("GET", "/log")[0].query == {"tailLines": "1", "limitBytes": "2048"}


def test_children_that_may_not_be_read_are_left_out(server: Server, opened: Opened) -> None:
    spec = {"replicas": 1, "selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}]}}
    made = server.store.put({**deployment(ready=0), "spec": spec})
    server.fault(status(403, "no", reason="Forbidden"), path="/api/v1/", times=FOREVER)
    outcome = Waiting(server, opened, [reference(made)], timeout=20).only
    assert outcome.message == "0 of 1 updated"
    assert server.seen("GET", "/pods")[0].query["labelSelector"] == "app in (a,b)"


def test_what_others_decide_over_is_watched_with_it(server: Server, opened: Opened) -> None:
    server.store.kinds[THING.group, THING.plural] = THING
    rules = {**RULES, "example.com/Thing": Rule(generation=NOT_TRACKED, follows=("apps/Deployment",))}
    made = server.store.put(
        {"apiVersion": THING.api_version, "kind": THING.kind, "metadata": {"name": "t", "namespace": "default"}}
    )
    waiting = Waiting(server, opened, [reference(made)], rules=rules)
    until(lambda: watches(server) >= 2)
    owned = deployment()
    owned["metadata"]["ownerReferences"] = [{"uid": made["metadata"]["uid"]}]
    server.store.put(deployment("another"))
    server.store.put(owned)
    assert waiting.only.ready
    assert len([r for r in server.log if "watch" in r.query]) == 2, "one a collection"


def test_a_child_that_is_read_before_its_owner_is_not_forgotten(server: Server, opened: Opened) -> None:
    """Both collections are read at once, and nothing more is heard of the child."""
    server.store.kinds[THING.group, THING.plural] = THING
    rules = {**RULES, "example.com/Thing": Rule(generation=NOT_TRACKED, follows=("apps/Deployment",))}
    made = server.store.put(
        {"apiVersion": THING.api_version, "kind": THING.kind, "metadata": {"name": "t", "namespace": "default"}}
    )
    owned = deployment()
    owned["metadata"]["ownerReferences"] = [{"uid": made["metadata"]["uid"]}]
    server.store.put(owned)
    read = threading.Event()

    def after_the_child(exchange: Exchange) -> None:
        read.wait(5)

    def told(exchange: Exchange) -> None:
        threading.Timer(0.3, read.set).start()

    server.fault(then(after_the_child), path=f"/{THING.plural}", method="GET")
    server.fault(then(told), path="/deployments", method="GET")
    assert Waiting(server, opened, [reference(made)], rules=rules, timeout=10).only.ready
