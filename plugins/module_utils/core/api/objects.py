"""What a Kubernetes object is to the engine: plain JSON, a reference to it, and safe ways to look inside."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

Object = dict[str, Any]
Value = TypeVar("Value")


def certain(value: Value | None) -> Value:
    """A value that the caller knows to be there; without it the fault is ours."""
    if value is None:
        raise AssertionError
    return value


class Origin(NamedTuple):
    """Where an object was read: a file (or the name of a text) and the line, from 1, at which it starts; 0: no line."""

    source: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


UNKNOWN = Origin("")


class Sourced(NamedTuple):
    """An object and, beside it, where it came from; the object itself carries no trace of it."""

    object: Object
    origin: Origin


class Ref(NamedTuple):
    """Which object: `postgresql.cnpg.io/Cluster data/main`, `ConfigMap data/x` (core group), `Namespace data`."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        kind = f"{self.group}/{self.kind}" if self.group else self.kind
        return f"{kind} {self.namespace}/{self.name}" if self.namespace else f"{kind} {self.name}"


def group_of(api_version: str) -> str:
    """`apps` of `apps/v1`; empty for the core group's `v1`."""
    return api_version.partition("/")[0] if "/" in api_version else ""


def get(obj: Any, *path: str | int, default: Any = None) -> Any:
    """The value at a path of keys and indexes, or the default: never an error, whatever types are met on the way."""
    for step in path:
        if isinstance(obj, dict):
            if step not in obj:
                return default
            obj = obj[step]
        elif isinstance(obj, list) and isinstance(step, int) and -len(obj) <= step < len(obj):
            obj = obj[step]
        else:
            return default
    return obj


def ref(obj: Object) -> Ref:
    """The reference of an object; fields that are missing or of a wrong type read as empty."""
    return Ref(
        group_of(_text(obj, "apiVersion")),
        _text(obj, "kind"),
        _text(obj, "metadata", "namespace"),
        _text(obj, "metadata", "name"),
    )


def _text(obj: Object, *path: str) -> str:
    value = get(obj, *path)
    return value if isinstance(value, str) else ""
