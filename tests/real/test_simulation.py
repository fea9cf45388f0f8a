"""The simulation against the real operators: both clusters are treated alike, and must go through the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support import postgres, rabbitmq, transitions
from support.lab import STORAGE, LabCluster, eventually, lab, started
from support.postgres import Postgres

pytestmark = pytest.mark.certify

KIND = "clusters.postgresql.cnpg.io"
READY = {"AllReplicasReady": "True", "ReconcileSuccess": "True"}


@pytest.fixture(scope="module")
def real(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    """One real node with CloudNativePG and RabbitMQ's cluster operator."""
    with real_cluster("twin") as running:
        lab("operator", "install", "cloudnative-pg", "rabbitmq", "--cluster", running.name)
        running.kubectl("create", "namespace", "demo")
        yield running


@pytest.fixture(scope="module")
def simulated() -> Iterator[LabCluster]:
    """Simulated nodes with the simulated operators of both."""
    with started("twin-sim", "--simulate", "--speed=20") as running:
        lab("crds", "apply", "postgres", "rabbitmq", "--cluster", running.name)
        running.apply(STORAGE)
        running.kubectl("create", "namespace", "demo")
        yield running


def _lived(cluster: LabCluster, told: Callable[[str], None]) -> list[dict[str, Any]]:
    """A Cluster of two instances made, grown to three, its primary's pod killed, healthy again."""
    database = Postgres(cluster, "main", "demo")

    def healthy(instances: int, **wanted: str) -> Callable[[], bool]:
        expected = {"phase": "Cluster in healthy state", "readyInstances": instances, **wanted}
        return lambda: expected.items() <= cluster.get(KIND, "main", "-n=demo").get("status", {}).items()

    with transitions.watched(cluster.name, KIND, "demo", "main") as seen:
        begun = time.monotonic()
        cluster.apply(postgres.manifest("main", "demo", 2))
        eventually(healthy(2), 300)
        told(f"{cluster.name}: 2 instances healthy after {time.monotonic() - begun:.1f} s")
        cluster.apply(postgres.manifest("main", "demo", 3))
        eventually(healthy(3), 300)
        lost = ("delete", "pod", "main-1", "-n=demo", "--wait=false", "--grace-period=1")
        seconds = database.new_primary("main-1", lambda: cluster.kubectl(*lost), 180)
        told(f"{cluster.name}: primary's pod killed, another is primary after {seconds:.1f} s")
        eventually(healthy(3), 300)
    return seen


def test_a_simulated_cluster_goes_through_the_phases_of_a_real_one(
    real: LabCluster, simulated: LabCluster, told: Callable[[str], None]
) -> None:
    """Phases in the order in which each first appears; what lies between two writes of a real operator differs from
    run to run."""
    phases = {}
    for name, cluster in (("real", real), ("simulated", simulated)):
        seen = _lived(cluster, told)
        phases[name] = transitions.phases(seen)
        print(name, phases[name])
    assert phases["simulated"] == phases["real"]


def _rabbitmq(cluster: LabCluster) -> dict[str, dict[str, list[str]]]:
    """What is done -> the states of each condition: made, grown, a pod lost, shrunk in vain, that taken back."""
    found = {}

    def act(title: str, cause: Callable[[], Any], **wanted: str) -> None:
        with transitions.watched(cluster.name, rabbitmq.KIND, "demo", "events") as seen:
            cause()
            assert seen.until(lambda every: transitions.ended(every, wanted), 400), f"{title}: {seen[-1:]}"
        found[title] = transitions.by_condition(seen)

    def sized(replicas: int) -> None:
        cluster.apply(rabbitmq.manifest("events", "demo", replicas))

    act("create", lambda: sized(1), **READY)
    act("scale-up", lambda: sized(3), **READY)
    lost = ("delete", "pod", "events-server-1", "-n=demo", "--wait=false", "--grace-period=1")
    act("lose-pod", lambda: cluster.kubectl(*lost), **READY)
    act("scale-down", lambda: sized(1), ReconcileSuccess="False")
    act("scale-back", lambda: sized(3), **READY)
    return found


def test_a_simulated_rabbitmq_goes_through_the_conditions_of_a_real_one(
    real: LabCluster, simulated: LabCluster
) -> None:
    """State after state of each condition; which of two conditions is written first differs from run to run."""
    found = {}
    for name, cluster in (("real", real), ("simulated", simulated)):
        found[name] = _rabbitmq(cluster)
        print(name, found[name])
    assert found["simulated"] == found["real"]
