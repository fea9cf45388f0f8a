"""Makes, changes and removes what a footprint names: owned by the resource, marked as simulated."""

from __future__ import annotations

import base64
import copy
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from . import moods
from .engine import APPLY, MERGE, ApiError, Client, Discovery, Footprint, PlatformError, get
from .index import Index
from .marks import MANAGER, OWNER, SIMULATED

Object = dict[str, Any]
_ONCE = ("Secret", "Pod", "PersistentVolumeClaim")  # created, never applied again
_TEMPLATED = ("StatefulSet", "Deployment")


class Children:
    """The children of one resource; remembers what it last asked for, so that only changes are sent."""

    def __init__(self, client: Client, discovery: Discovery, pods: Index, claims: Index) -> None:
        self._client, self._discovery = client, discovery
        self._pods, self._claims = pods, claims
        self._sent: dict[tuple[str, str], Object] = {}

    def keep(self, owner: Object, wanted: Footprint, instances: Iterable[str] | None, mood: str) -> list[str]:
        """Makes the cluster as wanted. instances: only these pods, with their claims, may come to be (None: all).

        Returns the API server's refusals.
        """
        uid = owner["metadata"]["uid"]
        objects = [_marked(each, owner) for each in _allowed(wanted, instances)]
        if mood == moods.UNSCHEDULABLE:
            _to_nowhere(objects, wanted)
        self._remove(uid, wanted)
        todo = [each for each in objects if self._is_due(uid, each)]
        answers = self._client.map(self._send, todo)
        refused = [answer for answer in answers if isinstance(answer, PlatformError)]
        return [str(error) for error in refused]

    def _is_due(self, uid: str, obj: Object) -> bool:
        kind, name = key = obj["kind"], obj["metadata"]["name"]
        there = {"Pod": self._pods, "PersistentVolumeClaim": self._claims}
        if kind in there and name not in there[kind].of(uid):
            return True  # also one that somebody deleted
        return self._sent.get(key) != obj

    def _send(self, obj: Object) -> None:
        kind, name = key = obj["kind"], obj["metadata"]["name"]
        resource = self._discovery.resource(obj["apiVersion"], kind)
        path = self._discovery.path(resource, obj["metadata"]["namespace"])
        query = {"fieldManager": MANAGER}
        if kind not in _ONCE:
            query["force"] = "true"
            self._client.request("PATCH", f"{path}/{name}", query=query, body=obj, content_type=APPLY)
        elif key not in self._sent or not self._change(path, obj, self._sent[key]):
            self._create(path, obj, query)
        self._sent[key] = obj

    def _change(self, path: str, obj: Object, before: Object) -> bool:
        """Changes what may change of a pod or a claim; a pod of another spec goes, and comes anew when it is gone."""
        target = f"{path}/{obj['metadata']['name']}"
        try:
            if obj["kind"] == "Pod" and obj["spec"] != before["spec"]:
                self._client.request("DELETE", target)
                return True
            body = {"metadata": {"labels": obj["metadata"]["labels"]}}
            if obj["kind"] == "PersistentVolumeClaim":
                body["spec"] = {"resources": obj["spec"]["resources"]}
            self._client.request("PATCH", target, body=body, content_type=MERGE, query={"fieldManager": MANAGER})
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def _create(self, path: str, obj: Object, query: dict[str, str]) -> None:
        body = _filled(obj) if obj["kind"] == "Secret" else obj
        try:
            self._client.request("POST", path, query=query, body=body)
        except ApiError as error:
            if error.status != 409 or error.reason != "AlreadyExists":
                raise

    def _remove(self, uid: str, wanted: Footprint) -> None:
        """Removes pods and claims that are wanted no more, and whatever else was sent before and is not now."""
        names = {(each["kind"], each["metadata"]["name"]) for each in wanted.objects}
        pods_made = {each["metadata"]["name"] for each in wanted.pods} if wanted.of_kind(*_TEMPLATED) else set()
        claims_made = {each["metadata"]["name"] for each in wanted.claims}
        extra = [("Pod", name) for name in self._pods.of(uid) if not pods_made and ("Pod", name) not in names]
        extra += [("PersistentVolumeClaim", name) for name in self._claims.of(uid) if name not in claims_made]
        extra += [key for key in self._sent if key not in names and key[0] not in _ONCE]
        namespace = {each["metadata"]["name"]: each["metadata"]["namespace"] for each in self._sent.values()}
        for kind, name in extra:
            found = {"Pod": self._pods, "PersistentVolumeClaim": self._claims}.get(kind, Index()).of(uid).get(name)
            if get(found, "metadata", "deletionTimestamp"):
                continue
            self._delete(kind, name, get(found, "metadata", "namespace") or namespace[name])
        for key in [key for key in self._sent if key not in names]:
            del self._sent[key]

    def _delete(self, kind: str, name: str, namespace: str) -> None:
        version = {"Pod": "v1", "PersistentVolumeClaim": "v1"}.get(kind) or self._sent[kind, name]["apiVersion"]
        resource = self._discovery.resource(version, kind)
        try:
            self._client.request("DELETE", self._discovery.path(resource, namespace, name))
        except ApiError as error:
            if error.status != 404:
                raise


def _allowed(wanted: Footprint, instances: Iterable[str] | None) -> list[Object]:
    if instances is None:
        return list(wanted.objects)
    allowed = set(instances)
    pods = wanted.of_kind("Pod")
    later = {each["metadata"]["name"] for each in pods if each["metadata"]["name"] not in allowed}
    claims = {claim for each in pods if each["metadata"]["name"] in later for claim in _claims_of(each)}
    hidden = {("Pod", name) for name in later} | {("PersistentVolumeClaim", name) for name in claims}
    return [each for each in wanted.objects if (each["kind"], each["metadata"]["name"]) not in hidden]


def _claims_of(pod: Object) -> list[str]:
    volumes = get(pod, "spec", "volumes", default=[])
    return [each["persistentVolumeClaim"]["claimName"] for each in volumes if "persistentVolumeClaim" in each]


def _marked(obj: Object, owner: Object) -> Object:
    """A copy with its owner and the marks; a workload's pods carry them too."""
    made = copy.deepcopy(obj)
    metadata = owner["metadata"]
    marks = {SIMULATED: "true", OWNER: metadata["uid"]}
    made["metadata"]["labels"] = made["metadata"].get("labels", {}) | marks
    made["metadata"]["ownerReferences"] = [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
    if made["kind"] in _TEMPLATED:
        template = made["spec"]["template"].setdefault("metadata", {})
        template["labels"] = template.get("labels", {}) | marks
        for claim in made["spec"].get("volumeClaimTemplates", []):
            claim["metadata"]["labels"] = claim["metadata"].get("labels", {}) | marks
    return made


def _to_nowhere(objects: list[Object], wanted: Footprint) -> None:
    """The last pod, or the pods of a workload, ask for a node that does not exist."""
    last = [each["metadata"]["name"] for each in wanted.of_kind("Pod")][-1:]
    for each in objects:
        if each["kind"] in _TEMPLATED:
            each["spec"]["template"]["spec"]["nodeSelector"] = moods.NOWHERE
        elif each["kind"] == "Pod" and each["metadata"]["name"] in last:
            each["spec"]["nodeSelector"] = moods.NOWHERE


def _filled(secret: Object) -> Object:
    """With a made up value in every place that the footprint leaves empty; held by nobody but the cluster."""
    token: Callable[[], str] = lambda: base64.b64encode(f"simulated-{secrets.token_urlsafe(18)}".encode()).decode()  # noqa: E731
    return {**secret, "data": {key: token() for key in secret.get("data", {})}}
