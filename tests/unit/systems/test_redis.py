"""Redis as the inventories ask for it: all render, the specifications' defects are not in it; edges of its rules."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils import footprints
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import (
    metrics,
    redis_drill,
    redis_info,
    redis_writer,
)
from ansible_collections.groundwork.platform.plugins.module_utils.systems.redis import (
    backup,
    rules,
    scripts,
    settings,
)
from support.cases import render
from support.inventories import ENVIRONMENTS, variables
from support.role_docs import ROOT

Objects = list[dict[str, Any]]
KINDS = {"redis_clusters": "redis_cluster", "redis_replications": "redis_replication"}


@cache
def sets(environment: str) -> dict[tuple[str, str], Objects]:
    """The objects of every deployment, by host and name, with the role's defaults."""
    defaults = yaml.safe_load((ROOT / "roles/redis/vars/main.yml").read_text())
    found = {}
    for host, values in variables(environment).items():
        for variable, module in KINDS.items():
            own = {"sentinel_image": defaults["__redis_sentinel_image"]} if module == "redis_replication" else {}
            base = {**defaults["__redis_defaults"], **own, "node_pools": values["platform_node_pools"]}
            for row in values.get(variable, []):
                found[host, row["name"]] = render(module, {**base, **row})
    assert found, f"{environment} has no Redis: nothing would be looked at"
    return found


def of_kind(objects: Objects, kind: str) -> dict[str, Any]:
    (one,) = [obj for obj in objects if obj["kind"] == kind]
    return one


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_deployment_of_the_inventories_renders(environment: str) -> None:
    for (host, name), objects in sets(environment).items():
        names = [(obj["kind"], obj["metadata"]["name"]) for obj in objects]
        assert len(names) == len(set(names)), f"{host}: {name} has twins"
        assert {"ConfigMap", "NetworkPolicy", "PodMonitor", "PrometheusRule"} <= {kind for kind, _ in names}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_defect_is_not_reproduced(environment: str) -> None:
    for (_, name), objects in sets(environment).items():
        resource = next(obj for obj in objects if obj["kind"] in ("RedisCluster", "RedisReplication"))
        spec = resource["spec"]
        assert resource["apiVersion"].endswith("/v1beta2"), "D0-41"
        conf = of_kind(objects, "ConfigMap")["data"][settings.KEY]
        reads = spec.get("redisConfig") or spec["redisLeader"]["redisConfig"]
        assert reads == {"additionalRedisConfig": f"{name}-settings"}, "D0-41: of a directive there, nothing is left"
        assert "maxmemory-policy " in conf, "D0-41"
        assert "#" not in conf, "D0-45"
        assert spec["clusterSize"] == 3 or resource["kind"] == "RedisReplication", "D0-42"
        assert spec.get("clusterVersion", "v7") == "v7", "clusterVersion is compared with v7"
        assert "opstree" in spec["kubernetesConfig"]["image"], "D0-43"
        memory = [spec["kubernetesConfig"]["resources"][side]["memory"] for side in ("requests", "limits")]
        assert memory[0] == memory[1], "D0-47"
        assert not [obj for obj in objects if obj["kind"] in ("Redis", "RedisSentinel")], "D0-44"
        for rule in of_kind(objects, "PrometheusRule")["spec"]["groups"][0]["rules"]:
            assert "max_bytes" not in rule["expr"] or "> 0" in rule["expr"], "D0-48"


def test_production_has_three_masters_and_a_follower_of_each_elsewhere() -> None:
    """S0-64, S3-40, S3-86: six servers, a pair never in one zone where zones are a must."""
    for name, count in ((("research_lab_prod", "llm-research-redis"), 6), (("data_vault_us_west_2", "vault-redis"), 6)):
        cluster = of_kind(sets("production")[name], "RedisCluster")
        assert len(footprints.FOOTPRINTS["redis.redis.opstreelabs.in/RedisCluster"](cluster).pods) == count
        for role in ("redisLeader", "redisFollower"):
            terms = cluster["spec"][role]["affinity"]["podAntiAffinity"]
            pairs = terms["requiredDuringSchedulingIgnoredDuringExecution"][1]
            assert pairs["matchLabelKeys"] == ["apps.kubernetes.io/pod-index"]


def test_each_use_has_its_own_policy_of_eviction() -> None:
    """S0-69..S0-72, D0-46, X-11."""
    found = {name: of_kind(objects, "ConfigMap") for (_, name), objects in sets("production").items()}
    for name, policy in (("sessions", "volatile-lru"), ("metrics", "volatile-ttl"), ("limits", "noeviction")):
        assert f"maxmemory-policy {policy}\n" in found[name]["data"][settings.KEY]


@pytest.mark.parametrize(
    ("text", "bytes_"), [("6gb", 6 * 2**30), ("6g", 6 * 10**9), ("512MB", 2**29), ("1024", 1024), ("6Gi", None)]
)
def test_sizes_in_redis_units(text: str, bytes_: int | None) -> None:
    assert settings.bytes_of(text) == bytes_


@pytest.mark.parametrize(
    ("conf", "kept"),
    [
        ('appendonly yes\nsave ""\n', True),
        ('appendonly no\nsave ""\nsave 900 1\n', True),
        ('appendonly no\nsave ""\n', False),
    ],
)
def test_what_is_written_to_a_volume(conf: str, kept: bool) -> None:
    assert rules._kept({settings.KEY: conf}) is kept


def test_a_cluster_without_followers_has_no_follower() -> None:
    spec = {"clusterSize": 3, "redisFollower": {"replicas": 0}}
    resource = {"kind": "RedisCluster", "metadata": {"name": "main", "namespace": "data"}, "spec": spec}
    made = footprints.FOOTPRINTS["redis.redis.opstreelabs.in/RedisCluster"](resource)
    assert [pod["metadata"]["name"] for pod in made.pods] == [f"main-leader-{n}" for n in range(3)]


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_scripts_are_shell(shell: str) -> None:
    """Every script that a pod runs can at least be read by a shell; what it does is seen on real nodes."""
    given = {**scripts.FILES, "writer": redis_writer.SCRIPT, "find": redis_drill._FIND}
    for name, text in {**given, "take": backup._TAKE, "keep": backup._KEEP}.items():
        done = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr}"


def test_whom_a_client_wrote_to() -> None:
    log = "100.00 leader main-0.main-headless.data.svc\n100.10 ack 1\n107.00 leader main-2.main-headless.data.svc\n"
    assert redis_writer.leaders(log) == ["main-0", "main-2"]


TOLD = """\
redis_instance_info{role="slave",redis_version="7.0.15",maxmemory_policy="noeviction"} 1
redis_master_link_up 1
redis_slave_repl_offset 900
redis_memory_used_bytes 5e+08
redis_memory_max_bytes 1e+09
redis_evicted_keys_total 0
redis_db_keys{db="db0"} 7
redis_db_keys{db="db1"} 3
redis_keyspace_hits_total 90
redis_keyspace_misses_total 10
redis_aof_enabled 1
redis_aof_last_write_status 1
redis_rdb_last_bgsave_status 0
"""


def test_what_a_server_says_of_itself() -> None:
    found = redis_info._server("limits-1", {}, metrics.Metrics.read(TOLD))
    assert (found["role"], found["linked"], found["offset"], found["keys"]) == ("replica", True, 900, 10)
    assert found["memory"]["percent"] == found["hits_percent"] - 40 == 50.0
    assert found["kept"]["aof_works"] is True
    assert found["kept"]["save_works"] is False
    assert redis_info._behind(found, 1000) == 100
    assert redis_info._behind(found, None) is None


def test_a_server_that_says_nothing_is_unknown() -> None:
    found = redis_info._server("limits-1", {}, metrics.Metrics())
    assert (found["role"], found["linked"], found["keys"], found["hits_percent"]) == (None, None, None, None)
    assert not found["ready"]
