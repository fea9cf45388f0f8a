"""Every check of an inventory fires on an inventory that breaks it, with path, arithmetic and requirement."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.platform.plugins.filter.inventory_violations import inventory_violations
from ansible_collections.groundwork.platform.plugins.module_utils import inventory_checks, inventory_systems
from ansible_collections.groundwork.platform.plugins.module_utils.inventory_checks import violations
from support import requirements
from support.inventories import variables

Vars = dict[str, Any]

SMALL = {"requests": {"cpu": 1, "memory": "2Gi"}, "limits": {"cpu": 2, "memory": "4Gi"}}
ZONES = ["a", "b", "c"]
GOOD: Vars = {
    "platform_cluster_uid": "one",
    "platform_provider": "aws",
    "platform_zones": ZONES,
    "platform_storage_class": "fast",
    "platform_namespaces": {"apps": "apps", "data": "data"},
    "platform_networks": {"vpc": ["10.0.0.0/16"], "private": ["10.0.32.0/19"], "services": ["172.20.0.0/20"]},
    "platform_recovery": {"zone": {"rpo": "0s", "rto": "5m"}},
    "platform_node_pools": [
        {"name": "system", "count": 3, "max_count": 6, "zones": ZONES, "labels": {"workload": "system"},
         "capacity": {"cpu": 4, "memory": "16Gi", "pods": 50}},
        {"name": "data", "count": 3, "zones": ZONES, "labels": {"workload": "data"},
         "taints": [{"key": "workload", "value": "data", "effect": "NoSchedule"}],
         "capacity": {"cpu": 8, "memory": "64Gi", "pods": 50}},
    ],
    "storage_classes": [{"name": "fast", "provisioner": "ebs.csi.aws.com", "aliases": ["gp3"]}],
    "tenancy_priority_classes": [{"name": "high", "aliases": ["higher"]}],
    "tenancy_namespaces": [
        {"name": "apps",
         "quotas": [{"name": "compute",
                     "hard": {"requests.cpu": 10, "limits.memory": "40Gi", "pods": 20, "services": 5}}],
         "disruption_budgets": [{"name": "api", "pods": {"app": "api"}, "min_available": 1}],
         "limits": [{"name": "limits", "container": {"max": {"cpu": 4}, "min": {"cpu": "100m"}}}]},
        {"name": "data",
         "quotas": [{"name": "storage", "hard": {"requests.storage": "1Ti", "persistentvolumeclaims": 20}}],
         "limits": [{"name": "limits", "claim": {"max": {"storage": "200Gi"}}}]},
    ],
    "tenancy_endpoints": [{"name": "api", "namespaces": "apps"}, {"name": "dns", "namespaces": ["kube-system"]}],
    "certificates_issuers": [{"name": "internal"}],
    "certificates_certificates": [{"name": "tls", "namespace": "apps", "issuer": "internal"}],
    "postgres_enabled": False,
    "postgres_operators": [{"name": "cnpg", "values": {"resources": {"requests": {"cpu": "no business of ours"}}}}],
    "postgres_clusters": [
        {"name": "main", "namespace": "data", "pool": "data", "instances": 3, "quorum": True, "spread": "host",
         "storage": {"size": "100Gi", "class": "gp3"}, "wal_storage": {"size": "10Gi"}, "resources": SMALL,
         "parameters": {"max_connections": 200}, "reserved_connections": 10,
         "poolers": [{"name": "rw", "type": "rw", "instances": 2, "max_db_connections": 90, "resources": SMALL}],
         "backup": {"bucket": "backups", "prefix": "postgres/", "keep": "30d", "tiers": {"monthly": "365d"}}},
    ],
    "redis_enabled": False,
    "redis_clusters": [
        {"name": "cache", "namespace": "data", "pool": "data", "shards": 3, "replicas": 2, "spread": "zone",
         "maxmemory": "1gb", "resources": SMALL},
    ],
    "workloads_enabled": False,
    "workloads_apps": [
        {"name": "api", "namespace": "apps", "pool": "system", "replicas": 2, "priority_class": "higher",
         "resources": SMALL},
        {"name": "parts", "namespace": "apps", "pool": ["system", "data"], "replicas": 2, "partitions": 2,
         "replication_factor": 2, "partitions_per_pod": 2, "resources": SMALL},
    ],
    "autoscaling_enabled": False,
    "autoscaling_hpas": [{"name": "api", "namespace": "apps", "target": "api", "min_replicas": 2, "max_replicas": 5}],
    "object_storage_enabled": False,
    "object_storage_buckets": [
        {"name": "backups", "lifecycle": [{"prefix": "postgres/", "expire": "400d"}, {"prefix": "tmp/", "expire": "7d"},
                                          {"prefix": "", "noncurrent_expire": "1d"}]},
    ],
    "backup_enabled": False,
    "backup_schedules": [{"name": "hourly", "bucket": "backups", "prefix": "velero/", "keep": "30d"}],
}  # fmt: skip


def put(path: str, value: Any) -> Callable[[Vars], None]:
    """A change that sets one value: `postgres_clusters.0.instances`."""

    def change(target: Any) -> None:
        *way, last = re.findall(r"[^|]+", path)
        for step in way:
            target = target[int(step)] if step.isdigit() else target[step]
        target[int(last) if last.isdigit() else last] = value

    return change


def broken(*changes: Callable[[Vars], None]) -> list[str]:
    found = copy.deepcopy(GOOD)
    for change in changes:
        change(found)
    return violations({"here": found})


EVENTS: dict[str, Any] = {
    "name": "events",
    "namespace": "data",
    "pool": "data",
    "replicas": 3,
    "spread": "host",
    "storage": {"size": "10Gi"},
    "resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}},
    "queues": [{"name": "tasks"}],
}


def scaled(trigger: Vars) -> Callable[[Vars], None]:
    """A change that makes RabbitMQ the backend, and scales somebody by that trigger."""

    def change(target: Vars) -> None:
        row = {"name": "api", "namespace": "apps", "target": "api", "max_replicas": 5, **trigger}
        target |= {
            "platform_messaging": "rabbitmq",
            "rabbitmq_clusters": [EVENTS],
            "autoscaling_scaled_objects": [row],
        }

    return change


COLUMNS: Vars = {"name": "columns", "namespace": "data", "storage": {"size": "100Gi"}}
BUS: Vars = {"name": "bus", "namespace": "data", "brokers": {"storage": {"size": "1Gi"}}}

POSTGRES, CACHE, API, PARTS = "postgres_clusters|0|", "redis_clusters|0|", "workloads_apps|0|", "workloads_apps|1|"
APPS, DATA, POOL = "tenancy_namespaces|0|", "tenancy_namespaces|1|", "platform_node_pools|1|"
# Check, change, and the one sentence that must come of it.
BROKEN = [
    (
        "disruption_budgets",
        put(APPS + "disruption_budgets|0|min_available", 2),
        "here: tenancy_namespaces[apps].disruption_budgets[api] keeps 2 of 2 pods (workloads_apps[api]): none may be "
        "evicted, and no node of theirs drains (X-25)",
    ),
    (
        "disruption_budgets",
        put(APPS + "disruption_budgets|0", {"name": "api", "pods": {"app": "api"}, "max_unavailable": "0%"}),
        "here: tenancy_namespaces[apps].disruption_budgets[api] keeps 2 of 2 pods (workloads_apps[api]): none may be "
        "evicted, and no node of theirs drains (X-25)",
    ),
    (
        "namespaces",
        put(API + "namespace", "app"),
        "here: workloads_apps[api] names the namespace app, which is not there; there are apps, data, default, "
        "kube-public, "
        "kube-system, metallb-system (X-12)",
    ),
    (
        "namespaces",
        put("tenancy_endpoints|1|namespaces", ["kube-systm"]),
        "tenancy_endpoints[dns] names the namespace kube-systm",
    ),
    (
        "namespaces",
        put("certificates_certificates|0|namespace", "edge"),
        "certificates_certificates[tls] names the namespace edge",
    ),
    ("namespaces", put("platform_namespaces|jobs", "jobs"), "platform_namespaces.jobs names the namespace jobs"),
    ("namespaces", put("autoscaling_hpas|0|namespace", "app"), "autoscaling_hpas[api] names the namespace app"),
    (
        "classes",
        put(POSTGRES + "storage|class", "faster"),
        "here: postgres_clusters[main].storage names the storage class faster, which is not there; there are "
        "fast, gp3 (X-18)",
    ),
    ("classes", put("platform_storage_class", "slow"), "platform_storage_class names the storage class slow"),
    ("classes", put(API + "priority_class", "highest"), "workloads_apps[api] names the priority class highest"),
    (
        "issuers",
        put("certificates_certificates|0|issuer", "letsencrypt"),
        "certificates_certificates[tls] names the issuer letsencrypt",
    ),
    (
        "pools",
        put(API + "pool", "gpu"),
        "here: workloads_apps[api] names the node pool gpu, which is not there; there are data, system (X-21)",
    ),
    ("pools", put(API + "pool", None), "here: workloads_apps[api] names no node pool (D1-05)"),
    (
        "pool_scheme",
        put(POOL + "labels", {"workload": "database"}),
        "here: platform_node_pools[data] needs the label workload: data (X-21)",
    ),
    (
        "pool_scheme",
        put(POOL + "taints|0|value", "database"),
        "here: platform_node_pools[data] has the taint workload=database, not workload=data (X-21)",
    ),
    (
        "pool_scheme",
        put(POOL + "zones", ["a", "b", "d"]),
        "platform_node_pools[data] names the zone d, which is not there; there are a, b, c",
    ),
    (
        "pool_scheme",
        lambda v: v["platform_node_pools"][1].update(spot=True, taints=[]),
        "here: platform_node_pools[data] is spot and has no taint: CoreDNS and operators would land on it (D3-04)",
    ),
    (
        "pool_scheme",
        put("platform_node_pools|0|taints", [{"key": "workload", "value": "system"}]),
        "here: platform_node_pools has no pool on demand without a taint: CoreDNS finds no node (D3-04)",
    ),
    (
        "drivers",
        put("platform_provider", "gcp"),
        "here: storage_classes[fast] has aws's driver ebs.csi.aws.com, the cluster's platform_provider is gcp (X-40)",
    ),
    (
        "networks",
        put("platform_networks|services", ["10.0.0.0/20"]),
        "here: platform_networks.vpc 10.0.0.0/16 overlaps services 10.0.0.0/20 (X-23)",
    ),
    (
        "networks",
        put("platform_networks|database", ["10.0.40.0/24"]),
        "here: platform_networks.private 10.0.32.0/19 overlaps database 10.0.40.0/24 (X-23)",
    ),
    (
        "networks",
        put("platform_networks|private", "10.1.0.0/19"),
        "here: platform_networks.private 10.1.0.0/19 lies outside of vpc 10.0.0.0/16 (X-23)",
    ),
    (
        "quotas",
        put("autoscaling_hpas|0|max_replicas", 9),
        "here: tenancy_namespaces[apps].quotas[compute].hard.requests.cpu is 10, asked for are 9 x 1 "
        "(workloads_apps[api]) + 2 x 1 "
        "(workloads_apps[parts]) = 11 (N-07, N-08, N-09)",
    ),
    (
        "quotas",
        put("autoscaling_hpas|0|max_replicas", 9),
        "hard.limits.memory is 40Gi, asked for are 9 x 4Gi (workloads_apps[api]) + 2 x 4Gi "
        "(workloads_apps[parts]) = 44Gi",
    ),
    (
        "quotas",
        put(APPS + "quotas|0|hard|pods", 6),
        "hard.pods is 6, asked for are 5 x 1 (workloads_apps[api]) + 2 x 1 (workloads_apps[parts]) = 7",
    ),
    (
        "quotas",
        put(DATA + "quotas|0|hard|requests.storage", "320Gi"),
        "here: tenancy_namespaces[data].quotas[storage].hard.requests.storage is 320Gi, asked for are 3 x 100Gi "
        "(postgres_clusters[main]) "
        "+ 3 x 10Gi (postgres_clusters[main]) = 330Gi (N-07, N-08, N-09)",
    ),
    (
        "quotas",
        put(DATA + "quotas|0|hard|persistentvolumeclaims", 5),
        "hard.persistentvolumeclaims is 5, asked for are 3 x 1",
    ),
    (
        "quotas_need_requests",
        put(API + "resources", {"requests": {"cpu": 1, "memory": "2Gi"}}),
        "here: workloads_apps[api] has no limits.memory, which a quota of apps counts (S1-36)",
    ),
    (
        "limit_ranges",
        put(DATA + "limits|0|claim|max|storage", "50Gi"),
        "here: postgres_clusters[main].storage 100Gi is above the largest that "
        "tenancy_namespaces[data].limits[limits].claim lets "
        "through, 50Gi (N-07)",
    ),
    (
        "limit_ranges",
        put(APPS + "limits|0|container|max|cpu", 1),
        "workloads_apps[api].resources.limits 2 is above the largest",
    ),
    (
        "limit_ranges",
        put(APPS + "limits|0|container|min|cpu", "1500m"),
        "workloads_apps[api].resources.requests 1 is below the smallest",
    ),
    (
        "node_pools",
        put(POOL + "capacity|cpu", 3),
        "here: platform_node_pools[data] at rest: cpu is 9, asked for are 3 x 1 (postgres_clusters[main]) + 2 x 1 "
        "(postgres_clusters[main].poolers[rw]) + 6 x 1 (redis_clusters[cache]) = 11 (X-21)",
    ),
    (
        "node_pools",
        put("autoscaling_hpas|0|max_replicas", 25),
        "platform_node_pools[system] at most: cpu is 24, asked for are 25 x 1 (workloads_apps[api]) = 25 (X-21)",
    ),
    ("node_pools", put(PARTS + "replicas", 50), "platform_node_pools[system, data] at rest: cpu is 36, asked for are"),
    (
        "node_pools",
        put(API + "resources", {"requests": {"cpu": 5, "memory": "1Gi"}, "limits": {"memory": "1Gi"}}),
        "here: workloads_apps[api] asks for 5 of cpu, a node of pool system has 4 (X-21)",
    ),
    (
        "hosts",
        put(POSTGRES + "instances", 5),
        "here: postgres_clusters[main] puts 5 pods on hosts of their own, its pool has 3 nodes at rest (N-19)",
    ),
    (
        "zones",
        put(POOL + "zones", ["a", "b"]),
        "here: postgres_clusters[main] does not survive the loss of a zone: 3 over 2 zones leaves 1, needed are "
        "2 (X-05)",
    ),
    (
        "zones",
        put(CACHE + "replicas", 1),
        "redis_clusters[cache] does not survive the loss of a zone: 1 over 3 zones leaves 0, needed are 1",
    ),
    (
        "partitions",
        put(PARTS + "partitions", 3),
        "here: workloads_apps[parts] has 3 partitions x 2 copies = 6, but 2 pods x 2 = 4 places (N-17)",
    ),
    (
        "one_scaler",
        put("autoscaling_scaled_objects", [{"name": "api", "namespace": "apps", "target": "api", "max_replicas": 5}]),
        "here: autoscaling_scaled_objects[api] scales apps/api, which autoscaling_hpas[api] scales already (X-28)",
    ),
    (
        "one_scaler",
        put("autoscaling_hpas|0|target", "apis"),
        "here: autoscaling_hpas[api] scales apps/apis, which nothing describes (X-28)",
    ),
    (
        "one_scaler",
        put("autoscaling_hpas|0|min_replicas", 6),
        "here: autoscaling_hpas[api] has min_replicas 6 > max_replicas 5 (X-28)",
    ),
    (
        "postgres_options",
        put(POSTGRES + "parameters|shared_buffers", "2GB"),
        "here: postgres_clusters[main] cannot be made: shared_buffers 2GB is more than half of the memory that is "
        "requested, 2Gi (N-11)",
    ),
    (
        "postgres_options",
        put(POSTGRES + "backup|schedule", "0 2 * * *"),
        "here: postgres_clusters[main] cannot be made: backup.schedule '0 2 * * *' has 5 fields; six are needed",
    ),
    (
        "postgres_options",
        put(POSTGRES + "instnaces", 3),
        "here: postgres_clusters[main] is not what postgres_cluster takes: instnaces. Supported parameters",
    ),
    (
        "clickhouse_options",
        put("clickhouse_clusters", [{**COLUMNS, "retention": "90d", "daily_growth": "2Gi"}]),
        "here: clickhouse_clusters[columns] cannot be made: 2Gi a day for 90d are 180Gi, but its 1 shards",
    ),
    (
        "clickhouse_options",
        put("clickhouse_clusters", [{**COLUMNS, "shard": 3}]),
        "here: clickhouse_clusters[columns] is not what clickhouse_cluster takes: shard. Supported parameters",
    ),
    (
        "kafka_options",
        put("kafka_clusters", [{**BUS, "config": {"min.insync.replicas": 3}}]),
        "here: kafka_clusters[bus] cannot be made: what has no number of its own has 3 replicas and min.insync 3",
    ),
    (
        "kafka_options",
        put("kafka_clusters", [{**BUS, "topic": []}]),
        "here: kafka_clusters[bus] is not what kafka_cluster takes: topic. Supported parameters",
    ),
    (
        "redis_options",
        put(CACHE + "shards", 2),
        "here: redis_clusters[cache] cannot be made: a cluster of 2 shards cannot agree on a failover",
    ),
    (
        "redis_options",
        put(CACHE + "maxmemory_polcy", "allkeys-lru"),
        "here: redis_clusters[cache] is not what redis_cluster takes: maxmemory_polcy. Supported parameters",
    ),
    (
        "rabbitmq_options",
        put("rabbitmq_clusters", [{**EVENTS, "replicas": 2}]),
        "here: rabbitmq_clusters[events] cannot be made: replicas 2 is no odd number",
    ),
    (
        "rabbitmq_options",
        put("rabbitmq_clusters", [{**EVENTS, "queue": []}]),
        "here: rabbitmq_clusters[events] is not what rabbitmq_cluster takes: queue. Supported parameters",
    ),
    (
        "system_names",
        put("redis_replications", [{"name": "main", "namespace": "data"}]),
        "here: redis_replications[main] is in data as postgres_clusters[main] is: both want pods <name>-<number>",
    ),
    (
        "system_names",
        put("redis_replications", [{"name": "cache", "namespace": "data"}]),
        "here: redis_replications[cache] is in data as redis_clusters[cache] is: both want the set redis-<name>",
    ),
    (
        "messaging",
        put("platform_messaging", "carrier_pigeon"),
        "here: platform_messaging is carrier_pigeon, which is no backend; choose one of kafka, rabbitmq, redis_streams",
    ),
    (
        "messaging",
        put("platform_messaging", "rabbitmq"),
        "here: platform_messaging is rabbitmq, and rabbitmq_clusters is empty (X-01)",
    ),
    (
        "messaging",
        scaled({"kafka": {}}),
        "here: autoscaling_scaled_objects[api].kafka asks kafka, and platform_messaging is rabbitmq (X-01)",
    ),
    (
        "messaging",
        scaled({"rabbitmq": {"queue": "taks"}}),
        "here: autoscaling_scaled_objects[api].rabbitmq.queue is taks, which no cluster declares; there are tasks",
    ),
    (
        "pooler_connections",
        put(POSTGRES + "poolers|0|max_db_connections", 95),
        "here: postgres_clusters[main] takes max_connections 200; its rw poolers open 2 x 95 = 190, and 10 are "
        "reserved: 200 "
        "(X-03, N-12)",
    ),
    (
        "retention",
        put("object_storage_buckets|0|lifecycle|0|expire", "90d"),
        "here: postgres_clusters[main].backup is kept 365d (monthly), but bucket backups lets postgres/ expire "
        "after 90d (X-32)",
    ),
    (
        "retention",
        put("object_storage_buckets|0|lifecycle|2|expire", "7d"),
        "backup_schedules[hourly] is kept 30d (keep), but bucket backups lets everything expire after 7d",
    ),
    (
        "retention",
        put("backup_schedules|0|bucket", "backup"),
        "here: backup_schedules[hourly] names the bucket backup, which is not there; there are backups (X-32)",
    ),
    (
        "redis_memory",
        put(CACHE + "maxmemory", "1536mb"),
        "here: redis_clusters[cache] requests 2Gi, but needs 1.4 x maxmemory 1.5Gi = 2.1Gi (D0-47)",
    ),
]


def test_an_inventory_without_contradictions_passes() -> None:
    assert broken() == []


@pytest.mark.parametrize(("check", "change", "sentence"), BROKEN, ids=[f"{row[0]}-{i}" for i, row in enumerate(BROKEN)])
def test_a_check_fires(
    check: str, change: Callable[[Vars], None], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert any(sentence in each for each in broken(change)), broken(change)
    kept = [each for each in inventory_checks.CHECKS if each.__name__ != check]
    assert len(kept) == len(inventory_checks.CHECKS) - 1
    monkeypatch.setattr(inventory_checks, "CHECKS", kept)
    assert not any(sentence in each for each in broken(change)), f"{check} is not what finds it"


def test_checks_know_the_versions_that_the_role_brings() -> None:
    defaults = yaml.safe_load((Path(__file__).parents[2] / "roles/kafka/defaults/main.yml").read_text())
    assert defaults["kafka_cluster_defaults"].items() >= inventory_systems.KAFKA_DEFAULTS.items()


def test_every_check_is_seen_to_fire() -> None:
    assert {check.__name__ for check in inventory_checks.CHECKS} == {row[0] for row in BROKEN}


def test_all_violations_come_at_once() -> None:
    found = broken(
        put(API + "pool", None), put(CACHE + "maxmemory", "4gb"), put("certificates_certificates|0|issuer", "none")
    )
    assert [re.findall(r"\((\w+-\d+)\)$", each)[0] for each in found] == ["S0-82", "D1-05", "D0-47"]


def test_clusters_do_not_share_addresses() -> None:
    other = GOOD | {"platform_cluster_uid": "two", "platform_networks": {"private": ["10.0.0.0/24"]}}
    assert violations({"one": GOOD, "other": other}) == [
        "one: platform_networks.vpc 10.0.0.0/16 overlaps private 10.0.0.0/24 of other (X-23)"
    ]


def test_clusters_are_pinned_and_told_apart() -> None:
    networks = {"platform_networks": {"services": ["172.21.0.0/20"]}}
    assert violations({"one": GOOD, "other": GOOD | networks}) == [
        "other: platform_cluster_uid one is also that of one (U01)"
    ]
    assert violations({"one": GOOD, "other": GOOD | networks | {"platform_cluster_uid": None}}) == [
        "other: platform_cluster_uid is missing: any cluster would be taken for this one (U01)"
    ]
    assert violations({"one": {name: value for name, value in GOOD.items() if name != "platform_cluster_uid"}}) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put(POSTGRES + "instances", "three"), "postgres_clusters[main].instances must be a whole number, not 'three'"),
        (put(POSTGRES + "storage|size", "100 GB"), "postgres_clusters[main].storage.size must be a quantity such as 2"),
        (put(POSTGRES + "resources|requests", {"cpu": True}), "resources.requests.cpu must be a quantity"),
        (put(POSTGRES + "resources|requests", [1]), "resources.requests must be a mapping such as"),
        (lambda v: [v["redis_clusters"][0].pop(key) for key in ("replicas", "shards")], "how many are there?"),
        (put("platform_node_pools", "three"), "platform_node_pools must be a list of mappings"),
        (put("platform_networks", ["10.0.0.0/8"]), "platform_networks must be a mapping"),
        (put("platform_networks|vpc", ["10.0.0.1/8"]), "platform_networks.vpc: 10.0.0.1/8 has host bits set"),
        (put(APPS + "quotas|0|hard|pods", "many"), "quotas[compute].hard.pods must be a quantity"),
        (put(POSTGRES + "backup|keep", "a month"), "postgres_clusters[main].backup.keep must be an age such as 30d"),
        (put(CACHE + "maxmemory", "1g"), "redis_clusters[cache].maxmemory must be a quantity"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_sentence(change: Callable[[Vars], None], words: str) -> None:
    found = broken(change)
    assert any(words in each for each in found), found
    assert all(each.startswith("here: ") for each in found)


def test_the_promise_is_what_counts_for_zones() -> None:
    """A cluster of one zone that promises nothing about zones is none of the check's business."""
    one_zone = [put("platform_recovery", {}), put(POOL + "zones", ["a"]), put("platform_node_pools|0|zones", ["a"])]
    assert broken(*one_zone) == []


# The specifications' own numbers, put back into the inventory that corrects them.


def production(host: str, *changes: Callable[[Vars], None]) -> list[str]:
    found = variables("production")
    for change in changes:
        change(found[host])
    return violations(found)


def test_kafka_and_redis_beside_the_applications_exceed_their_quota() -> None:
    """N-07: 5 x 1Ti + 3 x 100Gi for Kafka and 6 x 100Gi for Redis in a namespace with 1Ti, and claims of 500Gi "
    "at most."""
    apps = "llm-research-lab-prod"
    moved = [put("kafka_clusters|0|namespace", apps), put("redis_clusters|0|namespace", apps)]
    found = production("research_lab_prod", *moved)
    storage = next(each for each in found if "requests.storage" in each)
    assert "compute-quota].hard.requests.storage is 1024Gi" in storage
    assert storage.endswith("= 6020Gi (N-07, N-08, N-09)")
    assert any("brokers.storage 1024Gi is above the largest" in each and "500Gi" in each for each in found)


def test_the_quota_of_the_research_lab_is_below_its_autoscalers() -> None:
    """N-08: 20 x 2 + 50 x 4 = 240 CPU against 100; with the sizes of X-25 it is 20 x 1 + 50 x 4."""
    found = production("research_lab_prod", put("tenancy_namespaces|0|quotas|0|hard|requests.cpu", 100))
    assert [each.partition(" is ")[2] for each in found] == [
        "100, asked for are 20 x 1 (workloads_apps[llm-research-api]) + 50 x 4 "
        "(workloads_apps[experiment-worker]) = 220 "
        "(N-07, N-08, N-09)"
    ]


def test_the_quota_of_the_data_vault_is_below_its_replicas() -> None:
    """N-09: 10 x 0.5 + 20 x 1 + 50 x 2 + 6 x 0.5 = 128 CPU against 100; memory is 256Gi exactly."""
    quota = "tenancy_namespaces|0|quotas|0|hard|"
    found = production(
        "data_vault_us_west_2", put(quota + "requests.cpu", 100), put(quota + "requests.memory", "256Gi")
    )
    assert len(found) == 1
    assert "requests.cpu is 100, " in found[0]
    assert found[0].endswith("= 128 (N-07, N-08, N-09)")


def test_poolers_of_the_data_vault_leave_nothing_to_the_server() -> None:
    """N-12: 1,000 connections of poolers to a server that takes 1,000."""
    found = production("data_vault_us_west_2", put("postgres_clusters|0|poolers|0|max_db_connections", 500))
    assert [each for each in found if "2 x 500 = 1000, and 100 are reserved: 1100 (X-03, N-12)" in each]


def test_backups_that_expire_after_90_days_lose_the_monthly_tier() -> None:
    """X-32: S3-50 lets backups expire after 90 days, S1-70 keeps monthly ones for twelve months."""
    found = production("workflow_platform_prod", put("object_storage_buckets|0|lifecycle|0|expire", "90d"))
    assert len(found) == 9
    assert all("is kept 365d (monthly)" in each and each.endswith("expire after 90d (X-32)") for each in found)


def test_the_worker_of_the_research_lab_has_one_autoscaler() -> None:
    """X-28: S0-16's HPA beside the ScaledObject."""
    hpa = {
        "name": "experiment-worker-hpa",
        "namespace": "llm-research-lab-prod",
        "target": "experiment-worker",
        "max_replicas": 50,
    }
    found = production("research_lab_prod", lambda values: values["autoscaling_hpas"].append(hpa))
    assert [each for each in found if "autoscaling_hpas[experiment-worker-hpa] scales already (X-28)" in each]


def test_pods_that_must_not_share_a_host_need_as_many_hosts() -> None:
    """N-19: S0-22 wants the API's pods on hosts of their own, S0-15 up to 20 of them: a pool of 20 is enough, "
    "19 is not."""
    alone = put("workloads_apps|0|spread", "host")
    assert production("research_lab_prod", alone) == []
    found = production("research_lab_prod", alone, put("platform_node_pools|1|max_count", 19))
    assert [
        each
        for each in found
        if each.endswith("puts 20 pods on hosts of their own, its pool has 19 nodes at most (N-19)")
    ]


def test_six_pods_do_not_hold_sixteen_copies() -> None:
    """N-17: S2-06 has 6 replicas for 8 partitions in 2 copies."""
    found = production("llmkg_us_west_2", put("workloads_apps|0|replicas", 6))
    assert [each for each in found if "8 partitions x 2 copies = 16, but 6 pods x 2 = 12 places (N-17)" in each]


def test_two_products_in_one_network() -> None:
    """X-23: 10.0.1.0/24 is the Data-Vault's API in S3-63 and the Research-Lab's public network in S4-58."""
    found = production("research_lab_prod", put("platform_networks", {"public": ["10.0.1.0/24"]}))
    assert found == [
        "research_lab_prod: platform_networks.public 10.0.1.0/24 overlaps vpc 10.0.0.0/16 of "
        "data_vault_us_west_2 (X-23)"
    ]


@pytest.mark.skipif(not requirements.CATALOGUE.is_file(), reason=f"the catalogue {requirements.CATALOGUE} is not here")
def test_what_checks_cite_is_in_the_catalogue() -> None:
    cited = {identifier for row in BROKEN for identifier in requirements.ID.findall(row[2])}
    assert len(cited) > 10
    assert cited <= set(requirements.catalogue())


# The filter.


class Lazy(dict[str, Any]):
    """Variables that notice which of them are read."""

    def __init__(self, values: Vars) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)


def test_the_filter_reads_no_secret() -> None:
    values = Lazy(GOOD | {"vault_password": "x", "ansible_password": "x", "__postgres_service": {}})
    assert inventory_violations({"here": values}) == []
    assert values.read == set(GOOD)


def test_the_filter_looks_at_the_hosts_it_is_given() -> None:
    """Of others only what they share with these: in a rehearsal all hosts have the one cluster's UID."""
    bad = GOOD | {"platform_provider": "gcp"}
    alone = bad | {"platform_networks": {}}
    assert inventory_violations({"here": GOOD, "there": alone, "localhost": {"ansible_host": "x"}}, ["here"]) == []
    assert len(inventory_violations({"there": bad})) == 1
    assert inventory_violations({"here": GOOD, "there": bad}, ["here"]) == [
        f"here: platform_networks.{name} {network} overlaps {name} {network} of there (X-23)"
        for name, network in (("vpc", "10.0.0.0/16"), ("services", "172.20.0.0/20"))
    ]


@pytest.mark.parametrize(("given", "hosts"), [([], ()), ({"here": GOOD}, ["there"])])
def test_the_filter_refuses_what_is_no_inventory(given: Any, hosts: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"inventory_violations (takes|was given)"):
        inventory_violations(given, hosts)
