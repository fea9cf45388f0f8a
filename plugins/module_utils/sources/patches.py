"""Changes objects that somebody else wrote, where the user says so: merge patches and JSON patches by target. Pure."""

from __future__ import annotations

import copy
import fnmatch
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, Sourced, get, group_of

Path = tuple[str | int, ...]

# What a target may name, and where it stands in an object. Values may have * and ?, as in file names.
_TARGET: dict[str, Callable[[Object], Any]] = {
    "group": lambda obj: group_of(str(obj.get("apiVersion", ""))),
    "kind": lambda obj: obj.get("kind"),
    "namespace": lambda obj: get(obj, "metadata", "namespace", default=""),
    "name": lambda obj: get(obj, "metadata", "name"),
}


def apply(sourced: Iterable[Sourced], patches: Iterable[Mapping[str, Any]]) -> tuple[list[Sourced], list[set[Path]]]:
    """The objects with the patches applied, and beside each the set of paths that its patches touched.

    A patch is ``{target: {kind, name, namespace, group}, merge: {...}}`` (RFC 7386: null removes) or ``{target: ...,
    json: [{op: add|remove|replace|test, path, value}]}`` (RFC 6902). Raises PlatformError for a patch that fits no
    object or whose path is not there: it was written for another version.
    """
    items = list(sourced)
    touched: list[set[Path]] = [set() for _ in items]
    for number, patch in enumerate(patches, 1):
        target = {key: value for key, value in (patch.get("target") or {}).items() if value is not None}
        hits = [index for index, item in enumerate(items) if _fits(item.object, target, number)]
        if not hits:
            raise PlatformError(f"cannot apply patch {number}: no object fits its target {_show(target)}")
        for index in hits:
            changed, paths = _patched(items[index], patch, number)
            items[index] = items[index]._replace(object=changed)
            touched[index] |= paths
    return items, touched


def _fits(obj: Object, target: Mapping[str, Any], number: int) -> bool:
    unknown = sorted(set(target) - set(_TARGET))
    if unknown or not target:
        what = f"has an unknown key {unknown[0]}" if unknown else "is empty"
        raise PlatformError(f"cannot apply patch {number}: its target {what}; give some of {', '.join(_TARGET)}")
    return all(fnmatch.fnmatchcase(str(_TARGET[key](obj)), str(value)) for key, value in target.items())


def _show(target: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in target.items())


def _patched(item: Sourced, patch: Mapping[str, Any], number: int) -> tuple[Object, set[Path]]:
    merge, operations = patch.get("merge"), patch.get("json")
    if (merge is None) == (operations is None):
        raise PlatformError(f"cannot apply patch {number}: it needs either merge or json")
    obj: Object = copy.deepcopy(item.object)
    if merge is not None:
        _merge(obj, merge)
        return obj, set(_leaves(merge))
    touched = set()
    for operation in operations or ():
        touched.add(_operate(obj, operation, f"cannot apply patch {number} to {item.origin}"))
    return obj, touched


def _merge(into: dict[str, Any], patch: Mapping[str, Any]) -> None:
    for key, value in patch.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, Mapping):
            if not isinstance(into.get(key), dict):
                into[key] = {}
            _merge(into[key], value)
        else:
            into[key] = copy.deepcopy(value)


def _leaves(value: Any, path: Path = ()) -> Iterable[Path]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path


def _operate(obj: Object, operation: Mapping[str, Any], where: str) -> Path:
    """One operation of RFC 6902, and the path it touched."""
    name, pointer = operation.get("op"), str(operation.get("path", ""))
    if name not in _OPERATIONS:
        raise PlatformError(f"{where}: the operation {name} is none of {', '.join(_OPERATIONS)}")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    parent: Any = obj
    path: list[str | int] = []
    for step in steps[:-1]:
        key = _key(parent, step)
        parent = get(parent, key)
        path.append(key)
    key = _key(parent, steps[-1]) if steps else ""
    there = isinstance(parent, (dict, list)) and get(parent, key, default=...) is not ...
    if not isinstance(parent, (dict, list)) or (name != "add" and not there):
        raise PlatformError(f"{where}: there is nothing at {pointer or '/'}; look at the object's present form")
    if isinstance(parent, list) and not isinstance(key, int):
        raise PlatformError(f"{where}: {pointer} is an item of a list; give its number, or - for the end")
    _OPERATIONS[name](parent, key, operation.get("value"), f"{where}: {pointer}")
    return (*path, key)


def _key(parent: Any, step: str) -> str | int:
    if isinstance(parent, list):
        return len(parent) if step == "-" else int(step) if step.isdigit() else step
    return step


def _add(parent: Any, key: Any, value: Any, where: str) -> None:
    if isinstance(parent, list):
        parent.insert(key, copy.deepcopy(value))
    else:
        parent[key] = copy.deepcopy(value)


def _remove(parent: Any, key: Any, value: Any, where: str) -> None:
    del parent[key]


def _replace(parent: Any, key: Any, value: Any, where: str) -> None:
    parent[key] = copy.deepcopy(value)


def _test(parent: Any, key: Any, value: Any, where: str) -> None:
    if parent[key] != value:
        raise PlatformError(f"{where} is not what the patch was written for")


_OPERATIONS: dict[str, Callable[[Any, Any, Any, str], None]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "test": _test,
}
