"""Server-side apply for the scripted server, simulated: field sets, owners, conflicts, merging, removal.

Lists whose items all have a `name` (or a `type`) are merged by it; every other list is one value. The real rules are
kube-apiserver's, and what depends on them is tested there.
"""

from __future__ import annotations

import copy
import json
from typing import Any

Path = tuple[str, ...]
_IDENTITY = ({"apiVersion"}, {"kind"})


def paths(value: Any, at: Path = ()) -> set[Path]:
    """The leaves of a value, as fieldsV1 names the steps to them."""
    if isinstance(value, dict) and (value or not at):
        found = [paths(item, (*at, f"f:{key}")) for key, item in value.items()]
        return set().union(*found)
    key = _key(value)
    if key:
        found = [paths(item, (*at, _step(key, item))) | {(*at, _step(key, item), ".")} for item in value]
        return set().union(*found)
    return {at}


def owned(obj: dict[str, Any]) -> set[Path]:
    """What an applied object claims: all of it but its identity."""
    body = {key: value for key, value in obj.items() if key not in ("apiVersion", "kind", "status")}
    meta = body.get("metadata") or {}
    body["metadata"] = {
        key: value for key, value in meta.items() if key in ("labels", "annotations", "ownerReferences", "finalizers")
    }
    return paths(body) - {(), ("f:metadata",)}


def tree(found: set[Path]) -> dict[str, Any]:
    """A field set as fieldsV1."""
    root: dict[str, Any] = {}
    for path in sorted(found):
        node = root
        for step in path:
            node = node.setdefault(step, {})
    return root


def untree(node: dict[str, Any], at: Path = ()) -> set[Path]:
    """fieldsV1 as a field set."""
    if not node:
        return {at} if at else set()
    return set().union(*[untree(child, (*at, step)) for step, child in node.items()])


def value_at(obj: Any, path: Path) -> Any:
    """The value at a path; an object of its own where there is none."""
    for step in path:
        if step == ".":
            return obj
        obj = _child(obj, step)
        if obj is _NOTHING:
            return _NOTHING
    return obj


def merge(live: Any, applied: Any) -> Any:
    """The applied value over the live one."""
    if isinstance(live, dict) and isinstance(applied, dict):
        return {
            **live,
            **{key: merge(live[key], value) if key in live else copy.deepcopy(value) for key, value in applied.items()},
        }
    key = _key(applied)
    if key and (not live or _key(live) == key):
        rest = {item[key]: item for item in live or []}
        for item in applied:
            rest[item[key]] = merge(rest.get(item[key], {}), item)
        return list(rest.values())
    return copy.deepcopy(applied)


def remove(obj: Any, path: Path) -> None:
    """Takes the value at a path away, and what is empty after that."""
    step, rest = path[0], path[1:]
    if step == ".":
        return
    child = _child(obj, step)
    if child is _NOTHING:
        return
    if rest and rest != (".",):
        remove(child, rest)
        if child not in ({}, []):
            return
    if isinstance(obj, dict):
        obj.pop(step[2:], None)
    elif isinstance(obj, list):
        obj.remove(child)


def dotted(path: Path) -> str:
    """As conflicts name it: `.spec.replicas`."""
    text = ""
    for step in path:
        if step.startswith("f:"):
            text += f".{step[2:]}"
        elif step != ".":
            pairs = json.loads(step[2:])
            text += "[" + ",".join(f"{key}={json.dumps(value)}" for key, value in pairs.items()) + "]"
    return text


class _Nothing:
    pass


_NOTHING = _Nothing()


def _key(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for key in ("name", "type"):
            if all(key in item for item in value):
                return key
    return ""


def _step(key: str, item: dict[str, Any]) -> str:
    return "k:" + json.dumps({key: item[key]}, separators=(",", ":"))


def _child(obj: Any, step: str) -> Any:
    if step.startswith("f:") and isinstance(obj, dict):
        return obj.get(step[2:], _NOTHING)
    if step.startswith("k:") and isinstance(obj, list):
        wanted = json.loads(step[2:])
        for item in obj:
            if isinstance(item, dict) and all(item.get(key) == value for key, value in wanted.items()):
                return item
    return _NOTHING
