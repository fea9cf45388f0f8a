"""The rights of data systems: a table, as wide as what their sets may hold and no wider, where their rows are."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.filter.rights import listed
from ansible_collections.groundwork.platform.plugins.module_utils.site_objects import DATA
from ansible_collections.groundwork.platform.plugins.module_utils.site_rights import KINDS
from support.cases import CASES

HOST = {"postgres_clusters": [{"name": "main", "namespace": "data"}, {"name": "other", "namespace": "more"}]}


@pytest.mark.parametrize("role", sorted(KINDS))
def test_the_kinds_are_those_of_the_systems_cases(role: str) -> None:
    made = [obj for case in CASES if case.module.startswith(f"{role}_") for obj in case.content.get("objects", ())]
    found = {f"{obj['apiVersion'].rpartition('/')[0]}/{obj['kind']}".lstrip("/") for obj in made}
    assert set(KINDS[role]) == found, f"KINDS[{role!r}] of site_rights.py"


def test_every_data_role_has_its_objects_and_its_kinds() -> None:
    assert set(KINDS) == set(DATA)


def asked(role: str = "postgres", **options: Any) -> set[tuple[str, str, str]]:
    rights = listed(HOST | options.pop("variables", {}), [role], **options)
    assert isinstance(rights, list)
    return {(right["namespace"], right["resource"], right["verb"]) for right in rights}


def test_a_data_systems_rights_are_where_its_rows_are() -> None:
    found = asked()
    assert {("data", "clusters", "patch"), ("more", "objectstores", "list"), ("more", "leases", "create")} <= found
    assert {place for place, resource, _ in found if resource != "namespaces"} == {"data", "more"}
    assert not asked(variables={"postgres_enabled": False})
    assert not asked(variables={"postgres_clusters": []})


def test_users_beside_their_clients_are_kept_there() -> None:
    row = {"name": "events", "namespace": "data", "users": [{"name": "worker", "namespace": "apps"}]}
    found = asked("rabbitmq", variables={"rabbitmq_clusters": [row]})
    assert {place for place, resource, _ in found if resource == "users"} == {"data", "apps"}


def test_runbooks_ask_for_more_only_where_they_are_asked_for() -> None:
    more = asked(runbooks=True) - asked()
    assert {("data", "pods/proxy", "get"), ("data", "clusters/status", "patch"), ("data", "pods", "delete")} <= more
    assert {resource.partition("/")[0] for _, resource, _ in more} == {"pods", "clusters", "backups", "failoverquorums"}


def test_the_steps_of_a_schema_are_taken_in_pods_where_there_are_any() -> None:
    row = {"name": "events", "namespace": "data"}
    kept = asked("clickhouse", variables={"clickhouse_clusters": [row]})
    more = asked("clickhouse", variables={"clickhouse_clusters": [row], "clickhouse_schemas": [row]}) - kept
    assert more == {("data", "pods", "list"), ("data", "pods/exec", "get"), ("data", "pods/exec", "create")}


def test_who_binds_a_role_may_bind_it_unless_the_set_makes_it() -> None:
    binding = {"name": "elects", "subjects": [{"kind": "ServiceAccount", "name": "api"}]}
    rule = {"api_groups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get"]}
    namespace = {
        "name": "shop",
        "team": "a",
        "access": [{**binding, "rules": [rule]}, {**binding, "name": "view", "cluster_role": "view"}],
    }
    rights = listed({"tenancy_namespaces": [namespace]}, ["tenancy"])
    bound = {(each["resource"], each["namespace"], each["name"]) for each in rights if each["verb"] == "bind"}
    assert bound == {("clusterroles", "", "view")}
