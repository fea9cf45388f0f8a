"""Compares the schema of a CustomResourceDefinition with a fuller one of the same kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

# What a narrower schema may leave out: words, and rules that only refuse more.
FREE = {"description", "example", "oneOf", "x-kubernetes-validations"}
CHILDREN = {"properties", "items", "additionalProperties", "required"}


def differences(ours: Schema, full: Schema, where: str = "") -> Iterator[str]:
    """What of our schema is not as in the full one: a field it has not, another type, default, bound or list key.

    Fields that only the full schema has are no difference, unless it requires them.
    """
    for key in sorted(set(ours) | set(full)):
        if key not in FREE | CHILDREN and _value(ours, key) != _value(full, key):
            yield f"{where}: {key} is {ours.get(key)!r}, in full {full.get(key)!r}"
    if missing := set(full.get("required", [])) ^ set(ours.get("required", [])):
        yield f"{where}: only one of both requires {', '.join(sorted(missing))}"
    for name, node in ours.get("properties", {}).items():
        if name in full.get("properties", {}):
            yield from differences(node, full["properties"][name], f"{where}.{name}")
        elif not (where == "" and name in ("apiVersion", "kind", "metadata")):
            yield f"{where}.{name}: not in the full schema"
    for key in ("items", "additionalProperties"):
        if isinstance(ours.get(key), dict):
            if isinstance(full.get(key), dict):
                yield from differences(ours[key], full[key], f"{where}[]")
            else:
                yield f"{where}[]: not in the full schema"


def _value(schema: Schema, key: str) -> Any:
    return sorted(schema[key]) if key == "enum" and key in schema else schema.get(key)
