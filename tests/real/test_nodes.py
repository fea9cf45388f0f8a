"""Three real nodes, a zone each: a primary's pod is killed, then a primary's node; a client writes all the while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support import postgres
from support.lab import LAB, LabCluster, lab
from support.postgres import Postgres

pytestmark = pytest.mark.certify

LEASE = 5  # seconds, a third of the operator's
PATIENCE = 120 + 50 + 300  # seconds until a lost node's pods are told to go, with production's timers
WITHOUT_ARCHIVE = {key: value for key, value in postgres.SMALL.items() if key not in ("backup", "spread")}
MAIN: dict[str, Any] = {**WITHOUT_ARCHIVE, "name": "main", "instances": 3, "quorum": True, "spread": "zone"}


@pytest.fixture(scope="module")
def cluster(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("three", "--nodes", "3") as running:
        running.kubectl("create", "namespace", "demo")
        lab("operator", "install", "cloudnative-pg", "--cluster", running.name)
        yield running


@pytest.fixture(scope="module")
def database(cluster: LabCluster) -> Postgres:
    return Postgres(cluster, "main", "demo")


def _drilled(cluster: LabCluster, folder: Path, **asked: Any) -> Any:
    """A drill that loses no commit: what was measured, and after how many seconds another instance was primary."""
    result = postgres.done(cluster, "postgres_drill", name="main", profile={"rpo": "0s"}, dest=str(folder), **asked)
    found = result["measured"]
    assert found["rpo_commits"] == 0
    assert found["acknowledged"] > 10
    assert found["failed_over"]
    since = cluster.get("clusters.postgresql.cnpg.io", "-n", "demo", "main")["status"]["currentPrimaryTimestamp"]
    return found | {"new_primary": datetime.fromisoformat(since).timestamp() - found["fault_at"]}


def test_every_instance_has_a_zone_of_its_own(
    cluster: LabCluster, database: Postgres, told: Callable[[str], None]
) -> None:
    made = postgres.done(cluster, "postgres_cluster", **MAIN)
    told(f"three nodes: 3 instances healthy after {made['timings']['total']:.1f} s")
    pods = cluster.get("pods", "-n", "demo", "-l", "cnpg.io/cluster=main")["items"]
    assert sorted(pod["spec"]["nodeName"] for pod in pods) == ["real-1", "real-2", "real-3"]


def test_a_killed_pod_of_the_primary(
    cluster: LabCluster, database: Postgres, tmp_path: Path, told: Callable[[str], None]
) -> None:
    found = _drilled(cluster, tmp_path, fault="pod")
    told(f"three nodes, pod killed: new primary after {found['new_primary']:.1f} s, {found['rto_seconds']} s no commit")


def test_a_killed_pod_of_a_primary_with_a_shorter_lease(
    cluster: LabCluster, database: Postgres, tmp_path: Path, told: Callable[[str], None]
) -> None:
    database.healthy(300)
    postgres.done(cluster, "postgres_cluster", **MAIN, primary_lease=LEASE)
    found = _drilled(cluster, tmp_path, fault="pod")
    assert cluster.get("leases", "-n", "demo", "main")["spec"]["leaseDurationSeconds"] == LEASE, "the new holder's"
    told(
        f"three nodes, pod killed, a Lease of {LEASE} s: new primary after {found['new_primary']:.1f} s, "
        f"{found['rto_seconds']} s no commit"
    )
    database.healthy(300)
    postgres.done(cluster, "postgres_cluster", **MAIN)


def test_a_primary_that_ends_cleanly(cluster: LabCluster, database: Postgres, told: Callable[[str], None]) -> None:
    database.healthy(300)
    old = database.primary()
    end = ("delete", "pod", "-n", "demo", old, "--wait=false")
    seconds = database.new_primary(old, lambda: cluster.kubectl(*end), 60)
    told(f"three nodes, pod deleted: new primary after {seconds:.1f} s")
    database.healthy(300)


def test_a_killed_node_with_the_primary_on_it(
    cluster: LabCluster, database: Postgres, tmp_path: Path, told: Callable[[str], None]
) -> None:
    """The operator is on another node; nobody does anything until there is a new primary, then the node is healed."""
    old = database.primary()
    node = postgres.node(cluster, "-n", "demo", old)
    postgres.move_operator(cluster, away_from=node)
    command = [*LAB, "fail", "node", "{node}", "--cluster", cluster.name]
    asked = {"fault": "node", "node_command": command, "notice": 100}
    with ThreadPoolExecutor(1) as thread:
        drill = thread.submit(lambda: _drilled(cluster, tmp_path, **asked))
        database.new_primary(old, lambda: None, PATIENCE)
        lab("heal", "--cluster", cluster.name)
        told(f"three nodes: all instances healthy {database.healthy(300):.1f} s after the node was healed")
        found = drill.result()
    told(
        f"three nodes, node killed: new primary after {found['new_primary']:.1f} s (node timers are production's), "
        f"{found['rto_seconds']} s no commit, {found['acknowledged']} commits acknowledged, none lost"
    )
    assert database.instances_ready() == 3
    assert postgres.node(cluster, "-n", "demo", old) == node, "its volume is pinned to its node"
