"""Secrets that are made up once, on a real API server."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import ApiError, PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.masking import conceal
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.context import Context
from ansible_collections.groundwork.platform.plugins.module_utils.sources import generated_secrets
from support.lab import LabCluster

Task = Callable[..., Context]
KEYS = [{"name": "password", "length": 24, "kind": "alphanumeric"}, {"name": "id", "kind": "uuid"}]


def read(cluster: LabCluster, namespace: str, name: str = "app") -> dict[str, str]:
    data = cluster.get("secret", "-n", namespace, name).get("data", {})
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def keep(context: Context, namespace: str, **given: Any) -> dict[str, Any]:
    result = generated_secrets.keep(context=context, namespace=namespace, name="app", **given)
    return dict(conceal(result, context.hidden))


def test_made_once_then_kept_without_a_write(cluster: LabCluster, namespace: str, task: Task) -> None:
    with cluster.record(user_agent="groundwork") as requests:
        first = keep(task(), namespace, keys=KEYS, values={"username": "app-user"}, labels={"app": "x"})
    assert [request["verb"] for request in requests.mutating] == ["create"]
    assert (first["changed"], first["generated"], first["set"]) == (True, ["id", "password"], ["username"])
    made = read(cluster, namespace)
    assert re.fullmatch(r"[A-Za-z0-9]{24}", made["password"])
    assert re.fullmatch(r"[0-9a-f-]{36}", made["id"])
    assert made["username"] == "app-user"
    with cluster.record(user_agent="groundwork") as requests:
        second = keep(task(), namespace, keys=KEYS, values={"username": "app-user"}, labels={"app": "x"})
    assert (second["changed"], second["kept"], second["msg"]) == (False, ["id", "password", "username"], "unchanged")
    assert requests.mutating == []
    assert read(cluster, namespace) == made


def test_missing_keys_are_filled_and_what_is_there_stays(cluster: LabCluster, namespace: str, task: Task) -> None:
    cluster.kubectl("create", "secret", "generic", "app", "-n", namespace, "--from-literal=password=short")
    result = keep(task(), namespace, keys=KEYS)
    assert (result["generated"], result["kept"]) == (["id"], ["password"])
    made = read(cluster, namespace)
    assert made["password"] == "short"
    assert keep(task(), namespace, keys=KEYS[:1])["changed"] is False
    assert read(cluster, namespace) == made, "a key that is no longer asked for stays"


def test_given_values_are_kept_as_given(cluster: LabCluster, namespace: str, task: Task) -> None:
    keep(task(), namespace, values={"token": "vault-value-1"}, keys=KEYS)
    before = read(cluster, namespace)
    result = keep(task(), namespace, values={"token": "vault-value-2"}, keys=KEYS)
    assert (result["changed"], result["set"], result["generated"]) == (True, ["token"], [])
    assert read(cluster, namespace) == {**before, "token": "vault-value-2"}


def test_check_mode_says_what_it_would_do_and_does_nothing(cluster: LabCluster, namespace: str, task: Task) -> None:
    with cluster.record(user_agent="groundwork") as requests:
        result = keep(task(check=True), namespace, keys=KEYS, values={"token": "vault-value"})
    assert result["msg"] == "would generate id, password; would set token"
    assert result["diff"]["after"]["data"] == {
        "id": "*** (generated)",
        "password": "*** (generated)",
        "token": "*** (set)",
    }
    assert requests.changing == []


def test_no_result_shows_a_value(cluster: LabCluster, namespace: str, task: Task) -> None:
    context = task()
    result = keep(context, namespace, keys=KEYS, values={"token": "canary-51b7"})
    shown = json.dumps(result)
    for text in read(cluster, namespace).values():
        assert text not in shown
        assert base64.b64encode(text.encode()).decode() not in shown
        assert text in context.hidden, "whatever else comes to show it is masked"


def test_every_kind_makes_what_it_says(cluster: LabCluster, namespace: str, task: Task) -> None:
    keep(task(), namespace, keys=[{"name": kind, "kind": kind, "length": 40} for kind in generated_secrets.KINDS])
    made = read(cluster, namespace)
    for kind, pattern in {
        "alphanumeric": r"[A-Za-z0-9]{40}",
        "symbols": r"[-A-Za-z0-9_.~]{40}",
        "hex": r"[0-9a-f]{40}",
        "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    }.items():
        assert re.fullmatch(pattern, made[kind])
    assert len(base64.b64decode(made["base64"])) == 40


def test_a_write_of_somebody_else_in_between_is_not_lost(cluster: LabCluster, namespace: str, task: Task) -> None:
    keep(task(), namespace, keys=KEYS[:1])
    context = task()
    read_secret, raced = generated_secrets._read, []

    def read_then_race(*arguments: Any) -> Any:
        found = read_secret(*arguments)
        if not raced:
            patch = {"data": {"id": base64.b64encode(b"theirs").decode()}}
            raced.append(cluster.kubectl("patch", "secret", "app", "-n", namespace, "-p", json.dumps(patch)))
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(generated_secrets, "_read", read_then_race)
        result = keep(context, namespace, keys=KEYS)
    assert raced
    assert (result["changed"], result["generated"]) == (False, [])
    assert read(cluster, namespace)["id"] == "theirs"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "give keys to make up, values, or both"),
        ({"keys": [{"name": "a b"}]}, "cannot use 'a b' as the key of a Secret"),
        ({"keys": [{"name": "a", "length": 4}]}, "the key a cannot have a length of 4: 8 to 4096"),
        ({"keys": KEYS, "values": {"id": "canary-51b7"}}, "the key id is given twice"),
        ({"values": {"port": 5432}}, "the value of the key port is not a string; put it in quotes"),
        ({"keys": KEYS, "type": "kubernetes.io/tls"}, "it has the type Opaque and not kubernetes.io/tls"),
        ({"values": {"password": "canary-51b7"}}, "it is immutable"),
    ],
)
def test_refusals(cluster: LabCluster, namespace: str, task: Task, given: dict[str, Any], says: str) -> None:
    cluster.kubectl("create", "secret", "generic", "app", "-n", namespace, "--from-literal=password=short")
    cluster.kubectl("patch", "secret", "app", "-n", namespace, "-p", '{"immutable": true}')
    with pytest.raises(PlatformError) as caught:
        keep(task(), namespace, **given)
    assert says in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_namespace_that_is_not_there(task: Task) -> None:
    with pytest.raises(ApiError, match='namespaces "nowhere" not found'):
        keep(task(), "nowhere", keys=KEYS)
    assert keep(task(check=True), "nowhere", keys=KEYS)["changed"] is True
