"""PostgreSQL's set on a real API server with the operator's definitions: strict, unchanged when run again, guarded."""

from __future__ import annotations

from typing import Any

import pytest
from support.cases import Case
from support.data_system import Data, everything, rendered, sentence
from support.lab import LabCluster
from support.module import kept, module

RENDERED = rendered("postgres")
_CLUSTERS = "clusters.postgresql.cnpg.io"
_STORES = "objectstores.barmancloud.cnpg.io"

MAIN: dict[str, Any] = everything("postgres")


@pytest.fixture
def data(postgres_kinds: LabCluster) -> Data:
    return Data(postgres_kinds, "postgres_cluster", MAIN)


@pytest.mark.parametrize("case", RENDERED, ids=str)
def test_the_server_takes_every_object_strictly(case: Case, data: Data) -> None:
    data.taken_strictly(case)


def test_a_second_run_writes_nothing(data: Data) -> None:
    data.second_run_writes_nothing()


def test_what_holds_no_data_is_pruned_and_the_rest_is_refused(data: Data) -> None:
    data.keep()
    fewer = {"poolers": MAIN["poolers"][:1], "databases": [], "monitoring": {"enabled": False}}
    result, _ = data.keep(**fewer)
    gone = {name for name, action in result.actions.items() if action == "deleted"}
    assert len(gone) == 6, gone  # a Pooler, a Database that PostgreSQL keeps, three monitors, a rule


def test_deleting_a_cluster_is_refused_with_what_would_be_lost(data: Data) -> None:
    data.keep()
    window = {"firstRecoverabilityPoint": "2026-11-01T00:00:00Z", "lastSuccessfulBackupTime": "2026-11-20T18:00:00Z"}
    data.status(_STORES, serverRecoveryWindow={"main": window})
    refusal = data.refused(state="absent")
    assert f"delete postgresql.cnpg.io/Cluster {data.namespace}/main " in refusal
    assert "3 x 100Gi and 3 x 20Gi" in refusal, refusal
    assert "last backup 2026-11-20T18:00:00Z, restorable since 2026-11-01T00:00:00Z" in refusal
    assert "deleted" in data.allowed(sentence(refusal), state="absent").actions.values()


GUARDED = {
    "a smaller volume": ({"storage": {"size": "50Gi", "class": "fast-ssd"}}, "shrink spec.storage.size from 100Gi"),
    "a smaller WAL volume": ({"wal_storage": {"size": "10Gi"}}, "shrink spec.walStorage.size from 20Gi"),
    "no WAL volume": ({"wal_storage": None}, "remove spec.walStorage of"),
    "no quorum left": ({"instances": 2, "durability": "preferred"}, "set spec.instances to 2 of"),
    "no copy left": ({"instances": 1}, "set spec.instances to 1 of"),
    "another major": (
        {"images": {15: "registry.example/postgresql:15.19", 18: "registry.example/postgresql:18.6"}, "major": 15},
        "change spec.imageCatalogRef.major from 18 to 15 of",
    ),
}


def test_irreversible_changes_are_refused_unless_named(data: Data) -> None:
    data.guarded(GUARDED)
    more, _ = data.keep(check=True, instances=5, storage={"size": "200Gi", "class": "fast-ssd"})
    assert "changed" in more.actions.values()


def test_a_new_cluster_over_a_former_ones_archive_is_refused(data: Data) -> None:
    """Somebody deleted the Cluster; its archive is there. The same name would neither archive nor restore."""
    data.keep()
    data.status(_STORES, serverRecoveryWindow={"main": {"lastSuccessfulBackupTime": "2026-11-20T18:00:00Z"}})
    data.cluster.kubectl("delete", _CLUSTERS, "main", "--namespace", data.namespace)
    refusal = data.refused()
    assert f"write to archive main of barmancloud.cnpg.io/ObjectStore {data.namespace}/main " in refusal
    recovery = {"recovery": {"server_name": "main"}, "backup": {**MAIN["backup"], "server_name": "main-2"}}
    assert "created" in data.keep(check=True, **recovery)[0].actions.values()


def test_info_tells_what_is_known_and_why_the_rest_is_not(data: Data) -> None:
    """The operator's status is written by hand; the pod is kwok's, which answers nobody."""
    data.keep()
    data.status(
        _CLUSTERS,
        phase="Cluster in healthy state",
        currentPrimary="main-1",
        targetPrimary="main-1",
        readyInstances=3,
        timelineID=4,
        instancesStatus={"healthy": ["main-1", "main-2", "main-3"]},
        conditions=[
            {
                "type": "ContinuousArchiving",
                "status": "False",
                "message": "bucket is full",
                "reason": "Failing",
                "lastTransitionTime": "2026-11-20T18:00:00Z",
            }
        ],
    )
    data.status(_STORES, serverRecoveryWindow={"main": {"lastSuccessfulBackupTime": "2026-11-20T18:00:00Z"}})
    labels = {"cnpg.io/cluster": "main", "cnpg.io/podRole": "instance"}
    metadata = {"name": "main-1", "namespace": data.namespace, "labels": labels}
    containers = [{"name": "postgres", "image": "registry.example/postgresql:18.6"}]
    data.cluster.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers}})

    result, requests = kept(data.cluster, "postgres_info", name="main", namespace=data.namespace)
    assert not requests.mutating, requests.words()
    assert (result["healthy"], result["primary"], result["timeline"]) == (True, "main-1", 4)
    assert result["archive"] == {
        "working": False,
        "reason": "bucket is full",
        "waiting_segments": None,
        "seconds_since_last": None,
    }
    assert result["backup"]["last"] == "2026-11-20T18:00:00Z"
    assert result["synchronous"] == {"durability": "required", "expected": None, "observed": None, "standbys": None}
    assert result["instances"][0]["role"] == "primary"
    assert result["connections"] is result["databases"] is None
    assert list(result["unknown"]) == ["main-1"]
    assert [each["name"] for each in result["poolers"]] == ["main-pooler-ro", "main-pooler-rw"]
    assert "there is no" in module(data.cluster, "postgres_info", name="other", namespace=data.namespace).msg
