"""What people see: diffs, masked values, sentences about errors, structure judged without a server."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api import masking
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import ApiError, Cause, Class
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Ref
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import diff, schema, words

WHO = Ref("apps", "Deployment", "data", "web")


def secret(**data: str) -> dict[str, Any]:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "d"}, "data": encoded}


def test_a_diff_of_a_secret_shows_which_keys_changed_and_no_value() -> None:
    shown = diff.entry(
        secret(same="one-value", old="two-value", gone="x-value"), secret(same="one-value", old="new-value", new="y")
    )
    assert "same: '***'\n" in shown["before"]
    assert "old: '*** (before)'" in shown["before"]
    assert "gone: '*** (before)'" in shown["before"]
    assert "old: '*** (after)'" in shown["after"]
    assert "new: '*** (after)'" in shown["after"]
    for value in ("one-value", "two-value", "new-value", "x-value"):
        assert value not in str(shown)
        assert base64.b64encode(value.encode()).decode() not in str(shown)


def test_a_diff_hides_what_the_server_and_we_keep_for_ourselves() -> None:
    live = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "a",
            "uid": "1",
            "resourceVersion": "2",
            "managedFields": [],
            "annotations": {"groundwork.platform/hash": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
            "labels": {"applyset.kubernetes.io/part-of": "x", "app": "y"},
        },
        "data": {"b": "1"},
        "status": {"c": 2},
    }
    expected = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "labels": {"app": "y"}},
        "data": {"b": "1"},
    }
    assert diff.visible(live) == expected


def test_a_long_line_is_cut_and_its_change_still_seen() -> None:
    one, other = diff.shortened("x" * 5000 + "1"), diff.shortened("x" * 5000 + "2")
    assert len(one) < 200
    assert one != other
    assert diff.shortened("short\n" + "y" * 300).startswith("short\n")


def test_both_sides_have_their_keys_in_one_order() -> None:
    one = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"b": "1", "a": "2"}}
    turned = {"data": {"a": "2", "b": "1"}, "metadata": {"name": "a"}, "kind": "ConfigMap", "apiVersion": "v1"}
    shown = diff.entry(one, turned)
    assert shown["before"] == shown["after"]


def test_how_it_was_judged_stands_in_the_header() -> None:
    assert diff.entry(None, secret(), "schema")["after_header"] == "Secret d/s (judged: schema)"


def test_secret_values_go_from_every_text() -> None:
    given = {"objects": [{"kind": "Secret", "stringData": {"a": "canary-1"}, "data": {"b": "Y2FuYXJ5LTI="}}]}
    hidden = masking.secret_values(given)
    texts = {"msg": "got canary-1", "list": [("canary-2", "Y2FuYXJ5LTE=")], "count": 3}
    assert masking.conceal(texts, hidden) == {"msg": "got ***", "list": [["***", "***"]], "count": 3}


def test_short_values_are_words_that_stand_elsewhere_too() -> None:
    assert masking.secret_values({"kind": "Secret", "stringData": {"a": "true", "b": "12345"}}) <= {
        "dHJ1ZQ==",
        "MTIzNDU=",
    }


def test_parameters_are_shown_without_credentials_and_secrets() -> None:
    params = {
        "api_key": "token",
        "password": "word",
        "kubeconfig": {"users": ["x"]},
        "objects": [{"kind": "Secret", "metadata": {"name": "a"}, "data": {"b": "c"}}, "kind: Secret\ndata: {}\n"],
        "namespace": "data",
        "host": None,
    }
    shown = masking.shown(params)
    assert shown["api_key"] == shown["password"] == shown["kubeconfig"] == "***"
    assert shown["objects"] == [
        {"kind": "Secret", "metadata": {"name": "a"}, "data": "***"},
        "*** (text with a Secret)",
    ]
    assert (shown["namespace"], shown["host"]) == ("data", None)
    assert masking.shown({"kubeconfig": "~/.kube/config"}) == {"kubeconfig": "~/.kube/config"}


def test_an_invalid_object_is_told_as_path_and_message() -> None:
    causes = [Cause("spec.replicas", "FieldValueInvalid", "must be greater than or equal to 0")]
    error = ApiError("Deployment is invalid", status=422, causes=causes, kind=Class.INVALID)
    said = words.sentence("apply", WHO, error)
    assert said.startswith("cannot apply apps/Deployment data/web: spec.replicas: must be greater than or equal to 0")


def test_an_unknown_field_is_told_without_the_servers_preamble() -> None:
    start = "failed to create typed patch object (data/web; apps/v1, Kind=Deployment): "
    text = f"{start}.spec.replica: field not declared in schema"
    said = words.sentence("apply", WHO, ApiError(text, status=500, kind=Class.SCHEMA))
    assert said.startswith("cannot apply apps/Deployment data/web: .spec.replica: field not declared in schema")


CRD = {
    "spec": {
        "versions": [
            {
                "name": "v1",
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "required": ["spec"],
                        "properties": {
                            "apiVersion": {"type": "string"},
                            "spec": {
                                "type": "object",
                                "required": ["size"],
                                "properties": {
                                    "size": {"type": "integer"},
                                    "mode": {"type": "string", "enum": ["a", "b"]},
                                    "port": {"x-kubernetes-int-or-string": True},
                                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                                    "rows": {
                                        "type": "array",
                                        "items": {"type": "object", "properties": {"x": {"type": "number"}}},
                                    },
                                    "none": {"type": "string", "nullable": True},
                                },
                            },
                        },
                    }
                },
            }
        ]
    }
}


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        ({"size": 1}, []),
        (
            {
                "size": 1,
                "mode": "a",
                "port": "http",
                "free": {"x": [1]},
                "labels": {"a": "b"},
                "rows": [{"x": 1.5}],
                "none": None,
            },
            [],
        ),
        ({}, ["spec.size: is required"]),
        ({"size": "1"}, ["spec.size: must be of type integer"]),
        ({"size": True}, ["spec.size: must be of type integer"]),
        ({"size": 1, "sise": 2}, ["spec.sise: field not declared in schema"]),
        ({"size": 1, "mode": "c"}, ["spec.mode: must be one of a, b"]),
        ({"size": 1, "port": 1.5}, ["spec.port: must be an integer or a string"]),
        ({"size": 1, "labels": {"a": 1}}, ["spec.labels.a: must be of type string"]),
        ({"size": 1, "rows": [{}, {"y": 1}]}, ["spec.rows[1].y: field not declared in schema"]),
        ({"size": 1, "rows": {}}, ["spec.rows: must be of type array"]),
    ],
)
def test_structure_is_judged_by_the_definition(spec: dict[str, Any], problems: list[str]) -> None:
    obj = {"apiVersion": "example.org/v1", "kind": "X", "metadata": {"name": "a"}, "spec": spec}
    assert schema.problems(obj, CRD) == problems


def test_a_version_that_the_definition_does_not_have() -> None:
    assert schema.problems({"apiVersion": "example.org/v9", "kind": "X"}, CRD) == [
        "apiVersion: example.org/v9 is no version of this definition"
    ]
