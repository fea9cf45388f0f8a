"""The module wait_ready against the scripted server: objects, labels, sets, rules of the user, check mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run, waiting
from support.server import Server
from support.task import Front

NAMESPACE = {"api_version": "v1", "kind": "Namespace", "name": "default"}
CONFIG = {"api_version": "v1", "kind": "ConfigMap", "namespace": "default", "name": "c"}


Task = Callable[..., Front]


@pytest.fixture
def task(server: Server, monkeypatch: pytest.MonkeyPatch) -> Task:
    """Runs the module with options as Ansible would fill them in."""

    def made(*, check: bool = False, **given: Any) -> Front:
        fronts: list[Front] = []

        def front(spec: dict[str, Any], _: Any) -> Front:
            defaults = {name: option.get("default") for name, option in spec.items()}
            params = defaults | {"host": server.url, "api_key": server.token} | filled(given, spec)
            fronts.append(Front(params, check=check, diff=False))
            return fronts[0]

        monkeypatch.setattr(run, "front", front)
        run.call(waiting.OPTIONS, waiting.wait_ready, registry)
        return fronts[0]

    return made


def filled(given: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    """Rows with the defaults of their suboptions."""
    return {
        name: [{k: o.get("default") for k, o in spec[name]["options"].items()} | row for row in value]
        if isinstance(value, list)
        else value
        for name, value in given.items()
    }


def rows(front: Front) -> list[tuple[str, bool, str]]:
    return [(row["name"], row["ready"], row["state"]) for row in front.result["objects"]]


def test_objects_by_name(server: Server, task: Task) -> None:
    server.store.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}})
    front = task(objects=[NAMESPACE, CONFIG, NAMESPACE])
    assert rows(front) == [("default", True, "ready"), ("c", True, "ready")]
    assert front.result["changed"] is False
    assert front.said == ["wait  +0s   2 of 2 ready"]


def test_what_is_late_is_told_in_a_sentence_with_all_rows(server: Server, task: Task) -> None:
    front = task(objects=[NAMESPACE, CONFIG], timeout=1)
    assert front.result["failed"] is True
    assert front.result["msg"] == "ConfigMap default/c is not ready after 1 s: not there"
    assert rows(front) == [("default", True, "ready"), ("c", False, "missing")]


def test_objects_by_label(server: Server, task: Task) -> None:
    for name in ("a", "b"):
        meta = {"name": name, "namespace": "default", "labels": {"app": "x"}}
        server.store.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
    row = {"api_version": "v1", "kind": "ConfigMap", "label_selector": "app=x"}
    assert [name for name, *_ in rows(task(selectors=[row]))] == ["a", "b"]
    short = task(selectors=[row | {"at_least": 3, "namespace": "default"}])
    assert "ConfigMap with app=x in default: 2 found, 3 wanted at least" in short.result["msg"]


def test_a_set_by_its_parent(server: Server, task: Task, keep: Callable[..., Any]) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}}
    keep([config], set="shop", namespace="default")
    assert rows(task(sets=[{"namespace": "default", "name": "shop"}])) == [("c", True, "ready")]
    unknown = task(sets=[{"namespace": "default", "name": "other"}])
    assert "cannot wait for set default/other: there is no such set" in unknown.result["msg"]


def test_rules_of_the_user(server: Server, task: Task) -> None:
    row = {"kind": "Namespace", "terminal": ["status.phase == 'Lost'"], "ready": ["status.phase == 'Active'"]}
    assert rows(task(objects=[NAMESPACE], rules=[row])) == [("default", True, "ready")]
    lost = task(objects=[NAMESPACE], rules=[row | {"terminal": ["status.phase == 'Active'"]}])
    assert lost.result["msg"].startswith("Namespace default has failed after 0 s: status.phase == 'Active'")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"ready": ["a ="]}, "'a =' is no JMESPath expression"),
        ({"terminal": ["a"]}, "cannot use the rule for Namespace: it has no expression under ready"),
    ],
)
def test_a_rule_that_is_none_is_refused_before_any_request(
    server: Server, task: Task, rule: dict[str, Any], words: str
) -> None:
    front = task(objects=[NAMESPACE], rules=[{"kind": "Namespace"} | rule])
    assert words in front.result["msg"]
    assert server.log == []


def test_load_balancers_need_not_be_waited_for(server: Server, task: Task) -> None:
    meta = {"name": "web", "namespace": "default"}
    server.store.put({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"type": "LoadBalancer"}})
    wanted = [{"api_version": "v1", "kind": "Service", "namespace": "default", "name": "web"}]
    assert rows(task(objects=wanted, timeout=1)) == [("web", False, "in_progress")]
    assert rows(task(objects=wanted, load_balancers=False)) == [("web", True, "ready")]


def test_check_mode_judges_once_and_does_not_fail(server: Server, task: Task) -> None:
    front = task(check=True, objects=[NAMESPACE, CONFIG])
    assert "failed" not in front.result
    assert rows(front) == [("default", True, "ready"), ("c", False, "missing")]
    assert not [request for request in server.log if "watch" in request.query]
