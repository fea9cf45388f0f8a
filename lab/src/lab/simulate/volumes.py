"""Simulated storage: a volume for every claim whose class has a provisioner, gone when the claim is; nothing is stored.

As external provisioners do it: claims of classes that wait for their first consumer when a node was chosen, and the
volume is then bound to that node's zone.
"""

from __future__ import annotations

from typing import Any

from .engine import ApiError, Client, build, get
from .follow import DELETED, Follow
from .loop import Loop, say
from .marks import EVERY, SIMULATED

Object = dict[str, Any]
_CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
_VOLUMES = "/api/v1/persistentvolumes"
_NODE = "volume.kubernetes.io/selected-node"
_ZONE = "topology.kubernetes.io/zone"
_NOBODY = "kubernetes.io/no-provisioner"  # volumes of this class are made by hand
PROVISIONER = "simulated.lab.groundwork.platform"


class Volumes:
    """Follows classes, claims and the volumes it made."""

    def __init__(self, client: Client, loop: Loop) -> None:
        self._client, self._loop = client, loop
        self._classes: dict[str, Object] = {}
        self._pending: dict[str, Object] = {}

    def start(self) -> None:
        """Begins."""
        loop = self._loop
        Follow(self._client, _CLASSES, lambda event, obj: loop.soon(lambda: self._class(event, obj)))
        selector = EVERY
        Follow(
            self._client,
            _VOLUMES,
            lambda event, obj: loop.soon(lambda: self._volume(event, obj)),
            label_selector=selector,
        )

    def _class(self, event: str, obj: Object) -> None:
        self._classes.pop(obj["metadata"]["name"], None)
        if event != DELETED:
            self._classes[obj["metadata"]["name"]] = obj
        for claim in list(self._pending.values()):
            self.take("MODIFIED", claim)

    def take(self, event: str, claim: Object) -> None:
        """News of a claim."""
        uid = claim["metadata"]["uid"]
        self._pending.pop(uid, None)
        if event == DELETED or get(claim, "spec", "volumeName") or get(claim, "metadata", "deletionTimestamp"):
            return
        self._pending[uid] = claim
        storage = self._classes.get(get(claim, "spec", "storageClassName", default=""))
        node = get(claim, "metadata", "annotations", _NODE)
        if storage is None or storage["provisioner"] == _NOBODY:
            return
        if node or storage.get("volumeBindingMode") != "WaitForFirstConsumer":
            self._provision(claim, storage, node)
            self._pending.pop(uid, None)

    def _provision(self, claim: Object, storage: Object, node: str | None) -> None:
        metadata = claim["metadata"]
        spec = {
            "storageClassName": storage["metadata"]["name"],
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "accessModes": claim["spec"]["accessModes"],
            "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
            "persistentVolumeReclaimPolicy": storage.get("reclaimPolicy", "Delete"),
            "hostPath": {"path": "/simulated"},
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "uid": metadata["uid"],
            },
            **self._zone(node),
        }
        name = f"pvc-{metadata['uid']}"
        made_by = {"pv.kubernetes.io/provisioned-by": PROVISIONER}
        volume = build("v1", "PersistentVolume", name, labels={SIMULATED: "true"}, annotations=made_by, spec=spec)
        try:
            self._client.request("POST", _VOLUMES, body=volume)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                say(f"claim {metadata['namespace']}/{metadata['name']}: {error}")

    def _zone(self, node: str | None) -> Object:
        if not node:
            return {}
        labels = get(self._client.request("GET", f"/api/v1/nodes/{node}").data, "metadata", "labels", default={})
        if _ZONE not in labels:
            return {}
        there = [{"key": _ZONE, "operator": "In", "values": [labels[_ZONE]]}]
        return {"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": there}]}}}

    def _volume(self, event: str, volume: Object) -> None:
        """A released one goes, where its class says so."""
        released = get(volume, "status", "phase") == "Released"
        going = get(volume, "metadata", "deletionTimestamp") or event == DELETED
        if not going and released and get(volume, "spec", "persistentVolumeReclaimPolicy") == "Delete":
            try:
                self._client.request("DELETE", f"{_VOLUMES}/{volume['metadata']['name']}")
            except ApiError as error:
                if error.status != 404:
                    raise
