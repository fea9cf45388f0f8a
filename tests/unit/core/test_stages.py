"""The order in which objects are written and deleted."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import stages


def obj(kind: str, api: str = "v1") -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "x"}}


# From first to last; an object of one line needs nothing of a later one.
ORDER = [
    [obj("Namespace"), obj("CustomResourceDefinition", "apiextensions.k8s.io/v1")],
    [obj("PriorityClass", "scheduling.k8s.io/v1"), obj("StorageClass", "storage.k8s.io/v1")],
    [obj("ResourceQuota"), obj("ServiceAccount"), obj("Secret"), obj("ConfigMap")],
    [obj("Service"), obj("PersistentVolumeClaim")],
    [obj("Deployment", "apps/v1"), obj("Cluster", "postgresql.cnpg.io/v1"), obj("Job", "batch/v1"), obj("Pod")],
    [obj("ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1")],
]


def test_what_is_needed_is_written_first() -> None:
    numbers = [{stages.stage(each) for each in line} for line in ORDER]
    assert numbers == [{0}, {1}, {2}, {3}, {4}, {5}]


def test_what_a_kind_needs_is_written_in_an_earlier_turn_of_its_stage() -> None:
    needs = {"a.b/Binding": ("a.b/Queue",), "a.b/Queue": ("a.b/Cluster",)}
    coming = [obj("Binding", "a.b/v1"), obj("Queue", "a.b/v1"), obj("Service"), obj("Cluster", "a.b/v1"), obj("Pod")]
    found = sorted(coming, key=lambda each: stages.turn(each, needs))
    assert [each["kind"] for each in found] == ["Service", "Cluster", "Pod", "Queue", "Binding"]


def test_no_kind_needs_itself_by_others() -> None:
    """And none one of another stage: that is what stages are for."""
    for key, needed in registry.NEEDS.items():
        group, _, kind = key.rpartition("/")
        number, depth = stages.turn(obj(kind, f"{group}/v1"), registry.NEEDS)
        assert (number, depth > 0) == (stages.WORKLOADS, bool(needed))


# The custom resources while their operators run, then those, their settings, webhooks, definitions, namespaces.
WAVES = [
    [obj("Cluster", "postgresql.cnpg.io/v1"), obj("Application", "argoproj.io/v1alpha1")],
    [obj("Deployment", "apps/v1"), obj("PodDisruptionBudget", "policy/v1"), obj("Pod")],
    [obj("Service"), obj("Secret"), obj("PersistentVolumeClaim"), obj("ClusterRole", "rbac.authorization.k8s.io/v1")],
    [obj("MutatingWebhookConfiguration", "admissionregistration.k8s.io/v1")],
    [obj("CustomResourceDefinition", "apiextensions.k8s.io/v1")],
    [obj("Namespace")],
]


def test_deletion_goes_the_other_way() -> None:
    mixed = [each for line in reversed(WAVES) for each in line]
    waves = stages.in_waves(mixed)
    assert [sorted(each["kind"] for each in wave) for wave in waves] == [
        sorted(each["kind"] for each in line) for line in WAVES
    ]


def test_a_kind_that_another_of_the_set_finishes_goes_first() -> None:
    waves = stages.in_waves([obj("Cluster", "a.b/v1"), obj("Topic", "a.b/v1"), obj("Pod")], {"a.b/Topic"})
    assert [[each["kind"] for each in wave] for wave in waves] == [["Topic"], ["Cluster"], ["Pod"]]


@pytest.mark.parametrize(
    ("api", "builtin"),
    [
        ("v1", True),
        ("apps/v1", True),
        ("networking.k8s.io/v1", True),
        ("rbac.authorization.k8s.io/v1", True),
        ("flowcontrol.apiserver.k8s.io/v1", True),
        ("gateway.networking.k8s.io/v1", False),
        ("snapshot.storage.k8s.io/v1", False),
        ("metrics.k8s.io/v1", False),
        ("cert-manager.io/v1", False),
    ],
)
def test_what_comes_with_kubernetes(api: str, builtin: bool) -> None:
    assert stages.builtin(obj("Kind", api)) is builtin
