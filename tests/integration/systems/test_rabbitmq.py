"""RabbitMQ's set on a real API server with its operators' definitions: strict, unchanged when run again, guarded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.cases import Case
from support.data_system import Data, everything, rendered, sentence
from support.lab import LabCluster, lab
from support.module import kept, module

EVENTS: dict[str, Any] = everything("rabbitmq")
_QUEUES: list[dict[str, Any]] = EVENTS["queues"]


@pytest.fixture(scope="session")
def rabbitmq_kinds(cluster: LabCluster) -> LabCluster:
    """The lab cluster with the kinds of RabbitMQ's operators and prometheus-operator; no operator runs."""
    lab("crds", "apply", "rabbitmq", "observability", "--cluster", cluster.name)
    return cluster


@pytest.fixture
def data(rabbitmq_kinds: LabCluster) -> Data:
    found = Data(rabbitmq_kinds, "rabbitmq_cluster", EVENTS)
    found.options = {**EVENTS, "users": [{**each, "namespace": found.namespace} for each in EVENTS["users"]]}
    return found


@pytest.mark.parametrize("case", rendered("rabbitmq"), ids=str)
def test_the_server_takes_every_object_strictly(case: Case, data: Data) -> None:
    data.taken_strictly(case)


def test_a_second_run_writes_nothing(data: Data) -> None:
    data.second_run_writes_nothing()


def test_a_user_and_its_rights_are_beside_its_client(rabbitmq_kinds: LabCluster) -> None:
    data, client = (Data(rabbitmq_kinds, "rabbitmq_cluster", EVENTS) for _ in range(2))
    users = [{"name": "worker", "namespace": client.namespace, "permissions": [{"write": ""}]}]
    data.keep(users=users)
    user = rabbitmq_kinds.get("users.rabbitmq.com", "events-worker", "-n", client.namespace)
    assert user["spec"]["rabbitmqClusterReference"] == {"name": "events", "namespace": data.namespace}
    cluster = rabbitmq_kinds.get("rabbitmqclusters", "events", "-n", data.namespace)
    assert cluster["metadata"]["annotations"]["rabbitmq.com/topology-allowed-namespaces"] == client.namespace
    assert "deleted" in data.keep(users=[])[0].actions.values()


def test_nothing_is_declared_before_its_cluster_is_ready(data: Data) -> None:
    """No operator runs: it would try to in vain, and wait longer each time."""
    result = module(data.cluster, "rabbitmq_cluster", **data.options | {"namespace": data.namespace, "timeout": 2})
    assert result.failed
    assert f"rabbitmq.com/RabbitmqCluster {data.namespace}/events is not ready: " in result.msg
    assert "skipped" in result.actions.values()
    made = data.cluster.kubectl("get", "rabbitmqclusters,vhosts.rabbitmq.com,queues.rabbitmq.com", "-n", data.namespace)
    assert made.count("rabbitmq.com/") == 1, made


def test_what_holds_no_data_is_pruned_and_the_rest_is_refused(data: Data) -> None:
    data.keep()
    retained = [each for each in _QUEUES if each["name"] == "reports"]
    fewer = {"queues": retained, "bindings": EVENTS["bindings"][1:], "users": []}
    result, _ = data.keep(**fewer, monitoring={"enabled": False})
    gone = [name for name, action in result.actions.items() if action == "deleted"]
    assert len(gone) == 9, gone  # a queue that RabbitMQ keeps, a binding, two users with three rights, monitor, rule
    refusal = data.refused(**fewer | {"queues": []})
    assert f"delete rabbitmq.com/Queue {data.namespace}/events-shop-1-reports " in refusal
    assert "the queue is deleted in RabbitMQ, with its messages" in refusal


def test_a_vhost_goes_with_a_sentence_only_unless_it_is_retained(data: Data) -> None:
    gone = {"vhosts": [], "users": [], "exchanges": [], "queues": [], "bindings": []}
    data.keep(**gone | {"vhosts": [{"name": "shop", "reclaim": "delete"}, {"name": "kept"}]})
    refusal = data.refused(**gone)
    assert "every queue in it is deleted in RabbitMQ" in refusal
    assert "events-kept" not in refusal
    assert "deleted" in data.allowed(sentence(refusal), **gone).actions.values()


def test_deleting_a_cluster_is_refused_with_what_would_be_lost(data: Data) -> None:
    data.keep(queues=_QUEUES[:1])
    refusal = data.refused(state="absent")
    assert f"delete rabbitmq.com/RabbitmqCluster {data.namespace}/events " in refusal
    assert "all its queues go with it, with their messages: 3 x 20Gi" in refusal, refusal
    assert "deleted" in data.allowed(sentence(refusal), state="absent").actions.values()


def _with(**change: Any) -> dict[str, Any]:
    """The queue `tasks` otherwise."""
    return {"queues": [{**each, **change} if each["name"] == "tasks" else each for each in _QUEUES]}


GUARDED = {
    "a smaller volume": (
        {"storage": {"size": "10Gi", "class": "fast-ssd"}},
        "shrink spec.persistence.storage from 20Gi",
    ),
    "fewer nodes": ({"replicas": 1}, "shrink spec.replicas from 3 to 1 of"),
    "another type": (_with(type="classic"), "change spec.type from quorum to classic of rabbitmq.com/Queue"),
    "arguments": (_with(arguments={"x-max-length": 10}), "change spec.arguments of rabbitmq.com/Queue"),
    "lost by a restart": (_with(type="classic", durable=False), "change spec.durable from True to False of"),
    "deletes itself": (_with(type="classic", auto_delete=True), "change spec.autoDelete of"),
}


def test_irreversible_changes_are_refused_unless_named(data: Data) -> None:
    one = {what: found for what, found in GUARDED.items() if what not in ("lost by a restart", "deletes itself")}
    data.guarded(one)
    for what in GUARDED.keys() - one.keys():
        change, words = GUARDED[what]
        assert words in data.refused(**change), what
    more, _ = data.keep(check=True, replicas=5, storage={"size": "40Gi", "class": "fast-ssd"})
    assert "changed" in more.actions.values()


def test_info_and_definitions_say_why_nobody_can_be_asked(data: Data, tmp_path: Path) -> None:
    """No operator runs here, so there is no node; the operator's status is written by hand."""
    data.keep()
    told = {"type": "ReconcileSuccess", "status": "False", "reason": "Error", "message": "no quota"}
    data.status("rabbitmqclusters", conditions=[{**told, "lastTransitionTime": "2026-11-20T18:00:00Z"}])
    which = {"name": "events", "namespace": data.namespace}
    result, requests = kept(data.cluster, "rabbitmq_info", **which)
    assert not requests.mutating, requests.words()
    assert (result["healthy"], result["queues"], result["alarms"]) == (False, None, None)
    assert result["reason"] == "ReconcileSuccess: no quota"
    nobody = f"no node of RabbitMQ {data.namespace}/events is ready"
    assert nobody in result["unknown"]
    assert nobody in module(data.cluster, "rabbitmq_definitions", **which, path=str(tmp_path / "events.json")).msg
    assert "there is no" in module(data.cluster, "rabbitmq_info", **which | {"name": "other"}).msg
