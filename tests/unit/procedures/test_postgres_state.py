"""What is read off the objects of a PostgreSQL cluster before and while something is done to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_state as state
from ansible_collections.groundwork.platform.plugins.module_utils.procedures.moments import moment


def cluster(**status: Any) -> dict[str, Any]:
    plugin = {"name": "barman-cloud.cloudnative-pg.io", "parameters": {"barmanObjectName": "store"}}
    whole = {
        "phase": "Cluster in healthy state",
        "currentPrimary": "main-1",
        "targetPrimary": "main-1",
        "readyInstances": 3,
        "instanceNames": ["main-1", "main-2", "main-3"],
        "instancesStatus": {"healthy": ["main-1", "main-2", "main-3"]},
    }
    return {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Cluster",
        "metadata": {"name": "main", "namespace": "data", "annotations": {}},
        "spec": {"instances": 3, "plugins": [plugin]},
        "status": {**whole, **status},
    }


def fenced(*names: str) -> dict[str, Any]:
    found = cluster()
    found["metadata"]["annotations"][state.FENCED] = str(list(names)).replace("'", '"')
    return found


@pytest.mark.parametrize(
    ("status", "missing"),
    [
        ({}, ""),
        ({"phase": "Failing over", "phaseReason": "main-1 is gone"}, "Failing over: main-1 is gone"),
        ({"readyInstances": 2}, "2 of 3 instances ready"),
        ({"targetPrimary": "main-2"}, "main-2 is to be primary, main-1 is"),
    ],
)
def test_healthy_is_everything_together(status: dict[str, Any], missing: str) -> None:
    assert state.unhealthy(cluster(**status)) == missing


def test_what_the_operator_gives_up_is_not_waited_for() -> None:
    with pytest.raises(PlatformError, match="unrecoverable"):
        state.unhealthy(cluster(phase="Cluster is unrecoverable and needs manual intervention"))


def test_a_successor_is_a_healthy_standby_that_is_not_fenced() -> None:
    assert state.successor(cluster(), None) == "main-2"
    assert state.successor(cluster(), "main-3") == "main-3"
    assert state.successor(fenced("main-2"), None) == "main-3"


@pytest.mark.parametrize(
    ("given", "wanted", "words"),
    [
        (cluster(), "main-9", "main-9 is no healthy standby of PostgreSQL data/main; there are: main-2, main-3"),
        (fenced("main-2"), "main-2", "main-2 is no healthy standby"),
        (fenced("*"), "main-9", "there are: main-2"),
        (cluster(phase="Failing over"), None, "is not healthy"),
        (cluster(instancesStatus={"healthy": ["main-1"]}), None, "no healthy standby"),
    ],
)
def test_a_switchover_to_nowhere_is_refused(given: dict[str, Any], wanted: str | None, words: str) -> None:
    with pytest.raises(PlatformError, match=words):
        state.successor(given, wanted)


@pytest.mark.parametrize(
    ("before", "names", "wanted", "after"),
    [
        ([], ["main-2"], "fenced", ["main-2"]),
        (["main-3"], ["main-2"], "fenced", ["main-2", "main-3"]),
        (["*"], ["main-2"], "fenced", ["*"]),
        (["*"], ["main-2"], "released", ["main-1", "main-3"]),
        (["main-2"], ["*"], "released", []),
        ([], ["*"], "fenced", ["*"]),
    ],
)
def test_fences_add_up(before: list[str], names: list[str], wanted: str, after: list[str]) -> None:
    assert state.to_fence(fenced(*before), names, wanted) == after


def test_a_fence_around_a_stranger_is_refused() -> None:
    with pytest.raises(PlatformError, match="main-7 is no instance"):
        state.to_fence(cluster(), ["main-7"], "fenced")


def test_where_backups_are() -> None:
    assert state.archive(cluster()) == ("store", "main")
    with pytest.raises(PlatformError, match="has no backups"):
        state.archive({**cluster(), "spec": {}})


def store(last: str) -> dict[str, Any]:
    window = {"firstRecoverabilityPoint": "2026-11-19T10:00:00Z", "lastSuccessfulBackupTime": last}
    return {"status": {"serverRecoveryWindow": {"main": window}}}


def test_a_backup_is_restorable_once_the_store_lists_it() -> None:
    judge = state.unlisted("main", {"status": {"stoppedAt": "2026-11-19T12:00:00Z"}})
    assert "ended 10:00:00" in judge(store("2026-11-19T10:00:00Z"))
    assert "no recovery window" in judge({})
    assert judge(store("2026-11-19T12:00:00Z")) == ""


def test_a_failed_backup_ends_the_wait() -> None:
    assert state.incomplete({"status": {"phase": "running"}}) == "running"
    with pytest.raises(PlatformError, match="the bucket is gone"):
        state.incomplete({"status": {"phase": "failed", "error": "the bucket is gone"}})


NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WINDOW = state.Window(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("time", "window", "words"),
    [
        ("2026-11-21T12:00:01Z", WINDOW, "in the future"),
        ("2026-11-21T13:30:00+01:00", WINDOW, "in the future"),
        ("2026-11-19T23:59:59Z", WINDOW, "before the recovery window, which begins 2026-11-20"),
        ("2026-11-21T11:00:00Z", state.Window(), "no base backup"),
        ("2026-11-21T11:00:00Z", WINDOW, ""),
    ],
)
def test_only_what_the_archive_holds_can_be_restored(time: str, window: state.Window, words: str) -> None:
    found = state.outside(moment(time), window, NOW)
    assert words in found
    assert bool(found) == bool(words)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"time": "2026-11-20 14:30:00"}, "no time zone"),
        ({"time": "yesterday"}, "is no time"),
        ({"lsn": "5000060"}, "is no LSN"),
        ({"restore_point": "before-release"}, "needs backup_id"),
    ],
)
def test_a_target_that_means_nothing_is_refused(asked: dict[str, str], words: str) -> None:
    given: dict[str, Any] = {"time": None, "restore_point": None, "lsn": None, "backup_id": None, **asked}
    with pytest.raises(PlatformError, match=words):
        state.target(**given)


def test_an_lsn_before_every_base_backup() -> None:
    backups = [{"status": {"endLSN": "0/9000000"}}, {"status": {"endLSN": "0/A000000"}}, {"status": {}}]
    assert "oldest base backup known here, 0/9000000" in state.before_base("0/8FFFFFF", backups)
    assert state.before_base("1/0", backups) == ""
    assert state.before_base("0/1", []) == ""


@pytest.mark.parametrize(
    ("deployment", "missing"),
    [
        (None, "0 of 1 pods serve"),
        ({"spec": {"replicas": 2}, "status": {"availableReplicas": 1}}, "1 of 2 pods serve"),
        ({"spec": {"replicas": 2}, "status": {"availableReplicas": 2}}, ""),
    ],
)
def test_a_poolers_pods_serve_or_not(deployment: dict[str, Any] | None, missing: str) -> None:
    assert state.unavailable(deployment) == missing
