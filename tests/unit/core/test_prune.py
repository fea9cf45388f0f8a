"""Which live objects may be deleted: every reason to keep one, one by one, and the words for people."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Ref, ref
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import prune
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.guards import HoldsData
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.prune import Action

ID = "applyset-x-v1"
ENTRY = {"manager": "groundwork", "operation": "Apply", "fieldsV1": {}}


def obj(kind: str = "ConfigMap", name: str = "old", api: str = "v1", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": "data",
            "uid": "3f9a21c4-0000",
            "labels": {"applyset.kubernetes.io/part-of": ID},
            "managedFields": [ENTRY],
        }
        | metadata,
    }


def facts(*known: dict[str, Any], **more: Any) -> prune.Facts:
    wanted = {Ref("", "ConfigMap", "data", "wanted")}
    return prune.Facts(
        **({"set_id": ID, "namespace": "data", "wanted": wanted, "inventory": set(map(ref, known))} | more)
    )


OWNER = {"apiVersion": "v1", "kind": "Kafka", "name": "k", "uid": "1"}


@pytest.mark.parametrize(
    ("live", "row", "action"),
    [
        (obj(), "unwanted", Action.DELETE),
        (obj(labels={"applyset.kubernetes.io/part-of": "applyset-other-v1"}), "label", Action.KEEP),
        (obj(labels=None), "label", Action.KEEP),
        (obj(name="wanted"), "wanted", Action.KEEP),
        (obj(uid="applied"), "applied", Action.KEEP),
        (obj(deletionTimestamp="2026-01-01T00:00:00Z"), "deleting", Action.KEEP),
        (obj(ownerReferences=[OWNER | {"controller": True}]), "owner", Action.WARN),
        (obj(ownerReferences=[OWNER]), "owner", Action.WARN),
        (obj(ownerReferences=[OWNER | {"uid": "parent"}]), "unwanted", Action.DELETE),
        (obj(managedFields=[]), "manager", Action.WARN),
        (obj(managedFields=[ENTRY | {"operation": "Update"}]), "manager", Action.WARN),
        (obj(managedFields=[ENTRY | {"manager": "strimzi-cluster-operator"}]), "manager", Action.WARN),
        (obj(managedFields=[ENTRY | {"subresource": "status"}]), "manager", Action.WARN),
        (obj(annotations={"groundwork.platform/prune": "disabled"}), "mark", Action.WARN),
        (obj(annotations={"groundwork.platform/prune": "enabled"}), "unwanted", Action.DELETE),
        (obj("Namespace", "data", namespace=""), "in use", Action.WARN),
        (obj("Namespace", "used", namespace=""), "in use", Action.WARN),
        (obj("Namespace", "kube-system", namespace=""), "never", Action.WARN),
        (obj("Namespace", "default", namespace=""), "never", Action.WARN),
        (obj("Node", namespace=""), "never", Action.WARN),
        (obj("PersistentVolume", namespace=""), "never", Action.WARN),
        (obj("Namespace", namespace=""), "data", Action.REFUSE),
        (obj("PersistentVolumeClaim"), "data", Action.REFUSE),
        (obj("CustomResourceDefinition", api="apiextensions.k8s.io/v1", namespace=""), "data", Action.REFUSE),
        (obj("Cluster", api="postgresql.cnpg.io/v1"), "data", Action.REFUSE),
        (obj("Unheard", api="example.org/v1"), "data", Action.REFUSE),
        (obj("Pooler", api="postgresql.cnpg.io/v1"), "unwanted", Action.DELETE),
        (obj("StatefulSet", api="apps/v1"), "unwanted", Action.DELETE),
        (obj("Role", api="rbac.authorization.k8s.io/v1"), "unwanted", Action.DELETE),
    ],
)
def test_the_fate_of_one_object(live: dict[str, Any], row: str, action: Action) -> None:
    rows = (HoldsData("postgresql.cnpg.io/Cluster", "its databases"), HoldsData("postgresql.cnpg.io/Pooler", ""))
    known = facts(live, uids={"applied"}, parent_uid="parent", holds_data=rows, namespaces_in_use={"used"})
    decision = prune.decide(live, known)
    assert (decision.row, decision.action) == (row, action)


def test_an_object_outside_the_inventory_is_asked_for() -> None:
    assert prune.decide(obj(), facts()).row == "orphan"


def test_every_row_is_tested() -> None:
    tested = {"label", "wanted", "applied", "deleting", "owner", "manager", "mark", "in use", "never", "orphan", "data"}
    assert {row.name for row in prune._ROWS} == tested


CONFIRM = "delete PersistentVolumeClaim data/old 3f9a21c4"


def test_a_refusal_prints_its_sentence_and_the_sentence_allows_it() -> None:
    claim = obj("PersistentVolumeClaim")
    refused = prune.plan([claim], facts(claim), set_name="data/x")
    assert [refusal.sentence for refusal in refused.refusals] == [CONFIRM]
    allowed = prune.plan([claim], facts(claim), set_name="data/x", confirm=[CONFIRM])
    assert (allowed.refusals, allowed.delete, allowed.used) == ([], [claim], {CONFIRM})


def test_a_sentence_does_not_fit_another_uid() -> None:
    claim = obj("PersistentVolumeClaim", uid="00000000-1111")
    assert prune.plan([claim], facts(claim), set_name="data/x", confirm=[CONFIRM]).refusals


def many(count: int) -> list[dict[str, Any]]:
    return [obj(name=f"old-{number}", uid=f"uid-{number}") for number in range(count)]


@pytest.mark.parametrize(("members", "deletions", "refused"), [(20, 10, 0), (20, 11, 1), (100, 30, 0), (100, 31, 1)])
def test_the_limit(members: int, deletions: int, refused: int) -> None:
    everything = many(members)
    plan = prune.plan(everything[:deletions], facts(*everything), set_name="data/x")
    assert len(plan.refusals) == refused
    assert len(plan.delete) == deletions
    sentences = [refusal.sentence for refusal in plan.refusals]
    assert not prune.plan(everything[:deletions], facts(*everything), set_name="data/x", confirm=sentences).refusals
    assert not prune.plan(everything[:deletions], facts(*everything), set_name="data/x", limited=False).refusals


def test_the_sentence_for_many_fits_no_other_many() -> None:
    first = prune.plan(many(11), facts(*many(11)), set_name="data/x").refusals[0].sentence
    others = [*many(10), obj(name="old-10", uid="made-anew")]
    assert prune.plan(others, facts(*others), set_name="data/x", confirm=[first]).refusals


def test_an_empty_set_is_refused_however_small() -> None:
    plan = prune.plan(many(1), facts(*many(1), wanted=set()), set_name="data/x")
    assert plan.refusals[0].sentence.startswith("empty set data/x ")


def test_an_operators_many_children_are_one_warning() -> None:
    children = [obj(name=f"child-{number}", ownerReferences=[OWNER]) for number in range(5)]
    plan = prune.plan(children, facts(*children), set_name="data/x")
    assert plan.warnings == [
        "kept 5 objects (ConfigMap data/child-0, ConfigMap data/child-1, ConfigMap data/child-2, ...): "
        "it is owned by Kafka k"
    ]


def test_a_deletion_names_uid_and_version() -> None:
    live = obj(resourceVersion="7")
    assert prune.options(live)["preconditions"] == {"uid": "3f9a21c4-0000", "resourceVersion": "7"}
