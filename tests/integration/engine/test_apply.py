"""A set applied to a real API server: created, unchanged, changed, judged before the first write, in stages."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from support.objects import custom, custom_definition
from support.space import Space

MARKED = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "a", "labels": {"applyset.kubernetes.io/id": "x"}},
}


def mixed(space: Space) -> list[dict[str, Any]]:
    """Objects whose values the server writes differently than they are given."""
    pod = {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]}
    selected = {"matchLabels": {"app": "app"}}
    ports = [{"name": "http", "port": 80}, {"port": 81, "name": "other"}]
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1024Mi"}}}
    nightly = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": {"spec": pod}}}}
    return [
        space.config("settings", greeting="hello"),
        space.object("v1", "Secret", "login", stringData={"password": "correct horse"}),
        space.object("v1", "ServiceAccount", "app"),
        space.object("v1", "Service", "app", spec={"selector": {"app": "app"}, "ports": ports}),
        space.deployment(
            "app",
            resources={"limits": {"cpu": "1000m", "memory": "1024Mi"}, "requests": {"cpu": 0.5}},
            ports=[{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}],
            env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
            securityContext={"capabilities": {"drop": ["ALL"]}},
            volumeMounts=[],
        ),
        space.object("v1", "PersistentVolumeClaim", "data", spec=claim),
        space.object("networking.k8s.io/v1", "NetworkPolicy", "deny", spec={"podSelector": {}}),
        space.object("policy/v1", "PodDisruptionBudget", "app", spec={"minAvailable": "50%", "selector": selected}),
        space.object("batch/v1", "CronJob", "nightly", spec=nightly),
    ]


def test_a_first_run_creates_and_a_second_writes_nothing(space: Space) -> None:
    objects = mixed(space)
    first = space.keep(*objects, wait=False)
    assert set(first.actions.values()) == {"created"}
    second, requests = space.counted(*objects, wait=False)
    assert not second["changed"]
    assert set(second.actions.values()) == {"unchanged"}
    assert not requests.changing, requests.words()
    lists = [r for r in requests.all if r["verb"] == "list"]
    assert len(lists) == len({obj["kind"] for obj in objects}), requests.words()
    assert len(requests.all) == len(lists) + 3, requests.words()  # two for discovery, one for the parent


def test_an_unchanged_set_takes_no_lease_and_no_dry_run(space: Space) -> None:
    space.keep(*mixed(space), wait=False)
    _, requests = space.counted(*mixed(space), wait=False, check=True)
    assert not requests.changing


def test_only_what_changed_is_written(space: Space) -> None:
    space.keep(space.config("a"), space.config("b"), space.config("c"))
    result, requests = space.counted(space.config("a"), space.config("b", key="new"), space.config("c"))
    assert result.actions == {"ConfigMap a": "unchanged", "ConfigMap b": "changed", "ConfigMap c": "unchanged"}
    written = [r["objectRef"]["name"] for r in requests.mutating]
    assert written == ["b", "groundwork-test"], requests.words()  # the object, and the parent with the new answer
    assert [r["objectRef"]["name"] for r in requests.dry] == ["b"]
    assert space.get("configmap", "b")["data"] == {"key": "new"}


def test_a_field_that_is_no_longer_wanted_goes(space: Space) -> None:
    space.keep(space.config("a", one="1", two="2"))
    assert space.keep(space.config("a", one="1"))["changed"]
    assert space.get("configmap", "a")["data"] == {"one": "1"}


def test_another_way_to_write_a_value_is_no_change(space: Space) -> None:
    def claim(storage: str) -> dict[str, Any]:
        return space.deployment("app", resources={"limits": {"memory": storage}})

    space.keep(claim("1Gi"), wait=False)
    assert not space.keep(claim("1024Mi"), wait=False)["changed"]
    _, requests = space.counted(claim("1024Mi"), wait=False)
    assert not requests.changing, requests.words()


def test_what_someone_else_changed_is_set_right(space: Space) -> None:
    objects = mixed(space)
    space.keep(*objects, wait=False)
    space.merge("configmap", "settings", {"data": {"greeting": "bye"}})
    result = space.attempt(*objects, wait=False)
    assert "data.greeting is owned by 'kubectl-patch'" in result.msg
    assert '"bye"; wanted: "hello"' in result.msg
    fixed = space.keep(*objects, wait=False, take_from=["kubectl-patch"])
    assert fixed.actions["ConfigMap settings"] == "changed"
    assert space.get("configmap", "settings")["data"] == {"greeting": "hello"}
    assert not space.keep(*objects, wait=False)["changed"]


def test_lost_ownership_with_equal_values_is_noticed(space: Space) -> None:
    space.keep(space.config("a", key="value"))
    live = space.get("configmap", "a")
    fields = [each for each in live["metadata"]["managedFields"] if each["manager"] != "groundwork"]
    space.merge("configmap", "a", {"metadata": {"managedFields": fields or [{}]}})
    assert space.keep(space.config("a", key="value")).actions == {"ConfigMap a": "changed"}
    assert "groundwork" in [each["manager"] for each in space.get("configmap", "a")["metadata"]["managedFields"]]


def test_the_tenth_objects_typo_stops_before_the_first_write(space: Space) -> None:
    good = [space.config(f"c{number}") for number in range(9)]
    bad = space.deployment("app", imgae="typo")
    message = space.refused(*good, bad)
    assert "cannot apply apps/Deployment" in message
    assert "imgae: field not declared in schema" in message
    assert "nothing was written" in message


def test_every_error_is_told_at_once(space: Space) -> None:
    wrong = space.config("wrong")
    wrong["metadata"]["name"] = "Not_A_Name"
    message = space.refused(space.deployment("app", replicas=-1), wrong, space.config("right"))
    assert "2 of 3 objects" in message
    assert "spec.replicas" in message
    assert "metadata.name" in message


@pytest.mark.parametrize("preflight", ["server", "none"])
def test_definitions_come_before_their_objects(space: Space, preflight: str) -> None:
    plural = f"gadgets{preflight}s"
    crd = custom_definition(plural)
    one = custom("one", kind=crd["spec"]["names"]["kind"], namespace=space.name, size=3)
    result = space.keep(one, crd, preflight=preflight, wait=False)
    assert set(result.actions.values()) == {"created"}
    assert space.get(f"{plural}.example.org", "one")["spec"] == {"size": 3}
    _, requests = space.counted(one, crd, wait=False)
    assert not requests.changing, requests.words()


def test_the_sets_own_namespace_comes_first(space: Space) -> None:
    name = f"{space.name}-own"
    home = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    inside = space.config("a")
    del inside["metadata"]["namespace"]
    result = space.keep(home, inside, namespace=name)
    assert result.actions == {f"Namespace {name}": "created", "ConfigMap a": "created"}
    assert space.cluster.get("--namespace", name, "configmap", "a")
    _, requests = space.counted(home, inside, namespace=name)
    assert not requests.changing


def test_a_namespace_that_nobody_makes_is_refused(space: Space) -> None:
    message = space.refused(space.config("a", key="1") | {"metadata": {"name": "a"}}, namespace="nowhere")
    assert "the namespace nowhere does not exist and is not in set nowhere/test" in message


def test_a_secret_is_compared_live_and_its_hash_holds_no_password(space: Space) -> None:
    def login(password: str) -> dict[str, Any]:
        return space.object("v1", "Secret", "login", stringData={"password": password})

    space.keep(login("one two three"))
    before = space.get("secret", "login")
    assert base64.b64decode(before["data"]["password"]) == b"one two three"
    assert space.keep(login("four five six")).actions == {"Secret login": "changed"}
    after = space.get("secret", "login")
    assert before["metadata"]["annotations"] == after["metadata"]["annotations"], "the hash follows the password"
    assert not space.keep(login("four five six"))["changed"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "ConfigMap", "metadata": {"name": "a"}}, "no apiVersion"),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, "no metadata.name"),
        ({"apiVersion": "v1", "kind": "Konfig", "metadata": {"name": "a"}}, "does not serve v1 Konfig"),
        ({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a", "namespace": "b"}}, "in no namespace"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "uid": "1"}}, "read from a live cluster"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {"a": 1}}}, "must be a string"),
        (
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": ["b"]}},
            "labels must be a mapping",
        ),
        (
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"b": 3}},
            "stringData b must be",
        ),
        ({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": "b"}, "data must be a mapping"),
        (MARKED, "carries a label of a set already"),
    ],
)
def test_bad_input_gets_one_sentence(space: Space, wrong: dict[str, Any], words: str) -> None:
    assert words in space.refused(wrong)


def test_an_object_given_twice_is_refused(space: Space) -> None:
    assert "is given twice" in space.refused(space.config("a"), space.config("a", other="1"))


def test_the_pinned_cluster_is_checked_before_anything(space: Space) -> None:
    uid = space.cluster.get("namespace", "kube-system")["metadata"]["uid"]
    assert space.keep(space.config("a"), cluster_uid=uid, lab="required")["changed"]
    for words, wrong in (
        ("cluster_uid pins some-other", {"cluster_uid": "some-other"}),
        ("the lab", {"lab": "refused"}),
    ):
        for check in (False, True):  # also where nothing would be written
            assert words in space.refused(space.config("a"), check=check, **wrong)
    with space.cluster.record(user_agent="groundwork.platform") as requests:
        space.attempt(space.config("a"), lab="refused")
    assert [r["objectRef"].get("name") for r in requests.all] == ["kube-system"], requests.words()


def test_an_object_being_deleted_is_made_anew(space: Space) -> None:
    space.keep(space.config("a"))
    space.kubectl(
        "patch", "configmap", "a", "--type=merge", "--patch", '{"metadata": {"finalizers": ["example.org/held"]}}'
    )
    uid = space.get("configmap", "a")["metadata"]["uid"]
    space.kubectl("delete", "configmap", "a", "--wait=false")
    stuck = space.attempt(space.config("a"), timeout=2)
    assert stuck.failed
    assert "held by finalizers: example.org/held" in stuck.msg
    space.merge("configmap", "a", {"metadata": {"finalizers": None}})
    assert space.keep(space.config("a"))["changed"]
    assert space.get("configmap", "a")["metadata"]["uid"] != uid
