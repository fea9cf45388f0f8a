"""A user with few rights: what may be done is done, and nothing is pruned that could not be looked at."""

from __future__ import annotations

from typing import Any

import pytest
from support.lab import eventually
from support.space import Space

ALL = ["get", "list", "watch", "create", "update", "patch", "delete"]


def grant(space: Space, namespace: str, *resources: str, verbs: list[str] | None = None) -> None:
    """Rights in one namespace for the user limited."""
    rules = [{"apiGroups": ["*"], "resources": list(resources), "verbs": verbs or ALL}]
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "limited", "namespace": namespace}}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "limited"}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "limited"}
    space.cluster.apply(
        {**role, "kind": "Role", "rules": rules},
        {**role, "kind": "RoleBinding", "roleRef": reference, "subjects": [subject]},
    )
    # The authorizer hears of them a moment after they are written.
    may = ("auth", "can-i", (verbs or ALL)[0], resources[-1], f"--namespace={namespace}", "--as=limited")
    eventually(lambda: space.cluster.kubectl(*may, check=False).startswith("yes"))


LIMITED: dict[str, Any] = {"impersonate_user": "limited", "impersonate_groups": ["system:authenticated"]}


@pytest.fixture
def other(space: Space) -> str:
    """A second namespace that the same set has objects in."""
    name = f"{space.name}-other"
    space.cluster.kubectl("create", "namespace", name)
    return name


def elsewhere(space: Space, name: str, namespace: str) -> dict[str, Any]:
    obj = space.config(name)
    obj["metadata"]["namespace"] = namespace
    return obj


def test_rights_in_two_namespaces_are_enough(space: Space, other: str) -> None:
    for namespace in (space.name, other):
        grant(space, namespace, "configmaps", "secrets", "leases")
    space.keep(space.config("a"), elsewhere(space, "b", other), **LIMITED)
    _, requests = space.counted(space.config("a"), elsewhere(space, "b", other), **LIMITED)
    assert not requests.changing, requests.words()
    result = space.keep(space.config("a"), **LIMITED)
    assert result.actions == {"ConfigMap a": "unchanged", "ConfigMap b": "deleted"}


def test_where_nothing_may_be_listed_nothing_is_pruned_or_forgotten(space: Space, other: str) -> None:
    space.keep(space.config("a"), elsewhere(space, "b", other))
    grant(space, space.name, "configmaps", "secrets", "leases")
    result = space.keep(space.config("a", key="new"), **LIMITED)
    assert result.actions == {"ConfigMap a": "changed"}
    assert any("nothing is pruned" in words and other in words for words in result["warnings"])
    result = space.keep(space.config("a", key="new"))
    assert result.actions == {"ConfigMap a": "unchanged", "ConfigMap b": "deleted"}


def test_a_missing_right_is_said_in_the_servers_words(space: Space) -> None:
    grant(space, space.name, "secrets", "leases")
    message = space.attempt(space.config("a"), **LIMITED).msg
    assert 'User "limited" cannot' in message
    assert "give the user this right" in message


def readers(namespace: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A Role and its RoleBinding."""
    group, meta = "rbac.authorization.k8s.io", {"name": "readers", "namespace": namespace}
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    binding = {
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "readers"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": "reader"}],
    }
    made = {"apiVersion": f"{group}/v1", "metadata": meta}
    return {**made, "kind": "Role", "rules": rules}, {**made, "kind": "RoleBinding", **binding}


def test_a_role_and_its_binding_come_in_one_run(space: Space) -> None:
    """To whoever may not bind any role the server answers 404 while the role is not there."""
    grant(space, space.name, "configmaps", "secrets", "leases", "roles", "rolebindings")
    role, binding = readers(space.name)
    created = {"Role readers": "created", "RoleBinding readers": "created"}
    assert space.keep(binding, role, check=True, **LIMITED).actions == created
    assert space.keep(binding, role, **LIMITED).actions == created
    meta = {**binding["metadata"], "name": "strangers"}
    stranger = {**binding, "metadata": meta, "roleRef": {**binding["roleRef"], "name": "none"}}
    assert (
        'strangers: rolebindings.rbac.authorization.k8s.io "none" not found'
        in space.attempt(binding, role, stranger, **LIMITED).msg
    )


def test_a_role_and_its_binding_come_with_their_namespace(space: Space) -> None:
    """The server is asked in another namespace then, which has no such role either."""
    resources = ("namespaces", "configmaps", "secrets", "leases", "roles", "rolebindings")
    verbs = [f"--verb={verb}" for verb in ALL]
    space.cluster.kubectl("create", "clusterrole", space.name, *verbs, f"--resource={','.join(resources)}")
    space.cluster.kubectl("create", "clusterrolebinding", space.name, f"--clusterrole={space.name}", "--user=maker")
    eventually(lambda: space.cluster.kubectl("auth", "can-i", "create", "namespaces", "--as=maker").startswith("yes"))
    namespace, maker = f"{space.name}-own", {**LIMITED, "impersonate_user": "maker"}
    own = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    assert space.keep(own, *readers(namespace), check=True, **maker).actions["RoleBinding readers"] == "created"
    assert space.keep(own, *readers(namespace), **maker).actions["RoleBinding readers"] == "created"
