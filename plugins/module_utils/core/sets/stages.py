"""Says what must exist before what: the stage in which an object is written, and the wave in which it is deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import groupby

from ..api.objects import Object, group_of

NAMESPACES, CLASSES, SETTINGS, ADDRESSES, WORKLOADS, WEBHOOKS = range(6)

# What is listed nowhere is a workload or a custom resource. Order within a stage does not matter.
_STAGES: dict[int, tuple[str, ...]] = {
    NAMESPACES: ("Namespace", "apiextensions.k8s.io/CustomResourceDefinition"),
    CLASSES: (
        "scheduling.k8s.io/PriorityClass",
        "storage.k8s.io/StorageClass",
        "storage.k8s.io/CSIDriver",
        "storage.k8s.io/VolumeAttributesClass",
        "snapshot.storage.k8s.io/VolumeSnapshotClass",
        "node.k8s.io/RuntimeClass",
        "networking.k8s.io/IngressClass",
        "gateway.networking.k8s.io/GatewayClass",
        "rbac.authorization.k8s.io/Role",  # whoever may not bind any role needs it to be there first
        "rbac.authorization.k8s.io/ClusterRole",
    ),
    SETTINGS: (
        "ResourceQuota",
        "LimitRange",
        "networking.k8s.io/NetworkPolicy",
        "rbac.authorization.k8s.io/RoleBinding",
        "rbac.authorization.k8s.io/ClusterRoleBinding",
        "ServiceAccount",
        "Secret",
        "ConfigMap",
    ),
    ADDRESSES: ("Service", "PersistentVolume", "PersistentVolumeClaim"),
    WEBHOOKS: (
        "admissionregistration.k8s.io/MutatingWebhookConfiguration",
        "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
        "apiregistration.k8s.io/APIService",
    ),
}
_STAGE_OF = {kind: stage for stage, kinds in _STAGES.items() for kind in kinds}

# Deletion: custom resources while their operators still run, what blocks others' deletion (webhooks) before the kinds
# themselves, and the namespaces that hold all of it last.
_GONE_FIRST, _GONE_BEFORE_WORKLOADS, _WORKLOADS, _REST, _WEBHOOKS, _CRDS, _NAMESPACES = range(7)


def kind_key(obj: Object) -> str:
    """How tables name a kind: "apps/Deployment", and "ConfigMap" in the core group."""
    group = group_of(str(obj.get("apiVersion", "")))
    return f"{group}/{obj.get('kind', '')}" if group else str(obj.get("kind", ""))


def builtin(obj: Object) -> bool:
    """Whether the kind comes with Kubernetes: its group has no dot, or is one of Kubernetes' own under k8s.io."""
    group = group_of(str(obj.get("apiVersion", "")))
    return "." not in group or group in _BUILTIN_GROUPS


_BUILTIN_GROUPS = frozenset(
    f"{name}.k8s.io"
    for name in (
        "admissionregistration",
        "apiextensions",
        "apiregistration",
        "authentication",
        "authorization",
        "certificates",
        "coordination",
        "discovery",
        "events",
        "flowcontrol.apiserver",
        "internal.apiserver",
        "networking",
        "node",
        "rbac.authorization",
        "resource",
        "scheduling",
        "storage",
        "storagemigration",
    )
)


def stage(obj: Object) -> int:
    """The stage an object is written in; everything of a lower stage is written before it."""
    return _STAGE_OF.get(kind_key(obj), WORKLOADS)


def turn(obj: Object, needs: Mapping[str, Collection[str]]) -> tuple[int, int]:
    """When an object is written: its stage, and in that after the kinds it needs and those that they need."""
    return stage(obj), _depth(kind_key(obj), needs)


def _depth(kind: str, needs: Mapping[str, Collection[str]]) -> int:
    return max((1 + _depth(each, needs) for each in needs.get(kind, ())), default=0)


def wave(obj: Object) -> int:
    """The wave an object is deleted in; everything of a lower wave is gone before it."""
    key, number = kind_key(obj), stage(obj)
    if key == "Namespace":
        return _NAMESPACES
    if number == NAMESPACES:
        return _CRDS
    if number == WEBHOOKS:
        return _WEBHOOKS
    if number == WORKLOADS and not builtin(obj):
        return _GONE_BEFORE_WORKLOADS
    return _WORKLOADS if number == WORKLOADS else _REST


def in_waves(objects: list[Object], first: Collection[str] = ()) -> list[list[Object]]:
    """The objects by wave of deletion, first wave first; `first` are kinds that go before all others."""

    def number(obj: Object) -> int:
        return _GONE_FIRST if kind_key(obj) in first else wave(obj)

    return [list(group) for _, group in groupby(sorted(objects, key=number), key=number)]
