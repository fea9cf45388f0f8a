"""Whose an object or a field is: other sets, unlabelled objects, other tools, other writers, immutable fields."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import engine
from support.lab import eventually
from support.objects import custom, custom_definition
from support.space import Space

from lab import build


def test_another_sets_object_is_refused_naming_both(space: Space) -> None:
    space.keep(space.config("a"), set="first")
    for adopt in ("never", "matching", "always"):
        message = space.refused(space.config("a"), set="second", adopt=adopt)
        assert f"ConfigMap {space.name}/a belongs to set {space.name}/first" in message
        assert f"set {space.name}/second wants it too" in message


@pytest.mark.parametrize(
    ("adopt", "there", "words"),
    [
        ("never", "value", "is there already and belongs to no set"),
        ("matching", "other", "differs from what is wanted"),
    ],
)
def test_an_unlabelled_object_is_refused(space: Space, adopt: str, there: str, words: str) -> None:
    space.kubectl("create", "configmap", "a", f"--from-literal=key={there}")
    assert words in space.refused(space.config("a", key="value"), adopt=adopt)


def test_what_somebody_makes_while_we_run_is_left_alone(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    definition = custom_definition("meetings")
    space.cluster.apply(definition)
    space.cluster.serves("meetings.example.org")
    theirs = [space.config("a", key="theirs"), space.deployment("b"), custom("c", "Meeting", space.name, size=7)]
    look = engine.surroundings

    def looked(*arguments: Any) -> Any:
        space.cluster.apply(*theirs)  # after the survey, before anything is sent
        return look(*arguments)

    monkeypatch.setattr(engine, "surroundings", looked)
    wanted = [space.config("a", other="ours"), space.deployment("b"), custom("c", "Meeting", space.name, other=8)]
    for preflight in ("server", "none"):
        result = space.attempt(*wanted, preflight=preflight)
        assert result.msg.count("made while this run was under way") == (3 if preflight == "server" else 1), result.msg
        for kind, name in (("configmap", "a"), ("deployment", "b"), ("meeting", "c")):
            live = space.get(kind, name)
            assert "labels" not in live["metadata"]
            assert {entry["manager"] for entry in live["metadata"]["managedFields"]} <= {
                "kubectl",
                "kube-controller-manager",
            }, live
            space.kubectl("delete", kind, name)


@pytest.mark.parametrize(("adopt", "there"), [("matching", "value"), ("always", "other")])
def test_an_unlabelled_object_is_adopted(space: Space, adopt: str, there: str) -> None:
    space.kubectl("create", "configmap", "a", f"--from-literal=key={there}")
    uid = space.get("configmap", "a")["metadata"]["uid"]
    foretold = space.keep(space.config("a", key="value"), adopt=adopt, take_from=["kubectl-create"], check=True)
    result = space.keep(space.config("a", key="value"), adopt=adopt, take_from=["kubectl-create"])
    assert foretold.actions == result.actions == {"ConfigMap a": "adopted"}
    live = space.get("configmap", "a")
    assert live["metadata"]["uid"] == uid
    assert live["data"] == {"key": "value"}
    _, requests = space.counted(space.config("a", key="value"))
    assert not requests.changing, requests.words()


def test_a_member_that_lost_its_label_gets_it_back(space: Space) -> None:
    space.keep(space.config("a"))
    space.kubectl("label", "configmap", "a", "applyset.kubernetes.io/part-of-")
    assert space.keep(space.config("a"))["changed"]
    assert "applyset.kubernetes.io/part-of" in space.get("configmap", "a")["metadata"]["labels"]
    _, requests = space.counted(space.config("a"))
    assert not requests.changing, requests.words()


def test_many_unlabelled_objects_are_found_by_one_list(space: Space) -> None:
    space.cluster.apply(*(space.config(f"c{number}") for number in range(12)))
    with space.cluster.record(user_agent="groundwork.platform") as requests:
        result = space.attempt(*(space.config(f"c{number}") for number in range(12)))
    assert result.msg.count("belongs to no set") == 12
    assert not requests.mutating


def managers(obj: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (each["manager"], each["operation"]) for each in obj["metadata"]["managedFields"] if "subresource" not in each
    }


def test_objects_of_kubectl_apply_are_taken_over_with_their_fields(space: Space) -> None:
    old = space.deployment("app", env=[{"name": "OLD", "value": "1"}, {"name": "KEPT", "value": "1"}])
    old["metadata"]["labels"] = {"old": "yes"}
    space.kubectl("apply", "--filename=-", stdin=json.dumps(old))
    before = space.get("deployment", "app")
    assert managers(before) == {("kubectl-client-side-apply", "Update")}
    new = space.deployment("app", env=[{"name": "KEPT", "value": "1"}])
    assert "belongs to no set" in space.refused(new, wait=False)
    foretold = space.keep(new, adopt_from="kubectl", wait=False, check=True, diff=True)
    assert foretold.actions == {"Deployment app": "adopted"}
    assert "OLD" in foretold["diff"][0]["before"]
    assert "OLD" not in foretold["diff"][0]["after"]
    assert "old:" not in foretold["diff"][0]["after"]
    assert space.keep(new, adopt_from="kubectl", wait=False).actions == {"Deployment app": "adopted"}
    after = space.get("deployment", "app")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert managers(after) == {("groundwork", "Apply")}
    assert [each["name"] for each in after["spec"]["template"]["spec"]["containers"][0]["env"]] == ["KEPT"]
    assert "old" not in after["metadata"]["labels"]
    assert "kubectl.kubernetes.io/last-applied-configuration" not in after["metadata"]["annotations"]
    _, requests = space.counted(new, adopt_from="kubectl", wait=False)
    assert not requests.changing, requests.words()


CHART = {
    "Chart.yaml": "{apiVersion: v2, name: shop, version: 1.0.0}",
    "templates/all.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app.kubernetes.io/managed-by: Helm, stays: "yes"}}
data: {kept: "1", dropped: "2"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, annotations: {of-the-chart: "yes"}}
spec:
  replicas: 2
  revisionHistoryLimit: 3
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: app, image: registry.example/app:1, env: [{name: A, value: "1"}]}]}
""",
}


@pytest.fixture(params=["true", "false"], ids=["server-side", "as Helm 3"])
def release(space: Space, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., str]:
    """A chart that helm itself installed, its pods running; the function runs helm in the namespace."""

    def helm(*arguments: str) -> str:
        command = [str(build.program("helm")), "--kubeconfig", str(space.cluster.kubeconfig), "-n", space.name]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=120, check=False)
        assert not done.returncode, done.stderr
        return done.stdout

    for name, text in CHART.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    helm("install", "shop", str(tmp_path), f"--server-side={request.param}", "--wait", "--timeout=60s")
    return helm


def test_objects_of_a_helm_release_are_taken_over_without_restarts(space: Space, release: Callable[..., str]) -> None:
    def pods() -> list[str]:
        return sorted(each["metadata"]["uid"] for each in space.cluster.get("-n", space.name, "pods")["items"])

    running = pods()
    assert len(running) == 2
    wanted = [
        space.config("settings", kept="1"),
        space.deployment("app", replicas=2, env=[{"name": "A", "value": "1"}]),
    ]
    wanted[0]["metadata"]["labels"] = {"stays": "yes"}
    assert "belongs to no set" in space.refused(*wanted)
    foretold = space.keep(*wanted, adopt_from="helm", check=True, diff=True)
    assert "dropped" in str(foretold["diff"])
    result = space.keep(*wanted, adopt_from="helm")
    assert foretold.actions == result.actions == {"ConfigMap settings": "adopted", "Deployment app": "adopted"}
    settings, app = space.get("configmap", "settings"), space.get("deployment", "app")
    assert settings["data"] == {"kept": "1"}
    assert set(settings["metadata"]["labels"]) == {"stays", "applyset.kubernetes.io/part-of"}
    assert app["spec"]["revisionHistoryLimit"] == 10, "the chart's value is gone, the server's is back"
    for live in (settings, app):
        assert not [key for key in live["metadata"]["annotations"] if "helm" in key or key == "of-the-chart"]
        assert not [manager for manager, _ in managers(live) if manager.lower() == "helm"]
    assert pods() == running, "pods were restarted"
    history = "sh.helm.release.v1.shop.v1"
    uid = space.get("secret", history)["metadata"]["uid"]
    confirm = [f"delete Secret {space.name}/{history} {uid[:8]}"]
    assert any(confirm[0] in words for words in result["warnings"]), result["warnings"]
    assert "shop" in release("list", "--short"), "nobody allowed to forget the release"
    _, requests = space.counted(*wanted, adopt_from="helm")
    assert not requests.changing, requests.words()
    space.keep(*wanted, adopt_from="helm", confirm=confirm)
    assert not release("list", "--short").strip()
    assert pods() == running


def test_a_conflict_names_field_owner_and_both_values(space: Space) -> None:
    space.keep(space.deployment("app", replicas=0), wait=False)
    space.kubectl("apply", "--server-side", "--force-conflicts", "--filename=-", stdin=json.dumps({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "app"}, "spec": {"replicas": 1},
    }))  # fmt: skip
    message = space.refused(space.deployment("app", replicas=2), wait=False)
    assert "spec.replicas is owned by 'kubectl' (1; wanted: 2)" in message
    assert "add to take_from: kubectl" in message
    assert "add to leave_to: {kind: apps/Deployment, path: spec.replicas}" in message
    assert space.attempt(space.deployment("app", replicas=2), wait=False, take_from=["another"]).failed
    assert space.keep(space.deployment("app", replicas=2), wait=False, take_from=["kubectl"])["changed"]
    assert space.get("deployment", "app")["spec"]["replicas"] == 2


LEFT = [{"kind": "apps/Deployment", "path": "spec.replicas"}]


def test_a_field_left_to_others_is_set_at_creation_only(space: Space) -> None:
    space.keep(space.deployment("app", replicas=3), leave_to=LEFT, wait=False)
    assert space.get("deployment", "app")["spec"]["replicas"] == 3
    _, requests = space.counted(space.deployment("app", replicas=4), leave_to=LEFT, wait=False)
    assert not requests.changing, requests.words()
    space.kubectl("scale", "deployment", "app", "--replicas=7")
    _, requests = space.counted(space.deployment("app", replicas=4), leave_to=LEFT, wait=False)
    assert not requests.changing, requests.words()
    assert space.get("deployment", "app")["spec"]["replicas"] == 7


def test_five_replicas_stay_five_when_they_are_left_to_others(space: Space) -> None:
    space.keep(space.deployment("app", replicas=5), wait=False)
    foretold = space.keep(space.deployment("app", replicas=5), leave_to=LEFT, wait=False, check=True, diff=True)
    space.keep(space.deployment("app", replicas=5), leave_to=LEFT, wait=False)
    live = space.get("deployment", "app")
    assert live["spec"]["replicas"] == 5
    assert all("replicas: 1" not in each["after"] for each in foretold["diff"])
    owners = {
        each["manager"]
        for each in live["metadata"]["managedFields"]
        if "f:replicas" in each["fieldsV1"].get("f:spec", {})
    }
    assert owners == {"groundwork-handover"}
    _, requests = space.counted(space.deployment("app", replicas=5), leave_to=LEFT, wait=False)
    assert not requests.changing, requests.words()
    changed = space.deployment("app", replicas=5, args=["--new"])
    assert space.keep(changed, leave_to=LEFT, wait=False)["changed"]
    assert space.get("deployment", "app")["spec"]["replicas"] == 5


def test_replicas_of_what_an_autoscaler_of_the_set_scales_are_left_to_it(space: Space) -> None:
    scaler = space.object("autoscaling/v2", "HorizontalPodAutoscaler", "app", spec={
        "maxReplicas": 9,
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "app"},
    })  # fmt: skip
    objects = (space.deployment("app", replicas=2), scaler)
    space.keep(*objects, wait=False)
    space.kubectl("scale", "deployment", "app", "--replicas=6")
    result, requests = space.counted(*objects, wait=False)
    assert not requests.changing, requests.words()
    assert not result["changed"]
    assert space.get("deployment", "app")["spec"]["replicas"] == 6


def test_an_injected_certificate_stays(space: Space) -> None:
    name = f"{space.name}-hooks"
    hook = {
        "name": "a.example.org", "admissionReviewVersions": ["v1"], "sideEffects": "None", "failurePolicy": "Ignore",
        "clientConfig": {"service": {"namespace": space.name, "name": "none"}, "caBundle": "Cg=="},
        "objectSelector": {"matchLabels": {"never": "matches"}},
    }  # fmt: skip
    configuration = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [hook],
    }
    space.keep(configuration, wait=False)
    patch = [{"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": "Cgo="}]
    space.kubectl("patch", "validatingwebhookconfiguration", name, "--type=json", "--patch", json.dumps(patch))
    _, requests = space.counted(configuration, wait=False)
    assert not requests.changing, requests.words()
    hook["timeoutSeconds"] = 5
    assert space.keep(configuration, wait=False)["changed"]
    live = space.get("validatingwebhookconfiguration", name)["webhooks"][0]
    assert (live["clientConfig"]["caBundle"], live["timeoutSeconds"]) == ("Cgo=", 5)


def job(space: Space, image: str) -> dict[str, Any]:
    pod = {"restartPolicy": "Never", "containers": [{"name": "a", "image": image}]}
    return space.object("batch/v1", "Job", "once", spec={"suspend": True, "template": {"spec": pod}})


def test_an_immutable_field_is_refused_with_the_recipe(space: Space) -> None:
    space.keep(job(space, "one"), wait=False)
    message = space.refused(job(space, "two"), wait=False)
    assert "field is immutable" in message
    assert "replace: recreate deletes it with its pods and runs it anew" in message


def test_replace_recreates_what_cannot_change(space: Space) -> None:
    space.keep(job(space, "one"), wait=False)
    uid = space.get("job", "once")["metadata"]["uid"]
    assert space.keep(job(space, "two"), wait=False, replace="recreate", check=True).actions == {"Job once": "replaced"}
    assert space.get("job", "once")["metadata"]["uid"] == uid
    result, requests = space.counted(job(space, "two"), wait=False, replace="recreate")
    assert result.actions == {"Job once": "replaced"}
    live = space.get("job", "once")
    assert live["metadata"]["uid"] != uid
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "two"
    _, requests = space.counted(job(space, "two"), wait=False, replace="recreate")
    assert not requests.changing, requests.words()


def stateful(space: Space, service: str) -> dict[str, Any]:
    spec = space.deployment("db")["spec"] | {"serviceName": service, "replicas": 1}
    return space.object("apps/v1", "StatefulSet", "db", spec=spec)


def test_replace_orphan_keeps_the_pods(space: Space) -> None:
    space.keep(stateful(space, "one"), wait=False)
    eventually(lambda: space.there("pod") == ["db-0"])
    pod = space.get("pod", "db-0")["metadata"]["uid"]
    result = space.keep(stateful(space, "two"), wait=False, replace="orphan")
    assert result.actions == {"StatefulSet db": "replaced"}
    assert space.get("statefulset", "db")["spec"]["serviceName"] == "two"
    assert space.get("pod", "db-0")["metadata"]["uid"] == pod


def test_a_claim_is_never_replaced(space: Space) -> None:
    def claim(mode: str) -> dict[str, Any]:
        spec = {"accessModes": [mode], "resources": {"requests": {"storage": "1Gi"}}}
        return space.object("v1", "PersistentVolumeClaim", "data", spec=spec)

    space.keep(claim("ReadWriteOnce"), wait=False)
    message = space.refused(claim("ReadWriteMany"), wait=False, replace="recreate")
    assert "never replaced by us" in message
