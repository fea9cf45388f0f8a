"""ClickHouse's set on a real API server with the operator's definitions: strict, unchanged when run again, guarded."""

from __future__ import annotations

from typing import Any

import pytest
from support import full_definitions
from support.cases import Case, render
from support.data_system import Data, everything, rendered
from support.lab import LabCluster, lab
from support.module import kept, module

RENDERED = rendered("clickhouse")
MAIN: dict[str, Any] = everything("clickhouse")
INSTALLATION = "clickhouse.altinity.com/ClickHouseInstallation"
KEEPER = "clickhouse-keeper.altinity.com/ClickHouseKeeperInstallation"
KINDS = (("clickhouseinstallations", "main"), ("clickhousekeeperinstallations", "main-keeper"))


@pytest.fixture(scope="module")
def clickhouse_kinds(cluster: LabCluster) -> LabCluster:
    """The lab cluster with the lab's kinds of the operator and those of prometheus-operator; no operator runs."""
    lab("crds", "apply", "clickhouse", "observability", "--cluster", cluster.name)
    return cluster


@pytest.fixture
def data(clickhouse_kinds: LabCluster) -> Data:
    return Data(clickhouse_kinds, "clickhouse_cluster", MAIN)


@pytest.mark.parametrize("case", RENDERED, ids=str)
def test_the_server_takes_every_object_strictly(case: Case, data: Data) -> None:
    data.taken_strictly(case)


def test_the_server_takes_every_object_by_upstreams_full_definitions(data: Data) -> None:
    objects = [obj for case in RENDERED for obj in render(case.module, case.content["options"])]
    with full_definitions.beside(data.cluster, "clickhouse-operator-0.25.6", {obj["kind"] for obj in objects}) as full:
        for case in RENDERED:
            assert full.takes(render(case.module, case.content["options"]), data.namespace)


def test_a_second_run_writes_nothing(data: Data) -> None:
    data.second_run_writes_nothing()


def test_a_wait_ends_with_the_task_that_was_asked_for(data: Data) -> None:
    """A status that is Completed from before says nothing of what is asked now (data.md, waiter traps)."""
    data.keep()
    for kind, name in KINDS:
        data.status(kind, name, status="Completed", taskIDsCompleted=["another"])
    waiting = module(data.cluster, "clickhouse_cluster", **MAIN | {"namespace": data.namespace, "timeout": 1})
    assert waiting.failed
    assert "last task done another, asked " in waiting.msg, waiting.msg
    for kind, name in KINDS:
        task = data.cluster.get(kind, name, "--namespace", data.namespace)["spec"]["taskID"]
        data.status(kind, name, status="Completed", taskIDsCompleted=[task, "another"])
    ready, requests = data.keep(wait=True, timeout=20)
    assert not ready.failed, ready.msg
    assert set(ready.actions.values()) == {"unchanged"}
    assert not requests.changing, requests.words()


def test_what_holds_no_data_is_pruned(data: Data) -> None:
    data.keep()
    gone = []
    for less in ({"backup": None}, {"backup": None, "monitoring": {"enabled": False}, "network": {"enabled": False}}):
        result, _ = data.keep(**less)
        gone.append(sorted(name.split()[0] for name, action in result.actions.items() if action == "deleted"))
    assert gone[0] == ["CronJob", *["NetworkPolicy"] * 2]
    assert gone[1] == [*["NetworkPolicy"] * 5, *["PodMonitor"] * 2, "PrometheusRule"]


def test_deleting_a_cluster_is_refused_with_what_becomes_of_it(data: Data) -> None:
    data.keep()
    refusal = data.refused(state="absent")
    assert f"delete {INSTALLATION} {data.namespace}/main " in refusal
    assert "its tables are served no more; volumes that stay as claims: 6 x 1Ti (data)" in refusal, refusal
    assert f"delete {KEEPER} {data.namespace}/main-keeper " in refusal
    assert "every table that is replicated by it becomes read-only" in refusal
    confirm = [f"delete {part.partition(chr(39))[0]}" for part in refusal.split("'delete ")[1:]]
    assert len(confirm) == 2
    result, _ = data.keep(check=True, state="absent", confirm=confirm)
    assert "deleted" in result.actions.values()


GUARDED = {
    "a shard less": ({"shards": 2}, "set shardsCount of llm-cluster from 3 to 2 of"),
    "a replica less": ({"replicas": 1}, "set replicasCount of llm-cluster from 2 to 1 of"),
    "another cluster": ({"cluster": "other"}, "remove clusters llm-cluster of"),
    "a smaller volume": (
        {"storage": {"size": "500Gi", "class": "fast-ssd"}},
        "shrink volume data from 1Ti to 500Gi of",
    ),
    "a disk less": (
        {"volumes": [], "policies": []},
        "remove volumeClaimTemplates slow of",
    ),
    "a Keeper that is no majority": (
        {"keeper": {**MAIN["keeper"], "replicas": 1, "quorum": False}},
        "set replicasCount of keeper from 3 to 1 of",
    ),
    "a smaller volume of the Keeper": (
        {"keeper": {**MAIN["keeper"], "storage": {"size": "5Gi", "class": "fast-ssd"}}},
        "shrink volume data from 10Gi to 5Gi of",
    ),
    "another Keeper": (
        {"keeper": {**MAIN["keeper"], "extra_spec": {"configuration": {"clusters": [{"name": "other"}]}}}},
        "remove clusters keeper of",
    ),
}


def test_irreversible_changes_are_refused_unless_named(data: Data) -> None:
    data.guarded(GUARDED)
    larger = {"shards": 4, "replicas": 3, "storage": {"size": "2Ti", "class": "fast-ssd"}}
    keepers = {"keeper": {**MAIN["keeper"], "replicas": 5}}
    more, _ = data.keep(check=True, **larger, **keepers)
    assert more.actions["ClickHouseInstallation main"] == "changed"


def test_info_tells_what_is_known_and_why_the_rest_is_not(data: Data) -> None:
    """The operator's status is written by hand; the pod finds no node, so that nobody can be asked."""
    data.keep()
    for kind, name in KINDS:
        data.status(kind, name, status="InProgress", taskIDsCompleted=["another"])
    labels = {
        f"clickhouse.altinity.com/{key}": text for key, text in (("chi", "main"), ("shard", "1"), ("replica", "0"))
    }
    pod = "chi-main-llm-cluster-1-0-0"
    spec = {
        "nodeSelector": {"nowhere": "true"},
        "containers": [{"name": "clickhouse", "image": "registry.example/clickhouse-server:26.3"}],
    }
    metadata = {"name": pod, "namespace": data.namespace, "labels": labels}
    data.cluster.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    told, requests = kept(data.cluster, "clickhouse_info", name="main", namespace=data.namespace)
    assert not requests.mutating, requests.words()
    assert (told["status"], told["task_done"], told["keeper"]["task_done"]) == ("InProgress", False, False)
    (host,) = told["hosts"]
    assert (host["pod"], host["shard"], host["version"]) == (pod, 1, None)
    assert told["unknown"] == {pod: "it is not ready"}
    nobody = module(data.cluster, "clickhouse_backup", name="main", namespace=f"{data.namespace}-none")
    assert "no server of ClickHouse" in nobody.msg, nobody.msg
    asked: dict[str, Any] = {"name": "other", "namespace": data.namespace}
    asked["steps"] = [{"name": "one", "sql": "CREATE DATABASE IF NOT EXISTS d ON CLUSTER '{cluster}'"}]
    foretold = module(data.cluster, "clickhouse_schema", check=True, **asked)
    assert (foretold["changed"], foretold["pending"]) == (True, ["one"])
