"""A chart's hooks: read, ordered, refused; and lists whose items share a key."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Origin, Sourced
from ansible_collections.groundwork.platform.plugins.module_utils.sources import hooks, keyed_lists


def item(name: str, kind: str = "Job", **notes: str) -> Sourced:
    annotations = {f"helm.sh/{key.replace('_', '-')}": value for key, value in notes.items()}
    meta = {"name": name, "annotations": annotations}
    return Sourced({"apiVersion": "v1", "kind": kind, "metadata": meta}, Origin("chart c, h.yaml", 2))


def test_a_hook_is_read_and_its_object_is_clean() -> None:
    found = hooks.hook(item("a", hook="pre-install, pre-upgrade", hook_weight="-5", resource_policy="keep"))
    assert found.events == {"pre-install", "pre-upgrade"}
    assert found.weight == -5
    assert found.policies == {"before-hook-creation"}, "Helm's default"
    assert found.object["metadata"] == {"name": "a", "annotations": {"helm.sh/resource-policy": "keep"}}
    assert "annotations" not in hooks.hook(item("a", hook="test")).object["metadata"]


def test_due_hooks_come_in_helms_order() -> None:
    given = [
        hooks.hook(item("late", hook="pre-install", hook_weight="5")),
        hooks.hook(item("job", hook="pre-install")),
        hooks.hook(item("account", "ServiceAccount", hook="pre-install")),
        hooks.hook(item("custom", "Thing", hook="pre-install")),
        hooks.hook(item("a-job", hook="pre-install")),
        hooks.hook(item("upgrade", hook="pre-upgrade")),
        hooks.hook(item("after", hook="post-install")),
        hooks.hook(item("delete", hook="pre-delete")),
    ]
    order = [h.object["metadata"]["name"] for h in hooks.due(given, "before", is_upgrade=False)]
    assert order == ["account", "a-job", "job", "custom", "late"]
    names = {p: [h.object["metadata"]["name"] for h in hooks.due(given, p, is_upgrade=True)] for p in hooks.EVENTS}
    assert names == {"before": ["upgrade"], "after": [], "before_delete": ["delete"], "after_delete": []}


@pytest.mark.parametrize(
    ("notes", "says"),
    [
        ({"hook": "pre-instal"}, "chart c, h.yaml:2: Job a has helm.sh/hook pre-instal; Helm knows"),
        ({"hook": "test", "hook_weight": "heavy"}, "helm.sh/hook-weight heavy; a weight is a whole number"),
        ({"hook": "test", "hook_delete_policy": "never"}, "helm.sh/hook-delete-policy never; Helm knows"),
    ],
)
def test_what_helm_does_not_know_is_refused(notes: dict[str, str], says: str) -> None:
    with pytest.raises(PlatformError) as caught:
        hooks.hook(item("a", **notes))
    assert says in str(caught.value)


def test_a_hash_of_hooks_leaves_out_what_differs_between_renderings() -> None:
    def rendered(name: str, image: str) -> list[hooks.Hook]:
        found = hooks.hook(item(name, hook="test"))
        return [found._replace(object={**found.object, "spec": {"containers": [{"image": image}]}})]

    one = hooks.stable(rendered("a-1", "x"), rendered("a-2", "x"))
    assert one == hooks.stable(rendered("a-3", "x"), rendered("a-4", "x"))
    assert one != hooks.stable(rendered("a-1", "y"), rendered("a-2", "y"))


def pod(**parts: Any) -> dict[str, Any]:
    return {"containers": [{"name": "main", **parts}]}


PORT_80 = "containerPort 80, protocol TCP"
MOUNT = {"mountPath": "/x"}


@pytest.mark.parametrize(
    ("api_version", "kind", "path", "spec", "says"),
    [
        ("apps/v1", "Deployment", "template.spec", pod(env=[{"name": "A"}, {"name": "B"}, {"name": "A"}]), "name A"),
        ("v1", "Pod", "", pod(ports=[{"containerPort": 80}, {"containerPort": 80, "protocol": "TCP"}]), PORT_80),
        ("batch/v1", "Job", "template.spec", {**pod(), "volumes": [{"name": "v"}, {"name": "v"}]}, "name v"),
        ("batch/v1", "CronJob", "jobTemplate.spec.template.spec", pod(volumeMounts=[MOUNT, MOUNT]), "mountPath /x"),
        ("v1", "Service", "", {"ports": [{"port": 1}, {"port": 1}]}, "port 1, protocol TCP"),
        ("v1", "Service", "", {"ports": [{"port": 1}, {"port": 1, "protocol": "UDP"}]}, None),
        ("apps/v1", "Deployment", "template.spec", pod(env=[{"name": "A"}, {"name": "B"}]), None),
        ("apps/v1", "Deployment", "template.spec", {"containers": "nonsense"}, None),
        ("example.org/v1", "Deployment", "template.spec", pod(env=[{"name": "A"}] * 2), None),
    ],
)  # fmt: skip
def test_lists_with_two_items_of_one_key(api_version: str, kind: str, path: str, spec: Any, says: str | None) -> None:
    for step in reversed(path.split(".") if path else []):
        spec = {step: spec}
    found = list(keyed_lists.doubles({"apiVersion": api_version, "kind": kind, "spec": spec}))
    assert [key for _, key in found] == ([says] if says else [])
