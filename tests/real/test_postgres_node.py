"""A real node with the primary on it is killed under a client's writes; three nodes, the operator on another one."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support import postgres
from support.lab import LabCluster, lab
from support.module import module
from support.postgres import Postgres

pytestmark = pytest.mark.certify

GRACE = 50 + 300  # seconds until a lost node's pods are told to go, with production's timers
# Without an archive, whose server would be on one of the nodes.
ROW: dict[str, Any] = {key: value for key, value in postgres.SMALL.items() if key != "backup"} | {"spread": "zone"}
PROMISES: dict[str, dict[str, Any]] = {
    "required": {"instances": 3, "quorum": True, "durability": "required"},
    "preferred": {"instances": 3, "quorum": True, "durability": "preferred"},
    "two": {"instances": 2, "quorum": True, "durability": "preferred"},
}


@pytest.fixture(scope="module")
def cluster(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("node", "--nodes", "3") as running:
        running.kubectl("create", "namespace", "demo")
        lab("operator", "install", "cloudnative-pg", "--cluster", running.name)
        yield running


@pytest.mark.parametrize("promise", PROMISES)
def test_a_lost_node(cluster: LabCluster, promise: str, evidence: str, told: Callable[[str], None]) -> None:
    row = {**ROW, **PROMISES[promise]}
    postgres.done(cluster, "postgres_cluster", name=promise, **row)
    database = Postgres(cluster, promise, "demo")
    old = database.primary()
    node = postgres.node(cluster, "-n", "demo", old)
    postgres.move_operator(cluster, away_from=node)

    def heal() -> None:
        """Once another leads: the volume of the lost instance is on that node."""
        database.new_primary(old, lambda: None, GRACE)
        lab("heal", "--cluster", cluster.name)

    healing = threading.Thread(target=heal)
    healing.start()
    command = [sys.executable, "-m", "lab.cli", "fail", "node", "{node}", "--cluster", cluster.name]
    asked = {"fault": "node", "node_command": command, "profile": {"rpo": "0s", "rto": "3m"}, "dest": evidence}
    result = module(cluster, "postgres_drill", name=promise, namespace="demo", timeout=600, **asked)
    healing.join()
    found = result["measured"]
    told(f"{promise}, node killed: {found['rto_seconds']} s without a commit, {found['rpo_commits']} lost")
    cluster.kubectl("delete", "clusters.postgresql.cnpg.io", "-n", "demo", promise)
    assert found["acknowledged"] > 10
    assert found["failed_over"]
    if PROMISES[promise]["durability"] == "required":
        assert found["rpo_commits"] == 0
