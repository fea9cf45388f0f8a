"""Random sets on a real server, applied, meddled with, changed, pruned: live equals wanted, nothing foreign moves."""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.space import Space

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
DATA = st.dictionaries(st.sampled_from(["one", "two", "three"]), WORDS, max_size=3)
LABELS = st.dictionaries(st.sampled_from(["tier", "team"]), st.sampled_from(["", "x", "y"]), max_size=2)
CPU = st.sampled_from(["100m", "0.1", "1", "1000m", "2"])
MEMORY = st.sampled_from(["1Gi", "1024Mi", "512Mi", "1e9"])
ENVIRONMENT = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["", "1", "1000m"])), max_size=3, unique_by=lambda pair: pair[0]
)
PORTS = st.lists(st.sampled_from([80, 443, 8080]), max_size=3, unique=True)
_spaces = itertools.count()


def config(name: str, data: dict[str, str]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def secret(name: str, data: dict[str, str]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}


def service(name: str, ports: list[int]) -> dict[str, Any]:
    rows = [{"name": f"p{port}", "port": port} for port in ports or [1]]
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"ports": rows}}


def deployment(
    name: str, cpu: str, memory: str, environment: list[tuple[str, str]], ports: list[int]
) -> dict[str, Any]:
    container = {
        "name": "app",
        "image": "x",
        "resources": {"limits": {"cpu": cpu, "memory": memory}},
        "env": [{"name": key, "value": value} for key, value in environment],
        "ports": [{"containerPort": port} for port in ports],
    }
    labels = {"matchLabels": {"app": name}}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    spec = {"replicas": 0, "selector": labels, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def name_of(obj: dict[str, Any]) -> str:
    return str(obj["metadata"]["name"])


def labelled(pair: tuple[dict[str, Any], dict[str, str]]) -> dict[str, Any]:
    obj, labels = pair
    return {**obj, "metadata": {**obj["metadata"], "labels": labels}} if labels else obj


OBJECTS = st.tuples(
    st.one_of(
        st.builds(config, NAMES, DATA),
        st.builds(secret, NAMES, DATA),
        st.builds(service, NAMES, PORTS),
        st.builds(deployment, NAMES, CPU, MEMORY, ENVIRONMENT, PORTS),
    ),
    LABELS,
).map(labelled)
SETS = st.lists(OBJECTS, min_size=1, max_size=8, unique_by=lambda obj: (obj["kind"], obj["metadata"]["name"]))


def foreign(space: Space) -> list[dict[str, Any]]:
    """What another tool keeps in the same namespace: everything but what the set holds and what controllers make."""
    found = space.cluster.get("--namespace", space.name, "configmap,secret,service,deployment")["items"]
    return [obj for obj in found if obj["metadata"]["name"].startswith("foreign")]


def meddle(space: Space, obj: dict[str, Any], how: str) -> None:
    """Somebody else changes an object behind our back."""
    kind, name = obj["kind"].lower(), obj["metadata"]["name"]
    changes: dict[str, Callable[[], object]] = {
        "label": lambda: space.merge(kind, name, {"metadata": {"labels": {"meddled": "yes"}}}),
        "take": lambda: space.merge(kind, name, {"metadata": {"labels": {"team": "meddler"}}}),
        "delete": lambda: space.kubectl("delete", kind, name),
        "disown": lambda: space.merge(kind, name, {"metadata": {"managedFields": [{}]}}),
        "nothing": lambda: None,
    }
    changes[how]()


MEDDLING = st.sampled_from(["label", "take", "delete", "disown", "nothing"])


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=True,
)
@given(steps=st.lists(st.tuples(SETS, MEDDLING), min_size=2, max_size=3))
def test_random_sets(space: Space, steps: list[tuple[list[dict[str, Any]], str]]) -> None:
    home = f"{space.name}-{next(_spaces)}"
    space.cluster.kubectl("create", "namespace", home)
    here = Space(space.cluster, home)
    here.cluster.apply(
        here.config("foreign-a"), here.object("v1", "Service", "foreign-b", spec={"ports": [{"port": 1}]})
    )
    before = foreign(here)
    options: dict[str, Any] = {"wait": False, "take_from": ["kubectl-patch", "before-first-apply"]}
    following = [objects for objects, _ in steps[1:]] + [[]]
    for (objects, how), coming in zip(steps, following, strict=True):
        foretold = here.keep(*copy.deepcopy(objects), check=True, **options)
        done = here.keep(*copy.deepcopy(objects), **options)
        assert foretold.actions == done.actions
        live = {
            f"{obj['kind']} {obj['metadata']['name']}": obj
            for obj in here.cluster.get("--namespace", home, "configmap,secret,service,deployment")["items"]
            if "applyset.kubernetes.io/part-of" in obj["metadata"].get("labels", {})
        }
        assert sorted(live) == sorted(f"{obj['kind']} {obj['metadata']['name']}" for obj in objects)
        for obj in objects:
            assert_as_wanted(obj, live[f"{obj['kind']} {obj['metadata']['name']}"])
        assert foreign(here) == before
        again, requests = here.counted(*copy.deepcopy(objects), **options)
        assert not again["changed"]
        assert not requests.changing, requests.words()
        # What is no longer ours by managedFields is kept when it is no longer wanted: test_prune.py has that case.
        wanted_again = any(obj["kind"] == objects[0]["kind"] and name_of(obj) == name_of(objects[0]) for obj in coming)
        meddle(here, objects[0], how if wanted_again or how != "disown" else "nothing")


def assert_as_wanted(wanted: dict[str, Any], live: dict[str, Any]) -> None:
    """Every wanted part is there, and nothing of ours that is no longer wanted."""
    labels = {
        key: value
        for key, value in live["metadata"]["labels"].items()
        if "applyset" not in key and key != "meddled" and value != "meddler"  # what others add is theirs
    }
    assert labels == wanted["metadata"].get("labels", {})
    if wanted["kind"] == "ConfigMap":
        assert (live.get("data") or {}) == wanted["data"]
    if wanted["kind"] == "Secret":
        import base64

        assert {key: base64.b64decode(value).decode() for key, value in (live.get("data") or {}).items()} == wanted[
            "stringData"
        ]
    if wanted["kind"] == "Service":
        assert [row["port"] for row in live["spec"]["ports"]] == [row["port"] for row in wanted["spec"]["ports"]]
    if wanted["kind"] == "Deployment":
        (container,) = live["spec"]["template"]["spec"]["containers"]
        asked = wanted["spec"]["template"]["spec"]["containers"][0]
        assert [(e["name"], e.get("value", "")) for e in container.get("env", [])] == [
            (e["name"], e["value"]) for e in asked["env"]
        ]
        assert [row["containerPort"] for row in container.get("ports", [])] == [
            row["containerPort"] for row in asked["ports"]
        ]
