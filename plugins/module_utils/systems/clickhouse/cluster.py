"""A ClickHouse cluster by Altinity's operator as one set: servers, Keeper, users, disks, backups, rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.alerts import monitors
from ...core.api.objects import Object
from ...core.builders import build, present, texts
from . import access, backup, disks, network
from .alerts import alerts
from .keeper import keeper, nodes
from .limits import LIMITS
from .options import SYSTEM
from .templates import DATA, DEFAULT, KEEP_CLAIMS, claim, defaults, pod, with_task
from .words import KEEPER, METRICS, SERVER, flat, keeper_name

Row = Mapping[str, Any]

_METRICS = {"endpoint": "/metrics", "port": METRICS, "metrics": True, "events": True, "asynchronous_metrics": True}


def cluster(*, name: str, namespace: str, **row: Any) -> list[Object]:
    """The set of one cluster; `row` holds the other options of the module clickhouse_cluster, defaults filled in.

    PodDisruptionBudgets are the operator's. Raises PlatformError for what could not work.
    """
    row = {**row, "name": name, "namespace": namespace}
    LIMITS.check(row)
    return [keeper(row), _installation(row), *network.policies(row), *backup.objects(row), *_monitoring(row)]


def _installation(row: Row) -> Object:
    claims = {DATA: row["storage"], **disks.mounted(row)}
    template = pod(
        row,
        SERVER,
        row,
        name=row["name"],
        image=row["image"],
        metrics=METRICS,
        alone=row["shards"] * row["replicas"] == 1,
        mounts={volume: disks.folder(volume) for volume in disks.mounted(row)},
    )
    spec = {
        "defaults": defaults(dataVolumeClaimTemplate=DATA, serviceTemplate=DEFAULT),
        "reconcile": KEEP_CLAIMS,
        "configuration": _configuration(row),
        "templates": {
            "podTemplates": [template],
            "volumeClaimTemplates": [claim(volume, each) for volume, each in claims.items()],
            "serviceTemplates": [_SERVICE],
        },
    }
    spec = with_task(spec, row["extra_spec"], row["revision"])
    return build(SERVER.api, SERVER.kind, row["name"], row["namespace"], labels=texts(row["labels"]), spec=spec)


# What clients reach; between servers they speak on a port that no Service needs to show (S0-39).
_SERVICE = {
    "name": DEFAULT,
    "spec": {"type": "ClusterIP", "ports": [{"name": name, "port": port} for name, port in SERVER.ports.items()]},
}


def _configuration(row: Row) -> dict[str, Any]:
    shape = {
        "name": row["cluster"],
        "layout": {"shardsCount": row["shards"], "replicasCount": row["replicas"]},
        "secret": {"auto": "true"},
        "pdbManaged": "yes",
        "pdbMaxUnavailable": 1,
    }
    return {
        "zookeeper": {"nodes": nodes(row)},
        "clusters": [shape],
        "settings": flat({"prometheus": _METRICS, **disks.settings(row), **row["settings"]}),
        **present(users=access.users(row), profiles=access.profiles(row), quotas=access.quotas(row)),
    }


def _monitoring(row: Row) -> list[Object]:
    """The servers' own endpoint (D0-29): one exporter for all sees one of them."""
    if not row["monitoring"]["enabled"]:
        return []
    pods = {"": SERVER.pods(row["name"]), "keeper": KEEPER.pods(keeper_name(row))}
    return [*monitors(SYSTEM, row, pods, "metrics"), alerts(row)]
