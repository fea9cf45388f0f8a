"""ClickHouse as the inventories ask for it: every cluster renders, and the specifications' defects are not in it."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.systems.clickhouse import (
    footprint,
    rules,
    schema,
    words,
)
from support.cases import CASES, render
from support.inventories import ENVIRONMENTS, variables

Objects = list[dict[str, Any]]
EVERYTHING = next(case for case in CASES if str(case) == "clickhouse_cluster/everything").content["options"]


@cache
def sets(environment: str) -> dict[tuple[str, str], Objects]:
    """The objects of every cluster, by host and name."""
    found = {}
    for host, values in variables(environment).items():
        for row in values.get("clickhouse_clusters", []):
            base = {"image": "registry.example/clickhouse-server:26.3", "node_pools": values["platform_node_pools"]}
            found[host, row["name"]] = render("clickhouse_cluster", {**base, **row})
    assert found, f"{environment} has no ClickHouse: nothing would be looked at"
    return found


def one(objects: Objects, kind: str) -> dict[str, Any]:
    (found,) = (obj for obj in objects if obj["kind"] == kind)
    return found


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_specifications_defects_are_not_reproduced(environment: str) -> None:
    for objects in sets(environment).values():
        installation, keeper = one(objects, words.SERVER.kind)["spec"], one(objects, words.KEEPER.kind)["spec"]
        settings = installation["configuration"]
        for which in ("users", "profiles", "quotas", "settings"):
            for path, value in settings[which].items():
                assert not isinstance(value, dict) or set(value) == {"valueFrom"}, f"D0-22: {which} {path} is dropped"
        passwords = {path: value for path, value in settings["users"].items() if "/password" in path}
        assert passwords
        assert all("secretKeyRef" in value["valueFrom"] for value in passwords.values()), "D0-21"
        assert not {"::/0", "0.0.0.0/0"} & {each for path in settings["users"] if path.endswith("/networks/ip")
                                            for each in settings["users"][path]}, "D0-21"  # fmt: skip
        assert settings["profiles"]["readonly/readonly"] == "1", "D0-22"
        assert not any(path.startswith("default/") for path in settings["quotas"]), "D0-28"
        for spec in (installation, keeper):
            used = spec["defaults"]["templates"]
            assert used["podTemplate"] in [each["name"] for each in spec["templates"]["podTemplates"]], "D0-23"
            (container,) = spec["templates"]["podTemplates"][0]["spec"]["containers"]
            assert container["resources"]["limits"]["memory"], "D0-23"
            assert not container["image"].endswith(":latest"), "D0-23"
            assert all(each["reclaimPolicy"] == "Retain" for each in spec["templates"]["volumeClaimTemplates"])
        hosts = [each["host"] for each in settings["zookeeper"]["nodes"]]
        services = {each["metadata"]["name"] for each in made(one(objects, words.KEEPER.kind)).services}
        assert hosts, "D0-24"
        assert set(hosts) <= services, "D0-24: a Keeper that nobody deploys"


def made(obj: dict[str, Any]) -> Any:
    return footprint.FOOTPRINTS[f"{obj['apiVersion'].partition('/')[0]}/{obj['kind']}"](obj)


def test_production_has_three_shards_of_two_and_three_keepers() -> None:
    """S0-33, S0-38, S0-40, X-27, D0-24."""
    objects = sets("production")["research_lab_prod", "llm-research-clickhouse"]
    found = made(one(objects, words.SERVER.kind))
    assert len(found.pods) == 6
    assert (found.totals()["requests.memory"], found.totals()["requests.storage"]) == (6 * 16 * 2**30, 6 * 1124 * 2**30)
    assert len(made(one(objects, words.KEEPER.kind)).pods) == 3
    assert [each["spec"]["maxUnavailable"] for each in found.budgets] == [1]


def test_hosts_are_apart_as_the_operator_keeps_them() -> None:
    objects = render("clickhouse_cluster", EVERYTHING)
    pods = made(one(objects, words.SERVER.kind)).pods
    for pod in pods:
        (term,) = pod["spec"]["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert term["topologyKey"] == "kubernetes.io/hostname"
        assert term["labelSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
        (zones,) = pod["spec"]["topologySpreadConstraints"]
        assert set(zones["matchLabelKeys"]) <= set(pod["metadata"]["labels"]), (
            "the replicas of one shard, not all hosts"
        )
        assert pod["spec"]["affinity"]["nodeAffinity"]
    claims = {each["metadata"]["name"] for each in made(one(objects, words.SERVER.kind)).claims}
    assert {
        "data-chi-main-llm-cluster-2-1-0",
        "log-chi-main-llm-cluster-2-1-0",
        "slow-chi-main-llm-cluster-2-1-0",
    } <= claims


def test_a_task_is_the_same_for_the_same_wish_and_another_for_another() -> None:
    def task(kind: str, **change: Any) -> str:
        found: str = one(render("clickhouse_cluster", {**EVERYTHING, **change}), kind)["spec"]["taskID"]
        return found

    first = {kind: task(kind) for kind in (words.SERVER.kind, words.KEEPER.kind)}
    for kind, known in first.items():
        assert task(kind) == known
        assert task(kind, revision="3") != known, "another password in a Secret"
    assert task(words.SERVER.kind, settings={"max_concurrent_queries": 100}) != first[words.SERVER.kind]
    assert task(words.KEEPER.kind, settings={"max_concurrent_queries": 100}) == first[words.KEEPER.kind]


def test_settings_become_paths_and_no_mapping_is_left() -> None:
    secret = {"valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    tree = {"a": {"b": 1, "c": [1, "x"], "d": True}, "e/f": 0.5, "g": secret, "h": None}
    assert words.flat(tree) == {"a/b": "1", "a/c": ["1", "x"], "a/d": "true", "e/f": "0.5", "g": secret}


def test_a_deletion_says_what_becomes_of_the_volumes() -> None:
    (row,) = (each for each in rules.HOLDS_DATA if each.kind == words.SERVER.key)
    installation = one(render("clickhouse_cluster", EVERYTHING), words.SERVER.kind)
    assert "volumes that stay as claims: 6 x 1Ti (data), 6 x 100Gi (log), 6 x 2Ti (slow)" in row.words(installation)
    del installation["spec"]["templates"]["volumeClaimTemplates"][2]["reclaimPolicy"]
    assert "volumes that are deleted: 6 x 2Ti (slow)" in row.words(installation)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_inventories_schemas_can_be_taken_twice_and_everywhere(environment: str) -> None:
    """S0-41, S0-42, D0-25, D0-27."""
    found = [row for values in variables(environment).values() for row in values.get("clickhouse_schemas", [])]
    assert found
    for row in found:
        schema.check(row["steps"])


def test_a_scheduled_backup_asks_with_the_time_for_a_name_and_the_names_as_they_are(tmp_path: Path) -> None:
    """The job's own command in a shell, with a client that prints what it was told."""
    client = tmp_path / "clickhouse-client"
    client.write_text('#!/bin/sh\nprintf "%s|" "$@"')
    client.chmod(0o755)
    job = one(render("clickhouse_cluster", EVERYTHING), "CronJob")
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    given = {each["name"]: each["value"] for each in container["env"] if "value" in each}
    environment = {**given, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(container["command"], env=environment, capture_output=True, text=True, check=True)
    *others, query = done.stdout.removesuffix("|").split("|")
    assert others == ["--host", "clickhouse-main", "--user", "admin", "--query"]
    begin, _, rest = query.partition("Disk('backups', '")
    assert begin == "BACKUP DATABASE `metrics`, DATABASE `odd\\`name` ON CLUSTER '{cluster}' TO "
    assert len(rest.removesuffix("')")) == len("20261119T020000Z"), rest


def test_the_operator_asks_by_a_password_of_its_own() -> None:
    """The chart's Secret holds one that everybody knows."""
    role = yaml.safe_load((Path(__file__).parents[3] / "roles/clickhouse/vars/main.yml").read_text())
    values = role["__clickhouse_operators"][0]["chart"]["values"]
    assert values["secret"] == {"create": False}
    read = values["configs"]["files"]["config.yaml"]["clickhouse"]["access"]["secret"]
    assert read == "{{ __clickhouse_operator_user }}"
    (made,) = role["__clickhouse_passwords"]
    assert made["name"] == "{{ __clickhouse_operator_user.name }}"
    assert made["namespace"] == "{{ __clickhouse_operator_user.namespace }}"
    assert made["keys"] == [{"name": "password"}]
