"""Kafka's set on a real API server with Strimzi's definitions: strict, unchanged when run again, guarded."""

from __future__ import annotations

from typing import Any

import pytest
from support import full_definitions
from support.cases import Case, render
from support.data_system import Data, everything, rendered, sentence
from support.lab import LabCluster
from support.module import module
from support.task import Result

RENDERED = rendered("kafka")
MAIN: dict[str, Any] = everything("kafka")
BROKERS, CONTROLLERS, TOPICS, MIRROR = (MAIN[key] for key in ("brokers", "controllers", "topics", "mirrors"))


@pytest.fixture
def data(kafka_kinds: LabCluster) -> Data:
    return Data(kafka_kinds, "kafka_cluster", MAIN)


@pytest.mark.parametrize("case", RENDERED, ids=str)
def test_the_server_takes_every_object_strictly(case: Case, data: Data) -> None:
    data.taken_strictly(case)


def test_the_server_takes_every_object_by_upstreams_full_definitions(data: Data) -> None:
    objects = [obj for case in RENDERED for obj in render(case.module, case.content["options"])]
    with full_definitions.beside(data.cluster, "strimzi-1.2.0", {obj["kind"] for obj in objects}) as full:
        for case in RENDERED:
            assert full.takes(render(case.module, case.content["options"]), data.namespace)


def test_a_second_run_writes_nothing(data: Data) -> None:
    data.second_run_writes_nothing()


def test_what_holds_no_data_is_pruned_and_the_rest_is_refused(data: Data) -> None:
    data.keep()
    assert pruned(data.keep(users=[], connect=None)[0]) == [
        "KafkaConnect",
        "KafkaConnector",
        *["KafkaUser"] * 3,
        "NetworkPolicy",
        "PodMonitor",
    ]
    without = {"users": [], "connect": None, "mirrors": [], "monitoring": {"enabled": False}}
    assert pruned(data.keep(**without)[0]) == [
        "ConfigMap",
        "KafkaMirrorMaker2",
        "KafkaUser",
        "NetworkPolicy",
        *["PodMonitor"] * 2,
        "PrometheusRule",
    ]
    refusal = data.refused(**without, topics=TOPICS[:1])
    assert "its messages are deleted (1 partitions x 3 copies)" in refusal
    assert pruned(data.allowed(sentence(refusal), **without, topics=TOPICS[:1])) == ["KafkaTopic"]


def pruned(result: Result) -> list[str]:
    """The kinds of what went."""
    return sorted(name.split()[0] for name, action in result.actions.items() if action == "deleted")


def test_a_topic_that_nobody_manages_goes_and_stays_in_kafka(data: Data) -> None:
    data.keep()
    topic = ("kafkatopic", "settings", "--namespace", data.namespace)
    data.cluster.kubectl("annotate", *topic, "strimzi.io/managed=false")
    assert data.keep(topics=TOPICS[:1])[0].actions["KafkaTopic settings"] == "deleted"


def test_deleting_a_cluster_is_refused_with_what_would_be_lost(data: Data) -> None:
    data.keep()
    refusal = data.refused(state="absent")
    assert f"delete kafka.strimzi.io/Kafka {data.namespace}/events " in refusal
    assert "its nodes stop with 5 x 1Ti and 5 x 1Ti and 3 x 100Gi, 2 topics" in refusal, refusal
    assert "its nodes (controller) stop, and their partitions with them; volumes: 3 x 100Gi, they are kept" in refusal
    assert "30 partitions x 3 copies" in refusal
    confirm = [part.partition("'")[0] for part in refusal.split("'delete ")[1:]]
    result, _ = data.keep(check=True, state="absent", confirm=[f"delete {words}" for words in confirm])
    assert "KafkaTopic settings" in result.actions


def test_topics_are_gone_before_what_deletes_them_goes(data: Data) -> None:
    data.keep()
    finalizer = '{"metadata": {"finalizers": ["strimzi.io/topic-operator"]}}'
    topic = ("kafkatopic", "settings", "--namespace", data.namespace)
    data.cluster.kubectl("patch", *topic, "--type=merge", f"--patch={finalizer}")
    confirm = [f"delete {part.partition(chr(39))[0]}" for part in data.refused(state="absent").split("'delete ")[1:]]
    options = {**data.options, "namespace": data.namespace, "state": "absent", "confirm": confirm, "timeout": 2}
    result = module(data.cluster, "kafka_cluster", **options)
    assert f"KafkaTopic {data.namespace}/settings" in result.msg
    assert (
        data.cluster.get("kafka", "events", "--namespace", data.namespace)["metadata"].get("deletionTimestamp") is None
    )
    data.cluster.kubectl("patch", *topic, "--type=json", '--patch=[{"op": "remove", "path": "/metadata/finalizers"}]')
    assert not module(data.cluster, "kafka_cluster", **options, wait=False).failed


def test_a_node_pool_that_goes_is_refused(data: Data) -> None:
    more = {"name": "more", "roles": ["broker"], "storage": {"size": "1Ti"}}
    data.keep(more_pools=[more])
    refusal = data.refused()
    assert f"delete kafka.strimzi.io/KafkaNodePool {data.namespace}/more " in refusal
    assert "its nodes (broker) stop" in refusal
    controller = data.refused(more_pools=[{**more, "roles": ["controller"], "replicas": 2}])
    assert "give the role controller to" in controller
    assert "take the role broker from" in controller


def test_controllers_are_not_added_by_another_pool(data: Data) -> None:
    data.keep()
    more = {"more_pools": [{"name": "more", "roles": ["controller"], "replicas": 2, "storage": {"size": "1Gi"}}]}
    refusal = data.refused(**more)
    assert "add controllers by more to those of kafka.strimzi.io/KafkaNodePool" in refusal
    assert "created" in data.allowed(sentence(refusal), **more).actions.values()


def changed(row: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {**row, **change}


GUARDED = {
    "fewer brokers": ({"brokers": changed(BROKERS, replicas=3)}, "set spec.replicas from 5 to 3 of"),
    "more controllers": ({"controllers": changed(CONTROLLERS, replicas=5)}, "set spec.replicas from 3 to 5 of"),
    "a smaller volume": (
        {"brokers": changed(BROKERS, storage={"size": "900Gi", "class": "fast-ssd"})},
        "shrink volume 0 from 1Ti to 900Gi of",
    ),
    "another class": (
        {"brokers": changed(BROKERS, storage={"size": "1Ti", "class": "standard"})},
        "change class of volume 0 from fast-ssd to standard of",
    ),
    "a volume less": ({"brokers": changed(BROKERS, more_volumes=[])}, "remove volume 1 of"),
    "an older Kafka": ({"version": "4.3.0"}, "lower spec.kafka.version from 4.3.1 to 4.3.0 of"),
    "older metadata": (
        {"metadata_version": "4.2-IV1"},
        "change spec.kafka.metadataVersion from 4.3-IV0 to 4.2-IV1 of",
    ),
    "everybody may everything": ({"authorization": False, "users": []}, "remove spec.kafka.authorization of"),
    "fewer partitions": (
        {"topics": [changed(TOPICS[0], partitions=20), TOPICS[1]]},
        "lower spec.partitions from 30 to 20 of",
    ),
    "more partitions": (
        {"topics": [changed(TOPICS[0], partitions=40), TOPICS[1]]},
        "raise spec.partitions from 30 to 40 of",
    ),
    "more copies": ({"topics": [TOPICS[0], changed(TOPICS[1], replicas=5)]}, "change spec.replicas from 3 to 5 of"),
    "another name": (
        {"topics": [TOPICS[0], changed(TOPICS[1], topic="Other")]},
        "change spec.topicName from Shop_Settings to Other of",
    ),
    "a name less": ({"topics": [TOPICS[0], changed(TOPICS[1], topic=None)]}, "remove spec.topicName of"),
    "a mirror again": ({"mirrors": [changed(MIRROR[0], state="running")]}, "start mirroring east again by"),
}


def test_irreversible_changes_are_refused_unless_named(data: Data) -> None:
    data.guarded(GUARDED)
    bigger = changed(BROKERS, replicas=6, storage={"size": "2Ti", "class": "fast-ssd"})
    more, _ = data.keep(check=True, brokers=bigger)
    assert more.actions["KafkaNodePool broker"] == "changed"
