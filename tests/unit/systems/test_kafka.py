"""Kafka's arithmetic at its edges, and what its guards make of unusual shapes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import kafka_state as state
from ansible_collections.groundwork.platform.plugins.module_utils.systems.kafka import rules, shape


@pytest.mark.parametrize(("factor", "insync"), [(1, 1), (2, 1), (3, 2), (4, 3), (5, 3)])
def test_a_message_is_on_more_than_half_of_three_copies_and_never_on_all(factor: int, insync: int) -> None:
    assert shape.least(factor) == insync
    assert factor == 1 or insync < factor


ROW: dict[str, Any] = {"config": {}, "brokers": {"replicas": 5}, "controllers": {"replicas": 3}, "more_pools": []}


def test_a_topic_has_the_clusters_copies_unless_it_says_so() -> None:
    assert shape.copies(ROW) == (3, 2)
    assert shape.copies({**ROW, "brokers": {"replicas": 2}}) == (2, 1)
    topic = {"replicas": None, "min_insync": None, "config": {}}
    assert shape.topic_copies(ROW, topic) == (3, 2)
    assert shape.topic_copies(ROW, {**topic, "replicas": 5}) == (5, 3)
    assert shape.topic_copies(ROW, {**topic, "replicas": 5, "min_insync": 4}) == (5, 4)
    assert shape.topic_copies(ROW, {**topic, "config": {"min.insync.replicas": "1"}}) == (3, 1)


def test_brokers_are_controllers_where_there_are_none() -> None:
    assert shape.count(ROW, "controller") == 3
    assert shape.count({**ROW, "controllers": None}, "controller") == 5


@pytest.mark.parametrize(
    ("text", "number"), [("7d", 604800), ("1h30m", 5400), ("10m", 600), ("7 d", None), ("d", None)]
)
def test_durations_know_days(text: str, number: int | None) -> None:
    assert shape.seconds(text) == (None if number is None else Decimal(number))


def test_javas_sizes_are_powers_of_1024() -> None:
    assert shape.heap_bytes("8192m") == shape.heap_bytes("8G") == Decimal(8 * 2**30)
    assert shape.heap_bytes("much") is None


def guard(path: str) -> Any:
    return next(each for each in rules.GUARDS if each.path == path)


def test_storage_that_is_no_jbod_is_its_first_volume() -> None:
    storage = guard("spec.storage")
    alone = {"type": "persistent-claim", "size": "10Gi", "class": "fast"}
    jbod = {"type": "jbod", "volumes": [{"id": 0, **alone}]}
    assert storage.verb(alone, jbod) is None
    assert storage.verb(jbod, {**jbod, "volumes": [{"id": 0, **alone, "size": "10240Mi"}]}) is None
    assert storage.verb(jbod, None) == "remove volume 0 of"
    without_class = {"type": "jbod", "volumes": [{"id": 0, "type": "persistent-claim", "size": "10Gi"}]}
    assert storage.verb(without_class, jbod) is None
    assert storage.verb(jbod, without_class) == "change class of volume 0 from fast to None of"


def test_versions_are_compared_by_their_numbers() -> None:
    version = guard("spec.kafka.version")
    assert version.verb("4.9.0", "4.10.0") is None
    assert version.verb("4.10.0", "4.9.1") == "lower spec.kafka.version from 4.10.0 to 4.9.1 of"
    assert version.verb(None, "4.3.1") is None


def test_a_paused_mirror_may_go_on_and_a_stopped_one_stays_so() -> None:
    def mirrors(at: str) -> list[dict[str, Any]]:
        return [{"source": {"alias": "east"}, "sourceConnector": {"state": at}}]

    verb = rules.MIRROR_STARTS.verb
    assert verb(mirrors("paused"), mirrors("running")) is None
    assert verb(mirrors("stopped"), mirrors("paused")) == "start mirroring east again by"
    assert verb(mirrors("stopped"), [{"source": {"alias": "east"}}]) == "start mirroring east again by"
    assert verb(mirrors("stopped"), []) is None


@pytest.mark.parametrize(
    ("bootstrap", "name"),
    [
        ("events-kafka-bootstrap:9093", "events"),
        ("events-kafka-bootstrap.data.svc:9093", "events"),
        ("events-kafka-bootstrap.other.svc:9093", ""),
        ("kafka.example.com:9094", ""),
    ],
)
def test_a_mirrors_target_is_known_where_it_is_beside_it(bootstrap: str, name: str) -> None:
    mirror = {"metadata": {"namespace": "data"}, "spec": {"target": {"bootstrapServers": bootstrap}}}
    assert state.target(mirror) == name


def test_only_the_source_that_is_meant_is_stopped() -> None:
    rows = [{"source": {"alias": alias}, "sourceConnector": {"tasksMax": 4}} for alias in ("east", "north")]
    mirror = {"metadata": {"name": "m"}, "spec": {"mirrors": rows}}
    east, north = state.with_state(mirror, "east", "stopped")
    assert east["sourceConnector"] == {"tasksMax": 4, "state": "stopped"}
    assert east["checkpointConnector"] == {"state": "stopped"}
    assert north == rows[1]
    assert not state.is_at(mirror, None, "stopped")
    assert state.is_at({**mirror, "spec": {"mirrors": [east, north]}}, "east", "stopped")
