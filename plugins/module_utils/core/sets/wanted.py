"""Makes the objects a task asks for ready to be applied: checked, complete, marked as members of their set."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..api.discovery import Resource
from ..api.errors import PlatformError, UnknownKind
from ..api.objects import Object, Ref, get, group_of, ref
from .applyset import ID, PART_OF
from .context import Context
from .diff import HASH, is_secret
from .options import SetOptions
from .ownership import BUILTIN_LEFT, Left, scaled, without
from .values import canonical, digest_of

_LARGEST, _LARGE = 3 * 512 * 1024, 1024 * 1024  # bytes: etcd's limit for a request, and where to warn


@dataclass(frozen=True)
class Wanted:
    """One object as the task wants it: `full` is sent at creation, `kept` later (without fields left to others)."""

    ref: Ref
    full: Object
    kept: Object
    hash: str
    resource: Resource | None  # None: neither the server nor any definition seen in this run knows the kind
    left: tuple[Left, ...] = ()


def prepare(objects: Iterable[Object], options: SetOptions, context: Context) -> list[Wanted]:
    """The objects ready to be applied. Raises PlatformError for all that is wrong with them, in one go."""
    given = list(objects)
    wrong = [words for number, obj in enumerate(given, start=1) if (words := _wrong(obj, number))]
    if wrong:
        raise PlatformError("cannot apply: " + "; ".join(wrong))
    context.discovery.learn(obj for obj in given if _is_crd(obj))
    resources = _resources(given, context)
    placed, problems = [], []
    for obj in given:
        try:
            placed.append(_placed(obj, resources[obj["apiVersion"], obj["kind"]], options.name.namespace))
        except PlatformError as error:
            problems.append(str(error))
    problems += _twice(placed)
    if problems:
        raise PlatformError("cannot apply: " + "; ".join(dict.fromkeys(problems)))
    autoscaled = scaled(placed)
    wanted = []
    for obj in placed:
        found = ref(obj)
        kind = f"{found.group}/{found.kind}" if found.group else found.kind
        own = autoscaled.get((kind, found.namespace, found.name))
        left = (*BUILTIN_LEFT, *options.leave_to, *([own] if own else []))
        resource = resources[obj["apiVersion"], obj["kind"]]
        wanted.append(_marked(obj, found, resource, left=left, set_id=options.name.id, context=context))
    return wanted


def _wrong(obj: Any, number: int) -> str | None:
    """What keeps this from being an object at all."""
    if not isinstance(obj, dict):
        return f"object {number} is no mapping"
    for path in (("apiVersion",), ("kind",), ("metadata", "name")):
        value = get(obj, *path)
        if not isinstance(value, str) or not value:
            name = get(obj, "metadata", "name", default=number)
            return f"object {name} has no {'.'.join(path)}, which must be a string"
    metadata = {part: get(obj, "metadata", part) for part in ("labels", "annotations")}
    secret = {part: obj.get(part) for part in ("data", "stringData")} if is_secret(obj) else {}
    for part, texts in (metadata | secret).items():
        if words := _wrong_texts(texts, part):
            return f"{ref(obj)}: {words}"
    labels = get(obj, "metadata", "labels") or {}
    if PART_OF in labels or ID in labels:
        return f"{ref(obj)} carries a label of a set already; remove the labels {PART_OF} and {ID}"
    return None


def _wrong_texts(texts: Any, part: str) -> str | None:
    """What is wrong with what must be a mapping of strings; its values are not quoted, they may be secret."""
    if texts is None:
        return None
    if not isinstance(texts, dict):
        return f"{part} must be a mapping"
    wrong = [str(key) for key, value in texts.items() if not isinstance(value, str)]
    return f"the value of {part} {wrong[0]} must be a string; put it in quotes" if wrong else None


def _is_crd(obj: Object) -> bool:
    return obj["kind"] == "CustomResourceDefinition" and group_of(obj["apiVersion"]) == "apiextensions.k8s.io"


def _resources(objects: Iterable[Object], context: Context) -> dict[tuple[str, str], Resource | None]:
    """The resource of every kind among the objects; in check mode an unknown kind is a warning."""
    found: dict[tuple[str, str], Resource | None] = {}
    unknown = []
    for key in dict.fromkeys((obj["apiVersion"], obj["kind"]) for obj in objects):
        try:
            found[key] = context.discovery.resource(*key)
        except UnknownKind as error:
            found[key] = None
            unknown.append(str(error))
    if unknown and not context.check:
        raise PlatformError("cannot apply: " + "; ".join(unknown))
    for words in unknown:
        context.warn(f"{words}; its objects are not judged")
    return found


def _placed(obj: Object, resource: Resource | None, namespace: str) -> Object:
    """A copy in its namespace, without what only a live object has, Secret text as data."""
    metadata = {key: value for key, value in obj["metadata"].items() if value is not None}
    if set(metadata) & {"managedFields", "resourceVersion", "uid", "generateName"}:
        raise PlatformError(
            f"{ref(obj)} was read from a live cluster, or has no fixed name: remove managedFields, resourceVersion, "
            "uid and generateName from its metadata"
        )
    if resource and not resource.namespaced and metadata.get("namespace"):
        raise PlatformError(f"{ref(obj)}: objects of this kind are in no namespace; remove metadata.namespace")
    if resource and resource.namespaced:
        metadata.setdefault("namespace", namespace)
    result = {key: value for key, value in obj.items() if key != "status" and value is not None}
    result["metadata"] = metadata
    return _with_data(result) if is_secret(result) else result


def _with_data(secret: Object) -> Object:
    """stringData is turned into data here: the server does so too, and then nobody owns what is in data."""
    texts = secret.pop("stringData", None) or {}
    data = dict(secret.get("data") or {})
    for key, text in texts.items():
        data[key] = base64.b64encode(text.encode()).decode()
    return {**secret, "data": data} if data else secret


def _twice(objects: Iterable[Object]) -> list[str]:
    seen: set[Ref] = set()
    twice = []
    for found in map(ref, objects):
        if found in seen:
            twice.append(f"{found} is given twice; remove one of them")
        seen.add(found)
    return twice


def _marked(
    obj: Object, found: Ref, resource: Resource | None, *, left: tuple[Left, ...], set_id: str, context: Context
) -> Wanted:
    kept = without(obj, left)
    shown = {key: value for key, value in kept.items() if key != "data"} if is_secret(kept) else kept
    text = canonical(shown)
    hidden = canonical(kept.get("data")) if is_secret(kept) else ""
    _weigh(found, len(text.encode()) + len(hidden), context)
    hashed = digest_of(text)
    return Wanted(
        ref=found,
        full=_stamped(obj, set_id, hashed),
        kept=_stamped(kept, set_id, hashed),
        hash=hashed,
        resource=resource,
        left=left,
    )


def _stamped(obj: Object, set_id: str, hashed: str) -> Object:
    metadata = obj["metadata"]
    marks = {
        "labels": {**(metadata.get("labels") or {}), PART_OF: set_id},
        "annotations": {**(metadata.get("annotations") or {}), HASH: hashed},
    }
    return {**obj, "metadata": {**metadata, **marks}}


def _weigh(found: Ref, size: int, context: Context) -> None:
    if size > _LARGEST:
        raise PlatformError(
            f"cannot apply {found}: it is {size / 2**20:.1f} MiB, and etcd takes {_LARGEST / 2**20:.1f} MiB "
            "at most; split it"
        )
    if size > _LARGE:
        context.warn(f"{found} is {size / 2**20:.1f} MiB; etcd takes {_LARGEST / 2**20:.1f} MiB at most")
