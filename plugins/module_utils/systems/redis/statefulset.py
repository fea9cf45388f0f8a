"""The same master, replicas and sentinels as plain StatefulSets, with any image of Redis 7 and no operator. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...core.api.objects import Object
from ...core.builders import (
    build,
    confined,
    disruption_budget,
    environment,
    present,
    pull_secrets,
    resources,
    texts,
    volume_claim,
)
from . import parts, scripts, settings
from .options import SYSTEM

Row = Mapping[str, Any]

_USER = 999  # of Debian's packages and the official images
_GRACE = 60


class _Part(NamedTuple):
    """Servers or sentinels: names of StatefulSet and Service, labels, port by name, the script that starts one."""

    name: str
    service: str
    labels: dict[str, str]
    port: tuple[str, int]
    script: str
    pods: int
    needs: Row
    volume: Row | None


def objects(row: Row, conf: str) -> list[Object]:
    """Names, labels and the sentinels' group are those of the operator, so that clients need not know who runs it."""
    name, sentinel = row["name"], row["sentinel"]
    port, watch = ("redis", parts.PORT), ("sentinel", parts.SENTINEL)
    labels, watchers = parts.replication_labels(name), parts.sentinel_labels(name)
    servers = _Part(
        name, f"{name}-headless", labels, port, "server.sh", row["replicas"], row["resources"], row.get("storage")
    )
    sentinels = _Part(
        f"{name}-s",
        f"{name}-s-hl",
        watchers,
        watch,
        "sentinel.sh",
        sentinel["replicas"],
        sentinel["resources"],
        sentinel["storage"],
    )
    return [
        settings.config_map(row, conf, **{file: text.lstrip("\n") for file, text in scripts.FILES.items()}),
        _service(row, servers.service, servers, headless=True),
        _service(row, name, servers),
        _service(row, sentinels.service, sentinels, headless=True),
        _sentinels(row, sentinels),
        _servers(row, servers, conf),
        *(_budget(row, part, each) for part, each in (("", servers), ("sentinels", sentinels)) if each.pods > 1),
    ]


def _budget(row: Row, part: str, whose: _Part) -> Object:
    name = SYSTEM.beside(row, part)
    return disruption_budget(name=name, namespace=row["namespace"], pods=whose.labels, max_unavailable=1)


def _service(row: Row, name: str, part: _Part, *, headless: bool = False) -> Object:
    """Names of pods are known before they are ready: a server asks sentinels while it is not."""
    head = {"clusterIP": "None", "publishNotReadyAddresses": True} if headless else {}
    port, number = part.port
    ports = [{"name": port, "port": number, "targetPort": number}]
    spec = {**head, "selector": part.labels, "ports": ports}
    return build("v1", "Service", name, row["namespace"], labels=row["labels"], spec=spec)


def _servers(row: Row, part: _Part, conf: str) -> Object:
    server = _container(row, part, "redis", row["image"])
    server["readinessProbe"] = {
        "exec": {"command": ["sh", "/settings/ready.sh"]},
        "periodSeconds": 5,
        "timeoutSeconds": 5,
    }
    server["livenessProbe"] = _open(part, periodSeconds=10, failureThreshold=6)
    server["startupProbe"] = _open(part, periodSeconds=2, failureThreshold=1800)
    server["lifecycle"] = {"preStop": {"exec": {"command": ["sh", "/settings/leave.sh"]}}}
    server["volumeMounts"] += [{"name": "conf", "mountPath": "/conf"}]
    volumes: list[dict[str, Any]] = [{"name": "conf", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}]
    if row.get("acl_secret"):
        server["volumeMounts"] += [{"name": "acl", "mountPath": "/acl", "readOnly": True}]
        volumes += [{"name": "acl", "secret": {"secretName": row["acl_secret"]}}]
    return _set(row, part, {"containers": [server, *_exporter(row)], "volumes": volumes}, conf)


def _sentinels(row: Row, part: _Part) -> Object:
    container = _container(row, part, "sentinel", row["image"])
    container["readinessProbe"] = _open(part, periodSeconds=2)
    container["livenessProbe"] = _open(part, periodSeconds=10, failureThreshold=6)
    return _set(row, part, {"containers": [container], "volumes": []})


def _open(part: _Part, **how: int) -> dict[str, Any]:
    return {"tcpSocket": {"port": part.port[1]}, **how}


def _container(row: Row, part: _Part, name: str, image: str) -> dict[str, Any]:
    port, number = part.port
    return present(
        name=name,
        image=image,
        command=["sh", f"/settings/{part.script}"],
        env=environment(texts(_environment(row, part)), REDIS_PASSWORD=parts.password(row)),
        ports=[{"name": port, "containerPort": number}],
        resources=resources(part.needs),
        securityContext=confined(readOnlyRootFilesystem=True),
        volumeMounts=[
            {"name": "settings", "mountPath": "/settings", "readOnly": True},
            {"name": part.name, "mountPath": "/data"},
        ],
    )


def _environment(row: Row, part: _Part) -> dict[str, Any]:
    given = row["sentinel"]
    return {
        "NAME": row["name"],
        "NAMESPACE": row["namespace"],
        "SERVICE": part.service,
        "SERVERS": row["replicas"],
        "SENTINELS": given["replicas"],
        "QUORUM": given["replicas"] // 2 + 1,
        "DOWN_AFTER": given["down_after"],
        "FAILOVER_TIMEOUT": given["failover_timeout"],
        "PARALLEL_SYNCS": given["parallel_syncs"],
    }


def _exporter(row: Row) -> list[dict[str, Any]]:
    asked = parts.exporter(row)
    if not asked:
        return []
    env = environment({"REDIS_ADDR": f"redis://localhost:{parts.PORT}"}, REDIS_PASSWORD=parts.password(row))
    sidecar = {key: value for key, value in asked.items() if key != "enabled"}
    ports = [{"name": parts.METRICS_NAME, "containerPort": parts.METRICS}]
    return [{"name": "redis-exporter", "env": env, "ports": ports, **sidecar}]


def _set(row: Row, part: _Part, own: dict[str, Any], *marked: str) -> Object:
    """All pods at once: one that waits for the master would otherwise keep the master from being started.

    Processes are shared so that a drill can kill a server, which would be the first of its container. A volume's name
    is the StatefulSet's, as the operator calls it.
    """
    volumes = [{"name": "settings", "configMap": {"name": settings.name_of(row)}}, *own["volumes"]]
    volume, labels = part.volume, {**row["labels"], **part.labels}
    pod = present(
        automountServiceAccountToken=False,
        shareProcessNamespace=True,
        serviceAccountName=row.get("service_account"),
        terminationGracePeriodSeconds=_GRACE,
        priorityClassName=row.get("priority_class"),
        imagePullSecrets=pull_secrets(row),
        securityContext=parts.pod_security(row, _USER),
        containers=own["containers"],
        volumes=volumes if volume else [*volumes, {"name": part.name, "emptyDir": {}}],
        **parts.where(row, part.labels, part.pods),
    )
    metadata = {"labels": labels, "annotations": settings.mark(*marked, *scripts.FILES.values())}
    spec = present(
        replicas=part.pods,
        serviceName=part.service,
        podManagementPolicy="Parallel",
        selector={"matchLabels": part.labels},
        persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"},
        template={"metadata": metadata, "spec": pod},
        volumeClaimTemplates=[{"metadata": {"name": part.name}, "spec": volume_claim(volume)}] if volume else None,
    )
    return build("apps/v1", "StatefulSet", part.name, row["namespace"], labels=labels, spec=spec)
