"""What RabbitMQ's operators make of its objects, as plain objects. Pure."""

from __future__ import annotations

from ...core import footprint as fp
from ...core.api.objects import Object, get
from ...core.builders import present
from ...core.footprint import Footprint
from ...core.sets.values import quantity

# The defaults of the API (api/v1beta1/rabbitmqcluster_types.go) and what the operator makes (internal/resource/,
# internal/metadata/label.go: the resource's own labels are copied to every child).
_PORTS = {"amqp": 5672, "management": 15672, "prometheus": 15692}
_NODE_PORTS = {"epmd": 4369, "cluster-rpc": 25672}
_RESOURCES = {"limits": {"cpu": "2000m", "memory": "2Gi"}, "requests": {"cpu": "1000m", "memory": "2Gi"}}
_SETUP = {"limits": {"cpu": "100m", "memory": "500Mi"}, "requests": {"cpu": "100m", "memory": "500Mi"}}


def footprint(cluster: Object) -> Footprint:
    """The StatefulSet, Services and Secrets of a RabbitmqCluster. The operator makes no PodDisruptionBudget."""
    spec, name = cluster.get("spec", {}), get(cluster, "metadata", "name")
    selector = {"app.kubernetes.io/name": name}
    labels = {
        **fp.labels_of(cluster),
        **selector,
        "app.kubernetes.io/component": "rabbitmq",
        "app.kubernetes.io/part-of": "rabbitmq",
    }
    external = spec.get("service") or {}
    body = present(type=external.get("type"))
    parts = [
        fp.service(cluster, f"{name}-nodes", labels, selector=selector, ports=_NODE_PORTS, headless=True),
        fp.service(cluster, name, labels, selector=selector, ports=_PORTS, **body),
        fp.secret(
            cluster,
            f"{name}-default-user",
            labels,
            "password",
            "default_user.conf",
            "connection_string",
            username="default_user",
            host=f"{name}.{get(cluster, 'metadata', 'namespace')}.svc",
            port="5672",
            provider="rabbitmq",
            type="rabbitmq",
        ),
        fp.secret(cluster, f"{name}-erlang-cookie", labels, ".erlang.cookie"),
        _stateful_set(cluster, spec, name, labels, selector),
    ]
    return Footprint(tuple(parts))


def _stateful_set(cluster: Object, spec: Object, name: str, labels: dict[str, str], selector: dict[str, str]) -> Object:
    image, storage = spec.get("image") or "rabbitmq:4.2-management", spec.get("persistence") or {}
    over = get(spec, "override", "statefulSet", "spec", default={})
    size = str(storage.get("storage", "10Gi"))
    claims = {} if _is_nothing(size) else {"persistence": fp.claim_spec(size, storage.get("storageClassName"))}
    pod = fp.pod_spec(
        [{"name": "rabbitmq", "image": image, "resources": spec.get("resources") or _RESOURCES}],
        initContainers=[{"name": "setup-container", "image": image, "resources": _SETUP}],
        affinity=spec.get("affinity"),
        tolerations=spec.get("tolerations"),
        terminationGracePeriodSeconds=spec.get("terminationGracePeriodSeconds", 604800),
        topologySpreadConstraints=[
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": selector},
            }
        ],
    )
    return fp.stateful_set(
        cluster,
        f"{name}-server",
        labels,
        selector=selector,
        replicas=int(spec.get("replicas", 1)),
        pod=pod,
        claims=claims,
        owned_claims=True,  # internal/resource/statefulset.go: the template of the claims has an owner
        over=_without_containers(over),
        serviceName=f"{name}-nodes",
        podManagementPolicy="Parallel",
    )


def _is_nothing(size: str) -> bool:
    return not quantity(size)


def _without_containers(over: Object) -> Object:
    """An override laid on the rest: its containers would replace the operator's instead of being merged by name."""
    pod = get(over, "template", "spec", default={})
    kept = {key: value for key, value in pod.items() if key not in ("containers", "initContainers")}
    return {**over, "template": {**over["template"], "spec": kept}} if pod else over


FOOTPRINTS: dict[str, fp.Function] = {
    "rabbitmq.com/RabbitmqCluster": footprint,
    **dict.fromkeys(
        (
            f"rabbitmq.com/{kind}"
            for kind in (
                "Binding", "Exchange", "Federation", "OperatorPolicy", "Permission", "Policy", "Queue", "Shovel",
                "SuperStream", "TopicPermission", "User", "Vhost",
            )
        ),
        fp.nothing,
    ),
}  # fmt: skip
