"""Settles whose a field or an object is: fields left to others, objects taken over from Helm, kubectl or nobody.

Facts: client-go's util/csaupgrade (managedFields may be rewritten by JSON patch, guarded by resourceVersion), and
measured: a field whose only owner stops sending it is removed or falls back to its default, so its value is first
applied under a second manager of ours; a controller that writes the value that is already there owns nothing.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from ..api.errors import PlatformError
from ..api.objects import Object, get, ref
from .fields import (
    HANDOVER,
    MANAGER,
    Fields,
    entries,
    entry,
    extract,
    leaves,
    minus,
    others,
    owned,
    union,
)
from .stages import kind_key

Steps = tuple[str, ...]


class Left(NamedTuple):
    """A field that others write: `kind` as in tables ("apps/Deployment"; "*" for any), `path` like spec.replicas."""

    kind: str
    path: str


# Others fill these in after creation: injectors of certificates, controllers that watch their own webhooks.
BUILTIN_LEFT = (
    Left("admissionregistration.k8s.io/MutatingWebhookConfiguration", "webhooks[*].clientConfig.caBundle"),
    Left("admissionregistration.k8s.io/ValidatingWebhookConfiguration", "webhooks[*].clientConfig.caBundle"),
    Left("admissionregistration.k8s.io/MutatingWebhookConfiguration", "webhooks[*].failurePolicy"),
    Left("admissionregistration.k8s.io/ValidatingWebhookConfiguration", "webhooks[*].failurePolicy"),
    Left("apiextensions.k8s.io/CustomResourceDefinition", "spec.conversion.webhook.clientConfig.caBundle"),
    Left("apiregistration.k8s.io/APIService", "spec.caBundle"),
)
_SCALERS = ("autoscaling/HorizontalPodAutoscaler", "keda.sh/ScaledObject")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\*)\]|\[([\w.-]+)=([^\]]*)\]|\['([^']+)'\]|\[\"([^\"]+)\"\]")


def steps(path: str) -> Steps:
    """A path in parts: spec.containers[name=app].image, webhooks[*].clientConfig, metadata.annotations['a.b/c']."""
    found, end = [], 0
    for match in _STEP.finditer(path):
        if match.start() != end:
            break
        name, star, key, value, single, double = match.groups()
        found.append("[*]" if star else f"[{key}={value}]" if key else name or single or double)
        end = match.end()
    if not found or end != len(path):
        raise PlatformError(
            f"cannot read the path {path!r}: write it like spec.replicas, webhooks[*].clientConfig.caBundle, "
            "spec.containers[name=app].image or metadata.annotations['example.com/key']"
        )
    return tuple(found)


def scaled(objects: Iterable[Object]) -> dict[tuple[str, str, str], Left]:
    """The objects whose replicas an autoscaler of the same set writes, by (kind, namespace, name)."""
    found = {}
    for obj in objects:
        if kind_key(obj) in _SCALERS:
            target = get(obj, "spec", "scaleTargetRef", default={})
            kind = str(get(target, "kind", default="Deployment"))
            api = str(get(target, "apiVersion", default="apps/v1"))
            key = kind_key({"apiVersion": api, "kind": kind})
            found[key, ref(obj).namespace, str(get(target, "name"))] = Left(key, "spec.replicas")
    return found


def _paths(obj: Object, left: Iterable[Left]) -> list[Steps]:
    kinds = ("*", kind_key(obj), obj.get("kind"))
    return [steps(row.path) for row in left if row.kind in kinds]


def without(obj: Object, left: Iterable[Left]) -> Object:
    """The object without the fields left to others; the object itself where it has none of them."""
    paths = [path for path in _paths(obj, left) if _has(obj, path)]
    if not paths:
        return obj
    result = copy.deepcopy(obj)
    for path in paths:
        _drop(result, path)
    return result


def _children(value: Any, step: str) -> list[Any]:
    """What one step leads to: the keys or indexes below a value."""
    if isinstance(value, dict):
        return [step] if step in value else list(value) if step == "[*]" else []
    if isinstance(value, list) and step == "[*]":
        return list(range(len(value)))
    if isinstance(value, list) and step.startswith("["):
        key, _, wanted = step[1:-1].partition("=")
        return [index for index, item in enumerate(value) if str(get(item, key, default="")) == wanted]
    return []


def _has(value: Any, path: Steps) -> bool:
    if not path:
        return True
    return any(_has(value[child], path[1:]) for child in _children(value, path[0]))


def _drop(value: Any, path: Steps) -> None:
    for child in _children(value, path[0]):
        if len(path) > 1:
            _drop(value[child], path[1:])
        else:
            del value[child]


def restrict(fields: Fields, path: Steps) -> Fields:
    """The part of the fields at or below a path."""
    if not path:
        return fields
    result = {}
    for key, below in fields.items():
        if _leads(key, path[0]) and (path[1:] == () or below):
            part = restrict(below, path[1:])
            if part or not path[1:]:
                result[key] = part
    return result


def _leads(key: str, step: str) -> bool:
    if key == ".":
        return False
    if step == "[*]":
        return True
    if step.startswith("["):
        name, _, wanted = step[1:-1].partition("=")
        return key[:2] == "k:" and str(json.loads(key[2:]).get(name)) == wanted
    return key == "f:" + step


def at_stake(live: Object, left: Iterable[Left]) -> Fields:
    """Fields left to others that we alone still own: to stop sending them would remove them."""
    mine = owned(live)
    return minus(union(*(restrict(mine, path) for path in _paths(live, left))), others(live, MANAGER))


def handover(live: Object, fields: Fields) -> Object:
    """What the hand-over manager applies: the live values of these fields, and of those it keeps already."""
    kept = union(owned(live, HANDOVER), fields)
    return {**_head(live), **_merged(extract(kept, live), _head(live))}


def with_live(desired: Object, live: Object, fields: Fields) -> Object:
    """The desired object with the live values of these fields: what a dry run must send before a hand-over."""
    return _merged(extract(fields, live), desired)


def _head(obj: Object) -> Object:
    metadata = {key: obj["metadata"][key] for key in ("name", "namespace") if key in obj["metadata"]}
    return {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": metadata}


def _merged(extra: Any, base: Any) -> Any:
    """Both together; where both say something, the base. Items of lists pair by the name that the extra gives them."""
    if isinstance(extra, dict) and isinstance(base, dict):
        result = dict(base)
        for key, value in extra.items():
            result[key] = _merged(value, base[key]) if key in base else value
        return result
    if isinstance(extra, list) and isinstance(base, list):
        return _merged_items(extra, base)
    return base


def _merged_items(extra: list[Any], base: list[Any]) -> list[Any]:
    result = list(base)
    for item in extra:
        name = get(item, "name")
        place = next((i for i, other in enumerate(result) if name is not None and get(other, "name") == name), None)
        if place is None:
            result += [] if item in result else [item]
        else:
            result[place] = _merged(item, result[place])
    return result


# Taking over from other tools

_HELM = ("meta.helm.sh/release-name", "meta.helm.sh/release-namespace")
_KUBECTL = "kubectl.kubernetes.io/last-applied-configuration"
_MANAGERS = {
    "helm": ("helm", "Helm"),
    "kubectl": (
        "kubectl",
        "kubectl-client-side-apply",
        "kubectl-create",
        "kubectl-edit",
        "kubectl-replace",
        "kubectl-applyset",
        "before-first-apply",
    ),
}


def made_by(live: Object, tool: str) -> bool:
    """Whether the object carries the tool's marks: Helm's annotations, or an annotation or manager of kubectl's."""
    annotations = get(live, "metadata", "annotations", default={}) or {}
    if tool == "helm":
        return all(key in annotations for key in _HELM)
    return _KUBECTL in annotations or any(row.get("manager") in _MANAGERS["kubectl"] for row in entries(live))


def release(live: Object) -> tuple[str, str] | None:
    """The Helm release (namespace, name) an object belongs to."""
    annotations = get(live, "metadata", "annotations", default={}) or {}
    name, namespace = (annotations.get(key) for key in _HELM)
    return (namespace, name) if name and namespace else None


def _replaceable(row: dict[str, Any], managers: Collection[str]) -> bool:
    return row.get("manager") in managers and not row.get("subresource")


def migrated(live: Object, tool: str) -> list[dict[str, Any]] | None:
    """managedFields with the tool's entries turned into our apply entry; None where the tool has no entry.

    Our next apply then removes what the tool had set and we do not want.
    """
    managers = _MANAGERS[tool]
    theirs = [row for row in entries(live) if _replaceable(row, managers)]
    if not theirs:
        return None
    mine = entry(live) or {}
    ours = {
        **theirs[-1],
        "manager": MANAGER,
        "operation": "Apply",
        "fieldsV1": union(mine.get("fieldsV1") or {}, *(row.get("fieldsV1") or {} for row in theirs)),
    }
    rest = [row for row in entries(live) if row not in theirs and row is not entry(live)]
    return [ours, *rest]


def migration(live: Object, tool: str) -> list[dict[str, Any]] | None:
    """The JSON patch that turns the tool's entries into ours on exactly this version of the object."""
    fields = migrated(live, tool)
    if fields is None:
        return None
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": fields},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]


def dropped(live: Object, tool: str, desired: Fields) -> Fields:
    """What goes with a migration: the tool's, nobody else's, and not wanted (fields of the dry run's answer)."""
    theirs = union(*(row.get("fieldsV1") or {} for row in entries(live) if _replaceable(row, _MANAGERS[tool])))
    kept = union(*(row.get("fieldsV1") or {} for row in entries(live) if not _replaceable(row, _MANAGERS[tool])))
    return minus(minus(theirs, kept), desired)


def cut(obj: Object, fields: Fields) -> Object:
    """The object without these fields, as people will see it: leaves go, what became empty stays."""
    result = copy.deepcopy(obj)
    for path in leaves(fields):
        _cut(result, path)
    return result


def _cut(value: Any, path: tuple[str, ...]) -> None:
    key, rest = path[0], path[1:]
    if key == "." or value is None:
        return
    if key[:2] == "f:" and isinstance(value, dict) and key[2:] in value:
        if rest:
            _cut(value[key[2:]], rest)
        else:
            del value[key[2:]]
    elif key[:2] == "k:" and isinstance(value, list):
        wanted = json.loads(key[2:])
        for item in [each for each in value if all(get(each, name) == part for name, part in wanted.items())]:
            _cut(item, rest) if rest and rest != (".",) else value.remove(item)
    elif key[:2] == "v:" and isinstance(value, list) and json.loads(key[2:]) in value:
        value.remove(json.loads(key[2:]))


def tool_managers(tool: str) -> tuple[str, ...]:
    """The field managers a tool writes as."""
    return _MANAGERS[tool]
