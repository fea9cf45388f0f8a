"""The parent of a set: ID, labels, annotations, inventory."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Ref
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import applyset
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.applyset import SetName

NAME = SetName("data", "main")
MEMBERS = {
    Ref("", "ConfigMap", "data", "a"): "hash-a",
    Ref("apps", "Deployment", "other", "b"): "",
    Ref("", "Namespace", "", "data"): "hash-c",
}


def test_the_id_is_the_sha256_of_name_namespace_kind_and_group() -> None:
    # printf 'groundwork-main.data.Secret.' | openssl dgst -sha256 -binary | basenc --base64url
    assert NAME.id == "applyset-N2ogOmpr6afHJlIufdbFQNy4_1--Jd9J5zRhnxPtmBg-v1"


def test_what_is_written_is_what_is_read() -> None:
    parent = applyset.build(NAME, MEMBERS, {"product": "shop"})
    said = applyset.read(NAME, parent)
    assert dict(said.answers) == MEMBERS
    assert said.kinds == {("", "ConfigMap"), ("apps", "Deployment"), ("", "Namespace")}
    assert said.namespaces == {"other"}
    assert said.labels == {"product": "shop"}
    assert applyset.ours(said.tooling)


def test_kubectls_own_annotations() -> None:
    annotations = applyset.build(NAME, MEMBERS, {})["metadata"]["annotations"]
    assert annotations["applyset.kubernetes.io/contains-group-kinds"] == "ConfigMap,Deployment.apps,Namespace"
    assert annotations["applyset.kubernetes.io/additional-namespaces"] == "other"
    assert annotations["applyset.kubernetes.io/tooling"] == "groundwork.platform/v1"


def test_the_same_members_give_the_same_bytes() -> None:
    turned = dict(reversed(MEMBERS.items()))
    assert applyset.build(NAME, MEMBERS, {}) == applyset.build(NAME, turned, {})


def test_a_live_parent_keeps_what_is_not_ours() -> None:
    live = applyset.build(NAME, MEMBERS, {"product": "old"})
    live["metadata"] |= {"resourceVersion": "7", "uid": "1"}
    live["metadata"]["annotations"]["team"] = "blue"
    built = applyset.build(NAME, {}, {"product": "new"}, live)
    assert built["metadata"]["resourceVersion"] == "7"
    assert built["metadata"]["annotations"]["team"] == "blue"
    assert built["metadata"]["labels"]["groundwork.platform/product"] == "new"
    assert live["metadata"]["labels"]["groundwork.platform/product"] == "old", "the live object was changed"


def test_five_thousand_members_fit() -> None:
    members = {
        Ref("apps", "Deployment", f"ns-{n % 50}", f"some-long-name-{n}"): f"{n * 7919 % 2**61:016x}"
        for n in range(5000)
    }
    assert len(applyset.build(NAME, members, {})["data"]["inventory"]) < 256 * 1024
    assert len(applyset.read(NAME, applyset.build(NAME, members, {})).answers) == 5000


@pytest.mark.parametrize("damage", ["AAAA", "not base64!", "H4sIAAAAAAAA"])
def test_a_damaged_inventory_is_told(damage: str) -> None:
    parent = applyset.build(NAME, MEMBERS, {})
    parent["data"]["inventory"] = damage
    with pytest.raises(PlatformError, match="cannot read the inventory of set data/main"):
        applyset.read(NAME, parent)


def test_another_id_is_refused() -> None:
    parent = applyset.build(NAME, MEMBERS, {})
    with pytest.raises(PlatformError, match="carries the set ID"):
        applyset.read(SetName("data", "other"), parent)


@pytest.mark.parametrize(
    ("tooling", "ours"),
    [("groundwork.platform/v1", True), ("groundwork.platform/v2", True), ("kubectl/v1.36.3", False), ("", False)],
)
def test_whose_tooling_it_is(tooling: str, ours: bool) -> None:
    assert applyset.ours(tooling) is ours
