"""A zone is lost and comes back as in production: leases stop, pods are evicted, held back, let go, and run again.

Fast timers by default; production's with LAB_TIMERS=production (six minutes longer).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from lab.cluster import COMPONENTS, Cluster
from support.lab import LabCluster, eventually, lab

from lab import shape

NAMESPACE = "lab-faults"
ZONE, ELSEWHERE = "us-west-2a", {"us-west-2b", "us-west-2c"}
PRODUCTION = os.environ.get("LAB_TIMERS") == "production"
LONG = "600s" if PRODUCTION else "90s"
PATIENT = 300  # seconds, with production's timers and with fast ones: a busy machine takes its time to heal a node


def workload(kind: str, name: str, patience: int = 0, **spec: Any) -> dict[str, Any]:
    """patience: seconds that its pods stay on a lost node, else those of the cluster's timers."""
    labels = {"app": name}
    lost = {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"}
    spread = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": labels},
        "matchLabelKeys": ["pod-template-hash"],  # those that a restart is about to end do not count
    }
    template = {
        "metadata": {"labels": labels},
        "spec": {
            "containers": [{"name": "main", "image": "example.test/main:1"}],
            "topologySpreadConstraints": [spread],
            "tolerations": [lost | {"tolerationSeconds": patience}] if patience else [],
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }


@pytest.fixture(scope="module")
def fresh(request: pytest.FixtureRequest) -> LabCluster:
    found: LabCluster = request.getfixturevalue("cluster" if PRODUCTION else "fast_cluster")
    return found


@pytest.fixture(scope="module")
def running(fresh: LabCluster) -> Iterator[LabCluster]:
    cluster = fresh
    cluster.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        workload("Deployment", "web", replicas=6),
        workload("StatefulSet", "db", replicas=3, serviceName="db", podManagementPolicy="Parallel"),
        workload("DaemonSet", "agent"),
        workload("Deployment", "patient", patience=PATIENT, replicas=6),
    )
    rolled_out(cluster)
    yield cluster
    lab("heal", "--cluster", cluster.name)
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def rolled_out(cluster: LabCluster) -> None:
    for each in ("deployment/web", "statefulset/db", "daemonset/agent", "deployment/patient"):
        cluster.kubectl("rollout", "status", each, f"-n{NAMESPACE}", f"--timeout={LONG}")


def pods(cluster: LabCluster, app: str) -> list[dict[str, Any]]:
    return list(cluster.get("pods", f"-n{NAMESPACE}", f"-lapp={app}")["items"])


def zones(cluster: LabCluster) -> dict[str, str]:
    return {
        node["metadata"]["name"]: node["metadata"]["labels"]["topology.kubernetes.io/zone"]
        for node in cluster.get("nodes")["items"]
    }


def zone_of(cluster: LabCluster, pod: dict[str, Any]) -> str:
    return zones(cluster)[pod["spec"]["nodeName"]]


def wait(cluster: LabCluster, what: str, condition: str) -> None:
    cluster.kubectl("wait", *what.split(), f"-n{NAMESPACE}", f"--for={condition}", f"--timeout={LONG}")


def renewals(cluster: LabCluster, nodes: list[str]) -> dict[str, str]:
    leases = cluster.get("leases", "-nkube-node-lease")["items"]
    return {each["metadata"]["name"]: each["spec"]["renewTime"] for each in leases if each["metadata"]["name"] in nodes}


def ready(pod: dict[str, Any]) -> bool:
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"]["conditions"])


def test_the_whole_control_plane_settles_in_600_mb(fresh: LabCluster) -> None:
    processes = Cluster(fresh.name).processes()
    assert set(processes) == set(COMPONENTS)
    eventually(lambda: sum(process.memory_info().rss for process in processes.values()) < 600e6)


def test_a_zone_is_lost_and_comes_back(running: LabCluster) -> None:
    cluster = running
    assert {zone_of(cluster, pod) for pod in pods(cluster, "web")} == {ZONE, *ELSEWHERE}
    held = next(pod for pod in pods(cluster, "db") if zone_of(cluster, pod) == ZONE)
    stateful = f"pod/{held['metadata']['name']}"
    lost = [name for name, zone in zones(cluster).items() if zone == ZONE]

    said = lab("fail", "zone", ZONE, "--cluster", cluster.name).stderr
    assert all(name in said for name in lost)
    assert ("fast timers" in said) is not PRODUCTION
    for name in lost:
        wait(cluster, f"node/{name}", "condition=Ready=Unknown")
    last = renewals(cluster, lost)

    wait(cluster, stateful, "jsonpath={.metadata.deletionTimestamp}")
    cluster.kubectl("rollout", "status", "deployment/web", f"-n{NAMESPACE}", f"--timeout={LONG}")
    alive = [pod for pod in pods(cluster, "web") if "deletionTimestamp" not in pod["metadata"]]
    assert len(alive) == 6
    assert {zone_of(cluster, pod) for pod in alive} == ELSEWHERE, "pods are not where production would have them"
    assert len(pods(cluster, "web")) == 8, "nobody finishes the two pods on the lost nodes"
    still = cluster.get(stateful, f"-n{NAMESPACE}")
    assert still["metadata"]["uid"] == held["metadata"]["uid"], "a StatefulSet's pod was replaced before it was let go"
    assert renewals(cluster, lost) == last, "a Lease was renewed after its node failed"
    (agent,) = [pod for pod in pods(cluster, "agent") if pod["spec"]["nodeName"] == "application-0"]
    assert not ready(agent)
    assert "deletionTimestamp" not in agent["metadata"], "a DaemonSet tolerates a lost node"

    healthy = lab("out-of-service", "node", "application-1", "--cluster", cluster.name, check=False)
    assert "has not failed" in healthy.stderr
    lab("out-of-service", "zone", ZONE, "--cluster", cluster.name)
    cluster.kubectl("wait", stateful, f"-n{NAMESPACE}", "--for=delete", f"--timeout={LONG}")
    cluster.kubectl("rollout", "status", "statefulset/db", f"-n{NAMESPACE}", f"--timeout={LONG}")
    moved = cluster.get(stateful, f"-n{NAMESPACE}")
    assert moved["metadata"]["uid"] != held["metadata"]["uid"]
    assert zone_of(cluster, moved) in ELSEWHERE

    lab("heal", "zone", ZONE, "--cluster", cluster.name)
    nodes = {node["metadata"]["name"]: node for node in cluster.get("nodes")["items"]}
    assert "taints" not in nodes["application-0"]["spec"]
    assert all(nodes[name]["metadata"]["labels"][shape.SIMULATED] == "true" for name in lost)
    cluster.kubectl("rollout", "restart", "deployment/web", f"-n{NAMESPACE}")
    rolled_out(cluster)
    assert {zone_of(cluster, pod) for pod in pods(cluster, "web") if ready(pod)} == {ZONE, *ELSEWHERE}


def test_a_node_that_comes_back_in_time_keeps_its_pods(running: LabCluster) -> None:
    before = {pod["metadata"]["uid"]: pod["spec"]["nodeName"] for pod in pods(running, "patient")}
    node = next(iter(before.values()))
    lab("fail", "node", node, "--cluster", running.name)
    assert "already failed" in lab("fail", "node", node, "--cluster", running.name).stderr
    (agent,) = [pod for pod in pods(running, "agent") if pod["spec"]["nodeName"] == node]
    wait(running, f"pod/{agent['metadata']['name']}", "condition=Ready=False")
    lab("heal", "--cluster", running.name)
    wait(running, "pods --selector=app=patient", "condition=Ready")
    assert {pod["metadata"]["uid"] for pod in pods(running, "patient")} == set(before)
    assert "nothing has failed" in lab("heal", "--cluster", running.name).stderr


def test_a_zone_or_node_that_does_not_exist_is_one_sentence(running: LabCluster) -> None:
    said = lab("fail", "zone", "mars", "--cluster", running.name, check=False)
    assert said.returncode == 1
    assert said.stderr == f"lab: {running.name} has no zone mars: it has us-west-2a, us-west-2b, us-west-2c\n"


def test_a_snapshot_brings_back_what_was_there_and_nothing_else(running: LabCluster, tmp_path: Any) -> None:
    file, name = str(tmp_path / "snapshot.db"), f"--cluster={running.name}"
    running.kubectl("create", "configmap", "kept", f"-n{NAMESPACE}")
    lab("snapshot", "save", file, name)
    running.kubectl("delete", "configmap", "kept", f"-n{NAMESPACE}")
    running.kubectl("create", "configmap", "late", f"-n{NAMESPACE}")
    (tmp_path / "broken.db").write_bytes((tmp_path / "snapshot.db").read_bytes()[:-4096])
    broken = lab("snapshot", "restore", str(tmp_path / "broken.db"), name, check=False)
    assert broken.returncode == 1
    assert len(broken.stderr.splitlines()) == 1
    assert running.get("configmap", "late", f"-n{NAMESPACE}"), "a broken snapshot harmed the cluster"
    lab("snapshot", "restore", file, name)
    names = {each["metadata"]["name"] for each in running.get("configmaps", f"-n{NAMESPACE}")["items"]}
    assert "kept" in names
    assert "late" not in names
    wait(running, "nodes --all", "condition=Ready")
    assert "exists: remove it" in lab("snapshot", "save", file, name, check=False).stderr
    assert "does not exist" in lab("snapshot", "restore", f"{file}.not", name, check=False).stderr
