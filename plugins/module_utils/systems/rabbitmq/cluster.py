"""A RabbitMQ cluster as one set: nodes, what is declared in it, its rules of network, disruption and alarm. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...core.alerts import monitors
from ...core.api.objects import Object
from ...core.builders import build, disruption_budget, merged, present, pull_secrets, resources, texts
from ...core.placement import apart, placement, spread
from . import alerts, network, topology
from .limits import LIMITS, disk_free_limit
from .options import SYSTEM

Row = Mapping[str, Any]

API = "rabbitmq.com/v1beta1"
_MEMBERS = "quorum_queue.continuous_membership_reconciliation"  # from RabbitMQ 3.13 on
# The operator's startup probe (from 2.22 on) asks for an endpoint that RabbitMQ has from this version on. Pods without
# it are restarted for ever. Source: cluster-operator, change 2171.
_PROBED, _OLDER_PROBE = (4, 2, 4), "rabbitmq.com/legacy-startup-probe"
_VERSION = re.compile(r":v?(\d+)\.(\d+)(?:\.(\d+))?[^/]*$")
# Queue by queue and without the rest: /metrics adds all queues up (D1-14).
_DETAILED = {"path": "/metrics/detailed", "params": {"family": ["queue_coarse_metrics", "queue_consumer_count"]}}


def cluster(*, name: str, namespace: str, **row: Any) -> list[Object]:
    """The set of one cluster; `row` holds the other options of the module rabbitmq_cluster, defaults filled in.

    The operator makes no PodDisruptionBudget. Raises PlatformError for what could not work.
    """
    row = {**row, "name": name, "namespace": namespace}
    LIMITS.check(row)
    return [_cluster(row), *topology.objects(row), *network.policies(row), *_budget(row), *_monitoring(row)]


def _cluster(row: Row) -> Object:
    where = placement(row["pool"], row["node_pools"], f"RabbitMQ {row['name']}")
    pods = network.pods(row)
    spec = present(
        replicas=row["replicas"],
        image=row.get("image"),
        imagePullSecrets=pull_secrets(row),
        persistence=present(storage=str(row["storage"]["size"]), storageClassName=row["storage"].get("class")),
        resources=resources(row["resources"]),
        affinity=present(nodeAffinity=where.node_affinity, podAntiAffinity=apart(_spread(row), pods)),
        tolerations=where.tolerations,
        rabbitmq=present(additionalPlugins=_plugins(row), additionalConfig=_config(row)),
        tls=_tls(row),
        terminationGracePeriodSeconds=row["termination_grace"],
        override=_override(row, spread(_spread(row), pods)),
    )
    given = {"labels": row["labels"], "annotations": topology.allowed(row) | startup_probe(row)}
    return build(API, "RabbitmqCluster", row["name"], row["namespace"], spec=merged(spec, row["extra_spec"]), **given)


def startup_probe(row: Row) -> dict[str, str]:
    """The annotation of a cluster whose image is older, as its tag says; a tag without a patch is its line's newest."""
    tag = _VERSION.search(str(row.get("image") or ""))
    if not tag or tuple(map(int, tag.groups(default="99"))) >= _PROBED:
        return {}
    return {_OLDER_PROBE: "true"}


def _spread(row: Row) -> str:
    return str(row["spread"]) if row["replicas"] > 1 else "none"


def _plugins(row: Row) -> list[str]:
    return sorted({*row["plugins"], *(["rabbitmq_shovel"] if row["shovels"] else [])})


def _config(row: Row) -> str:
    """rabbitmq.conf; an empty value takes a key away.

    The watermark is a share of what the operator says is there: the limit less its headroom. A quorum queue that is
    declared before all nodes have joined has too few members for ever, unless they are reconciled.
    """
    own = {
        "vm_memory_high_watermark.relative": row["memory_watermark"],
        "disk_free_limit.absolute": disk_free_limit(row),
    }
    if row["replicas"] > 1:
        own |= {f"{_MEMBERS}.enabled": True, f"{_MEMBERS}.target_group_size": row["replicas"]}
    return "".join(f"{key} = {value}\n" for key, value in texts(present(**{**own, **row["config"]})).items())


def _tls(row: Row) -> dict[str, Any]:
    given = row.get("tls")
    if not given:
        return {}
    return present(
        secretName=given["secret"], caSecretName=given.get("ca_secret"), disableNonTLSListeners=given["only"]
    )


def _override(row: Row, over_zones: list[dict[str, Any]]) -> dict[str, Any]:
    """What the operator has no field for. Its own spread over zones is a wish, and is replaced by key."""
    pod = present(priorityClassName=row.get("priority_class"), topologySpreadConstraints=over_zones)
    return {"statefulSet": {"spec": {"template": {"spec": {"containers": [], **pod}}}}} if pod else {}


def _budget(row: Row) -> list[Object]:
    if row["replicas"] == 1:
        return []
    name = SYSTEM.beside(row)
    return [disruption_budget(name=name, namespace=row["namespace"], pods=network.pods(row), max_unavailable=1)]


def _monitoring(row: Row) -> list[Object]:
    tls = row.get("tls")
    if not row["monitoring"]["enabled"]:
        return []
    [monitor] = monitors(SYSTEM, row, {"": network.pods(row)}, "prometheus-tls" if tls else "prometheus")
    [endpoint] = monitor["spec"]["podMetricsEndpoints"]
    if tls:
        ca = {"secret": {"name": tls["secret"], "key": "ca.crt"}}
        endpoint |= {"scheme": "https", "tlsConfig": {"ca": ca, "serverName": f"{row['name']}.{row['namespace']}.svc"}}
    monitor["spec"]["podMetricsEndpoints"] = [endpoint, {**endpoint, **_DETAILED}]
    return [monitor, alerts.alerts(row)]
