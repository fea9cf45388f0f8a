"""A chart's hooks as data: when each runs, in which order, and what becomes of it afterwards. Pure.

The words and defaults are Helm's (helm.sh/docs/topics/charts_hooks, helm pkg/release/v1/hook.go).
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, Origin, Sourced, get
from .yaml_files import describe

HOOK = "helm.sh/hook"
WEIGHT = "helm.sh/hook-weight"
DELETE = "helm.sh/hook-delete-policy"

# What we do, and under which of Helm's events a hook takes part in it (the second one when the release is there).
EVENTS = {
    "before": ("pre-install", "pre-upgrade"),
    "after": ("post-install", "post-upgrade"),
    "before_delete": ("pre-delete", "pre-delete"),
    "after_delete": ("post-delete", "post-delete"),
}
_KNOWN = {event for pair in EVENTS.values() for event in pair} | {
    "pre-rollback", "post-rollback", "test", "test-success", "test-failure", "crd-install",
}  # fmt: skip
_POLICIES = ("before-hook-creation", "hook-succeeded", "hook-failed")

# Helm's order of kinds within a weight (pkg/release/v1/util/kind_sorter.go), as far as hooks use them.
_ORDER = (
    "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodDisruptionBudget", "ServiceAccount", "Secret",
    "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim", "ClusterRole", "ClusterRoleBinding",
    "Role", "RoleBinding", "Service", "DaemonSet", "Pod", "ReplicaSet", "Deployment", "StatefulSet", "Job", "CronJob",
)  # fmt: skip


class Hook(NamedTuple):
    """A hook: its object without Helm's annotations, Helm's events, weight, and when it is deleted."""

    object: Object
    origin: Origin
    events: frozenset[str]
    weight: int
    policies: frozenset[str]


def is_hook(obj: Object) -> bool:
    """Whether Helm would run the object instead of keeping it."""
    return bool(get(obj, "metadata", "annotations", HOOK))


def hook(item: Sourced) -> Hook:
    """The hook that an object is. Raises PlatformError for an event, weight or policy that Helm does not know."""
    notes = item.object["metadata"]["annotations"]
    events = _words(notes[HOOK])
    policies = _words(notes.get(DELETE) or "before-hook-creation")
    for name, found, known in ((HOOK, events, _KNOWN), (DELETE, policies, set(_POLICIES))):
        if found - known:
            raise _refused(item, f"{name} {min(found - known)}", f"Helm knows {', '.join(sorted(known))}")
    try:
        weight = int(notes.get(WEIGHT) or 0)
    except (TypeError, ValueError):
        raise _refused(item, f"{WEIGHT} {notes.get(WEIGHT)}", "a weight is a whole number") from None
    return Hook(unhooked(item.object), item.origin, events, weight, policies)


def unhooked(obj: Object) -> Object:
    """The object without the annotations that make it a hook."""
    notes = get(obj, "metadata", "annotations")
    if not isinstance(notes, dict) or HOOK not in notes:
        return obj
    left = {key: value for key, value in notes.items() if key not in (HOOK, WEIGHT, DELETE)}
    meta = {key: value for key, value in obj["metadata"].items() if key != "annotations"}
    return {**obj, "metadata": {**meta, **({"annotations": left} if left else {})}}


def due(hooks: Iterable[Hook], phase: str, *, is_upgrade: bool) -> list[Hook]:
    """The hooks of a phase (a key of EVENTS) in the order in which they run: by weight, kind, name."""
    event = EVENTS[phase][is_upgrade]
    return sorted((item for item in hooks if event in item.events), key=_rank)


def stable(first: Sequence[Hook], second: Sequence[Hook]) -> list[Object]:
    """The hooks' objects with all that differs between two renderings blanked: what a hash may depend on."""
    if len(first) != len(second):
        return [item.object for item in first]
    return [_shared(ours.object, theirs.object) for ours, theirs in zip(first, second, strict=True)]


def _shared(first: Any, second: Any) -> Any:
    if isinstance(first, dict) and isinstance(second, dict):
        return {key: _shared(value, second.get(key)) for key, value in first.items()}
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [_shared(*pair) for pair in zip(first, second, strict=True)]
    return copy.deepcopy(first) if first == second else None


def _rank(item: Hook) -> tuple[int, int, str, str]:
    kind = item.object["kind"]
    place = _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
    return item.weight, place, kind, item.object["metadata"]["name"]


def _words(value: Any) -> frozenset[str]:
    return frozenset(word.strip() for word in str(value).split(",") if word.strip())


def _refused(item: Sourced, what: str, known: str) -> PlatformError:
    return PlatformError(f"{item.origin}: {describe(item.object)} has {what}; {known}")
