"""Makes up the keys of a Secret once: what is there stays, what is missing is filled in, nothing is ever removed."""

from __future__ import annotations

import base64
import re
import secrets
import string
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ..core.api.errors import ApiError, Class, PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from ..core.sets.fields import MANAGER

SHORTEST = 8  # characters or bytes; anything shorter is guessed
ATTEMPTS = 4  # others may write the Secret between our reading and our writing
_MASK = "***"
_HIDDEN = 6  # characters from which on a text is hidden wherever it stands
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def _of(alphabet: str) -> Callable[[int], str]:
    return lambda length: "".join(secrets.choice(alphabet) for _ in range(length))


# What a key is made of. The symbols need no quoting in URLs, shells, YAML and SQL strings.
KINDS: dict[str, Callable[[int], str]] = {
    "alphanumeric": _of(string.ascii_letters + string.digits),
    "symbols": _of(string.ascii_letters + string.digits + "-_.~"),
    "hex": _of("0123456789abcdef"),
    "base64": lambda length: base64.b64encode(secrets.token_bytes(length)).decode(),
    "uuid": lambda length: str(uuid.uuid4()),
}


def keep(
    *,
    context: Context,
    namespace: str,
    name: str,
    keys: Iterable[Mapping[str, Any]] = (),
    values: Mapping[str, Any] | None = None,
    type: str = "Opaque",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The Secret with all `keys` there, made up where they are missing, and with `values` as given.

    keys: ``{name, length, kind}``. Returns changed, the names of the keys generated, set and kept, and a masked diff;
    never a value. Raises PlatformError.
    """
    given = {key: _text(key, value) for key, value in (values or {}).items()}
    _hide(context, given.values())
    wanted = _checked(list(keys), given)
    marks = {"labels": dict(labels or {}), "annotations": dict(annotations or {})}
    path = f"/api/v1/namespaces/{namespace}/secrets"
    for _ in range(ATTEMPTS):
        live = _read(context, f"{path}/{name}")
        _refuse(live, namespace, name, type, given)
        todo = _todo(live, wanted, given, marks)
        result = _result(live, todo, context)
        if not todo.needed or context.check:
            return {**result, "changed": todo.needed}
        if _written(context, path, name, live, _body(context, todo, type)):
            return {**result, "changed": True}
    raise PlatformError(
        f"cannot keep Secret {namespace}/{name}: somebody else wrote it {ATTEMPTS} times meanwhile; find out who does"
    )


class _Todo(NamedTuple):
    """What the Secret lacks: keys to make up, values to set, labels and annotations; and what is there already."""

    new: bool
    data: Mapping[str, Any]
    missing: list[Mapping[str, Any]]
    other: Mapping[str, str]
    meta: Mapping[str, Mapping[str, str]]

    @property
    def needed(self) -> bool:
        return bool(self.new or self.missing or self.other or self.meta)


def _todo(
    live: Object | None,
    wanted: list[Mapping[str, Any]],
    given: Mapping[str, str],
    marks: Mapping[str, Mapping[str, str]],
) -> _Todo:
    data = get(live, "data", default={}) or {}
    meta = {part: _missing(get(live, "metadata", part), wish) for part, wish in marks.items()}
    return _Todo(
        new=live is None,
        data=data,
        missing=[row for row in wanted if row["name"] not in data],
        other={key: text for key, text in given.items() if data.get(key) != _encoded(text)},
        meta={part: wish for part, wish in meta.items() if wish},
    )


def _checked(keys: list[Mapping[str, Any]], given: Mapping[str, str]) -> list[Mapping[str, Any]]:
    if not keys and not given:
        raise PlatformError("cannot keep a Secret without keys: give keys to make up, values, or both")
    names = [str(row["name"]) for row in keys]
    for name in (*names, *given):
        if not _KEY.fullmatch(name):
            raise PlatformError(f"cannot use {name!r} as the key of a Secret: only letters, digits, '-', '_' and '.'")
    twice = sorted({name for name in names if names.count(name) > 1 or name in given})
    if twice:
        raise PlatformError(f"the key {twice[0]} is given twice; it is either made up once or given in values")
    for row in keys:
        if row.get("kind") != "uuid" and not SHORTEST <= row.get("length", SHORTEST) <= 4096:
            raise PlatformError(f"the key {row['name']} cannot have a length of {row['length']}: {SHORTEST} to 4096")
    return keys


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise PlatformError(f"the value of the key {key} is not a string; put it in quotes")
    return value


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _hide(context: Context, texts: Iterable[str]) -> None:
    """No result, error or progress line may show these. Shorter texts are words that stand elsewhere too."""
    for text in texts:
        if len(text) >= _HIDDEN:
            context.hidden.update((text, _encoded(text)))


def _read(context: Context, path: str) -> Object | None:
    try:
        found: Object = context.client.request("GET", path).data
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    return found


def _refuse(live: Object | None, namespace: str, name: str, wanted: str, given: Mapping[str, str]) -> None:
    if live is None:
        return
    there = f"Secret {namespace}/{name}"
    if live.get("type", "Opaque") != wanted:
        raise PlatformError(f"cannot keep {there}: it has the type {live.get('type')} and not {wanted}; give its type")
    if "deletionTimestamp" in live["metadata"]:
        raise PlatformError(f"cannot keep {there}: it is being deleted; wait until it is gone")
    if live.get("immutable"):
        data = live.get("data") or {}
        if any(data.get(key) != _encoded(text) for key, text in given.items()):
            raise PlatformError(f"cannot set values of {there}: it is immutable; delete it first, or give its values")


def _missing(there: Any, wanted: Mapping[str, str]) -> dict[str, str]:
    there = there if isinstance(there, dict) else {}
    return {key: value for key, value in wanted.items() if there.get(key) != value}


def _body(context: Context, todo: _Todo, kind: str) -> Object:
    made = {row["name"]: KINDS[row.get("kind", "alphanumeric")](row.get("length", 32)) for row in todo.missing}
    _hide(context, made.values())
    data = {key: _encoded(text) for key, text in {**made, **todo.other}.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": dict(todo.meta), "type": kind, "data": data}


def _written(context: Context, path: str, name: str, live: Object | None, body: Object) -> bool:
    """Whether the write met the Secret as it was read; a merge of exactly that version, so that nothing is lost."""
    query = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
    meta = body["metadata"]
    try:
        if live is None:
            body = {**body, "metadata": {**meta, "name": name}}
            context.client.request("POST", path, query=query, body=body, about=f"Secret {name}")
        else:
            version = {key: live["metadata"][key] for key in ("uid", "resourceVersion")}
            body = {"metadata": {**meta, **version}, "data": body["data"]}
            context.client.request(
                "PATCH",
                f"{path}/{name}",
                query=query,
                body=body,
                content_type="application/merge-patch+json",
                about=f"Secret {name}",
            )
    except ApiError as error:
        if error.kind in (Class.ALREADY_EXISTS, Class.PRECONDITION, Class.NOT_FOUND):
            return False
        raise
    return True


def _result(live: Object | None, todo: _Todo, context: Context) -> dict[str, Any]:
    generated, values = sorted(str(row["name"]) for row in todo.missing), sorted(todo.other)
    would = "would " if context.check else ""
    said = [f"{would}generate{'' if would else 'd'} {', '.join(generated)}"] if generated else []
    said += [f"{would}set {', '.join(values)}"] if values else []
    said += [f"{would}set {' and '.join(todo.meta)}"] if todo.meta and not said else []
    result: dict[str, Any] = {
        "generated": generated,
        "set": values,
        "kept": sorted(set(todo.data) - set(values)),
        "msg": "; ".join(said) or "unchanged",
    }
    if context.diff:
        before = dict.fromkeys(sorted(todo.data), _MASK)
        after = {**before, **dict.fromkeys(generated, "*** (generated)"), **dict.fromkeys(values, "*** (set)")}
        result["diff"] = {
            "before": {} if live is None else {"data": before, **_shown(live, todo.meta)},
            "after": {"data": after, **todo.meta},
        }
    return result


def _shown(live: Object | None, meta: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """What the labels and annotations that change are now."""
    return {
        part: {key: get(live, "metadata", part, key) for key in wish if get(live, "metadata", part, key) is not None}
        for part, wish in meta.items()
    }
