"""Fields left to others, hand-over, migration from other tools: the pure part."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import ownership
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.ownership import Left


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("spec.replicas", ("spec", "replicas")),
        ("webhooks[*].clientConfig.caBundle", ("webhooks", "[*]", "clientConfig", "caBundle")),
        ("spec.containers[name=app].image", ("spec", "containers", "[name=app]", "image")),
        ("metadata.annotations['example.org/a.b']", ("metadata", "annotations", "example.org/a.b")),
        ('metadata.labels["a/b"]', ("metadata", "labels", "a/b")),
        (".spec.x", ("spec", "x")),
    ],
)
def test_paths(path: str, steps: tuple[str, ...]) -> None:
    assert ownership.steps(path) == steps


@pytest.mark.parametrize("path", ["", "spec[", "spec[]", "spec..x", "spec[0]", "[", "a[b=c"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(PlatformError, match="cannot read the path"):
        ownership.steps(path)


def deployment(replicas: int | None = 3) -> dict[str, Any]:
    containers = [{"name": "app", "image": "a"}, {"name": "b", "image": "b"}]
    spec: dict[str, Any] = {"template": {"spec": {"containers": containers}}}
    spec |= {} if replicas is None else {"replicas": replicas}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "namespace": "y"}, "spec": spec}


@pytest.mark.parametrize("kind", ["apps/Deployment", "Deployment", "*"])
def test_a_field_is_left_out(kind: str) -> None:
    assert ownership.without(deployment(), [Left(kind, "spec.replicas")]) == deployment(None)


def test_what_has_no_such_field_is_the_same_object() -> None:
    given = deployment(None)
    assert ownership.without(given, [Left("*", "spec.replicas"), Left("apps/StatefulSet", "spec.template")]) is given


def test_a_field_of_one_item_is_left_out() -> None:
    left = ownership.without(deployment(), [Left("*", "spec.template.spec.containers[name=app].image")])
    assert left["spec"]["template"]["spec"]["containers"] == [{"name": "app"}, {"name": "b", "image": "b"}]
    assert deployment()["spec"]["template"]["spec"]["containers"][0]["image"] == "a"


def owning(*rows: tuple[str, str, dict[str, Any]], **parts: Any) -> dict[str, Any]:
    entries = [{"manager": manager, "operation": how, "fieldsV1": fields} for manager, how, fields in rows]
    obj = deployment() | parts
    obj["metadata"] = {**obj["metadata"], "managedFields": entries, "resourceVersion": "7"}
    return obj


REPLICAS = {"f:spec": {"f:replicas": {}}}
LEFT = [Left("apps/Deployment", "spec.replicas")]


def test_a_field_that_only_we_own_is_at_stake() -> None:
    live = owning(("groundwork", "Apply", {"f:spec": {"f:replicas": {}, "f:paused": {}}}))
    assert ownership.at_stake(live, LEFT) == REPLICAS
    assert ownership.handover(live, REPLICAS)["spec"] == {"replicas": 3}


@pytest.mark.parametrize(
    "rows",
    [
        [("groundwork", "Apply", REPLICAS), ("hpa", "Update", REPLICAS)],
        [("groundwork", "Apply", REPLICAS), ("groundwork-handover", "Apply", REPLICAS)],
        [("hpa", "Update", REPLICAS)],
    ],
)
def test_a_field_with_another_owner_is_not_at_stake(rows: list[Any]) -> None:
    assert ownership.at_stake(owning(*rows), LEFT) == {}


def test_a_hand_over_keeps_what_was_handed_over_before() -> None:
    live = owning(("groundwork", "Apply", REPLICAS), ("groundwork-handover", "Apply", {"f:spec": {"f:paused": {}}}))
    live["spec"]["paused"] = True
    assert ownership.handover(live, REPLICAS)["spec"] == {"replicas": 3, "paused": True}


def test_a_dry_run_before_the_hand_over_sends_the_live_value() -> None:
    live = owning(("groundwork", "Apply", REPLICAS))
    assert ownership.with_live(deployment(None), live, REPLICAS)["spec"]["replicas"] == 3


def test_an_autoscalers_target_is_known_from_the_set() -> None:
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "s", "namespace": "y"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"}},
    }
    assert set(ownership.scaled([scaler, deployment()])) == {("apps/Deployment", "y", "x")}


def test_migration_gives_us_what_the_tool_owned() -> None:
    live = owning(
        ("helm", "Update", {"f:spec": {"f:replicas": {}, "f:old": {}}}),
        ("kube-controller-manager", "Update", {"f:status": {}}),
    )
    fields = ownership.migrated(live, "helm")
    assert fields is not None
    assert [(row["manager"], row["operation"]) for row in fields] == [
        ("groundwork", "Apply"),
        ("kube-controller-manager", "Update"),
    ]
    assert fields[0]["fieldsV1"] == {"f:spec": {"f:replicas": {}, "f:old": {}}}
    assert ownership.dropped(live, "helm", REPLICAS) == {"f:spec": {"f:old": {}}}
    patch = ownership.migration(live, "helm")
    assert patch is not None
    assert patch[1] == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}


def test_nothing_to_migrate() -> None:
    assert ownership.migrated(owning(("someone", "Update", REPLICAS)), "helm") is None


def test_cutting_fields_for_people() -> None:
    cut = ownership.cut(
        deployment(),
        {
            "f:spec": {
                "f:replicas": {},
                "f:template": {"f:spec": {"f:containers": {'k:{"name":"b"}': {".": {}, "f:image": {}}}}},
            }
        },
    )
    assert "replicas" not in cut["spec"]
    assert cut["spec"]["template"]["spec"]["containers"] == [{"name": "app", "image": "a"}]
