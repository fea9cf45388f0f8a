"""The simulation against the real operator: both clusters are treated alike, and must go through the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support import postgres, transitions
from support.lab import STORAGE, LabCluster, eventually, lab, started

pytestmark = pytest.mark.certify

KIND = "clusters.postgresql.cnpg.io"


@pytest.fixture(scope="module")
def real(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    """One real node with CloudNativePG."""
    with real_cluster("twin") as running:
        lab("operator", "install", "cloudnative-pg", "--cluster", running.name)
        running.kubectl("create", "namespace", "demo")
        yield running


@pytest.fixture(scope="module")
def simulated() -> Iterator[LabCluster]:
    """Simulated nodes with the simulated CloudNativePG."""
    with started("twin-sim", "--simulate", "--speed=20") as running:
        lab("crds", "apply", "postgres", "--cluster", running.name)
        running.apply(STORAGE)
        running.kubectl("create", "namespace", "demo")
        yield running


def _lived(cluster: LabCluster) -> list[dict[str, Any]]:
    """A Cluster of two instances made, grown to three, its primary's pod killed, healthy again."""

    def healthy(instances: int, **wanted: str) -> Callable[[], bool]:
        expected = {"phase": "Cluster in healthy state", "readyInstances": instances, **wanted}
        return lambda: expected.items() <= cluster.get(KIND, "main", "-n=demo").get("status", {}).items()

    with transitions.watched(cluster.name, KIND, "demo", "main") as seen:
        cluster.apply(postgres.manifest("main", "demo", 2))
        eventually(healthy(2), 300)
        cluster.apply(postgres.manifest("main", "demo", 3))
        eventually(healthy(3), 300)
        cluster.kubectl("delete", "pod", "main-1", "-n=demo", "--wait=false", "--grace-period=1")
        eventually(lambda: cluster.get(KIND, "main", "-n=demo")["status"]["currentPrimary"] != "main-1", 180)
        eventually(healthy(3), 300)
    return seen


def test_a_simulated_cluster_goes_through_the_phases_of_a_real_one(real: LabCluster, simulated: LabCluster) -> None:
    """Phases in the order in which each first appears; what lies between two writes of a real operator differs from
    run to run."""
    phases = {}
    for name, cluster in (("real", real), ("simulated", simulated)):
        seen = _lived(cluster)
        phases[name] = transitions.phases(seen)
        print(name, phases[name])
    assert phases["simulated"] == phases["real"]
