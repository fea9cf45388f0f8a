"""The comparison that holds our schema subsets against the full ones finds what it is there to find."""

from __future__ import annotations

from typing import Any

import pytest
from support.schemas import differences

FULL = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "description": "words", "enum": ["a", "b"]},
        "size": {"type": "integer", "minimum": 1},
        "ports": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["port"],
            "items": {"type": "object", "properties": {"port": {"type": "integer"}}},
        },
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
NAME = {"type": "string", "enum": ["b", "a"]}
ROW = {"type": "object", "properties": {"port": {"type": "integer"}}}
MAP = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port"]}


def ours(required: tuple[str, ...] = ("name",), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {"name": NAME, **properties}}


@pytest.mark.parametrize(
    "schema",
    [ours(), ours(ports={"type": "array", "items": ROW, **MAP}), ours(size={"type": "integer", "minimum": 1})],
)
def test_a_subset_is_no_difference(schema: dict[str, Any]) -> None:
    assert list(differences(schema, FULL)) == []


@pytest.mark.parametrize(
    ("schema", "difference"),
    [
        (ours(size={"type": "string", "minimum": 1}), ".size: type is 'string', in full 'integer'"),
        (ours(size={"type": "integer"}), ".size: minimum is None, in full 1"),
        (ours(size={"type": "integer", "minimum": 1, "default": 3}), ".size: default is 3, in full None"),
        (ours(shape={"type": "string"}), ".shape: not in the full schema"),
        (ours(required=()), ": only one of both requires name"),
        (ours(ports={"type": "array", "items": ROW}), ".ports: x-kubernetes-list-map-keys is None, in full ['port']"),
        (
            ours(ports={"type": "array", "items": {"type": "string"}, **MAP}),
            ".ports[]: type is 'string', in full 'object'",
        ),
        (ours(size={"type": "integer", "minimum": 1, "items": {}}), ".size[]: not in the full schema"),
        (
            ours(labels={"type": "object", "additionalProperties": {"type": "integer"}}),
            ".labels[]: type is 'integer', in full 'string'",
        ),
    ],
)
def test_each_difference_is_found(schema: dict[str, Any], difference: str) -> None:
    assert difference in list(differences(schema, FULL))
