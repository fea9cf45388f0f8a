"""Fault rows of waiting: watches that break, objects that change under the wait, status that is wrong or old."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import Discovery
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.progress import Progress
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import Since, evaluate
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.wait import Patience, Target, wait
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES
from support.clock import FastClock
from support.objects import config_map, namespace, workload
from support.server import FOREVER, Server, events, status, then
from support.store import Kind

Opened = Callable[..., Client]
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
    """A wait in a thread of its own, on a clock a hundred times as fast."""

    def __init__(self, server: Server, opened: Opened, objects: list[Any], patience: Patience) -> None:
        self.clock = FastClock()
        self.client = opened(server, clock=self.clock)
        self.lines: list[str] = []
        self.outcomes: Any = None
        self.began = self.clock.now()
        self._thread = threading.Thread(target=self._run, args=(objects, patience), daemon=True)
        self._thread.start()

    def _run(self, objects: list[Any], patience: Patience) -> None:
        targets = [obj if isinstance(obj, Target) else Target(obj) for obj in objects]
        self.outcomes = wait(
            self.client,
            Discovery(self.client),
            targets,
            rules=RULES,
            patience=patience,
            progress=Progress(self.lines.append, self.clock),
            clock=self.clock,
        )
        self.seconds = self.clock.now() - self.began

    def end(self) -> Any:
        self._thread.join(20)
        assert not self._thread.is_alive(), "the wait does not end"
        return self.outcomes


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
    waiting = Waiting(server, opened, live, Patience(timeout=1500))
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
    waiting = Waiting(server, opened, live, Patience(timeout=900))
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
    (outcome,) = Waiting(server, opened, [live], Patience(timeout=900)).end()
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
    "D": ["rabbitmq.com/RabbitmqCluster"],
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
    waiting = Waiting(server, opened, [target], Patience(timeout=1500, failure_grace=60))
    (outcome,) = waiting.end()
    assert not outcome.ready
    assert outcome.verdict.state == "failed", outcome
    assert 60 <= outcome.seconds < 1000


def test_row_35_failures_that_mend_and_ready_that_flaps_end_nothing_early(server: Server, opened: Opened) -> None:
    live = server.store.put(workload("web"))
    waiting = Waiting(server, opened, [live], Patience(timeout=1500, failure_grace=300, settle=100))
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
    soon: list[threading.Timer] = []

    def later(exchange: Any) -> None:
        soon.append(threading.Timer(0.3, made_ready, (server, "web")))
        soon[-1].start()

    server.fault(then(later), method="PATCH", path="/deployments/web", when=lambda r: not r.dry, times=FOREVER)
    result = keep(objects)
    assert not result.failed, result.msg
    assert all(row["ready"] for row in result["objects"])
    changed = workload("web", replicas=1, minReadySeconds=3)
    result = keep([namespace("data"), config_map("one", "data"), changed], timeout=1500)
    assert result.actions["Deployment web"] == "changed"
    assert len(soon) == 2
    assert not soon[1].is_alive(), "it waited for the status of the new generation"
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
