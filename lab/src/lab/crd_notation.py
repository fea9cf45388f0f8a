"""Reads the lab's short notation of a CustomResourceDefinition's schema into OpenAPI v3; pure."""

from __future__ import annotations

from typing import Any

import yaml

Schema = dict[str, Any]

QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
INT_OR_STRING: Schema = {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}

CONDITION: Schema = {  # Kubernetes' own metav1.Condition
    "type": "object",
    "required": ["lastTransitionTime", "message", "reason", "status", "type"],
    "properties": {
        "lastTransitionTime": {"type": "string", "format": "date-time"},
        "message": {"type": "string", "maxLength": 32768},
        "observedGeneration": {"type": "integer", "format": "int64", "minimum": 0},
        "reason": {
            "type": "string",
            "minLength": 1,
            "maxLength": 1024,
            "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
        },
        "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
        "type": {
            "type": "string",
            "maxLength": 316,
            "pattern": r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
            r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
        },
    },
}

WORDS: dict[str, Schema] = {  # the leaves' types
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "number": {"type": "number"},
    "time": {"type": "string", "format": "date-time"},
    "object": {"type": "object"},
    "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "any": {"x-kubernetes-preserve-unknown-fields": True},
    "int-or-string": INT_OR_STRING,
    "conditions": {"type": "array", "items": CONDITION},
    "quantity": INT_OR_STRING | {"pattern": QUANTITY},
}
MARKERS = "+"  # the key that holds an object's own markers
VALUES = "{}"  # the key that stands for any key: a map


class NotationError(ValueError):
    """A schema that the notation has no meaning for; the message says where and why."""


def schema(node: Any, types: dict[str, Any], where: str = "") -> Schema:
    """The OpenAPI v3 schema of a node.

    A text is a leaf: a word of WORDS or `$Name` of `types`, then markers `minimum=0 enum=a|b pattern=^x$`; `[]string`
    and `{}string` are a list and a map of leaves, whose markers are the list's and the map's. A list of one is an array
    of that node; a second element holds the array's own markers. A mapping is an object: a key that ends in `*` is
    required, `{}` stands for any key, `+` holds markers. Markers carry the names of OpenAPI and Kubernetes
    (`x-kubernetes-list-type`). Raises NotationError.
    """
    if isinstance(node, str):
        return _leaf(node, types, where)
    if isinstance(node, list) and len(node) in (1, 2):
        markers = node[1] if len(node) == 2 else {}
        return {"type": "array", "items": schema(node[0], types, f"{where}[]"), **markers}
    if isinstance(node, dict):
        return _object(node, types, where)
    raise NotationError(f"{where or 'the schema'}: {node!r} is no type, list of one, or mapping of fields")


def _leaf(text: str, types: dict[str, Any], where: str) -> Schema:
    word, *markers = text.split()
    if word.startswith("[]"):
        return {"type": "array", "items": _leaf(word[2:], types, where), **_markers(markers, where)}
    if word.startswith("{}"):
        return {"type": "object", "additionalProperties": _leaf(word[2:], types, where), **_markers(markers, where)}
    if word.startswith("$") and word[1:] in types:
        return schema(types[word[1:]], types, where) | _markers(markers, where)
    if word in WORDS:
        return WORDS[word] | _markers(markers, where)
    raise NotationError(f"{where}: {word} is no type: use one of {', '.join(WORDS)} or a $Name under types")


def _markers(texts: list[str], where: str) -> Schema:
    pairs = [text.partition("=") for text in texts]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise NotationError(f"{where}: {wrong[0]} has no value: write it as {wrong[0]}=value")
    return {name: _value(name, value) for name, _, value in pairs}


def _value(name: str, text: str) -> Any:
    if name == "enum":
        return text.split("|")
    return text if name == "pattern" else yaml.safe_load(text)


def _object(node: dict[str, Any], types: dict[str, Any], where: str) -> Schema:
    made: Schema = {"type": "object", **node.get(MARKERS, {})}
    fields = {key: value for key, value in node.items() if key not in (MARKERS, VALUES)}
    if VALUES in node:
        made["additionalProperties"] = schema(node[VALUES], types, f"{where}{VALUES}")
    if fields:
        made["properties"] = {
            key.removesuffix("*"): schema(value, types, f"{where}.{key.removesuffix('*')}")
            for key, value in fields.items()
        }
    if required := [key.removesuffix("*") for key in fields if key.endswith("*")]:
        made["required"] = required
    return made
