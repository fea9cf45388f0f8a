"""Makes the objects a task asks for ready to be applied: checked, complete, marked as members of their set."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from ..api.discovery import Resource
from ..api.errors import PlatformError, UnknownKind
from ..api.objects import UNKNOWN, Object, Origin, Ref, Sourced, get, group_of, ref
from .applyset import ID, PART_OF
from .context import Context
from .diff import HASH, is_secret
from .options import SetOptions
from .ownership import BUILTIN_LEFT, Left, scaled, without
from .values import canonical, digest_of
from .words import traced

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
    origin: Origin = UNKNOWN


def prepare(given: Collection[Sourced], options: SetOptions, context: Context) -> list[Wanted]:
    """The objects ready to be applied. Raises PlatformError for all that is wrong with them, in one go."""
    wrong = [
        traced(why, each.origin) for number, each in enumerate(given, start=1) if (why := _wrong(each.object, number))
    ]
    if wrong:
        raise PlatformError("cannot apply: " + "; ".join(wrong))
    context.discovery.learn(each.object for each in given if _is_crd(each.object))
    resources = _resources(given, context)
    placed, problems = [], []
    for obj, origin in given:
        try:
            resource = resources[obj["apiVersion"], obj["kind"]]
            placed.append(Sourced(_placed(obj, resource, options.name.namespace), origin))
        except PlatformError as error:
            problems.append(traced(str(error), origin))
    problems += _twice(placed)
    if problems:
        raise PlatformError("cannot apply: " + "; ".join(dict.fromkeys(problems)))
    autoscaled = scaled([each.object for each in placed])
    wanted = []
    for item in placed:
        obj = item.object
        found = ref(obj)
        kind = f"{found.group}/{found.kind}" if found.group else found.kind
        own = autoscaled.get((kind, found.namespace, found.name))
        left = (*BUILTIN_LEFT, *options.leave_to, *([own] if own else []))
        resource = resources[obj["apiVersion"], obj["kind"]]
        wanted.append(_marked(item, resource, left, options.name.id, context))
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


def _resources(given: Iterable[Sourced], context: Context) -> dict[tuple[str, str], Resource | None]:
    """The resource of every kind among the objects; in check mode an unknown kind is a warning."""
    found: dict[tuple[str, str], Resource | None] = {}
    unknown = []
    for obj, origin in given:
        key = (obj["apiVersion"], obj["kind"])
        if key in found:
            continue
        try:
            found[key] = context.discovery.resource(*key)
        except UnknownKind as error:
            found[key] = None
            unknown.append(traced(str(error), origin))
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


def _twice(given: Iterable[Sourced]) -> list[str]:
    seen: dict[Ref, Origin] = {}
    twice = []
    for obj, origin in given:
        found = ref(obj)
        if found in seen:
            places = f", at {seen[found]} and at {origin}" if origin.source else ""
            twice.append(f"{found} is given twice{places}; remove one of them")
        seen[found] = origin
    return twice


def _marked(item: Sourced, resource: Resource | None, left: tuple[Left, ...], set_id: str, context: Context) -> Wanted:
    obj, origin = item
    kept = without(obj, left)
    shown = {key: value for key, value in kept.items() if key != "data"} if is_secret(kept) else kept
    text = canonical(shown)
    hidden = canonical(kept.get("data")) if is_secret(kept) else ""
    _weigh(item, len(text.encode()) + len(hidden), context)
    hashed = digest_of(text)
    return Wanted(
        ref=ref(obj),
        full=_stamped(obj, set_id, hashed),
        kept=_stamped(kept, set_id, hashed),
        hash=hashed,
        resource=resource,
        left=left,
        origin=origin,
    )


def _stamped(obj: Object, set_id: str, hashed: str) -> Object:
    metadata = obj["metadata"]
    marks = {
        "labels": {**(metadata.get("labels") or {}), PART_OF: set_id},
        "annotations": {**(metadata.get("annotations") or {}), HASH: hashed},
    }
    return {**obj, "metadata": {**metadata, **marks}}


def _weigh(item: Sourced, size: int, context: Context) -> None:
    if size > _LARGEST:
        said = (
            f"cannot apply {ref(item.object)}: it is {size / 2**20:.1f} MiB, and etcd takes {_LARGEST / 2**20:.1f} MiB "
            "at most; split it"
        )
        raise PlatformError(traced(said, item.origin))
    if size > _LARGE:
        context.warn(f"{ref(item.object)} is {size / 2**20:.1f} MiB; etcd takes {_LARGEST / 2**20:.1f} MiB at most")
