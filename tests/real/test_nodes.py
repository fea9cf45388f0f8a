"""Three real nodes, a zone each: the one with the primary on it is killed, and comes back with its disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support import postgres
from support.lab import LabCluster, lab
from support.postgres import Postgres

pytestmark = pytest.mark.certify

ZONE = "topology.kubernetes.io/zone"
OPERATOR = ("-n", "cnpg-system", "-l", "app.kubernetes.io/name=cloudnative-pg")
GRACE = 50 + 300  # seconds until a lost node's pods are told to go, with production's timers


@pytest.fixture(scope="module")
def cluster(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("three", "--nodes", "3") as running:
        running.kubectl("create", "namespace", "demo")
        lab("operator", "install", "cloudnative-pg", "--cluster", running.name)
        yield running


@pytest.fixture(scope="module")
def database(cluster: LabCluster) -> Postgres:
    spread = {"enablePodAntiAffinity": True, "podAntiAffinityType": "required", "topologyKey": ZONE}
    cluster.apply(postgres.manifest("main", "demo", 3, affinity=spread))
    found = Postgres(cluster, "main", "demo")
    found.healthy(240)
    return found


def _node(cluster: LabCluster, *pod: str) -> str:
    answer = cluster.get("pods", *pod)
    return str((answer["items"][0] if "items" in answer else answer)["spec"]["nodeName"])


def test_every_instance_has_a_zone_of_its_own(cluster: LabCluster, database: Postgres) -> None:
    pods = cluster.get("pods", "-n", "demo", "-l", "cnpg.io/cluster=main")["items"]
    assert sorted(pod["spec"]["nodeName"] for pod in pods) == ["real-1", "real-2", "real-3"]


def test_a_killed_node_with_the_primary_on_it(
    cluster: LabCluster, database: Postgres, told: Callable[[str], None]
) -> None:
    database.sql("create table rows (number int); insert into rows select generate_series(1, 1000)")
    old = database.primary()
    node = _node(cluster, "-n", "demo", old)
    if _node(cluster, *OPERATOR) == node:
        cluster.kubectl("cordon", node)
        cluster.kubectl("delete", "pod", *OPERATOR)
        cluster.kubectl(
            "wait", "-n", "cnpg-system", "--for=condition=Available", "deployment", "--all", "--timeout=90s"
        )
        cluster.kubectl("uncordon", node)
    seconds = database.new_primary(old, lambda: lab("fail", "node", node, "--cluster", cluster.name), GRACE)
    told(f"three nodes: new primary {seconds:.1f} s after its node was killed (node timers are production's)")
    assert database.primary() != old
    assert database.sql("select count(*) from rows") == "1000"
    lab("heal", "--cluster", cluster.name)
    told(f"three nodes: all instances healthy {database.healthy(300):.1f} s after the node was healed")
    assert database.instances_ready() == 3
    assert database.sql("select count(*) from rows") == "1000"
