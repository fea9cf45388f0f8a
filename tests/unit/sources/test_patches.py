"""Patches: what they change, what they touch, and how they are refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Origin, Sourced
from ansible_collections.groundwork.platform.plugins.module_utils.sources import patches

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "data", "annotations": {"a/b": "1", "m~n": "2"}},
    "spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}},
}

POD = ("spec", "template", "spec", "containers")
NOTES = ("metadata", "annotations")


def apply(*given: dict[str, Any]) -> tuple[dict[str, Any], set[patches.Path]]:
    before = copy.deepcopy(DEPLOYMENT)
    items, touched = patches.apply([Sourced(DEPLOYMENT, Origin("chart c, d.yaml", 3))], given)
    assert before == DEPLOYMENT, "what was rendered is left as it was"
    return items[0].object, touched[0]


def test_a_merge_patch_sets_removes_and_says_what_it_touched() -> None:
    changed, touched = apply(
        {
            "target": {"kind": "Deployment", "name": "w*"},
            "merge": {"spec": {"replicas": 3, "new": {"x": 1}}, "metadata": {"annotations": None}},
        }
    )
    assert changed["spec"]["replicas"] == 3
    assert changed["spec"]["new"] == {"x": 1}
    assert "annotations" not in changed["metadata"]
    assert touched == {("spec", "replicas"), ("spec", "new", "x"), ("metadata", "annotations")}


@pytest.mark.parametrize(
    ("operation", "path", "result"),
    [
        ({"op": "remove", "path": "/spec/template/spec/containers/0"}, POD, [{"name": "b"}]),
        ({"op": "add", "path": "/spec/template/spec/containers/-", "value": {"name": "c"}}, (*POD, 2, "name"), "c"),
        ({"op": "add", "path": "/spec/paused", "value": True}, ("spec", "paused"), True),
        ({"op": "replace", "path": "/metadata/annotations/a~1b", "value": "9"}, (*NOTES, "a/b"), "9"),
        ({"op": "replace", "path": "/metadata/annotations/m~0n", "value": "9"}, (*NOTES, "m~n"), "9"),
        ({"op": "test", "path": "/spec/replicas", "value": 1}, ("spec", "replicas"), 1),
    ],
)  # fmt: skip
def test_json_patches(operation: dict[str, Any], path: tuple[Any, ...], result: object) -> None:
    changed, touched = apply({"target": {"group": "apps"}, "json": [operation]})
    value: Any = changed
    for step in path:
        value = value[step]
    assert value == result
    assert len(touched) == 1


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({"target": {"kind": "Job"}, "merge": {}}, "cannot apply patch 1: no object fits its target kind Job"),
        ({"target": {}, "merge": {}}, "cannot apply patch 1: its target is empty"),
        ({"target": {"labels": "x"}, "merge": {}}, "its target has an unknown key labels"),
        ({"target": {"kind": "Deployment"}}, "it needs either merge or json"),
        ({"target": {"kind": "Deployment"}, "merge": {}, "json": []}, "it needs either merge or json"),
        ({"target": {"kind": "Deployment"}, "json": [{"op": "copy", "path": "/a"}]}, "the operation copy is none of"),
        (
            {"target": {"kind": "Deployment"}, "json": [{"op": "remove", "path": "/spec/gone"}]},
            "cannot apply patch 1 to chart c, d.yaml:3: there is nothing at /spec/gone",
        ),
        ({"target": {"kind": "Deployment"}, "json": [{"op": "add", "path": "/a/b", "value": 1}]}, "nothing at /a/b"),
        ({"target": {"kind": "Deployment"}, "json": [{"op": "remove", "path": ""}]}, "there is nothing at /"),
        (
            {"target": {"kind": "Deployment"}, "json": [{"op": "test", "path": "/spec/replicas", "value": 7}]},
            "/spec/replicas is not what the patch was written for",
        ),
        (
            {"target": {"kind": "Deployment"}, "json": [{"op": "add", "path": "/spec/template/spec/containers/x"}]},
            "is an item of a list; give its number, or - for the end",
        ),
    ],
)
def test_a_patch_that_does_not_fit_is_refused(patch: dict[str, Any], says: str) -> None:
    with pytest.raises(PlatformError) as caught:
        apply(patch)
    assert says in str(caught.value)
