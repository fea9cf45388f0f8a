"""What a set no longer asks for goes, and nothing else does: every safety of pruning on a real API server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.objects import custom, custom_definition
from support.space import Space

PART_OF = "applyset.kubernetes.io/part-of"


def set_id(space: Space) -> str:
    parent: dict[str, Any] = space.get("secret", "groundwork-test")
    return str(parent["metadata"]["labels"]["applyset.kubernetes.io/id"])


def uid8(obj: dict[str, Any]) -> str:
    return str(obj["metadata"]["uid"])[:8]


def test_what_is_no_longer_wanted_goes(space: Space) -> None:
    space.keep(space.config("a"), space.config("b"), space.object("v1", "ServiceAccount", "c"))
    foretold = space.keep(space.config("a"), check=True, diff=True)
    result, requests = space.counted(space.config("a"))
    assert foretold.actions == result.actions
    assert result.actions == {"ConfigMap a": "unchanged", "ConfigMap b": "deleted", "ServiceAccount c": "deleted"}
    assert [each["after_header"] for each in foretold["diff"]] == [
        f"ConfigMap {space.name}/b (deleted)",
        f"ServiceAccount {space.name}/c (deleted)",
    ]
    assert space.there("configmap") == ["a"]
    assert space.there("serviceaccount") == []
    deletions = [r for r in requests.mutating if r["verb"] == "delete"]
    assert sorted(r["objectRef"]["name"] for r in deletions) == ["b", "c"]
    _, requests = space.counted(space.config("a"))
    assert not requests.changing, requests.words()


def test_never_prunes_when_told_so_and_remembers_for_later(space: Space) -> None:
    space.keep(space.config("a"), space.config("b"))
    result = space.keep(space.config("a"), prune="never")
    assert space.there("configmap") == ["a", "b"]
    assert not result["changed"]
    assert space.keep(space.config("a")).actions["ConfigMap b"] == "deleted"


def test_nothing_is_pruned_after_an_error(space: Space) -> None:
    space.keep(space.config("a"), space.config("b"))
    assert space.attempt(space.config("a"), space.deployment("app", imgae="x"), preflight="none").failed
    assert space.there("configmap") == ["a", "b"]


def test_nothing_is_pruned_before_all_is_ready(space: Space) -> None:
    space.keep(space.config("a"), space.config("b"))
    never_ready = space.deployment("app", replicas=1)
    never_ready["spec"]["template"]["spec"]["nodeSelector"] = {"no": "node"}
    result = space.attempt(space.config("a"), never_ready, timeout=2)
    assert "apps/Deployment" in result.msg
    assert "nothing was pruned" in result.msg
    assert space.there("configmap") == ["a", "b"]
    result = space.attempt(space.config("a"), never_ready, timeout=2, prune="after_apply")
    assert space.there("configmap") == ["a"]


def labelled(space: Space, obj: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {**obj, "metadata": {**obj["metadata"], "labels": {PART_OF: set_id(space)}, **metadata}}


def test_an_operators_child_with_our_label_stays(space: Space) -> None:
    """Strimzi, RabbitMQ and Altinity copy an object's labels to what they make of it."""
    space.keep(space.config("a"), space.config("owner"))
    owner = space.get("configmap", "owner")["metadata"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["uid"], "controller": True}
    space.cluster.apply(labelled(space, space.config("child"), ownerReferences=[reference]))
    result = space.keep(space.config("a"), space.config("owner"), space.config("new"))
    assert "child" in space.there("configmap")
    assert any("child: it is owned by ConfigMap owner" in words for words in result["warnings"])


def test_a_copied_label_without_owner_stays(space: Space) -> None:
    space.keep(space.config("a"))
    space.cluster.apply(labelled(space, space.config("child")))
    result = space.keep(space.config("a"), space.config("new"))
    assert "child" in space.there("configmap")
    assert any("something copied the label" in words for words in result["warnings"])
    _, requests = space.counted(space.config("a"), space.config("new"))
    assert not requests.changing, requests.words()


def test_an_orphan_stays_until_it_is_confirmed(space: Space) -> None:
    space.keep(space.config("a"))
    manifest = json.dumps(labelled(space, space.config("orphan")))
    space.kubectl("apply", "--server-side", "--field-manager=groundwork", "--filename=-", stdin=manifest)
    result = space.keep(space.config("a"), space.config("new"))
    confirm = f"delete ConfigMap {space.name}/orphan {uid8(space.get('configmap', 'orphan'))}"
    assert any(repr(confirm) in words for words in result["warnings"])
    assert "orphan" in space.there("configmap")
    result = space.keep(space.config("a"), space.config("new"), confirm=[confirm])
    assert result.actions["ConfigMap orphan"] == "deleted"
    assert "orphan" not in space.there("configmap")


def test_a_keep_mark_keeps(space: Space) -> None:
    marked = space.config("b")
    marked["metadata"]["annotations"] = {"groundwork.platform/prune": "disabled"}
    space.keep(space.config("a"), marked)
    result = space.keep(space.config("a"))
    assert space.there("configmap") == ["a", "b"]
    assert any("marked groundwork.platform/prune: disabled" in words for words in result["warnings"])
    _, requests = space.counted(space.config("a"))
    assert not requests.changing, requests.words()


def claim(space: Space) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return space.object("v1", "PersistentVolumeClaim", "data", spec=spec)


@pytest.mark.parametrize("check", [True, False])
def test_what_holds_data_is_refused_with_its_sentence(space: Space, check: bool) -> None:
    space.keep(space.config("a"), claim(space), wait=False)
    message = space.refused(space.config("a", key="new"), wait=False, check=check)
    confirm = f"delete PersistentVolumeClaim {space.name}/data {uid8(space.get('pvc', 'data'))}"
    assert repr(confirm) in message
    assert "nothing was written" in message
    assert space.get("configmap", "a")["data"] == {"key": "value"}
    assert confirm not in space.refused(space.config("a"), wait=False, confirm=[confirm[:-8] + "00000000"])[:20]
    space.keep(space.config("a"), wait=False, confirm=[confirm])


def test_a_sentence_fits_no_later_object(space: Space) -> None:
    space.keep(space.config("a"), claim(space), wait=False)
    confirm = f"delete PersistentVolumeClaim {space.name}/data {uid8(space.get('pvc', 'data'))}"
    space.keep(space.config("a"), wait=False, confirm=[confirm])
    space.kubectl("wait", "--for=delete", "pvc/data", "--timeout=30s")
    space.keep(space.config("a"), claim(space), wait=False)
    assert "refused" in space.refused(space.config("a"), wait=False, confirm=[confirm])


def test_a_definition_and_its_unlisted_kind_need_sentences(space: Space) -> None:
    crd = custom_definition("keepers")
    one = custom("one", kind="Keeper", namespace=space.name)
    space.keep(crd, one, space.config("a"), wait=False)
    message = space.refused(space.config("a"), wait=False)
    assert "delete apiextensions.k8s.io/CustomResourceDefinition keepers.example.org" in message
    assert f"delete example.org/Keeper {space.name}/one" in message
    assert "no rule says that this kind holds no data" in message


def test_more_than_the_limit_is_refused_as_a_whole(space: Space) -> None:
    space.keep(*(space.config(f"c{number:02}") for number in range(20)))
    message = space.refused(space.config("c00"))
    assert f"delete 19 objects of set {space.name}/test" in message
    assert "more than 10 at once" in message
    sentence = message.split("'")[1]
    assert space.keep(*(space.config(f"c{number:02}") for number in range(10)))["changed"]
    message = space.refused(*(), confirm=[sentence])
    assert f"empty set {space.name}/test" in message
    space.keep(*(), confirm=[message.split("'")[1]])
    assert space.there("configmap") == []


def test_the_sets_own_namespace_is_not_pruned_from_under_it(space: Space) -> None:
    name = f"{space.name}-home"
    home = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    inside = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    space.keep(home, inside, namespace=name)
    result = space.keep(inside, namespace=name)
    assert any("the set still lives in it" in words for words in result["warnings"])


def test_an_object_that_moved_since_it_was_judged_stays(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import engine

    space.keep(space.config("a"), space.config("b"), space.config("c"))

    def meddle(*arguments: Any) -> Any:
        space.merge("configmap", "b", {"metadata": {"annotations": {"someone": "wants it"}}})
        space.kubectl("delete", "configmap", "c")
        space.kubectl("create", "configmap", "c")
        return delete(*arguments)

    delete = engine.delete
    monkeypatch.setattr(engine, "delete", meddle)
    result = space.keep(space.config("a"))
    assert space.there("configmap") == ["a", "b", "c"]
    assert sum("it was changed or replaced since it was judged" in words for words in result["warnings"]) == 2


def test_a_deleted_kind_in_the_parent_is_dropped_with_a_note(space: Space) -> None:
    crd = custom_definition("flyers")
    space.cluster.apply(crd)
    space.cluster.serves("flyers.example.org")
    space.keep(space.config("a"), custom("one", kind="Flyer", namespace=space.name), wait=False)
    space.kubectl("delete", "crd", "flyers.example.org")
    space.cluster.forgets("flyers.example.org")
    result = space.keep(space.config("a"), wait=False)
    assert any("no longer serves that kind" in words for words in result["warnings"])
    _, requests = space.counted(space.config("a"), wait=False)
    assert not requests.changing, requests.words()


def test_absent_removes_the_set_and_its_parent(space: Space) -> None:
    space.keep(space.config("a"), space.deployment("app"), wait=False)
    foretold = space.keep(state="absent", check=True)
    result = space.keep(state="absent")
    assert foretold.actions == result.actions == {"ConfigMap a": "deleted", "Deployment app": "deleted"}
    assert space.there("configmap") == space.there("deployment") == space.there("secret") == []
    assert space.there("lease") == []
    again, requests = space.counted(state="absent")
    assert not again["changed"]
    assert not requests.changing, requests.words()


def test_absent_asks_before_it_deletes_data_and_takes_the_namespace_last(space: Space) -> None:
    name = f"{space.name}-home"
    home = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    inside = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    space.keep(home, inside, namespace=name)
    message = space.refused(state="absent", namespace=name)
    assert f"delete Namespace {name} " in message
    result = space.keep(state="absent", namespace=name, confirm=[message.split("'")[1]])
    assert result.actions == {"ConfigMap a": "deleted", f"Namespace {name}": "deleted"}
    assert "NotFound" in space.cluster.kubectl("get", "namespace", name, check=False)
