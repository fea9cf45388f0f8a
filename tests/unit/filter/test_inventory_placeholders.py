"""Placeholders ask for what the inventory asks for: as many pods, of that size, on those pools."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.platform.plugins.filter.inventory_placeholders import inventory_placeholders
from support.inventories import variables

HOST = "research_lab_prod"
OFF = {f"{role}_enabled": False for role in ("postgres", "clickhouse", "kafka", "redis")}


@pytest.fixture
def production() -> dict[str, Any]:
    """The host's variables with its data systems switched off, whatever the inventory says today."""
    return variables("production")[HOST] | OFF


def test_layers_come_in_their_order(production: dict[str, Any]) -> None:
    roles = [row["role"] for row in inventory_placeholders(production, HOST)]
    assert roles == ["ingress", "postgres", "clickhouse", "kafka", "redis", "monitoring", "workloads"]


def test_a_demand_keeps_its_size_and_place(production: dict[str, Any]) -> None:
    rows = {row["role"]: row["objects"] for row in inventory_placeholders(production, HOST)}
    postgres = next(obj for obj in rows["postgres"] if obj["kind"] == "StatefulSet")
    pod = postgres["spec"]["template"]["spec"]
    row = production["postgres_clusters"][0]
    assert postgres["spec"]["replicas"] == row["instances"]
    assert pod["containers"][0]["resources"]["requests"] == {"cpu": "4", "memory": "8Gi"}
    assert pod["tolerations"][0]["value"] == "data"
    assert pod["affinity"]["podAntiAffinity"], "spread: host"
    assert [each["spec"]["storageClassName"] for each in postgres["spec"]["volumeClaimTemplates"]] == ["fast-ssd"] * 2


def test_what_runs_for_real_has_no_placeholder(production: dict[str, Any]) -> None:
    roles = [row["role"] for row in inventory_placeholders(production | {"kafka_enabled": True}, HOST)]
    assert "kafka" not in roles


def test_names_are_unique_in_every_environment() -> None:
    for environment in ("production", "staging", "development"):
        for host, found in variables(environment).items():
            objects = [obj for row in inventory_placeholders(found, host) for obj in row["objects"]]
            names = [(obj["metadata"]["namespace"], obj["metadata"]["name"]) for obj in objects]
            assert len(names) == len(set(names)), host


def test_what_cannot_be_read_is_a_sentence() -> None:
    broken = {"kafka_enabled": False, "kafka_clusters": [{"name": "x", "resources": {"requests": {"cpu": "many"}}}]}
    with pytest.raises(AnsibleFilterError, match=r"must be a quantity|how many"):
        inventory_placeholders(broken)
