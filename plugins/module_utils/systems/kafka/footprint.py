"""What Strimzi makes of its resources: pods, claims, Services, Secrets, budgets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core import footprint as fp
from ...core.api.objects import Object, get
from ...core.builders import present
from ...core.footprint import Footprint

# What Strimzi makes: cluster-operator model/{KafkaPool,KafkaCluster,KafkaConnectCluster,EntityOperator}.java,
# Labels.java (the resource's own labels are copied). Where it makes a StrimziPodSet, its pods stand here.
_DEFAULT_CLAIM = "100Gi"


def _strimzi_labels(obj: Object, cluster: str, component: str, name: str) -> dict[str, str]:
    return {
        **fp.labels_of(obj),
        "strimzi.io/cluster": cluster,
        "strimzi.io/kind": str(obj.get("kind")),
        "strimzi.io/name": name,
        "app.kubernetes.io/managed-by": "strimzi-cluster-operator",
        "app.kubernetes.io/name": component,
        "app.kubernetes.io/instance": cluster,
    }


def _strimzi_pod(spec: Object, container: str, resources: Any, volumes: Mapping[str, str]) -> Object:
    template = get(spec, "template", "pod", default={})
    return fp.pod_spec(
        [{"name": container, "image": spec.get("image") or "quay.io/strimzi/kafka", **present(resources=resources)}],
        volumes=[{"name": key, "persistentVolumeClaim": {"claimName": claim}} for key, claim in volumes.items()],
        affinity=template.get("affinity"),
        tolerations=template.get("tolerations"),
        topologySpreadConstraints=template.get("topologySpreadConstraints"),
        priorityClassName=template.get("priorityClassName"),
        schedulerName=template.get("schedulerName"),
    )


def footprint(pool: Object) -> Footprint:
    """The nodes of a KafkaNodePool with their claims; numbered as its status says, else from 0."""
    spec, name = pool.get("spec", {}), get(pool, "metadata", "name")
    cluster = get(pool, "metadata", "labels", "strimzi.io/cluster", default="")
    count = int(spec.get("replicas", 0))
    there = list(get(pool, "status", "nodeIds", default=[]))[:count]
    numbers = [*there, *(number for number in range(2 * count) if number not in there)][:count]
    labels = _strimzi_labels(pool, cluster, "kafka", f"{cluster}-kafka") | {
        "strimzi.io/pool-name": name,
        **{f"strimzi.io/{role}-role": "true" for role in spec.get("roles", [])},
    }
    parts: list[Object] = []
    for number in numbers:
        node = f"{cluster}-{name}-{number}"
        claims = {
            volume: (f"{volume}-{node}", fp.claim_spec(str(one.get("size", _DEFAULT_CLAIM)), one.get("class")))
            for volume, one in _volumes(spec.get("storage") or {}).items()
        }
        parts += [fp.claim(pool, claim, labels, wanted) for claim, wanted in claims.values()]
        volumes = {volume: claim for volume, (claim, _) in claims.items()}
        pod = _strimzi_pod(spec, "kafka", spec.get("resources"), volumes)
        parts.append(fp.child(pool, "v1", "Pod", node, labels, spec={**pod, "hostname": node}))
    return Footprint(tuple(parts))


def _volumes(storage: Object) -> dict[str, Object]:
    """Claims by the name of their volume: `data-0`, `data-1` of JBOD storage, otherwise `data`."""
    if storage.get("type") == "jbod":
        return {f"data-{each.get('id', 0)}": each for each in storage.get("volumes", []) if _is_claim(each)}
    return {"data": storage} if _is_claim(storage) else {}


def _is_claim(storage: Object) -> bool:
    return storage.get("type") == "persistent-claim"


def kafka_footprint(kafka: Object) -> Footprint:
    """Services, CA Secrets and what runs beside the brokers of a Kafka; the brokers are its KafkaNodePools'."""
    spec, name = kafka.get("spec", {}), get(kafka, "metadata", "name")
    labels = _strimzi_labels(kafka, name, "kafka", f"{name}-kafka")
    selector = {"strimzi.io/cluster": name, "strimzi.io/name": f"{name}-kafka"}
    ports = {f"tcp-{each['name']}": int(each["port"]) for each in get(spec, "kafka", "listeners", default=[])}
    ports = ports or {"tcp-replication": 9091}
    parts = [
        fp.service(kafka, f"{name}-kafka-bootstrap", labels, selector=selector, ports=ports),
        fp.service(kafka, f"{name}-kafka-brokers", labels, selector=selector, ports=ports, headless=True),
        *(fp.secret(kafka, f"{name}-{ca}-ca-cert", labels, "ca.crt", "ca.p12") for ca in ("cluster", "clients")),
        *(fp.secret(kafka, f"{name}-{ca}-ca", labels, "ca.key") for ca in ("cluster", "clients")),
        fp.budget(kafka, f"{name}-kafka", labels, selector=selector, maxUnavailable=1),
    ]
    for part, field in {
        "entity-operator": "entityOperator",
        "cruise-control": "cruiseControl",
        "kafka-exporter": "kafkaExporter",
    }.items():
        if spec.get(field) is not None:
            parts.append(_beside(kafka, name, part, spec[field]))
    return Footprint(tuple(parts))


def _beside(kafka: Object, name: str, part: str, spec: Object) -> Object:
    full = f"{name}-{part}"
    labels = _strimzi_labels(kafka, name, part, full)
    inside = [each for each in ("topicOperator", "userOperator") if spec.get(each) is not None]
    containers = {each: spec[each].get("resources") for each in inside} or {part: spec.get("resources")}
    pod = _strimzi_pod(spec, part, None, {})
    image = pod["containers"][0]["image"]
    pod["containers"] = [
        {**pod["containers"][0], "name": key.lower(), "image": image, **present(resources=resources)}
        for key, resources in containers.items()
    ]
    return fp.deployment(kafka, full, labels, selector={"strimzi.io/name": full}, replicas=1, pod=pod)


def _workers(suffix: str, component: str) -> fp.Function:
    """Pods of KafkaConnect and KafkaMirrorMaker2, their Service and PodDisruptionBudget."""

    def made(obj: Object) -> Footprint:
        spec, name = obj.get("spec", {}), get(obj, "metadata", "name")
        full = f"{name}-{suffix}"
        labels, selector = _strimzi_labels(obj, name, component, full), {"strimzi.io/name": full}
        pod = _strimzi_pod(spec, full, spec.get("resources"), {})
        pods = [
            fp.child(obj, "v1", "Pod", f"{full}-{number}", labels, spec=pod)
            for number in range(int(spec.get("replicas", 1)))
        ]
        return Footprint(
            (
                fp.service(obj, f"{full}-api", labels, selector=selector, ports={"rest-api": 8083}),
                fp.budget(obj, full, labels, selector=selector, maxUnavailable=1),
                *pods,
            )
        )

    return made


def bridge_footprint(bridge: Object) -> Footprint:
    """The Deployment and Service of a KafkaBridge."""
    spec, name = bridge.get("spec", {}), f"{get(bridge, 'metadata', 'name')}-bridge"
    labels = _strimzi_labels(bridge, get(bridge, "metadata", "name"), "kafka-bridge", name)
    selector = {"strimzi.io/name": name}
    pod, count = _strimzi_pod(spec, name, spec.get("resources"), {}), int(spec.get("replicas", 1))
    return Footprint(
        (
            fp.service(bridge, f"{name}-service", labels, selector=selector, ports={"rest-api": 8080}),
            fp.deployment(bridge, name, labels, selector=selector, replicas=count, pod=pod),
        )
    )


def user_footprint(user: Object) -> Footprint:
    """The Secret of a KafkaUser, by how it authenticates."""
    how, name = get(user, "spec", "authentication", "type"), get(user, "metadata", "name")
    keys = {"tls": ("ca.crt", "user.crt", "user.key"), "scram-sha-512": ("password", "sasl.jaas.config")}.get(str(how))
    labels = {**fp.labels_of(user), "strimzi.io/kind": "KafkaUser"}
    return Footprint((fp.secret(user, name, labels, *keys),) if keys else ())


FOOTPRINTS: dict[str, fp.Function] = {
    "kafka.strimzi.io/Kafka": kafka_footprint,
    "kafka.strimzi.io/KafkaNodePool": footprint,
    "kafka.strimzi.io/KafkaConnect": _workers("connect", "kafka-connect"),
    "kafka.strimzi.io/KafkaMirrorMaker2": _workers("mirrormaker2", "kafka-mirror-maker-2"),
    "kafka.strimzi.io/KafkaBridge": bridge_footprint,
    "kafka.strimzi.io/KafkaUser": user_footprint,
    "kafka.strimzi.io/KafkaTopic": fp.nothing,
    "kafka.strimzi.io/KafkaConnector": fp.nothing,
}
