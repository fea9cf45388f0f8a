"""Storage: the classes that claims and snapshots name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object
from ..core.builders import build, present, texts
from ..core.sets.guards import HoldsData
from ..core.sets.options import Options

Row = Mapping[str, Any]

_LIST: dict[str, Any] = {"type": "list", "elements": "str", "default": []}
_NAME: dict[str, Any] = {"type": "str", "required": True}
_POLICY: dict[str, Any] = {"type": "str", "choices": ["Retain", "Delete"], "default": "Retain"}

OPTIONS = Options(
    {
        "classes": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": _NAME,
                "provisioner": {"type": "str", "required": True},
                "parameters": {"type": "dict", "default": {}},
                "reclaim_policy": _POLICY,
                "binding_mode": {
                    "type": "str",
                    "choices": ["WaitForFirstConsumer", "Immediate"],
                    "default": "WaitForFirstConsumer",
                },
                "expandable": {"type": "bool", "default": True},
                "default": {"type": "bool", "default": False},
                "mount_options": _LIST,
                "zones": _LIST,
                "aliases": _LIST,
            },
        },
        "snapshot_classes": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": _NAME,
                "driver": {"type": "str", "required": True},
                "parameters": {"type": "dict", "default": {}},
                "deletion_policy": _POLICY,
                "default": {"type": "bool", "default": False},
            },
        },
    },
    set_name="storage",
)

# A class is a recipe: volumes and snapshots stay when it goes.
HOLDS_DATA = [HoldsData("snapshot.storage.k8s.io/VolumeSnapshotClass", "")]
_ZONE = "topology.kubernetes.io/zone"
# Drivers that were part of Kubernetes and are no more (KEP-625), and what took their place.
_REMOVED = {
    "kubernetes.io/aws-ebs": "ebs.csi.aws.com",
    "kubernetes.io/azure-disk": "disk.csi.azure.com",
    "kubernetes.io/azure-file": "file.csi.azure.com",
    "kubernetes.io/gce-pd": "pd.csi.storage.gke.io",
    "kubernetes.io/cinder": "cinder.csi.openstack.org",
    "kubernetes.io/vsphere-volume": "csi.vsphere.vmware.com",
    "kubernetes.io/rbd": "rbd.csi.ceph.com",
    "kubernetes.io/cephfs": "cephfs.csi.ceph.com",
}


def storage(*, classes: Iterable[Row] = (), snapshot_classes: Iterable[Row] = ()) -> list[Object]:
    """The catalogue of classes, as one set. Raises PlatformError for a driver that is gone, and for two defaults.

    Everything about a class but its mark as default is immutable: the engine's option `replace` says what then.
    """
    classes, snapshot_classes = list(classes), list(snapshot_classes)
    _one_default("StorageClasses", classes)
    for driver in {row["driver"] for row in snapshot_classes}:
        _one_default(f"VolumeSnapshotClasses of {driver}", [r for r in snapshot_classes if r["driver"] == driver])
    return [_class(name, row) for row in classes for name in (row["name"], *row["aliases"])] + [
        _snapshot_class(row) for row in snapshot_classes
    ]


def _one_default(what: str, rows: Iterable[Row]) -> None:
    names = [row["name"] for row in rows if row["default"]]
    if len(names) > 1:
        raise PlatformError(f"{' and '.join(names)} are both default among the {what}; only one can be")


def _class(name: str, row: Row) -> Object:
    gone = _REMOVED.get(row["provisioner"])
    if gone:
        raise PlatformError(
            f"StorageClass {name} names {row['provisioner']}, which Kubernetes no longer has; use {gone} and its "
            "parameters"
        )
    return build(
        "storage.k8s.io/v1",
        "StorageClass",
        name,
        annotations=_default("storageclass.kubernetes.io/is-default-class", row["default"] and name == row["name"]),
        provisioner=row["provisioner"],
        reclaimPolicy=row["reclaim_policy"],
        volumeBindingMode=row["binding_mode"],
        allowVolumeExpansion=row["expandable"],
        **present(
            parameters=texts(row["parameters"]),
            mountOptions=row["mount_options"],
            allowedTopologies=_topologies(row["zones"]),
        ),
    )


def _topologies(zones: list[str]) -> list[dict[str, Any]]:
    return [{"matchLabelExpressions": [{"key": _ZONE, "values": zones}]}] if zones else []


def _snapshot_class(row: Row) -> Object:
    return build(
        "snapshot.storage.k8s.io/v1",
        "VolumeSnapshotClass",
        row["name"],
        annotations=_default("snapshot.storage.kubernetes.io/is-default-class", row["default"]),
        driver=row["driver"],
        deletionPolicy=row["deletion_policy"],
        **present(parameters=texts(row["parameters"])),
    )


def _default(annotation: str, is_default: bool) -> dict[str, str]:
    return {annotation: "true"} if is_default else {}
