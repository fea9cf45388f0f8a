"""A shape is read whole, or refused with one sentence about the first thing wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.errors import LabError

from lab import shape

POOL: dict[str, Any] = {
    "name": "data",
    "count": 4,
    "zones": ["us-west-2a", "us-west-2b"],
    "capacity": {"cpu": 8, "memory": "64Gi"},
}


def pool(**fields: Any) -> dict[str, Any]:
    return POOL | fields


def written(tmp_path: Path, content: Any) -> str:
    path = tmp_path / "shape.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return str(path)


def test_the_shape_that_ships_is_valid_and_spans_three_zones() -> None:
    nodes = shape.nodes(shape.load(None), "v1.36.3")
    assert {node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes} == {
        "us-west-2a",
        "us-west-2b",
        "us-west-2c",
    }


def test_nodes_carry_everything_the_pool_says() -> None:
    taint = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
    gpu = pool(
        name="gpu",
        count=1,
        instance_type="n1-standard-8",
        labels={"workload": "gpu"},
        taints=[taint],
        capacity={"cpu": "8", "memory": "30Gi", "pods": 20, "gpu": 2},
    )
    (node,) = shape.nodes(shape.check([gpu], "test"), "v1.36.3")
    assert node["metadata"]["name"] == "gpu-0"
    assert (
        node["metadata"]["labels"]
        | {
            "workload": "gpu",
            "node.kubernetes.io/instance-type": "n1-standard-8",
            "topology.kubernetes.io/zone": "us-west-2a",
            "topology.kubernetes.io/region": "us-west-2",
        }
        == node["metadata"]["labels"]
    )
    assert node["spec"]["taints"] == [taint]
    assert node["status"]["allocatable"] == {
        "cpu": "8",
        "memory": "30Gi",
        "pods": "20",
        "ephemeral-storage": "100Gi",
        "nvidia.com/gpu": "2",
    }


def test_nodes_of_a_pool_take_its_zones_in_turn_and_no_two_share_a_name_or_an_address() -> None:
    nodes = shape.nodes(shape.check([pool(), pool(name="other", count=300)], "test"), "v1.36.3")
    zones = [node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes[:4]]
    assert zones == ["us-west-2a", "us-west-2b", "us-west-2a", "us-west-2b"]
    assert len({node["metadata"]["name"] for node in nodes}) == 304
    assert len({node["spec"]["podCIDR"] for node in nodes}) == 304
    assert len({node["status"]["addresses"][0]["address"] for node in nodes}) == 304


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("us-west-2a", "us-west-2"),
        ("europe-west1-b", "europe-west1"),
        ("us-gov-west-1a", "us-gov-west-1"),
        ("rack-7", None),
    ],
)
def test_the_region_follows_from_the_zone_where_the_zone_tells_it(zone: str, region: str | None) -> None:
    (node,) = shape.nodes([pool(count=1, zones=[zone])], "v1.36.3")
    assert node["metadata"]["labels"].get("topology.kubernetes.io/region") == region


@pytest.mark.parametrize(
    ("pools", "words"),
    [
        ([], "at least one pool"),
        ("data", "at least one pool"),
        (["data"], "pool number 1: must be a mapping"),
        ([pool(size=3)], "pool data: unknown field size"),
        ([{key: value for key, value in POOL.items() if key != "zones"}], "pool data: zones is missing"),
        ([pool(count="3")], "pool data: count must be a whole number"),
        ([pool(count=True)], "pool data: count must be a whole number"),
        ([pool(count=-1)], "count must be between 0 and 1000"),
        ([pool(count=0)], "at least one node"),
        ([pool(name="Data_1")], "name must be lower case"),
        ([pool(zones=[])], "zones must name at least one zone"),
        ([pool(zones=[1])], "zones must name at least one zone"),
        ([pool(labels={"spot": True})], "label spot must be a string, not True: quote it"),
        ([pool(capacity={"cpu": 4})], "capacity.memory is missing"),
        ([pool(capacity={"cpu": 4, "memory": "lots"})], "capacity.memory must be a quantity"),
        ([pool(capacity={"cpu": 4, "memory": "{{ memory }}"})], "capacity.memory must be a quantity"),
        ([pool(capacity={"cpu": 4, "memory": "1Gi", "swap": "1Ti"})], "unknown field capacity.swap"),
        ([pool(taints=["a=b:NoSchedule"])], "a taint is a mapping"),
        ([pool(taints=[{"key": "a", "effect": "Never"}])], "a taint's effect is one of"),
        ([pool(taints=[{"key": "a", "operator": "Exists", "effect": "NoSchedule"}])], "a taint is a mapping"),
        ([pool(), pool()], "two pools are called data"),
    ],
)
def test_a_wrong_pool_is_refused_by_name_and_field(pools: Any, words: str) -> None:
    with pytest.raises(LabError) as refused:
        shape.check(pools, "prod.yaml")
    assert words in str(refused.value)
    assert "prod.yaml" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("platform_node_pools: [", "is no YAML"),
        ("[]", "has no platform_node_pools"),
        ({"node_pools": []}, "has no platform_node_pools"),
        ({"platform_node_pools": [POOL], "zones": []}, "unknown field zones"),
    ],
)
def test_a_file_that_is_no_shape_is_refused(tmp_path: Path, content: Any, words: str) -> None:
    with pytest.raises(LabError, match=words):
        shape.load(written(tmp_path, content))


def test_a_missing_file_and_a_missing_inventory_are_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"missing\.yaml cannot be read"):
        shape.load(str(tmp_path / "missing.yaml"))
    with pytest.raises(LabError, match="inventories/none does not exist"):
        shape.load("inventories/none:host")


def test_a_file_with_a_colon_in_its_name_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a:b.yaml"
    path.write_text(yaml.safe_dump({"platform_node_pools": [POOL]}))
    assert shape.load(str(path)) == [POOL]


def test_an_inventory_gives_a_hosts_pools_with_its_group_variables(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text(
        "platform: {hosts: {east: {}, bare: {}}, children: {big: {hosts: {west: {}}}}}\n"
    )
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "big.yml").write_text(yaml.safe_dump({"platform_node_pools": [pool(count=7)]}))
    assert shape.load(f"{tmp_path}:west") == [pool(count=7)]
    with pytest.raises(LabError, match=r"host bare .* has no platform_node_pools"):
        shape.load(f"{tmp_path}:bare")
    with pytest.raises(LabError, match="host nobody cannot be read"):
        shape.load(f"{tmp_path}:nobody")


@pytest.mark.parametrize("host", ["research_lab_prod", "llmkg_us_east_1", "data_vault_eu_west_1"])
def test_a_production_host_is_a_shape_as_it_stands(host: str) -> None:
    inventory = Path(__file__).parents[3] / "inventories" / "production"
    pools = shape.load(f"{inventory}:{host}")
    assert "system" in {pool["name"] for pool in pools}
    assert len({node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in shape.nodes(pools, "v1.0.0")}) > 1
