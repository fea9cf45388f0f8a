"""Ownership read from managedFields: covered and equal, projected, extracted, joined."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import fields

FIELDS = {
    "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
    "f:spec": {
        "f:replicas": {},
        "f:selector": {},
        "f:template": {
            "f:spec": {
                "f:containers": {
                    'k:{"name":"app"}': {
                        ".": {},
                        "f:name": {},
                        "f:args": {},
                        "f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}},
                    }
                },
                "f:finalizers": {'v:"a.b/c"': {}},
            }
        },
    },
}


def obj() -> dict[str, Any]:
    container = {"name": "app", "args": ["--one"], "ports": [{"containerPort": 80}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x", "namespace": "y", "labels": {"app": "x"}},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "x"}},
            "template": {"spec": {"containers": [container], "finalizers": ["a.b/c"]}},
        },
    }


def live() -> dict[str, Any]:
    """As the server keeps it: defaults filled in, another's container and finalizer beside ours."""
    result = obj()
    spec = result["spec"]["template"]["spec"]
    spec["containers"] = [
        {"name": "sidecar"},
        {"name": "app", "args": ["--one"], "image": "x", "ports": [{"containerPort": 80, "protocol": "TCP"}]},
    ]
    spec["finalizers"] = ["other", "a.b/c"]
    return result


def test_all_as_wanted() -> None:
    assert fields.unsettled(obj(), FIELDS, live()) is None


def change(target: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    inner: Any = target
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return target


CONTAINERS = ["spec", "template", "spec", "containers"]


@pytest.mark.parametrize(
    ("path", "value", "doubt"),
    [
        (["spec", "replicas"], 4, "spec.replicas differs"),
        (["spec", "selector", "matchLabels"], {"app": "x", "b": "c"}, "spec.selector differs"),
        ([*CONTAINERS, 1, "args"], ["--two"], 'spec.template.spec.containers[{"name":"app"}].args differs'),
        (CONTAINERS, [{"name": "sidecar"}], "spec.template.spec.containers lacks an item"),
        (["spec", "template", "spec", "finalizers"], ["other"], "spec.template.spec.finalizers lacks an item"),
        (["metadata", "labels"], None, "metadata.labels differs"),
        (["spec"], "nonsense", "spec differs"),
    ],
)
def test_a_live_value_that_differs(path: list[Any], value: Any, doubt: str) -> None:
    assert fields.unsettled(obj(), FIELDS, change(live(), path, value)) == doubt


@pytest.mark.parametrize(
    ("path", "value", "doubt"),
    [
        (["spec", "paused"], True, "spec.paused is not owned by us"),
        (["metadata", "annotations"], {"a": "b"}, "metadata.annotations is not owned by us"),
        (
            [*CONTAINERS, 0, "image"],
            "x",
            'spec.template.spec.containers[{"name":"app"}].image is not owned by us',
        ),
        ([*CONTAINERS, 0, "name"], "sidecar", "spec.template.spec.containers has an item that is not owned by us"),
    ],
)
def test_equal_values_that_we_do_not_own(path: list[Any], value: Any, doubt: str) -> None:
    assert fields.unsettled(change(obj(), path, value), FIELDS, live()) == doubt


def test_nothing_is_ours_without_an_entry() -> None:
    assert fields.unsettled(obj(), {}, live()) == "metadata is not owned by us"


@pytest.mark.parametrize("managed", [None, "nonsense", [None], [{"manager": "groundwork", "operation": "Update"}]])
def test_managed_fields_without_our_apply_entry(managed: Any) -> None:
    assert fields.owned({"metadata": {"managedFields": managed}}) == {}


def test_a_projection_holds_our_values_alone() -> None:
    before, after = fields.project(FIELDS, live()), live()
    after["spec"]["template"]["spec"]["containers"][0]["name"] = "another"
    after["status"] = {"replicas": 3}
    assert fields.project(FIELDS, after) == before
    after["spec"]["template"]["spec"]["containers"][1]["args"] = []
    assert fields.project(FIELDS, after) != before


def test_an_extract_can_be_applied() -> None:
    part = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"app"}': {"f:image": {}}}}}}}
    assert fields.extract(part, live()) == {
        "spec": {"template": {"spec": {"containers": [{"name": "app", "image": "x"}]}}}
    }


def test_sets_of_fields() -> None:
    one, other = {"f:a": {"f:b": {}, "f:c": {}}}, {"f:a": {"f:c": {}}, "f:d": {}}
    assert fields.union(one, other) == {"f:a": {"f:b": {}, "f:c": {}}, "f:d": {}}
    assert fields.minus(one, other) == {"f:a": {"f:b": {}}}
    assert fields.minus(one, one) == {}
    assert list(fields.leaves(one)) == [("f:a", "f:b"), ("f:a", "f:c")]
    assert fields.spell(("f:spec", "f:containers", 'k:{"name":"app"}', "f:image")) == "spec.containers[name=app].image"
