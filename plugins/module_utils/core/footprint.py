"""What an operator will create for one object, as plain objects: for rehearsal, quota, spread and cost.

A system's ``footprint(obj)`` returns a Footprint; ``FOOTPRINTS`` of its file names it by kind; footprints.py has all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .api.objects import Object, get
from .builders import build, confined, merged, present, volume_claim
from .sets.values import quantity

_REPLICATED = ("StatefulSet", "Deployment", "ReplicaSet")
# Labels that the conventions reserve for what makes the object; an operator does not take them over from its resource.
_RESERVED = "app.kubernetes.io/"


@dataclass(frozen=True)
class Footprint:
    """The children of one object, in the order in which they come to be; owners are the operator's to add.

    A Secret's empty values are secrets that the operator makes up. Workloads stand for their pods: `pods` and `claims`
    tell those too. Where the operator itself keeps pods (no StatefulSet), they stand here as Pods.
    """

    objects: tuple[Object, ...] = ()

    def of_kind(self, *kinds: str) -> list[Object]:
        """The children of these kinds (`Service`, `Secret`, `PodDisruptionBudget`)."""
        return [obj for obj in self.objects if obj["kind"] in kinds]

    @property
    def pods(self) -> list[Object]:
        """Every pod, those of workloads included, under the names that their controllers give."""
        made = [pod for workload in self.of_kind(*_REPLICATED) for pod in _pods_of(workload)]
        return [*self.of_kind("Pod"), *made]

    @property
    def claims(self) -> list[Object]:
        """Every PersistentVolumeClaim, those of StatefulSets included."""
        made = [claim for workload in self.of_kind("StatefulSet") for claim in _claims_of(workload)]
        return [*self.of_kind("PersistentVolumeClaim"), *made]

    @property
    def services(self) -> list[Object]:
        """Every Service."""
        return self.of_kind("Service")

    @property
    def secrets(self) -> list[Object]:
        """Every Secret, without what is secret."""
        return self.of_kind("Secret")

    @property
    def budgets(self) -> list[Object]:
        """Every PodDisruptionBudget."""
        return self.of_kind("PodDisruptionBudget")

    def totals(self) -> dict[str, Decimal]:
        """What a ResourceQuota counts: requests.cpu (cores), requests.memory (bytes), limits.*, requests.storage
        (bytes), pods, persistentvolumeclaims, services, secrets."""
        found: dict[str, Decimal] = {}
        for which in ("requests", "limits"):
            for pod in self.pods:
                _add(found, {f"{which}.{name}": amount for name, amount in needs(pod, which).items()})
        for claim in self.claims:
            _add(found, {"requests.storage": size(claim)})
        counts = {
            "pods": self.pods,
            "persistentvolumeclaims": self.claims,
            "services": self.services,
            "secrets": self.secrets,
        }
        return found | {name: Decimal(len(objects)) for name, objects in counts.items()}


Function = Callable[[Object], Footprint]


def nothing(obj: Object) -> Footprint:
    """The footprint of what an operator answers to with a status alone (a database, a queue, a topic)."""
    return Footprint()


def needs(pod: Object, which: str = "requests") -> dict[str, Decimal]:
    """What one pod needs of each resource, as the scheduler counts: containers and sidecars together, or the largest
    init container; what is only limited is requested too (KEP-753, pkg/api/v1/resource/helpers.go)."""
    spec = pod.get("spec", {})
    total = _amounts(spec.get("overhead"))
    for container in [*spec.get("containers", []), *filter(_is_sidecar, spec.get("initContainers", []))]:
        _add(total, _container_needs(container, which))
    for container in spec.get("initContainers", []):
        if not _is_sidecar(container):
            for name, amount in _container_needs(container, which).items():
                total[name] = max(total.get(name, amount), amount)
    return total


def _add(total: dict[str, Decimal], more: Mapping[str, Decimal]) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, Decimal(0)) + amount


def size(claim: Object) -> Decimal:
    """The bytes that a claim asks for."""
    return _amounts(get(claim, "spec", "resources", "requests")).get("storage", Decimal(0))


def _container_needs(container: Object, which: str) -> dict[str, Decimal]:
    resources = container.get("resources") or {}
    named = _amounts(resources.get(which))
    return _amounts(resources.get("limits")) | named if which == "requests" else named


def _amounts(raw: Any) -> dict[str, Decimal]:
    read = {name: quantity(str(amount)) for name, amount in (raw or {}).items()}
    return {name: amount for name, amount in read.items() if amount is not None}


def _is_sidecar(container: Object) -> bool:
    return container.get("restartPolicy") == "Always"


def _replicas(workload: Object) -> int:
    found = get(workload, "spec", "replicas", default=1)
    return int(found)


def _pods_of(workload: Object) -> Iterable[Object]:
    template, meta = workload["spec"]["template"], workload["metadata"]
    labels = get(template, "metadata", "labels", default={})
    for number in range(_replicas(workload)):
        yield build("v1", "Pod", f"{meta['name']}-{number}", meta["namespace"], labels=labels, spec=template["spec"])


def _claims_of(workload: Object) -> Iterable[Object]:
    meta = workload["metadata"]
    for number in range(_replicas(workload)):
        for template in get(workload, "spec", "volumeClaimTemplates", default=[]):
            name = f"{template['metadata']['name']}-{meta['name']}-{number}"
            yield build("v1", "PersistentVolumeClaim", name, meta["namespace"], spec=template["spec"])


# What systems build footprints from ---------------------------------------------------------------------------------


def labels_of(obj: Object) -> dict[str, str]:
    """The labels that most operators copy from their resource to its children: all but the reserved ones."""
    found = get(obj, "metadata", "labels", default={})
    return {key: text for key, text in found.items() if not key.startswith(_RESERVED)}


def child(obj: Object, api_version: str, kind: str, name: str, labels: Mapping[str, str], **parts: Any) -> Object:
    """An object in the namespace of the one it belongs to."""
    return build(api_version, kind, name, get(obj, "metadata", "namespace"), labels=labels, **parts)


def claim_spec(size: str, storage_class: str | None = None, **more: Any) -> Object:
    """The spec of a claim for one node's reading and writing."""
    return {**volume_claim({"size": size, "class": storage_class}), **more}


def claim(obj: Object, name: str, labels: Mapping[str, str], spec: Object) -> Object:
    """A PersistentVolumeClaim."""
    return child(obj, "v1", "PersistentVolumeClaim", name, labels, spec=spec)


def service(
    obj: Object,
    name: str,
    labels: Mapping[str, str],
    *,
    selector: Mapping[str, str],
    ports: Mapping[str, int],
    headless: bool = False,
    **spec: Any,
) -> Object:
    """A Service for pods by label; ports by name."""
    rows = [{"name": port, "port": number, "targetPort": number} for port, number in ports.items()]
    head = {"clusterIP": "None"} if headless else {}
    return child(obj, "v1", "Service", name, labels, spec={**head, "selector": dict(selector), "ports": rows, **spec})


def secret(
    obj: Object, name: str, labels: Mapping[str, str], *keys: str, type_: str = "Opaque", **known: str
) -> Object:
    """A Secret with these keys, which the operator fills, and these values, which are no secret."""
    return child(obj, "v1", "Secret", name, labels, type=type_, data=dict.fromkeys(keys, ""), stringData=known)


def budget(obj: Object, name: str, labels: Mapping[str, str], *, selector: Mapping[str, str], **spec: Any) -> Object:
    """A PodDisruptionBudget as the operator writes it (minAvailable, maxUnavailable)."""
    spec["selector"] = {"matchLabels": dict(selector)}
    return child(obj, "policy/v1", "PodDisruptionBudget", name, labels, spec=spec)


_RESTRICTED_POD = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def pod_spec(containers: list[Object], *, restricted: bool = True, **fields: Any) -> Object:
    """A pod's spec without what is not there (nodeSelector, affinity, tolerations ...).

    restricted: whether the operator's pods keep the Pod Security Standard of that name.
    """
    spec: Object = {"containers": containers, **present(**fields)}
    if restricted:
        spec["securityContext"] = _RESTRICTED_POD
        for container in [*containers, *spec.get("initContainers", [])]:
            container["securityContext"] = confined()
    return spec


def stateful_set(
    obj: Object,
    name: str,
    labels: Mapping[str, str],
    *,
    selector: Mapping[str, str],
    replicas: int,
    pod: Object,
    claims: Mapping[str, Object],
    owned_claims: bool = False,
    over: Mapping[str, Any] | None = None,
    **spec: Any,
) -> Object:
    """A StatefulSet: a pod's spec, the specs of its claims by name, `over` laid on its spec.

    owned_claims: whether the operator has its claims go with the resource.
    """
    owner = {"ownerReferences": [_owner(obj)]} if owned_claims and get(obj, "metadata", "uid") else {}
    body = {
        "replicas": replicas,
        "selector": {"matchLabels": dict(selector)},
        "template": {"metadata": {"labels": dict(labels)}, "spec": pod},
        "volumeClaimTemplates": [{"metadata": {"name": each, **owner}, "spec": one} for each, one in claims.items()],
        **spec,
    }
    return child(obj, "apps/v1", "StatefulSet", name, labels, spec=merged(body, over))


def deployment(
    obj: Object, name: str, labels: Mapping[str, str], *, selector: Mapping[str, str], replicas: int, pod: Object
) -> Object:
    """A Deployment: a pod's spec."""
    template = {"metadata": {"labels": dict(labels)}, "spec": pod}
    body = {"replicas": replicas, "selector": {"matchLabels": dict(selector)}, "template": template}
    return child(obj, "apps/v1", "Deployment", name, labels, spec=body)


def _owner(obj: Object) -> Object:
    return {
        "apiVersion": obj["apiVersion"],
        "kind": obj["kind"],
        "name": obj["metadata"]["name"],
        "uid": obj["metadata"]["uid"],
    }
