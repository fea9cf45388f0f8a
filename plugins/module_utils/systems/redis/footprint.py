"""What the OT operator makes of its Redis resources: servers, sentinels, Services, budgets. Pure.

Facts: internal/k8sutils/{redis-cluster,redis-replication,redis-sentinel,redis-standalone,labels,poddisruption}.go,
internal/controller/redisreplication/redisreplication_sentinel.go of redis-operator v0.26.0; the resource's own labels
are copied to everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core import footprint as fp
from ...core.api.objects import Object, get
from ...core.builders import present
from ...core.footprint import Footprint
from .parts import API, METRICS, METRICS_NAME, PORT, SENTINEL

_GROUP = API.partition("/")[0]
_PORTS = {"redis-client": PORT}


class _Part:
    """One StatefulSet with its Services, and its budget where that is asked for.

    own: where the part's own fields are (a role of a cluster, the sentinels of a replication); the resource's hold
    otherwise. also: labels that pods have besides.
    """

    def __init__(self, obj: Object, name: str, kind: str, role: str, own: Mapping[str, Any], **also: str) -> None:
        self.obj, self.name, self.kind, self.own = obj, name, kind, own
        self.spec = obj.get("spec", {})
        self.selector = {"app": name, "redis_setup_type": kind, "role": role}
        self.labels = {**fp.labels_of(obj), **self.selector, **also}

    def service(self, suffix: str = "", ports: Mapping[str, int] = _PORTS, *, headless: bool = False) -> Object:
        name = f"{self.name}{suffix}"
        return fp.service(self.obj, name, self.labels, selector=self.selector, ports=ports, headless=headless)

    def workload(self, replicas: int, service: str, image: str | None = None) -> Object:
        general = self.spec.get("kubernetesConfig") or {}
        main = {
            "name": self.name,
            "image": image or general.get("image") or "quay.io/opstree/redis",
            **present(
                resources=self.own.get("resources") or general.get("resources"),
                securityContext=self.own.get("securityContext") or self.spec.get("securityContext"),
            ),
        }
        pod = fp.pod_spec(
            [main, *self._exporter()],
            restricted=False,  # its pods say only what spec.podSecurityContext says
            securityContext=self.own.get("podSecurityContext") or self.spec.get("podSecurityContext"),
            **{key: self.own.get(key) or self.spec.get(key) for key in _PLACED},
        )
        return fp.stateful_set(
            self.obj,
            self.name,
            self.labels,
            selector=self.selector,
            replicas=replicas,
            pod=pod,
            claims=self._claims(),
            serviceName=service,
        )

    def _exporter(self) -> list[Object]:
        asked = self.spec.get("redisExporter") or {}
        if not asked.get("enabled") or self.kind == "sentinel":
            return []
        port = {"name": METRICS_NAME, "containerPort": asked.get("port") or METRICS}
        own = present(resources=asked.get("resources"), securityContext=asked.get("securityContext"))
        return [{"name": "redis-exporter", "image": asked["image"], "ports": [port], **own}]

    def _claims(self) -> dict[str, Any]:
        storage = self.spec.get("storage") or {}
        if self.kind == "sentinel":
            return {}
        found = {self.name: get(storage, "volumeClaimTemplate", "spec")}
        if self.kind == "cluster" and storage.get("nodeConfVolume"):
            found["node-conf"] = get(storage, "nodeConfVolumeClaimTemplate", "spec") or fp.claim_spec("1Mi")
        return {key: claim for key, claim in found.items() if claim}

    def budget(self, name: str, replicas: int) -> list[Object]:
        asked = self.own.get("pdb") or {}
        if not asked.get("enabled"):
            return []
        bounds = present(minAvailable=asked.get("minAvailable"), maxUnavailable=asked.get("maxUnavailable"))
        bounds = bounds or {"minAvailable": replicas // 2 + 1}
        return [fp.budget(self.obj, name, self.labels, selector=self.selector, **bounds)]


_PLACED = ("nodeSelector", "affinity", "tolerations", "topologySpreadConstraints", "priorityClassName")


def _cluster(obj: Object) -> Footprint:
    """Leaders and followers: a StatefulSet each of clusterSize, or of its role's own replicas."""
    spec, name = obj.get("spec", {}), get(obj, "metadata", "name")
    made: list[Object] = []
    for role in ("leader", "follower"):
        own = spec.get(f"redis{role.title()}") or {}
        count = own.get("replicas")
        count = int(spec.get("clusterSize", 3) if count is None else count)
        part = _Part(obj, f"{name}-{role}", "cluster", role, own, cluster=name)
        services = [part.service(), part.service("-headless", headless=True)] if count else []
        made += [*services, part.workload(count, f"{part.name}-headless"), *part.budget(part.name, count)]
    return Footprint(tuple(made))


def _replication(obj: Object) -> Footprint:
    """Servers, and the sentinels that are a part of it."""
    spec, name = obj.get("spec", {}), get(obj, "metadata", "name")
    count = int(spec.get("clusterSize", 3))
    part = _Part(obj, name, "replication", "replication", spec)
    services = [part.service(), *(part.service(each) for each in ("-master", "-replica", "-additional"))]
    made = [*services, part.service("-headless", headless=True), part.workload(count, f"{name}-headless")]
    made += part.budget(f"{name}-replication", count)
    watch = spec.get("sentinel")
    if watch:
        sentinels = _Part(obj, f"{name}-s", "sentinel", "sentinel", watch)
        made.append(sentinels.service("-hl", {"sentinel": SENTINEL}, headless=True))
        made.append(sentinels.workload(int(watch["size"]), f"{name}-s-hl", watch.get("image")))
    return Footprint(tuple(made))


def _single(kind: str, suffix: str = "") -> fp.Function:
    def made(obj: Object) -> Footprint:
        spec, name = obj.get("spec", {}), f"{get(obj, 'metadata', 'name')}{suffix}"
        count = 1 if kind == "standalone" else int(spec.get("clusterSize", 3))
        part = _Part(obj, name, kind, kind, spec)
        services = [part.service(), part.service("-headless", headless=True)]
        return Footprint((*services, part.workload(count, f"{name}-headless"), *part.budget(name, count)))

    return made


FOOTPRINTS: dict[str, fp.Function] = {
    f"{_GROUP}/RedisCluster": _cluster,
    f"{_GROUP}/RedisReplication": _replication,
    f"{_GROUP}/RedisSentinel": _single("sentinel", "-sentinel"),
    f"{_GROUP}/Redis": _single("standalone"),
}
