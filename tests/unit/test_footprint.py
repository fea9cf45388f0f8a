"""What operators will create, told beforehand: names, claims, placement and sums of each system's footprint."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import footprint
from ansible_collections.groundwork.platform.plugins.module_utils.footprints import FOOTPRINTS

GI = 2**30


def resource(kind: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A resource called data/main."""
    return {"kind": kind, "metadata": {"name": "main", "namespace": "data", **metadata}, "spec": spec}


def of(key: str, spec: dict[str, Any], **more: Any) -> footprint.Footprint:
    return FOOTPRINTS[key](resource(key.rpartition("/")[2], spec) | more)


def names(objects: list[dict[str, Any]]) -> list[str]:
    return [each["metadata"]["name"] for each in objects]


POSTGRES: dict[str, Any] = {
    "instances": 3,
    "storage": {"size": "10Gi", "storageClass": "fast"},
    "walStorage": {"size": "2Gi"},
    "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
    "affinity": {"podAntiAffinityType": "required", "topologyKey": "topology.kubernetes.io/zone"},
}


def test_instances_of_postgres_with_their_claims_services_secrets_and_budgets() -> None:
    found = of("postgresql.cnpg.io/Cluster", POSTGRES)
    assert names(found.pods) == ["main-1", "main-2", "main-3"]
    assert names(found.claims) == [f"main-{n}{part}" for n in (1, 2, 3) for part in ("", "-wal")]
    assert names(found.services) == ["main-rw", "main-ro", "main-r"]
    assert names(found.secrets) == ["main-app", "main-ca", "main-server", "main-replication"]
    assert {b["metadata"]["name"]: b["spec"]["minAvailable"] for b in found.budgets} == {"main-primary": 1, "main": 1}
    roles = [pod["metadata"]["labels"]["cnpg.io/instanceRole"] for pod in found.pods]
    assert roles == ["primary", "replica", "replica"]
    anti = found.pods[0]["spec"]["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert anti[0]["topologyKey"] == "topology.kubernetes.io/zone"


def test_the_sums_that_a_quota_counts() -> None:
    totals = of("postgresql.cnpg.io/Cluster", POSTGRES).totals()
    assert totals["requests.cpu"] == Decimal("1.5")
    assert totals["requests.memory"] == 3 * GI
    assert totals["limits.memory"] == 6 * GI
    assert totals["requests.storage"] == 36 * GI
    assert (totals["pods"], totals["persistentvolumeclaims"], totals["services"]) == (3, 6, 3)


def test_who_is_there_already_stays_and_the_primary_is_kept_when_it_shrinks() -> None:
    status = {"instanceNames": ["main-1", "main-2", "main-4"], "currentPrimary": "main-4"}
    smaller = of("postgresql.cnpg.io/Cluster", POSTGRES | {"instances": 2}, status=status)
    assert names(smaller.pods) == ["main-1", "main-4"]
    larger = of("postgresql.cnpg.io/Cluster", POSTGRES | {"instances": 4}, status=status)
    assert names(larger.pods) == ["main-1", "main-2", "main-3", "main-4"]


def test_a_hibernated_cluster_keeps_its_claims_alone() -> None:
    asleep = resource("Cluster", POSTGRES, annotations={"cnpg.io/hibernation": "on"})
    found = FOOTPRINTS["postgresql.cnpg.io/Cluster"](asleep)
    assert (found.pods, len(found.claims)) == ([], 6)


def test_rabbitmq_copies_its_labels_and_runs_by_a_stateful_set() -> None:
    labels = {"team": "events", "app.kubernetes.io/instance": "not copied"}
    cluster = resource("RabbitmqCluster", {"replicas": 3, "persistence": {"storage": "20Gi"}}, labels=labels)
    found = FOOTPRINTS["rabbitmq.com/RabbitmqCluster"](cluster)
    assert names(found.pods) == ["main-server-0", "main-server-1", "main-server-2"]
    assert names(found.claims) == [f"persistence-main-server-{n}" for n in range(3)]
    assert found.pods[0]["metadata"]["labels"]["team"] == "events"
    assert "app.kubernetes.io/instance" not in found.pods[0]["metadata"]["labels"]
    assert found.totals()["requests.memory"] == 6 * GI
    assert found.budgets == []


def test_a_sidecar_counts_beside_its_pod_and_an_init_container_only_where_it_is_larger() -> None:
    pod = {
        "spec": {
            "containers": [{"resources": {"limits": {"cpu": "1"}}}],
            "initContainers": [
                {"resources": {"requests": {"cpu": "2"}}},
                {"resources": {"requests": {"cpu": "250m"}}, "restartPolicy": "Always"},
            ],
        }
    }
    assert footprint.needs(pod) == {"cpu": Decimal(2)}
    pod["spec"]["initContainers"].pop(0)
    assert footprint.needs(pod) == {"cpu": Decimal("1.25")}


@pytest.mark.parametrize("key", sorted(FOOTPRINTS))
def test_a_footprint_is_for_a_kind_that_readiness_knows_and_survives_an_empty_spec(key: str) -> None:
    assert any(row in registry.RULES for row in (key, f"{key.partition('/')[0]}/*"))
    found = of(key, {})
    for child in found.objects:
        assert child["metadata"]["namespace"] == "data"
        assert not any(each for each in (child.get("data") or {}).values()), "a footprint holds no secret"


def test_redis_has_leaders_and_followers_and_a_budget_where_asked() -> None:
    spec = {"clusterSize": 3, "redisFollower": {"replicas": 2, "pdb": {"enabled": True, "maxUnavailable": 1}}}
    found = of("redis.redis.opstreelabs.in/RedisCluster", spec)
    assert names(found.pods) == [*(f"main-leader-{n}" for n in range(3)), "main-follower-0", "main-follower-1"]
    assert names(found.budgets) == ["main-follower"]


def test_a_kafka_node_pool_numbers_its_nodes_and_claims_every_disk() -> None:
    disks = [{"id": n, "type": "persistent-claim", "size": "10Gi"} for n in (0, 1)]
    spec = {"replicas": 2, "roles": ["broker"], "storage": {"type": "jbod", "volumes": disks}}
    pool = resource("KafkaNodePool", spec, labels={"strimzi.io/cluster": "events"}) | {"status": {"nodeIds": [3, 4]}}
    found = FOOTPRINTS["kafka.strimzi.io/KafkaNodePool"](pool)
    assert names(found.pods) == ["events-main-3", "events-main-4"]
    assert names(found.claims) == [f"data-{disk}-events-main-{node}" for node in (3, 4) for disk in (0, 1)]


def test_clickhouse_has_a_stateful_set_for_every_host_with_the_templates_it_names() -> None:
    spec = {
        "defaults": {"templates": {"podTemplate": "pod", "dataVolumeClaimTemplate": "data"}},
        "configuration": {"clusters": [{"name": "main", "layout": {"shardsCount": 2, "replicasCount": 2}}]},
        "templates": {
            "podTemplates": [{"name": "pod", "spec": {"containers": [{"resources": {"requests": {"cpu": "2"}}}]}}],
            "volumeClaimTemplates": [{"name": "data", "spec": {"resources": {"requests": {"storage": "1Gi"}}}}],
        },
    }
    found = of("clickhouse.altinity.com/ClickHouseInstallation", spec)
    assert names(found.pods)[0] == "chi-main-main-0-0-0"
    assert names(found.claims)[0] == "data-chi-main-main-0-0-0"
    assert (found.totals()["requests.cpu"], found.totals()["requests.storage"]) == (8, 4 * GI)
