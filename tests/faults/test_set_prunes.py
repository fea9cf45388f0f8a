"""Fault rows of pruning: what carries the set's label and must stay, and what needs a sentence first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.applyset import (
    GROUP_KINDS,
    ID,
    PART_OF,
    TOOLING,
    SetName,
)
from support.objects import config_map, secret
from support.server import Exchange, Server, status, then

Keep = Callable[..., Any]
LABEL = {PART_OF: SetName("default", "test").id}


def warned(result: Any, *words: str) -> bool:
    return any(all(word in warning for word in words) for warning in result["warnings"])


def test_row_25_what_an_operator_owns_is_not_pruned(server: Server, keep: Keep) -> None:
    keep([config_map("one"), secret("gone", key="value-of-it")], wait=False)
    child = secret("cluster-ca", ca="key-of-the-authority")
    child["metadata"] |= {
        "labels": {**LABEL, "strimzi.io/cluster": "events"},
        "ownerReferences": [{"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "name": "events", "uid": "1"}],
    }
    # Even an apply entry of ours does not make it ours: its owner is there.
    server.store.put(child, manager="strimzi-cluster-operator")
    live = server.store.read("secrets", "default", "cluster-ca")
    assert live
    live["metadata"]["managedFields"].append(
        {"manager": "groundwork", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:data": {}}}
    )
    server.store.put(live)
    result = keep([config_map("one")], wait=False)
    assert result.actions == {"ConfigMap one": "unchanged", "Secret gone": "deleted"}
    assert "cluster-ca" in server.store.names("secrets")
    assert warned(result, "cluster-ca", "owned by Kafka events")


def test_row_26_what_only_carries_a_copied_label_is_not_pruned(server: Server, keep: Keep) -> None:
    keep([config_map("one"), config_map("gone")], wait=False)
    copied = config_map("copied")
    copied["metadata"]["labels"] = LABEL
    server.store.put(copied, manager="rabbitmq-cluster-operator")
    result = keep([config_map("one")], wait=False)
    assert result.actions == {"ConfigMap one": "unchanged", "ConfigMap gone": "deleted"}
    assert server.store.names("configmaps") == ["copied", "one"]
    assert warned(result, "copied", "never applied by us")


def test_row_27_an_object_made_anew_in_the_last_moment_is_not_deleted(server: Server, keep: Keep) -> None:
    keep([config_map("one"), config_map("two")], wait=False)

    def renew(exchange: Exchange) -> None:
        server.store.drop("configmaps", "default", "two")
        server.store.put(config_map("two", key="of somebody else"), manager="kubectl")

    server.fault(then(renew), method="DELETE", path="/configmaps/two")
    result = keep([config_map("one")], wait=False)
    assert not result.failed, result.msg
    assert server.seen("DELETE", "/configmaps/two")[0].body["preconditions"]["uid"]
    live = server.store.read("configmaps", "default", "two")
    assert live
    assert live["data"] == {"key": "of somebody else"}
    assert warned(result, "two", "replaced since it was judged")


def test_row_28_a_parent_that_is_not_right_is_refused_or_told(server: Server, keep: Keep) -> None:
    keep([config_map("one"), config_map("two")], wait=False)
    parent = server.store.read("secrets", "default", "groundwork-test")
    assert parent

    def tampered(**changes: dict[str, str]) -> None:
        meta = parent["metadata"]
        meta = {**meta, **{part: {**meta[part], **values} for part, values in changes.items()}}
        server.store.put({**parent, "metadata": meta})

    written = len(server.writes)
    tampered(labels={ID: "applyset-of-someone-else-v1"})
    result = keep([config_map("one")], wait=False)
    assert result.failed
    assert "carries the set ID" in result.msg
    tampered(annotations={TOOLING: "kubectl/v1.36"})
    result = keep([config_map("one")], wait=False)
    assert result.failed
    assert "kept by kubectl/v1.36" in result.msg
    assert "take over Secret default/groundwork-test" in result.msg
    assert len(server.writes) == written
    tampered(annotations={GROUP_KINDS: "ConfigMap,Widget.example.org"})
    result = keep([config_map("one")], wait=False)
    assert result.actions == {"ConfigMap one": "unchanged", "ConfigMap two": "deleted"}, result.msg
    assert warned(result, "Widget.example.org", "no longer serves")


def test_row_29_many_deletions_and_an_empty_set_need_a_sentence(server: Server, keep: Keep) -> None:
    names = [f"n{number:02}" for number in range(20)]
    keep([config_map(name) for name in names], wait=False)
    written = len(server.writes)
    many = keep([config_map(name) for name in names[:9]], wait=False)
    assert many.failed
    assert "delete 11 objects of set default/test" in many.msg
    assert all(name in many.msg for name in names[9:])
    none = keep([], wait=False)
    assert none.failed
    assert "empty set default/test" in none.msg
    assert "n00" in none.msg
    assert len(server.writes) == written
    assert not keep([config_map(name) for name in names[:10]], wait=False).failed, "ten at once are allowed"
    sentence = keep([], wait=False).msg.partition("add to confirm: '")[2].partition("'")[0]
    allowed = keep([], wait=False, confirm=[sentence])
    assert not allowed.failed, allowed.msg
    assert server.store.names("configmaps") == []


def test_what_was_deleted_is_told_also_where_something_else_could_not_be(server: Server, keep: Keep) -> None:
    keep([config_map(name) for name in ("one", "two", "three")], wait=False)
    server.fault(status(403, "admission says no", reason="Forbidden"), method="DELETE", path="configmaps/two")
    result = keep([config_map("three")], wait=False)
    assert result.failed
    assert "cannot delete ConfigMap default/two: admission says no" in result.msg
    assert result.actions == {"ConfigMap three": "unchanged", "ConfigMap one": "deleted"}
    assert result["changed"]
