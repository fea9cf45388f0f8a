"""Turns what the server said about one object into a sentence for people: what, why in its words, what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from ..api.errors import ApiError, Class, PlatformError, conflicts
from ..api.objects import Object, Origin, Ref, get
from .diff import is_secret
from .stages import kind_key

_ADVICE = {
    Class.SCHEMA: "correct the name or type of the field (kubectl explain lists what there is)",
    Class.INVALID: "correct these values",
    Class.WEBHOOK_DENIED: "change the object so that this webhook accepts it, or its policy",
    Class.WEBHOOK_UNAVAILABLE: "see whether the pods behind that webhook's Service are ready",
    Class.TOO_LARGE: "split the object",
    Class.NAMESPACE_MISSING: "put the Namespace into the set, or create it first",
    Class.NAMESPACE_TERMINATING: "wait until the namespace is gone; its status conditions name what holds it",
    Class.FORBIDDEN: "give the user this right, or use another one",
    Class.UNAUTHORIZED: "renew the credentials",
    Class.DEPENDENCY_MISSING: "put what is missing into the set, or create it first",
    Class.UNSERVED: "install the CustomResourceDefinition first, or put it into the set",
    Class.UNSUPPORTED: "this server cannot do server-side apply",
}
_TYPED = re.compile(r"failed to create typed (?:patch|live|new) object \([^)]*\): ")
_RIGHTS = re.compile(r"\bcannot \w+ (?:resource|path)\b|attempting to grant RBAC permissions")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")


def sentence(doing: str, about: Ref, error: PlatformError) -> str:
    """ "cannot apply apps/Deployment data/web: <the server's words>. <what to do>"."""
    said = _said(error).rstrip(". ")
    advice = _advice(error) if isinstance(error, ApiError) else None
    return f"cannot {doing} {about}: {said}" + (f". To do: {advice}" if advice else "")


def for_set(doing: str, name: object, error: ApiError) -> str:
    """The same for a whole set: "cannot read set data/main: ..."."""
    advice = _advice(error)
    return f"cannot {doing} set {name}: {_said(error)}" + (f". To do: {advice}" if advice else "")


def no_namespace(names: Iterable[str], set_name: object) -> str:
    """Namespaces that a set needs, that are not there, and that it does not make itself."""
    return f"the namespace {', '.join(names)} does not exist and is not in set {set_name}"


NO_NAMESPACE = "create it first, or put it into the set"


def traced(said: str, origin: Origin) -> str:
    """A sentence about an object, with where the object came from."""
    return f"{said.rstrip('. ')} (from {origin})" if origin.source else said


def _advice(error: ApiError) -> str | None:
    """A 403 comes from rights ("User x cannot create resource ...") or from an admission plugin: two ways out."""
    if error.kind is Class.FORBIDDEN and not _RIGHTS.search(str(error)):
        return "change the object so that this policy or quota admits it, or the policy"
    return _ADVICE.get(error.kind)


def _said(error: PlatformError) -> str:
    if isinstance(error, ApiError) and error.kind is Class.INVALID and error.causes:
        return "; ".join(str(cause) for cause in error.causes)
    return _TYPED.sub("", str(error))


def conflict(about: Ref, error: ApiError, desired: Object, live: Object | None) -> str:
    """A server-side apply conflict: each field with its owner and both values, and the two ways out."""
    found = conflicts(error)
    secret = is_secret(desired)
    parts = []
    for each in found:
        ours, theirs = _value(desired, each.field), _value(live or {}, each.field)
        values = "" if secret else f" ({_short(theirs)}; wanted: {_short(ours)})"
        parts.append(f"{each.field.lstrip('.')} is owned by {each.manager!r}{values}")
    managers = sorted({each.manager for each in found})
    path = found[0].field.lstrip(".").replace('"', "") if found else "spec"
    return (
        f"cannot apply {about}: {'; '.join(parts) or error.message}. To take such fields, add to take_from: "
        f"{', '.join(managers)}; to leave one, add to leave_to: {{kind: {kind_key(desired)}, path: {path}}}"
    )


def immutable(about: Ref, error: ApiError, desired: Object) -> str:
    """A change of an immutable field, with the recipe that fits the kind."""
    way = _RECIPES.get(kind_key(desired), "replace: recreate deletes it and creates it anew")
    return f"{sentence('apply', about, error)}. This field cannot be changed in place: {way}"


_NEVER = "objects of this kind are never replaced by us; delete it yourself, or give the new one another name"
_RECIPES = {
    "apps/StatefulSet": "replace: orphan creates it anew and keeps its pods, replace: recreate restarts them",
    "apps/Deployment": "replace: orphan creates it anew and keeps its pods, replace: recreate restarts them",
    "apps/DaemonSet": "replace: orphan creates it anew and keeps its pods, replace: recreate restarts them",
    "batch/Job": "replace: recreate deletes it with its pods and runs it anew",
    "Service": "replace: recreate creates it anew, with another cluster IP",
    **dict.fromkeys(
        (
            "PersistentVolumeClaim",
            "PersistentVolume",
            "Namespace",
            "Secret",
            "apiextensions.k8s.io/CustomResourceDefinition",
        ),
        _NEVER,
    ),
}


def replaceable(desired: Object) -> bool:
    """Whether an object of this kind may ever be deleted and created anew to change it."""
    return _RECIPES.get(kind_key(desired)) is not _NEVER


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str) if value is not None else "nothing"
    return text if len(text) <= 80 else text[:77] + "..."


def _value(obj: Any, path: str) -> Any:
    """The value at a path as conflicts spell it: .spec.template.spec.containers[name="app"].image."""
    for name, keys in _STEP.findall(path):
        if name:
            obj = get(obj, name)
        elif isinstance(obj, list):
            wanted = dict(re.findall(r'(\w+)="?([^",]*)"?', keys))
            obj = next((item for item in obj if all(str(get(item, k)) == v for k, v in wanted.items())), None)
    return obj
