"""Reads managedFields: who owns which field, whether an object's fields are ours and as wanted, their live values.

The shape of fieldsV1 is that of sigs.k8s.io/structured-merge-diff (fieldpath/serialize.go): a nested object whose keys
are "f:<field>", "k:<JSON of a list item's keys>", "v:<JSON of a set's value>", "i:<index>" and "." (the thing itself);
an empty object is a leaf, and a leaf owns all that is below it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ..api.objects import Object
from .values import same

MANAGER = "groundwork"
HANDOVER = "groundwork-handover"

Fields = dict[str, Any]

_MISSING: Any = object()
_IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")  # never part of fieldsV1


def entries(obj: Object) -> list[dict[str, Any]]:
    """The managedFields entries; an object without any (or with nonsense there) has none."""
    found = (obj.get("metadata") or {}).get("managedFields")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def entry(obj: Object, manager: str = MANAGER) -> dict[str, Any] | None:
    """The manager's server-side-apply entry for the main resource."""
    for each in entries(obj):
        if each.get("manager") == manager and each.get("operation") == "Apply" and not each.get("subresource"):
            return each
    return None


def owned(obj: Object, manager: str = MANAGER) -> Fields:
    """What the manager's apply entry owns; empty where it has none."""
    found = entry(obj, manager)
    return (found or {}).get("fieldsV1") or {}


@lru_cache(maxsize=8192)
def _key(key: str) -> Any:
    return json.loads(key[2:])


def _item(items: Any, key: str) -> Any:
    """The item of a live list that a fieldsV1 key names, or the missing mark."""
    if not isinstance(items, list):
        return _MISSING
    kind, wanted = key[:2], _key(key)
    if kind == "i:":
        return items[wanted] if 0 <= wanted < len(items) else _MISSING
    if kind == "v:":
        return wanted if wanted in items else _MISSING
    for item in items:
        if isinstance(item, dict) and all(item.get(name) == value for name, value in wanted.items()):
            return item
    return _MISSING


def _key_of(item: Any, fields: Fields) -> str | None:
    """The fieldsV1 key of a wanted list item. A key's field may be missing from the item: the server defaults it."""
    if not isinstance(item, dict):
        text = "v:" + json.dumps(item, separators=(",", ":"), ensure_ascii=False)
        return text if text in fields else next((k for k in fields if k[:2] == "v:" and _key(k) == item), None)
    best, score = None, 0
    for key in fields:
        if key[:2] != "k:":
            continue
        wanted = _key(key)
        if all(item.get(name, value) == value for name, value in wanted.items()):
            given = sum(name in item for name in wanted)
            if given > score:
                best, score = key, given
    return best


def unsettled(desired: Object, fields: Fields, live: Object) -> str | None:
    """The first desired path that we do not own, or whose live value differs; None when all is as wanted."""
    for key, value in desired.items():
        if key in _IDENTITY:
            continue
        if key == "metadata":
            rest = {name: part for name, part in value.items() if f"metadata.{name}" not in _IDENTITY}
            doubt = _unsettled(rest, fields.get("f:metadata"), live.get(key), key) if rest else None
        else:
            doubt = _unsettled(value, fields.get("f:" + key), live.get(key, _MISSING), key)
        if doubt:
            return doubt
    return None


def _unsettled(desired: Any, fields: Fields | None, live: Any, path: str) -> str | None:
    if fields is None:
        return f"{path} is not owned by us"
    if isinstance(desired, dict) and desired and fields:
        if not isinstance(live, dict):
            return f"{path} differs"
        parts = (
            _unsettled(value, fields.get("f:" + key), live.get(key, _MISSING), f"{path}.{key}")
            for key, value in desired.items()
        )
        return next(filter(None, parts), None)
    if isinstance(desired, list) and desired and fields:
        return _unsettled_items(desired, fields, live, path)
    equal = isinstance(live, dict) if desired == {} else live is not _MISSING and same(desired, live)
    return None if equal else f"{path} differs"


def _unsettled_items(desired: list[Any], fields: Fields, live: Any, path: str) -> str | None:
    for item in desired:
        key = _key_of(item, fields)
        if key is None:
            return f"{path} has an item that is not owned by us"
        found = _item(live, key)
        if found is _MISSING:
            return f"{path} lacks an item"
        if key[0] != "v" and (doubt := _unsettled(item, fields[key], found, f"{path}[{key[2:]}]")):
            return doubt
    return None


def project(fields: Fields, live: Any) -> Any:
    """The live values at the owned leaves, in the shape of the fields; a leaf that is not there is None."""
    if not fields:
        return None if live is _MISSING else live
    values: dict[str, Any] = {}
    for key, below in fields.items():
        if key == ".":
            continue
        if key[:2] == "f:":
            values[key] = project(below, live.get(key[2:], _MISSING) if isinstance(live, dict) else _MISSING)
        else:
            values[key] = project(below, _item(live, key))
    return values


def extract(fields: Fields, live: Any) -> Any:
    """The part of a live object that the fields name, as an object that can be applied (list items keep their keys)."""
    if not [key for key in fields if key != "."]:
        return live
    if any(key[:2] in ("k:", "v:", "i:") for key in fields):
        found = [(key, _item(live, key)) for key in fields if key != "."]
        return [
            {**(_key(key) if key[0] == "k" else {}), **part}
            if isinstance(part := extract(fields[key], item), dict)
            else part
            for key, item in found
            if item is not _MISSING
        ]
    return {
        key[2:]: extract(below, live[key[2:]])
        for key, below in fields.items()
        if key != "." and isinstance(live, dict) and key[2:] in live
    }


def _extract_item(key: str, fields: Fields, item: Any) -> Any:
    part = extract(fields, item)
    return {**_key(key), **part} if key[0] == "k" and isinstance(part, dict) else part


def leaves(fields: Fields, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every owned path, as the keys from the top; the thing itself (".") is its own leaf."""
    for key, below in fields.items():
        if below:
            yield from leaves(below, (*above, key))
        else:
            yield (*above, key)


def union(*many: Fields) -> Fields:
    """All paths of all."""
    result: Fields = {}
    for fields in many:
        for key, below in fields.items():
            result[key] = union(result.get(key, {}), below)
    return result


def minus(fields: Fields, other: Fields) -> Fields:
    """The paths of the first that the other does not own."""
    result: Fields = {}
    for key, below in fields.items():
        if key not in other:
            result[key] = below
        elif below and other[key] and (rest := minus(below, other[key])):
            result[key] = rest
    return result


def others(obj: Object, *mine: str) -> Fields:
    """What all managers except those named own."""
    return union(*(each.get("fieldsV1") or {} for each in entries(obj) if each.get("manager") not in mine))


def spell(path: tuple[str, ...]) -> str:
    """A path for people: ("f:spec", 'k:{"name":"app"}', "f:image") is spec[name=app].image."""
    words = ""
    for key in path:
        if key == ".":
            continue
        if key[:2] == "f:":
            words += ("." if words else "") + key[2:]
        elif key[:2] == "k:":
            words += "[" + ",".join(f"{name}={value}" for name, value in _key(key).items()) + "]"
        else:
            words += f"[{key[2:]}]"
    return words
