"""PostgreSQL as the inventories ask for it: every cluster renders, and the specifications' defects are not in it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.systems.postgres import limits
from support.cases import render
from support.inventories import ENVIRONMENTS, variables
from support.role_docs import ROOT

Objects = list[dict[str, Any]]


@cache
def sets(environment: str) -> dict[tuple[str, str], Objects]:
    """The objects of every cluster, by host and name, with the role's images."""
    images = yaml.safe_load((ROOT / "roles/postgres/vars/main.yml").read_text())["__postgres_images"]
    found = {}
    for host, values in variables(environment).items():
        for row in values.get("postgres_clusters", []):
            base = {"major": 18, "images": images, "node_pools": values["platform_node_pools"]}
            found[host, row["name"]] = render("postgres_cluster", {**base, **row})
    assert found, f"{environment} has no PostgreSQL: nothing would be looked at"
    return found


def of_kind(objects: Objects, kind: str) -> Objects:
    return [obj for obj in objects if obj["kind"] == kind]


def keys(value: Any) -> set[str]:
    """Every key at any depth."""
    if isinstance(value, dict):
        return set(value) | {key for part in value.values() for key in keys(part)}
    return {key for part in value for key in keys(part)} if isinstance(value, list) else set()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_cluster_of_the_inventories_renders(environment: str) -> None:
    for (host, name), objects in sets(environment).items():
        names = [(obj["kind"], obj["metadata"]["name"]) for obj in objects]
        assert len(names) == len(set(names)), f"{host}: {name} has twins"
        assert {"Cluster", "ObjectStore", "ScheduledBackup", "Pooler", "NetworkPolicy"} <= {kind for kind, _ in names}


def test_production_loses_no_commit_and_is_backed_up_every_minute() -> None:
    """D0-17, N-10, X-04: quorum replication, a failover that knows it, WAL at least once a minute, 30 days."""
    for objects in sets("production").values():
        (cluster,) = of_kind(objects, "Cluster")
        wanted = {"method": "any", "number": 1, "dataDurability": "required", "failoverQuorum": True}
        assert cluster["spec"]["postgresql"]["synchronous"] == wanted
        assert cluster["spec"]["postgresql"]["parameters"]["archive_timeout"] == "60s"
        assert of_kind(objects, "ObjectStore")[0]["spec"]["retentionPolicy"] == "30d"
        assert "walStorage" in cluster["spec"]


# Fields of the specifications that no operator reads any more, or never did.
GONE = [
    ("Cluster", "podAntiAffinity", "D0-10: no field of a Cluster's affinity"),
    ("Cluster", "barmanObjectStore", "D0-12: goes with 1.31"),
    ("Cluster", "enablePodMonitor", "D0-13: deprecated"),
    ("Pooler", "enablePodMonitor", "D0-13: deprecated"),
    ("Pooler", "server_reset_query", "D0-31: does nothing in transaction mode"),
    ("Pooler", "auth_file", "D0-30: PgBouncer asks the server"),
]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(("kind", "field", "why"), GONE)
def test_a_defect_is_not_reproduced(environment: str, kind: str, field: str, why: str) -> None:
    for objects in sets(environment).values():
        for obj in of_kind(objects, kind):
            assert field not in keys(obj), why


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_further_defects_are_not_reproduced(environment: str) -> None:
    for (_, name), objects in sets(environment).items():
        (cluster,), (schedule,) = of_kind(objects, "Cluster"), of_kind(objects, "ScheduledBackup")
        assert len(schedule["spec"]["schedule"].split()) == 6, "D0-11"
        assert schedule["spec"]["method"] == "plugin", "D0-12"
        assert cluster["spec"]["enableSuperuserAccess"] is False, "D0-18"
        assert not {"Deployment", "StatefulSet", "ConfigMap"} & {obj["kind"] for obj in objects}, "D0-19, D0-30, D3-18"
        for budget in of_kind(objects, "PodDisruptionBudget"):
            assert list(budget["spec"]["selector"]["matchLabels"]) == ["cnpg.io/poolerName"], "D0-16"
        for policy in of_kind(objects, "NetworkPolicy"):
            assert policy["spec"]["podSelector"]["matchLabels"]["cnpg.io/cluster"] == name, "D0-07, D3-36"


def test_databases_are_called_what_their_clients_call_them() -> None:
    """D0-14, D1-07."""
    asked = {
        ("research_lab_prod", "llm-research-postgres"): "llm_research",
        ("workflow_platform_prod", "keycloak-postgres"): "keycloak",
    }
    for key, database in asked.items():
        (cluster,) = of_kind(sets("production")[key], "Cluster")
        assert cluster["spec"]["bootstrap"]["initdb"]["database"] == database
        assert cluster["spec"]["bootstrap"]["initdb"]["dataChecksums"]


@pytest.mark.parametrize(
    ("text", "bytes_"), [("4GB", 4 * 2**30), ("512MB", 2**29), ("16384", 2**27), ("1 kB", 1024), ("4Gi", None)]
)
def test_sizes_in_postgresqls_units(text: str, bytes_: int | None) -> None:
    assert limits.bytes_of(text) == bytes_


def test_poolers_are_counted_by_the_server_they_reach_and_for_each_database() -> None:
    kinds = [("rw", 2, 10), ("ro", 3, 5), ("r", 1, 4)]
    poolers = [{"type": kind, "instances": count, "max_db_connections": most} for kind, count, most in kinds]
    assert limits.connections({"databases": [], "poolers": poolers}) == {"primary": 24, "replicas": 19}
    assert limits.connections({"databases": [{}], "poolers": poolers}) == {"primary": 48, "replicas": 38}
