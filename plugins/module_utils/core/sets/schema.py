"""Judges an object by the schema of a CustomResourceDefinition the server does not serve yet: structure only.

Unknown fields, types, required fields, enumerations; no CEL, no defaults, no webhooks. The server judges when it is
written. Source: structural schemas, apiextensions-apiserver pkg/apiserver/schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..api.objects import Object, get

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
_COMMON = {"apiVersion", "kind", "metadata"}


def problems(obj: Object, crd: Object) -> list[str]:
    """What is wrong with the object's structure, as "path: what"; empty where nothing is."""
    version = str(obj["apiVersion"]).rpartition("/")[2]
    for each in get(crd, "spec", "versions", default=[]):
        if get(each, "name") == version:
            schema = get(each, "schema", "openAPIV3Schema", default={})
            body = {key: value for key, value in obj.items() if key not in _COMMON}
            properties = {k: v for k, v in (schema.get("properties") or {}).items() if k not in _COMMON}
            required = [name for name in schema.get("required", []) if name not in _COMMON]
            return list(_problems(body, {**schema, "properties": properties, "required": required}, ""))
    return [f"apiVersion: {obj['apiVersion']} is no version of this definition"]


def _problems(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    if value is None and schema.get("nullable"):
        return
    if schema.get("x-kubernetes-int-or-string"):
        if not isinstance(value, (int, str)) or isinstance(value, bool):
            yield f"{path}: must be an integer or a string"
        return
    kind = schema.get("type", "")
    if kind in _TYPES and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield f"{path or 'the object'}: must be of type {kind}"
        return
    if value not in schema.get("enum", [value]):
        yield f"{path}: must be one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, dict):
        yield from _fields(value, schema, path)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from _problems(item, schema["items"], f"{path}[{index}]")


def _fields(value: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
    for name in schema.get("required", []):
        if name not in value:
            yield f"{path}.{name}: is required".lstrip(".")
    free = schema.get("x-kubernetes-preserve-unknown-fields") or others is True
    if schema.get("x-kubernetes-embedded-resource"):
        properties = {**{name: {} for name in _COMMON}, **properties}
    for name, part in value.items():
        below = f"{path}.{name}".lstrip(".")
        if name in properties:
            yield from _problems(part, properties[name], below)
        elif isinstance(others, dict):
            yield from _problems(part, others, below)
        elif not free:
            yield f"{below}: field not declared in schema"
