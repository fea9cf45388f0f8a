"""Answers of a cluster to questions; what a restored cluster and a moved pooler are made of."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_cutover as cutover
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_restore as restore
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_state as state
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_validate as validate

ANYTHING = "an answer other than nothing, f, false and 0"


@pytest.mark.parametrize(
    ("check", "log", "wrong"),
    [
        ({"query": "q", "expect": "10"}, "answer 0 0 10", ""),
        ({"query": "q", "expect": "10"}, "answer 0 0 15", "'q': expected '10', got '15'"),
        ({"query": "q", "expect": "a | b"}, "answer 0 0 a | b", ""),
        ({"query": "q"}, "answer 0 0 t", ""),
        ({"query": "q"}, "answer 0 0 f", f"'q': expected {ANYTHING}, got 'f'"),
        ({"query": "q"}, "answer 0 0 0", f"'q': expected {ANYTHING}, got '0'"),
        ({"query": "q"}, "answer 0 0 ", f"'q': expected {ANYTHING}, got nothing"),
        ({"query": "q"}, "answer 0 2 ERROR: no such table", f"'q': expected {ANYTHING}, failed: ERROR: no such table"),
        ({"query": "q"}, "", f"'q': expected {ANYTHING}, failed: no answer"),
    ],
)
def test_an_answer_is_right_or_wrong(check: dict[str, str], log: str, wrong: str) -> None:
    assert validate.answers([check], log)[0]["wrong"] == wrong


SOURCE: dict[str, Any] = {
    "apiVersion": "postgresql.cnpg.io/v1",
    "kind": "Cluster",
    "metadata": {"name": "main", "namespace": "data"},
    "spec": {
        "instances": 3,
        "imageCatalogRef": {"name": "main", "major": 18},
        "storage": {"size": "10Gi"},
        "postgresql": {"parameters": {"shared_buffers": "1GB"}, "synchronous": {"number": 1}},
        "bootstrap": {"initdb": {"database": "shop", "owner": "shop", "dataChecksums": True}},
        "plugins": [{"name": "barman-cloud.cloudnative-pg.io", "parameters": {"barmanObjectName": "main"}}],
    },
    "status": {"image": "example/postgresql:18.6"},
}
ARCHIVE = state.Archive("main", "main")


def test_a_restored_cluster_is_the_source_with_another_beginning() -> None:
    spec = restore.recovered(SOURCE, "back", ARCHIVE, {"targetLSN": "0/5"}, {})["spec"]
    assert spec["imageName"] == "example/postgresql:18.6"
    assert "imageCatalogRef" not in spec
    assert spec["storage"] == {"size": "10Gi"}
    assert spec["instances"] == 3
    assert spec["bootstrap"] == {
        "recovery": {
            "source": "origin", "recoveryTarget": {"targetLSN": "0/5"}, "database": "shop", "owner": "shop",
        }
    }  # fmt: skip
    origin = {"barmanObjectName": "main", "serverName": "main"}
    assert spec["externalClusters"][0]["plugin"]["parameters"] == origin
    assert spec["plugins"][0]["parameters"] == {"barmanObjectName": "main", "serverName": "back"}


def test_the_same_restore_is_known_again_and_no_other() -> None:
    made = restore.recovered(SOURCE, "back", ARCHIVE, {"targetLSN": "0/5"}, {})
    live = restore.recovered(SOURCE, "back", ARCHIVE, {"targetLSN": "0/5"}, {})
    live["spec"]["externalClusters"][0]["plugin"] |= {"enabled": True, "isWALArchiver": False}  # the server's defaults
    assert restore.same_beginning(live, made)
    assert not restore.same_beginning(live, restore.recovered(SOURCE, "back", ARCHIVE, {"targetLSN": "0/6"}, {}))
    assert not restore.same_beginning(SOURCE, restore.recovered(SOURCE, "main", ARCHIVE, {}, {}))


def test_one_instance_waits_for_no_standby_and_a_throw_away_archives_nothing() -> None:
    spec = restore.recovered(SOURCE, "back", ARCHIVE, {}, {"instances": 1, "archive": False})["spec"]
    assert spec["enablePDB"] is False
    assert "synchronous" not in spec["postgresql"]
    assert "plugins" not in spec
    assert SOURCE["spec"]["postgresql"]["synchronous"] == {"number": 1}


def test_a_restored_clusters_restore_begins_with_its_own_archive() -> None:
    again = {**SOURCE, "spec": restore.recovered(SOURCE, "back", ARCHIVE, {}, {})["spec"]}
    spec = restore.recovered(again, "third", state.archive(again), {}, {})["spec"]
    assert spec["externalClusters"][0]["plugin"]["parameters"] == {"barmanObjectName": "main", "serverName": "back"}
    assert spec["bootstrap"]["recovery"]["database"] == "shop"


def test_clients_keep_their_password_where_asked() -> None:
    spec = restore.recovered(SOURCE, "back", ARCHIVE, {}, {"owner_secret": "main-app"})["spec"]
    assert spec["bootstrap"]["recovery"]["secret"] == {"name": "main-app"}


def test_a_moved_pooler_is_the_same_but_for_its_cluster() -> None:
    pooler = {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Pooler",
        "metadata": {"name": "p", "namespace": "data", "labels": {"a": "b"}, "uid": "1", "resourceVersion": "9"},
        "spec": {"cluster": {"name": "main"}, "instances": 2},
        "status": {"phase": "active"},
    }
    assert cutover.anew(pooler, "back") == {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Pooler",
        "metadata": {"name": "p", "namespace": "data", "labels": {"a": "b"}},
        "spec": {"cluster": {"name": "back"}, "instances": 2},
    }


def test_a_restore_that_takes_too_long_breaks_its_promise() -> None:
    rows = [
        {"name": "Look at the archive", "state": "done", "seconds": 99.0},
        {"name": "Restore", "state": "done", "seconds": 37.0},
    ]
    assert restore.figures(rows)["restore_seconds"] == 37.0
    assert restore.worse(rows, {"profile": {"rpo": "0s", "rto": "1m"}}) == []
    assert restore.worse(rows, {"profile": {"rto": "30s"}}) == ["RTO 37 s is worse than the profile's 30s"]
    assert restore.worse([{**rows[1], "state": "failed"}], {}) == ["RTO could not be measured"]
