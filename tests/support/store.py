"""The objects of the scripted server, simulated: create, apply, replace, delete, list, watch, with their refusals."""

from __future__ import annotations

import base64
import copy
import datetime
import itertools
import re
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from support import fields


class Kind(NamedTuple):
    """A kind that is served."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


KINDS = [
    Kind("", "v1", "Namespace", "namespaces", False),
    Kind("", "v1", "ConfigMap", "configmaps"),
    Kind("", "v1", "Secret", "secrets"),
    Kind("", "v1", "Service", "services"),
    Kind("", "v1", "ServiceAccount", "serviceaccounts"),
    Kind("", "v1", "Pod", "pods"),
    Kind("", "v1", "Event", "events"),
    Kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    Kind("", "v1", "ResourceQuota", "resourcequotas"),
    Kind("apps", "v1", "Deployment", "deployments"),
    Kind("apps", "v1", "StatefulSet", "statefulsets"),
    Kind("apps", "v1", "ReplicaSet", "replicasets"),
    Kind("apps", "v1", "DaemonSet", "daemonsets"),
    Kind("batch", "v1", "Job", "jobs"),
    Kind("coordination.k8s.io", "v1", "Lease", "leases"),
    Kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
    Kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", False),
    Kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
    Kind("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", False),
    Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", False),
    Kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", False),
    Kind(
        "admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", False
    ),
]


class Refused(Exception):
    """What the server answers instead: a Status."""

    def __init__(self, code: int, reason: str, message: str, causes: list[dict[str, str]] | None = None) -> None:
        super().__init__(message)
        self.code = code
        details = {"causes": causes} if causes else {}
        self.status = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "details": details,
            "code": code,
        }


class Event(NamedTuple):
    """A change, for watches."""

    version: int
    type: str
    key: tuple[str, str, str, str]
    object: dict[str, Any]
    before: dict[str, Any] | None


class Watched(NamedTuple):
    """What a watch is about."""

    group: str
    plural: str
    namespace: str
    labels: str
    names: str


class Store:
    """Objects by (group, plural, namespace, name). `skew`: seconds by which the server's clock differs."""

    def __init__(self) -> None:
        self.kinds = {(kind.group, kind.plural): kind for kind in KINDS}
        self.objects: dict[tuple[str, str, str, str], dict[str, Any]] = {}
        self.events: list[Event] = []
        self.changed = threading.Condition(threading.RLock())
        self.skew = 0.0
        self.crd_ready = True
        self._versions = itertools.count(100)
        self.version = 100
        for name in ("default", "kube-system"):
            self.put(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "status": {"phase": "Active"}}
            )

    def kind_of(self, obj: dict[str, Any]) -> Kind:
        for kind in self.kinds.values():
            if (kind.api_version, kind.kind) == (obj["apiVersion"], obj["kind"]):
                return kind
        raise LookupError(f"{obj['apiVersion']} {obj['kind']}")

    def key(self, obj: dict[str, Any]) -> tuple[str, str, str, str]:
        kind = self.kind_of(obj)
        return (
            kind.group,
            kind.plural,
            obj["metadata"].get("namespace", "") if kind.namespaced else "",
            obj["metadata"]["name"],
        )

    def put(self, obj: dict[str, Any], manager: str = "") -> dict[str, Any]:
        """Creates or replaces an object as a controller or another person would, past all checks."""
        with self.changed:
            key = self.key(obj)
            live = self.objects.get(key)
            new = copy.deepcopy(obj)
            if manager:
                self._own(new, manager, "Update", fields.owned(new))
            elif live is not None:
                new["metadata"].setdefault("managedFields", copy.deepcopy(live["metadata"].get("managedFields", [])))
            return self._save(key, self._complete(new, live), live)

    def read(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """A live object by the plural of its kind."""
        for key, obj in self.objects.items():
            if key[1:] == (kind, namespace, name):
                return copy.deepcopy(obj)
        return None

    def names(self, kind: str, namespace: str = "") -> list[str]:
        return sorted(key[3] for key in self.objects if key[1] == kind and namespace in ("", key[2]))

    def drop(self, kind: str, namespace: str, name: str) -> None:
        """Removes an object past finalizers and checks."""
        with self.changed:
            for key in [key for key in self.objects if key[1:] == (kind, namespace, name)]:
                self._gone(key)

    def get(self, key: tuple[str, str, str, str]) -> dict[str, Any]:
        with self.changed:
            if key not in self.objects:
                raise Refused(404, "NotFound", f'{_full(key)} "{key[3]}" not found')
            return copy.deepcopy(self.objects[key])

    def create(self, key: tuple[str, str, str, str], obj: dict[str, Any], manager: str, dry: bool) -> dict[str, Any]:
        with self.changed:
            obj = copy.deepcopy(obj)
            if not key[3]:
                key = (*key[:3], obj["metadata"].get("name") or obj["metadata"]["generateName"] + uuid.uuid4().hex[:5])
                obj["metadata"]["name"] = key[3]
            if key in self.objects:
                raise Refused(409, "AlreadyExists", f'{_full(key)} "{key[3]}" already exists')
            self._admit(key)
            self._own(obj, manager, "Update", fields.owned(obj))
            return self._save(key, self._complete(obj, None), None, dry)

    def replace(self, key: tuple[str, str, str, str], obj: dict[str, Any], manager: str, dry: bool) -> dict[str, Any]:
        with self.changed:
            live = self.get(key)
            version = obj["metadata"].get("resourceVersion")
            if version and version != live["metadata"]["resourceVersion"]:
                raise Refused(
                    409,
                    "Conflict",
                    f'Operation cannot be fulfilled on {_full(key)} "{key[3]}": the object has been modified',
                )
            new = copy.deepcopy(obj)
            self._own(new, manager, "Update", fields.owned(new))
            return self._save(key, self._complete(new, live), live, dry)

    def merge(self, key: tuple[str, str, str, str], patch: dict[str, Any], manager: str, dry: bool) -> dict[str, Any]:
        """JSON merge patch."""
        with self.changed:
            live = self.get(key)
            version = fields.value_at(patch, ("f:metadata", "f:resourceVersion"))
            if isinstance(version, str) and version != live["metadata"]["resourceVersion"]:
                raise Refused(
                    409,
                    "Conflict",
                    f'Operation cannot be fulfilled on {_full(key)} "{key[3]}": the object has been modified',
                )
            new = _merge_patch(copy.deepcopy(live), patch)
            return self._save(key, self._complete(new, live), live, dry)

    def apply(
        self, key: tuple[str, str, str, str], obj: dict[str, Any], manager: str, *, force: bool, dry: bool
    ) -> tuple[int, dict[str, Any]]:
        with self.changed:
            live = self.objects.get(key)
            obj = _stored(obj)
            if live is None:
                self._admit(key)
            version = obj["metadata"].pop("resourceVersion", None)
            if live and version not in (None, live["metadata"]["resourceVersion"]):
                raise Refused(
                    409,
                    "Conflict",
                    f'Operation cannot be fulfilled on {_full(key)} "{key[3]}": the object has been modified',
                )
            claimed = fields.owned(obj)
            base = copy.deepcopy(live) if live else {"metadata": {}}
            entries = base["metadata"].setdefault("managedFields", [])
            self._refuse_conflicts(entries, claimed, obj, live=base, manager=manager, force=force)
            mine = _entry(entries, manager, "Apply")
            before = fields.untree(mine["fieldsV1"]) if mine else set()
            others = [fields.untree(e["fieldsV1"]) for e in entries if e is not mine]
            for path in before - claimed:
                if not any(path in other for other in others):
                    fields.remove(base, path)
            new = fields.merge(base, obj)
            self._own(new, manager, "Apply", claimed)
            return 200 if live else 201, self._save(key, self._complete(new, live), live, dry)

    def delete(self, key: tuple[str, str, str, str], options: dict[str, Any], dry: bool) -> dict[str, Any]:
        with self.changed:
            live = self.get(key)
            wanted = options.get("preconditions") or {}
            for name, label in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
                if wanted.get(name) and wanted[name] != live["metadata"][name]:
                    raise Refused(
                        409,
                        "Conflict",
                        f'Operation cannot be fulfilled on {_full(key)} "{key[3]}": Precondition failed: {label} in '
                        f"precondition: {wanted[name]}, {label} in object meta: {live['metadata'][name]}",
                    )
            if dry:
                return live
            if live["metadata"].get("finalizers"):
                live["metadata"].setdefault("deletionTimestamp", self.now())
                return self._save(key, live, self.objects[key])
            self._gone(key)
            if key[1] == "namespaces":
                for inside in [other for other in self.objects if other[2] == key[3]]:
                    self._gone(inside)
            return live

    def list(self, group: str, plural: str, namespace: str, labels: str, names: str) -> list[dict[str, Any]]:
        with self.changed:
            return [
                copy.deepcopy(obj)
                for key, obj in sorted(self.objects.items())
                if key[:2] == (group, plural) and namespace in ("", key[2]) and selects(labels, names, obj)
            ]

    def follow(self, wanted: Watched, since: int, until: float) -> Iterator[dict[str, Any] | None]:
        """Events after a version, as a watch sends them, until a moment of time; None for a while without any."""
        seen = since
        while time.monotonic() < until:
            with self.changed:
                new = [event for event in self.events if event.version > seen]
                if not new:
                    self.changed.wait(min(0.2, max(0.0, until - time.monotonic())))
                    new = [event for event in self.events if event.version > seen]
            if not new:
                yield None
            for event in new:
                seen = event.version
                if event.key[:2] == wanted[:2] and wanted.namespace in ("", event.key[2]):
                    sent = _as_seen(event, wanted.labels, wanted.names)
                    if sent:
                        yield sent

    def now(self) -> str:
        moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=self.skew)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _admit(self, key: tuple[str, str, str, str]) -> None:
        kind = self.kinds[key[0], key[1]]
        if not kind.namespaced:
            return
        home = self.objects.get(("", "namespaces", "", key[2]))
        if home is None:
            raise Refused(404, "NotFound", f'namespaces "{key[2]}" not found')
        if home["metadata"].get("deletionTimestamp"):
            raise Refused(
                403,
                "Forbidden",
                f'{_full(key)} "{key[3]}" is forbidden: unable to create new content in namespace {key[2]} '
                "because it is being terminated",
                [
                    {
                        "reason": "NamespaceTerminating",
                        "message": f"namespace {key[2]} is being terminated",
                        "field": "metadata.namespace",
                    }
                ],
            )

    def _refuse_conflicts(
        self, entries: list[Any], claimed: set[Any], obj: Any, *, live: Any, manager: str, force: bool
    ) -> None:
        causes = []
        for entry in entries:
            if (entry["manager"], entry["operation"]) == (manager, "Apply"):
                continue
            theirs = fields.untree(entry["fieldsV1"])
            differ = {
                p for p in theirs & claimed if p[-1] != "." and fields.value_at(obj, p) != fields.value_at(live, p)
            }
            if force:
                entry["fieldsV1"] = fields.tree(theirs - differ)
            for path in sorted(differ):
                using = f" using {entry['apiVersion']}" if entry["operation"] == "Update" else ""
                causes.append(
                    {
                        "reason": "FieldManagerConflict",
                        "message": f'conflict with "{entry["manager"]}"{using}',
                        "field": fields.dotted(path),
                    }
                )
        if causes and not force:
            count = f"{len(causes)} conflict" + ("s" if len(causes) > 1 else "")
            names = ", ".join(f"{cause['message']}: {cause['field']}" for cause in causes)
            raise Refused(409, "Conflict", f"Apply failed with {count}: {names}", causes)

    def _own(self, obj: dict[str, Any], manager: str, operation: str, claimed: set[Any]) -> None:
        entries = obj["metadata"].setdefault("managedFields", [])
        entry = _entry(entries, manager, operation)
        if entry is None:
            entry = {
                "manager": manager,
                "operation": operation,
                "apiVersion": obj["apiVersion"],
                "fieldsType": "FieldsV1",
            }
            entries.append(entry)
            entry["time"] = self.now()
        if entry.get("fieldsV1") != fields.tree(claimed):
            entry["fieldsV1"] = fields.tree(claimed)
            entry["time"] = self.now()
        obj["metadata"]["managedFields"] = [e for e in entries if e["fieldsV1"]]

    def _complete(self, obj: dict[str, Any], live: dict[str, Any] | None) -> dict[str, Any]:
        obj = _stored(obj)
        meta, old = obj["metadata"], (live or {}).get("metadata", {})
        meta["uid"] = old.get("uid") or meta.get("uid") or str(uuid.uuid4())
        meta["creationTimestamp"] = old.get("creationTimestamp") or meta.get("creationTimestamp") or self.now()
        meta["resourceVersion"] = old.get("resourceVersion", "")
        if "spec" in obj:
            same = live is not None and live.get("spec") == obj["spec"]
            meta["generation"] = old.get("generation", 0) + (not same)
        if live and "status" in live:
            obj.setdefault("status", copy.deepcopy(live["status"]))
        if obj["kind"] == "Namespace":
            obj.setdefault("status", {"phase": "Active"})
        if obj["kind"] == "CustomResourceDefinition":
            self._define(obj)
        return obj

    def _define(self, crd: dict[str, Any]) -> None:
        if not self.crd_ready or crd.get("status", {}).get("conditions"):
            return
        crd["status"] = {"conditions": [{"type": t, "status": "True"} for t in ("NamesAccepted", "Established")]}

    def serve(self, crd: dict[str, Any]) -> None:
        """Serves the kind of a definition."""
        spec = crd["spec"]
        served = next(version["name"] for version in spec["versions"] if version.get("served", True))
        kind = Kind(
            spec["group"], served, spec["names"]["kind"], spec["names"]["plural"], spec["scope"] == "Namespaced"
        )
        self.kinds[kind.group, kind.plural] = kind

    def _save(
        self, key: tuple[str, str, str, str], new: dict[str, Any], live: dict[str, Any] | None, dry: bool = False
    ) -> dict[str, Any]:
        if live is not None and new == live:
            return copy.deepcopy(new)
        if dry:
            return copy.deepcopy(new)
        self.version = next(self._versions)
        new["metadata"]["resourceVersion"] = str(self.version)
        ended = (
            new["metadata"].get("deletionTimestamp")
            and not new["metadata"].get("finalizers")
            and key[1] != "namespaces"
        )
        if ended:
            self._gone(key)
            return copy.deepcopy(new)
        self.objects[key] = new
        if key[1] == "customresourcedefinitions" and _condition(new, "Established"):
            self.serve(new)
        self.events.append(Event(self.version, "MODIFIED" if live else "ADDED", key, copy.deepcopy(new), live))
        self.changed.notify_all()
        return copy.deepcopy(new)

    def _gone(self, key: tuple[str, str, str, str]) -> None:
        old = self.objects.pop(key)
        self.version = next(self._versions)
        last = copy.deepcopy(old)
        last["metadata"]["resourceVersion"] = str(self.version)
        self.events.append(Event(self.version, "DELETED", key, last, old))
        self.changed.notify_all()


def selects(labels: str, names: str, obj: dict[str, Any]) -> bool:
    """Whether an object matches a label and a field selector."""
    return all(_matches(term, obj["metadata"].get("labels") or {}) for term in _terms(labels)) and all(
        obj["metadata"].get(path.removeprefix("metadata.")) == value
        for path, _, value in (term.partition("=") for term in _terms(names))
    )


def _terms(selector: str) -> list[str]:
    return [term for term in re.split(r",(?![^(]*\))", selector) if term]


def _matches(term: str, labels: dict[str, str]) -> bool:
    among = re.fullmatch(r"(\S+) (in|notin) \((.*)\)", term)
    if among:
        inside = labels.get(among[1]) in [value.strip() for value in among[3].split(",")]
        return inside if among[2] == "in" else not inside
    for sign, equal in (("!=", False), ("==", True), ("=", True)):
        if sign in term:
            name, _, value = term.partition(sign)
            return (labels.get(name) == value) is equal
    return term.removeprefix("!") in labels if not term.startswith("!") else term[1:] not in labels


def _as_seen(event: Event, labels: str, names: str) -> dict[str, Any] | None:
    now = selects(labels, names, event.object)
    before = event.before is not None and selects(labels, names, event.before)
    if event.type == "DELETED" or (before and not now):
        return {"type": "DELETED", "object": event.object} if before or now else None
    if not now:
        return None
    return {"type": "MODIFIED" if before else "ADDED", "object": event.object}


def _stored(obj: dict[str, Any]) -> dict[str, Any]:
    obj = copy.deepcopy(obj)
    if obj.get("kind") == "Secret" and obj.get("stringData"):
        plain = obj.pop("stringData")
        obj["data"] = {**obj.get("data", {}), **{k: base64.b64encode(v.encode()).decode() for k, v in plain.items()}}
    return obj


def _entry(entries: list[Any], manager: str, operation: str) -> Any:
    return next((e for e in entries if (e["manager"], e["operation"]) == (manager, operation)), None)


def _merge_patch(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    target = target if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = _merge_patch(target.get(key), value)
    return target


def _condition(obj: dict[str, Any], wanted: str) -> bool:
    return any(c["type"] == wanted and c["status"] == "True" for c in obj.get("status", {}).get("conditions", []))


def _full(key: tuple[str, str, str, str]) -> str:
    return f"{key[1]}.{key[0]}" if key[0] else key[1]
