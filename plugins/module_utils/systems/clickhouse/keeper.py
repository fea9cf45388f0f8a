"""The ClickHouse Keeper of a cluster: what replicated tables and ON CLUSTER agree by (D0-24). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, texts
from .templates import DATA, KEEP_CLAIMS, claim, defaults, pod, with_task
from .words import CLIENT, KEEPER, KEEPER_CLUSTER, KEEPER_METRICS, flat, keeper_name

Row = Mapping[str, Any]

_METRICS = {
    "endpoint": "/metrics",
    "port": KEEPER_METRICS,
    "metrics": True,
    "events": True,
    "asynchronous_metrics": True,
}


def keeper(row: Row) -> Object:
    """The ClickHouseKeeperInstallation; the operator makes its budget itself."""
    own, name = row["keeper"], keeper_name(row)
    template = pod(
        row,
        KEEPER,
        own,
        name=name,
        image=own.get("image") or _image(row["image"]),
        metrics=KEEPER_METRICS,
        alone=own["replicas"] == 1,
        mounts={},
    )
    cluster = {"name": KEEPER_CLUSTER, "layout": {"replicasCount": own["replicas"]}, "pdbManaged": "yes"}
    spec = {
        "defaults": defaults(dataVolumeClaimTemplate=DATA),
        "reconciling": KEEP_CLAIMS,
        "configuration": {"clusters": [cluster], "settings": flat({"prometheus": _METRICS, **own["settings"]})},
        "templates": {"podTemplates": [template], "volumeClaimTemplates": [claim(DATA, own["storage"])]},
    }
    spec = with_task(spec, own["extra_spec"], row["revision"])
    return build(KEEPER.api, KEEPER.kind, name, row["namespace"], labels=texts(row["labels"]), spec=spec)


def _image(server: str) -> str:
    """The Keeper's image beside the server's, of the same version."""
    return server.replace("clickhouse-server", "clickhouse-keeper")


def nodes(row: Row) -> list[dict[str, Any]]:
    """Every Keeper by its own Service: a client of one address would stay with a node that is gone."""
    name = keeper_name(row)
    return [
        {"host": KEEPER.host(name, KEEPER_CLUSTER, 0, number), "port": CLIENT}
        for number in range(row["keeper"]["replicas"])
    ]
