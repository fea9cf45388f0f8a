"""Redis' sets on a real API server with the operator's definitions: strict, unchanged when run again, guarded."""

from __future__ import annotations

from typing import Any

import pytest
from support import full_definitions
from support.cases import Case, render
from support.data_system import Data, everything, rendered, sentence
from support.lab import LabCluster, lab

RENDERED = rendered("redis")
MAIN: dict[str, Any] = everything("redis_cluster")
LIMITS: dict[str, Any] = everything("redis_replication")
ALONE: dict[str, Any] = next(case for case in RENDERED if case.path.stem == "statefulset").content["options"]
SMALLER = {"storage": {"size": "5Gi", "class": "fast-ssd"}}
KEEPS_NOTHING = {"persistence": {"aof": False, "save": []}}


@pytest.fixture(scope="session")
def redis_kinds(cluster: LabCluster) -> LabCluster:
    """The lab cluster with the lab's kinds of the OT operator and those of prometheus-operator; no operator runs."""
    lab("crds", "apply", "redis", "observability", "--cluster", cluster.name)
    return cluster


@pytest.fixture
def data(redis_kinds: LabCluster) -> Data:
    return Data(redis_kinds, "redis_cluster", MAIN)


@pytest.fixture
def limits(redis_kinds: LabCluster) -> Data:
    return Data(redis_kinds, "redis_replication", LIMITS)


@pytest.fixture
def alone(redis_kinds: LabCluster) -> Data:
    return Data(redis_kinds, "redis_replication", ALONE)


@pytest.mark.parametrize("case", RENDERED, ids=str)
def test_the_server_takes_every_object_strictly(case: Case, data: Data) -> None:
    data.taken_strictly(case)


def test_the_server_takes_every_object_by_upstreams_full_definitions(data: Data) -> None:
    cases = [case for case in RENDERED if case.content["options"].get("backend") != "statefulset"]
    objects = [render(case.module, case.content["options"]) for case in cases]
    kinds = {obj["kind"] for each in objects for obj in each}
    with full_definitions.beside(data.cluster, "redis-operator-0.26.0", kinds) as full:
        for each in objects:
            assert full.takes(each, data.namespace) == 1


@pytest.mark.parametrize("which", ["data", "limits", "alone"])
def test_a_second_run_writes_nothing(which: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(which).second_run_writes_nothing()


def test_what_holds_no_data_is_pruned(data: Data) -> None:
    data.keep()
    result, _ = data.keep(backup=None, monitoring={"enabled": False}, network={"enabled": False})
    gone = [name.split()[0] for name, action in result.actions.items() if action == "deleted"]
    assert sorted(gone) == ["CronJob", *["NetworkPolicy"] * 5, "PodMonitor", "PrometheusRule"]


DELETED = {
    "data": ("redis.redis.opstreelabs.in/RedisCluster", "its 6 servers stop; their volumes stay as claims, 6 x 100Gi"),
    "limits": ("redis.redis.opstreelabs.in/RedisReplication", "its 3 servers stop; their volumes stay as claims"),
    "alone": ("apps/StatefulSet", "its 3 Redis servers stop; their volumes stay as claims, 3 x 10Gi"),
}


@pytest.mark.parametrize(("which", "words"), DELETED.items())
def test_deleting_one_is_refused_with_what_stops(
    which: str, words: tuple[str, str], request: pytest.FixtureRequest
) -> None:
    data: Data = request.getfixturevalue(which)
    data.keep()
    refusal = data.refused(state="absent")
    kind, told = words
    assert f"delete {kind} {data.namespace}/{data.options['name']} " in refusal, refusal
    assert told in refusal
    assert "deleted" in data.allowed(sentence(refusal), state="absent").actions.values()


def test_what_is_in_memory_alone_is_told_to_be_lost(data: Data) -> None:
    in_memory = {"storage": None}
    data.keep(**in_memory)
    assert "the keys of its 6 servers are in memory alone" in data.refused(**in_memory, state="absent")


CLUSTER = {
    "smaller volumes": (
        {"storage": {"size": "50Gi", "class": "fast-ssd"}},
        "resources.requests.storage from 100Gi to 50Gi of",
    ),
    "fewer shards": ({"shards": 3}, "shrink spec.clusterSize from 4 to 3 of"),
    "fewer followers": ({"replicas": 1}, "set followers from 4 to 0 of"),
    "nothing kept": (KEEPS_NOTHING, "turn off the persistence in ConfigMap"),
}
REPLICATION = {
    "smaller volumes": (SMALLER, "resources.requests.storage from 10Gi to 5Gi of"),
    "no replica": ({"replicas": 1, "min_replicas_to_write": 0}, "set spec.clusterSize to 1 of"),
    "no majority": (
        {"replicas": 1, "sentinel": {"replicas": 1}, "min_replicas_to_write": 0},
        "set spec.sentinel.size to 1 of",
    ),
    "nothing kept": (KEEPS_NOTHING, "turn off the persistence in ConfigMap"),
}
STATEFULSETS = {
    "no replica": ({"replicas": 1}, "set spec.replicas to 1 of apps/StatefulSet"),
    "no majority": ({"replicas": 1, "sentinel": {"replicas": 1}}, "/limits-s "),
    "nothing kept": (KEEPS_NOTHING, "turn off the persistence in ConfigMap"),
}


def test_irreversible_changes_of_a_cluster_are_refused_unless_named(data: Data) -> None:
    data.options = {**MAIN, "shards": 4}
    guarded(data, CLUSTER)
    more, _ = data.keep(check=True, shards=5, replicas=3, storage={"size": "200Gi", "class": "fast-ssd"})
    assert more.actions["RedisCluster main"] == "changed"


def test_irreversible_changes_of_a_replication_are_refused_unless_named(limits: Data) -> None:
    guarded(limits, REPLICATION)


def test_irreversible_changes_of_statefulsets_are_refused_unless_named(alone: Data) -> None:
    guarded(alone, STATEFULSETS)


@pytest.mark.parametrize("which", ["data", "limits"])
def test_taking_the_volumes_away_is_refused(which: str, request: pytest.FixtureRequest) -> None:
    data: Data = request.getfixturevalue(which)
    data.keep()
    refusal = data.refused(storage=None)
    assert "remove spec.storage of" in refusal
    assert ("change spec.persistenceEnabled from True to False of" in refusal) == (which == "data")


def guarded(data: Data, changes: dict[str, tuple[dict[str, Any], str]]) -> None:
    """Every change is refused in these words, and allowed once each of the refusal's sentences is given."""
    data.keep()
    for what, (change, words) in changes.items():
        refusal = data.refused(**change)
        assert words in refusal, f"{what}: {refusal}"
        given = refusal.partition("add to confirm: ")[2].split("'")[1::2]
        allowed, _ = data.keep(check=True, confirm=given, **change)
        assert "changed" in allowed.actions.values(), what
