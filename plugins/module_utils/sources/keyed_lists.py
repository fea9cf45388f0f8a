"""Finds list items that share the key by which the API server tells them apart: strict apply refuses them. Pure.

Keys and paths are those of Kubernetes' ``x-kubernetes-list-map-keys`` (api/openapi-spec of v1.36).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..core.api.objects import Object, get

Path = tuple[str | int, ...]

_TEMPLATE = ("spec", "template", "spec")
_POD_SPEC: dict[str, Path] = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"), _TEMPLATE
    ),
}
_GROUPS = ("", "apps", "batch")
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_IN_POD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_CONTAINERS, ("name",)),
    "volumes": ("name",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "resourceClaims": ("name",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
}
_IN_CONTAINER: dict[str, tuple[str, ...]] = {
    "env": ("name",),
    "ports": ("containerPort", "protocol"),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
}
_SERVICE_PORTS = ("port", "protocol")
_DEFAULTS = {"protocol": "TCP"}


def doubles(obj: Object) -> Iterator[tuple[Path, str]]:
    """The path of each list with two items of one key, and that key: ``(..., "env"), "name LOG_LEVEL"``."""
    for path, keys in _lists(obj):
        seen = set()
        items = get(obj, *path)
        for item in items if isinstance(items, list) else []:
            key = tuple(get(item, name, default=_DEFAULTS.get(name)) for name in keys)
            if str(key) in seen:
                yield path, ", ".join(f"{name} {value}" for name, value in zip(keys, key, strict=True))
            seen.add(str(key))


def _lists(obj: Object) -> Iterator[tuple[Path, tuple[str, ...]]]:
    kind, group = obj.get("kind"), str(obj.get("apiVersion", "")).rpartition("/")[0]
    if kind == "Service" and group == "":
        yield ("spec", "ports"), _SERVICE_PORTS
    pod = _POD_SPEC.get(str(kind)) if group in _GROUPS else None
    if pod is None:
        return
    yield from (((*pod, name), keys) for name, keys in _IN_POD.items())
    for name in _CONTAINERS:
        containers: Any = get(obj, *pod, name)
        for index in range(len(containers) if isinstance(containers, list) else 0):
            yield from (((*pod, name, index, inner), keys) for inner, keys in _IN_CONTAINER.items())
