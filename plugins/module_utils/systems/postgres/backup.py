"""Backups of a PostgreSQL cluster by the Barman Cloud plugin: where they go, when, and how they come back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, merged, present, resources

Row = Mapping[str, Any]

PLUGIN = "barman-cloud.cloudnative-pg.io"
# The external cluster that a recovery reads from, within the new cluster's spec.
_ORIGIN = "origin"


def objects(row: Row) -> list[Object]:
    """Where backups go and when they are made; nothing where no backup is asked for."""
    backup = row.get("backup")
    return [_store(row, backup), _schedule(row, backup)] if backup else []


def server_name(row: Row) -> str:
    """The folder below the destination; two clusters that archive to one overwrite each other."""
    return str((row.get("backup") or {}).get("server_name") or row["name"])


def in_cluster(row: Row) -> dict[str, Any]:
    """The Cluster's fields about backups: the WAL archiver, and where a recovery reads from."""
    archiver = {
        "name": PLUGIN,
        "isWALArchiver": True,
        "parameters": {"barmanObjectName": row["name"], "serverName": server_name(row)},
    }
    found: dict[str, Any] = {"plugins": [archiver]} if row.get("backup") else {}
    if row.get("recovery"):
        given = row["recovery"]
        where = {"barmanObjectName": given.get("object_store") or row["name"], "serverName": given["server_name"]}
        found["externalClusters"] = [{"name": _ORIGIN, "plugin": {"name": PLUGIN, "parameters": where}}]
    return found


def recovery(row: Row) -> dict[str, Any]:
    """`bootstrap.recovery`: the latest state, or one target."""
    target = present(
        targetTime=row.get("time"),
        targetName=row.get("name"),
        targetLSN=row.get("lsn"),
        targetImmediate=row.get("immediate"),
        backupID=row.get("backup_id"),
    )
    return {"source": _ORIGIN, **present(recoveryTarget=target)}


def _store(row: Row, backup: Row) -> Object:
    packing = {} if backup["compression"] == "none" else {"compression": backup["compression"]}
    configuration = present(
        destinationPath=destination(backup),
        endpointURL=backup.get("endpoint"),
        endpointCA=_key(backup.get("endpoint_ca")),
        s3Credentials=_credentials(backup) if destination(backup).startswith("s3:") else None,
        wal=present(**packing, maxParallel=backup["wal_parallel"]),
        data=present(**packing, immediateCheckpoint=True),
    )
    spec = {
        "retentionPolicy": backup["keep"],
        "configuration": merged(configuration, backup["configuration"]),
        **present(instanceSidecarConfiguration=present(resources=resources(backup["sidecar_resources"]))),
    }
    return build("barmancloud.cnpg.io/v1", "ObjectStore", row["name"], row["namespace"], spec=spec)


def destination(backup: Row) -> str:
    """s3://bucket/prefix, or what was given."""
    return str(backup.get("destination") or f"s3://{backup['bucket']}/{backup['prefix'].strip('/')}").rstrip("/")


def _key(row: Row | None) -> dict[str, str] | None:
    return {"name": row["secret"], "key": row["key"]} if row else None


def _credentials(backup: Row) -> dict[str, Any]:
    """Keys of a Secret; without them the pods' own identity (IRSA)."""
    given = backup.get("credentials")
    if not given:
        return {"inheritFromIAMRole": True}
    keys = {"accessKeyId": given["access_key"], "secretAccessKey": given["secret_key"], "region": given.get("region")}
    return {field: {"name": given["secret"], "key": key} for field, key in keys.items() if key}


def _schedule(row: Row, backup: Row) -> Object:
    """Backup objects belong to the cluster: with the schedule as owner they would go with it."""
    spec = {
        "cluster": {"name": row["name"]},
        "schedule": backup["schedule"],
        "immediate": backup["immediate"],
        "backupOwnerReference": "cluster",
        "target": backup["target"],
        "method": "plugin",
        "pluginConfiguration": {"name": PLUGIN},
    }
    return build("postgresql.cnpg.io/v1", "ScheduledBackup", row["name"], row["namespace"], spec=spec)
