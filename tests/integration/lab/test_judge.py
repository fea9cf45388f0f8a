"""The lab is a strict judge: production's authorization, admission and audit, on loopback only."""

from __future__ import annotations

from support.lab import LabCluster

CONTAINER = {"name": "main", "image": "example.test/main:1"}


def test_the_audit_log_counts_what_a_user_agent_and_a_user_asked_for(cluster: LabCluster) -> None:
    with cluster.record(user_agent="kubectl") as requests:
        cluster.kubectl("create", "configmap", "counted", "--namespace=default")
        cluster.kubectl("create", "configmap", "not-made", "--namespace=default", "--dry-run=server")
        cluster.kubectl("delete", "configmap", "counted", "--namespace=default")
    assert [request["verb"] for request in requests.mutating] == ["create", "delete"], requests.words()
    assert len(requests.dry) == 1
    with cluster.record(user="jane") as requests:
        cluster.kubectl("get", "nodes", "--as=jane", check=False)
    assert {request["responseStatus"]["code"] for request in requests.all if request["verb"] == "list"} == {403}
