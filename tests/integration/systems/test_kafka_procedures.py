"""What people do to a running Kafka cluster, on a real API server: the operator's part is written here by hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from support.data_system import Data, everything, sentence
from support.lab import LabCluster
from support.module import kept, module
from support.task import Result

CRUISE = {"numReplicaMovements": 12, "dataToMoveMB": 340, "numLeaderMovements": 3}
READY = [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-21T12:00:00Z"}]


class Operator:
    """Strimzi's part, simulated: statuses that a test writes when it sees what was asked."""

    def __init__(self, data: Data) -> None:
        self.data, self.cluster = data, data.cluster

    def get(self, kind: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.cluster.get(kind, name, "--namespace", self.data.namespace)
        return found

    def says(self, kind: str, name: str, **status: Any) -> None:
        """Its status as of what the object asks for now."""
        generation = self.get(kind, name)["metadata"]["generation"]
        self.data.status(kind, name, observedGeneration=generation, **status)

    def rebalance(self, kind: str, name: str, state: str, **status: Any) -> None:
        """The state that follows what was asked, and the annotation taken away."""
        what = (kind, name, "--namespace", self.data.namespace)
        self.cluster.kubectl("annotate", *what, "strimzi.io/rebalance-")
        rows = [{"type": state, "status": "True", "lastTransitionTime": "2026-11-21T12:00:00Z"}]
        self.data.status(kind, name, conditions=rows, **status)

    def connectors(self, state: str) -> None:
        """A mirror's connectors in this state."""
        rows = [
            {"name": f"east->west.Mirror{half}Connector", "connector": {"state": state}, "tasks": []}
            for half in ("Source", "Checkpoint")
        ]
        self.says("kafkamirrormaker2", "events-mirror", conditions=READY, connectors=rows)

    @contextmanager
    def when(self, arguments: tuple[str, ...], then: Any) -> Iterator[None]:
        """Does `then` once kubectl has waited for something, beside the block."""
        failed: list[BaseException] = []

        def follow() -> None:
            try:
                self.cluster.kubectl("wait", *arguments, "--timeout=60s", "--namespace", self.data.namespace)
                then()
            except BaseException as error:  # told by the test's own thread
                failed.append(error)

        thread = threading.Thread(target=follow)
        thread.start()
        yield
        thread.join()
        assert not failed, failed


@pytest.fixture
def data(kafka_kinds: LabCluster) -> Data:
    return Data(kafka_kinds, "kafka_cluster", {**everything("kafka"), "mirrors": []})


def stopped_mirror(data: Data, state: str) -> list[dict[str, Any]]:
    return [{**everything("kafka")["mirrors"][0], "state": state, "checkpoints": state}]


def do(data: Data, name: str, /, **options: Any) -> Result:
    return kept(data.cluster, name, namespace=data.namespace, timeout=60, **options)[0]


def told(result: Result) -> dict[str, str]:
    return {row["name"]: row["state"] for row in result["steps"]}


def test_info_says_what_the_operator_says_and_what_was_not_asked(data: Data) -> None:
    operator = Operator(data)
    data.keep(mirrors=stopped_mirror(data, "running"))
    listeners = [{"name": "tls", "bootstrapServers": "events-kafka-bootstrap.data.svc:9093"}]
    warning = {
        "type": "Warning",
        "status": "True",
        "message": "an old option",
        "lastTransitionTime": "2026-11-21T12:00:00Z",
    }
    operator.says("kafka", "events", conditions=[*READY, warning], listeners=listeners, kafkaVersion="4.3.1")
    wrong = {"type": "Ready", "status": "False", "reason": "NotSupported", "message": "fewer partitions"}
    operator.says("kafkatopic", "experiments", conditions=[{**wrong, "lastTransitionTime": "2026-11-21T12:00:00Z"}])
    operator.says("kafkanodepool", "broker", nodeIds=[0, 1, 2, 3, 4], replicas=5)
    operator.connectors("RUNNING")
    labels = {"strimzi.io/cluster": "events", "strimzi.io/name": "events-kafka"}
    metadata = {"name": "events-broker-0", "namespace": data.namespace, "labels": labels}
    spec = {"containers": [{"name": "kafka", "image": "registry.example/kafka"}]}
    data.cluster.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})

    result, requests = kept(data.cluster, "kafka_info", name="events", namespace=data.namespace)
    assert not requests.mutating, requests.words()
    assert (result["ready"], result["reason"], result["version"]) == (True, None, "4.3.1")
    assert result["warnings_of_operator"] == ["an old option"]
    assert result["listeners"] == [{"name": "tls", "bootstrap": "events-kafka-bootstrap.data.svc:9093"}]
    assert {each["name"]: each["nodes"] for each in result["pools"]} == {"broker": [0, 1, 2, 3, 4], "controller": []}
    assert [each["name"] for each in result["nodes"]] == ["events-broker-0"]
    topics = {each["name"]: each["reason"] for each in result["topics"]}
    assert topics["experiments"] == "NotSupported: fewer partitions"
    assert [each["name"] for each in result["connect"]] == ["events-connect"]
    assert [each["name"] for each in result["connect"][0]["connectors"]] == ["orders"]
    assert [each["state"] for each in result["mirrors"][0]["connectors"]] == ["RUNNING", "RUNNING"]
    assert "metrics of brokers" in result["not_asked"][0]
    assert "there is no" in module(data.cluster, "kafka_info", name="other", namespace=data.namespace).msg


def test_nothing_moves_without_a_proposal_that_was_approved(data: Data) -> None:
    operator, name = Operator(data), "events-rebalance"
    data.keep()
    early = module(data.cluster, "kafka_rebalance", name="events", namespace=data.namespace)
    assert "the cluster is not ready" in early.msg
    operator.says("kafka", "events", conditions=READY)
    nothing = module(data.cluster, "kafka_rebalance", name="events", namespace=data.namespace, state="approved")
    assert "there is no proposal to approve, the rebalance is not there" in nothing.msg
    foretold = do(data, "kafka_rebalance", name="events", check=True)
    assert set(told(foretold).values()) == {"done", "would"}

    there = ("--for=create", f"kafkarebalance/{name}")
    ready = lambda: operator.rebalance("kafkarebalance", name, "ProposalReady", optimizationResult=CRUISE)  # noqa: E731
    with operator.when(there, ready):
        result = do(data, "kafka_rebalance", name="events", mode="remove-brokers", brokers=[4])
    assert result["proposal"]["megabytes"] == 340
    assert operator.get("kafkarebalance", name)["spec"] == {"mode": "remove-brokers", "brokers": [4]}

    approved = ("--for=jsonpath={.metadata.annotations.strimzi\\.io/rebalance}=approve", f"kafkarebalance/{name}")
    with operator.when(approved, lambda: operator.rebalance("kafkarebalance", name, "Ready")):
        result = do(data, "kafka_rebalance", name="events", state="approved")
    assert result["state"] == "Ready"
    again = do(data, "kafka_rebalance", name="events", state="approved")
    assert not again["changed"]
    assert told(again)["Look at the proposal"] == "unneeded"
    assert (
        told(do(data, "kafka_rebalance", name="events", state="stopped"))["Look whether something moves"] == "unneeded"
    )

    operator.rebalance("kafkarebalance", name, "Rebalancing")
    busy = module(data.cluster, "kafka_rebalance", name="events", namespace=data.namespace)
    assert "a rebalance is under way" in busy.msg
    stopping = ("--for=jsonpath={.metadata.annotations.strimzi\\.io/rebalance}=stop", f"kafkarebalance/{name}")
    with operator.when(stopping, lambda: operator.rebalance("kafkarebalance", name, "Stopped")):
        assert do(data, "kafka_rebalance", name="events", state="stopped")["state"] == "Stopped"

    refreshed = ("--for=jsonpath={.metadata.annotations.strimzi\\.io/rebalance}=refresh", f"kafkarebalance/{name}")
    with operator.when(refreshed, ready):
        do(data, "kafka_rebalance", name="events")
    assert operator.get("kafkarebalance", name)["spec"] == {"mode": "full"}


def test_without_cruise_control_nothing_can_be_moved(data: Data) -> None:
    data.keep(cruise_control=None)
    refused = module(data.cluster, "kafka_rebalance", name="events", namespace=data.namespace)
    assert "has no Cruise Control" in refused.msg


def test_a_mirror_stops_for_a_failover_and_starts_again_by_a_sentence_only(data: Data) -> None:
    operator, mirror = Operator(data), "events-mirror"
    data.keep(mirrors=stopped_mirror(data, "running"))
    operator.connectors("RUNNING")
    early = module(data.cluster, "kafka_mirror", name=mirror, namespace=data.namespace)
    assert "clients cannot be moved to it" in early.msg
    listeners = [{"name": "tls", "bootstrapServers": "events-kafka-bootstrap.data.svc:9093"}]
    operator.says("kafka", "events", conditions=READY, listeners=listeners)
    other = module(data.cluster, "kafka_mirror", name=mirror, namespace=data.namespace, source="north")
    assert "mirrors no source north; it mirrors east" in other.msg

    at = "{.spec.mirrors[0].sourceConnector.state}"
    with operator.when(
        (f"--for=jsonpath={at}=stopped", f"kafkamirrormaker2/{mirror}"), lambda: operator.connectors("STOPPED")
    ):
        result = do(data, "kafka_mirror", name=mirror)
    assert result["changed"]
    assert result["bootstrap"] == ["events-kafka-bootstrap.data.svc:9093"]
    assert {each["state"] for each in result["connectors"]} == {"STOPPED"}
    again = do(data, "kafka_mirror", name=mirror)
    assert not again["changed"]
    assert told(again)["Look at the mirror"] == "unneeded"

    refusal = data.refused(mirrors=stopped_mirror(data, "running"))
    assert "start mirroring east again by kafka.strimzi.io/KafkaMirrorMaker2" in refusal
    as_it_is, _ = data.keep(mirrors=stopped_mirror(data, "stopped"))
    assert set(as_it_is.actions.values()) == {"unchanged"}
    _, requests = data.keep(mirrors=stopped_mirror(data, "stopped"))
    assert not requests.changing, requests.words()
    more = [{**stopped_mirror(data, "stopped")[0], "tasks": 8}]
    assert data.keep(check=True, mirrors=more)[0].actions["KafkaMirrorMaker2 events-mirror"] == "changed"

    start = {"name": mirror, "namespace": data.namespace, "state": "running"}
    refused = module(data.cluster, "kafka_mirror", **start)
    assert sentence(refused.msg) == sentence(refusal)
    with operator.when(
        (f"--for=jsonpath={at}=running", f"kafkamirrormaker2/{mirror}"), lambda: operator.connectors("RUNNING")
    ):
        assert do(data, "kafka_mirror", name=mirror, state="running", confirm=[sentence(refusal)])["changed"]
