"""A cluster with real nodes is ended without a trace, whatever of it was killed before, and ends no other."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from lab.cluster import COMPONENTS, Cluster
from lab.real import network, node
from lab.real.plan import Plan
from support import machine
from support.lab import LabCluster, lab

pytestmark = pytest.mark.certify

Start = Callable[..., contextlib.AbstractContextManager[LabCluster]]


def _kill(names: set[str], cluster: Cluster) -> int:
    """Kills the programs of these names in a cluster's namespaces."""
    killed = 0
    for pid in network.processes(network.namespaces(Plan(cluster))):
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if process.name() in names:
                process.send_signal(signal.SIGKILL)
                killed += 1
    return killed


RUNTIME = {"containerd", "containerd-shim-runc-v2", "kubelet", "kube-proxy"}
KILLED = [set(COMPONENTS), RUNTIME, {"unshare"}, {"init"}]


@pytest.mark.parametrize("names", KILLED, ids=["control-plane", "runtime", "wrapper", "first-process"])
def test_down_after_a_kill(real_cluster: Start, names: set[str]) -> None:
    before = machine.look()
    with real_cluster("ending") as running:
        lab("operator", "install", "cert-manager", "--cluster", running.name)
        cluster = Cluster(running.name)
        seen = machine.look().left_since(before)
        assert set(seen) >= {"mounts", "links", "namespaces", "cgroups", "strangers", "helpers"}, "the look is blind"
        if names == {"init"}:
            first = node.first_process(Plan(cluster).nodes(1)[0])
            assert first is not None
            first.kill()
        else:
            assert _kill(names, cluster) >= len(names)
        lab("down", running.name)
        left = machine.look().left_since(before)
        assert not left, left


@pytest.mark.parametrize("seconds", [2, 8, 14])
def test_down_after_a_killed_up(seconds: float) -> None:
    before = machine.look()
    name = f"test-{os.getpid()}-killed"
    command = [sys.executable, "-m", "lab.cli", "up", name, "--profile", "real"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as starting:
        time.sleep(seconds)  # where in its way the kill meets it is the point
        starting.kill()
    lab("down", name)
    assert not Cluster(name).exists()
    left = machine.look().left_since(before)
    assert not left, left


def test_up_starts_a_node_that_ended_by_itself(real_cluster: Start) -> None:
    with real_cluster("revived") as running:
        first = node.first_process(Plan(Cluster(running.name)).nodes(1)[0])
        assert first is not None
        first.kill()
        first.wait(10)
        assert _state(running.name) == "broken"
        lab("up", running.name, "--profile", "real", "--audit")
        assert _state(running.name) == "running"
        _runs_a_pod(running)
        running.kubectl("wait", "--for=condition=Available", "deployment", "--all", "-A", "--timeout=120s")


def test_two_clusters_side_by_side(real_cluster: Start, told: Callable[[str], None]) -> None:
    before = machine.look()
    with real_cluster("one") as one, real_cluster("two") as two:
        servers = {_server(each) for each in (one, two)}
        assert len(servers) == 2
        lab("down", one.name)
        assert _ready(two) == ["real-1"]
        _runs_a_pod(two)
    left = machine.look().left_since(before)
    assert not left, left


def _runs_a_pod(cluster: LabCluster) -> None:
    cluster.kubectl("run", "lone", "--image=lab.local/base:bookworm", "--restart=Never", "--command", "--", "true")
    cluster.kubectl("wait", "pod/lone", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s")


def _state(name: str) -> str:
    """As `lab list` shows it."""
    return {line.split("\t")[0]: line.split("\t")[1] for line in lab("list").stdout.splitlines()}[name]


def _server(cluster: LabCluster) -> str:
    return cluster.kubeconfig.read_text().split("server: ")[1].split()[0]


def _ready(cluster: LabCluster) -> list[str]:
    def conditions(each: dict[str, Any]) -> dict[str, str]:
        return {condition["type"]: condition["status"] for condition in each["status"]["conditions"]}

    return [each["metadata"]["name"] for each in cluster.get("nodes")["items"] if conditions(each)["Ready"] == "True"]
