"""The short notation of schemas means what its docstring says; what it has no meaning for is refused by place."""

from __future__ import annotations

from typing import Any

import pytest
from lab.crd_notation import CONDITION, INT_OR_STRING, NotationError, schema

TYPES = {"Name": "string maxLength=15", "Pair": {"key*": "string", "value": "$Name"}}
STRING = {"type": "string"}
PAIR = {
    "type": "object",
    "required": ["key"],
    "properties": {"key": STRING, "value": {"type": "string", "maxLength": 15}},
}
CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "a word": ("boolean", {"type": "boolean"}),
    "a format": ("int32", {"type": "integer", "format": "int32"}),
    "bounds": ("integer minimum=0 maximum=5", {"type": "integer", "minimum": 0, "maximum": 5}),
    "an enum, the empty value too": ("string enum=|on|off", {"type": "string", "enum": ["", "on", "off"]}),
    "a pattern is taken as it is": ("string pattern=^[0-9]=x$", {"type": "string", "pattern": "^[0-9]=x$"}),
    "defaults have types": ("boolean default=false", {"type": "boolean", "default": False}),
    "a quoted default is a text": ('string default="2"', {"type": "string", "default": "2"}),
    "a type by name": ("$Pair", PAIR),
    "a type by name, with a marker": ("$Name minLength=1", {"type": "string", "maxLength": 15, "minLength": 1}),
    "a list of leaves": (
        "[]string x-kubernetes-list-type=atomic",
        {"type": "array", "items": STRING, "x-kubernetes-list-type": "atomic"},
    ),
    "a map of leaves": ("{}string", {"type": "object", "additionalProperties": STRING}),
    "a list of objects": (["$Pair", {"minItems": 1}], {"type": "array", "items": PAIR, "minItems": 1}),
    "a map of objects": ({"{}": "$Pair"}, {"type": "object", "additionalProperties": PAIR}),
    "markers of an object": (
        {"+": {"x-kubernetes-map-type": "atomic"}, "a*": "string"},
        {"type": "object", "required": ["a"], "properties": {"a": STRING}, "x-kubernetes-map-type": "atomic"},
    ),
    "an open object": ("open", {"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
    "a port": ("int-or-string", INT_OR_STRING),
    "conditions": ("conditions", {"type": "array", "items": CONDITION}),
}


@pytest.mark.parametrize("case", CASES)
def test_meaning(case: str) -> None:
    node, meaning = CASES[case]
    assert schema(node, TYPES) == meaning


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        ({"spec": {"size": "integr"}}, ".spec.size: integr is no type"),
        ({"spec": {"size": "$Size"}}, r".spec.size: \$Size is no type"),
        ({"spec": {"size": "integer minimum"}}, ".spec.size: minimum has no value: write it as minimum=value"),
        ({"spec": [["string", {}, {}]]}, r".spec\[\]: .* is no type, list of one, or mapping of fields"),
        ({"spec": 7}, ".spec: 7 is no type, list of one, or mapping of fields"),
    ],
)
def test_what_has_no_meaning_is_refused_by_place(node: Any, sentence: str) -> None:
    with pytest.raises(NotationError, match=sentence):
        schema(node, TYPES)
