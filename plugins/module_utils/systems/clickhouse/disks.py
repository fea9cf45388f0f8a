"""Where a ClickHouse server keeps parts: volumes, object storage, policies over both, and the disk of backups. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.builders import present
from .words import from_secret

Row = Mapping[str, Any]

DEFAULT, BACKUPS = "default", "backups"
FOLDER, LOGS = "/var/lib/clickhouse", "/var/log/clickhouse-server"
LOG = "log"


def mounted(row: Row) -> dict[str, Row]:
    """The volumes beside the server's own, by name.

    Also that of logs: named as the operator's logVolumeClaimTemplate it would bring a container of another image, which
    a namespace of the standard `restricted` refuses (pkg/model/chi/creator/container.go).
    """
    logs = {LOG: row["log_storage"]} if row.get("log_storage") else {}
    return {**logs, **{each["name"]: each for each in row["volumes"]}}


def folder(volume: str) -> str:
    """Where such a volume is mounted."""
    return LOGS if volume == LOG else f"{FOLDER}-{volume}"


def settings(row: Row) -> dict[str, Any]:
    """The server's settings about disks; empty where there is only its own volume."""
    disks = {each["name"]: {"type": "local", "path": f"{folder(each['name'])}/"} for each in row["volumes"]}
    for each in row["object_disks"]:
        disks |= _object_disk(row, each)
    backup = row.get("backup")
    if backup:
        disks[BACKUPS] = {"type": "s3_plain", **_bucket(row, backup)}
    policies = {each["name"]: _policy(each) for each in row["policies"]}
    allowed = {"backups": {"allowed_disk": BACKUPS}} if backup else {}
    return present(storage_configuration=present(disks=disks, policies=policies), **allowed)


def _object_disk(row: Row, disk: Row) -> dict[str, Any]:
    """A disk in object storage; with a cache it is called as the option says, and what is behind it `<name>-bucket`."""
    name, behind = disk["name"], {"type": "s3", **_bucket(row, disk, disk["name"])}
    if not disk.get("cache"):
        return {name: behind}
    cache = {"type": "cache", "disk": f"{name}-bucket", "path": f"{FOLDER}/caches/{name}/", "max_size": disk["cache"]}
    return {f"{name}-bucket": behind, name: cache}


def _bucket(row: Row, bucket: Row, folder_: str = "") -> dict[str, Any]:
    """A bucket's URL, below its prefix a folder of this cluster's own; keys from a Secret, or the pods' identity."""
    credentials = bucket.get("credentials")
    keys: dict[str, Any] = {"use_environment_credentials": True}
    if credentials:
        keys = {
            "access_key_id": from_secret(credentials["secret"], credentials["access_key"]),
            "secret_access_key": from_secret(credentials["secret"], credentials["secret_key"]),
        }
    return {"endpoint": f"{url(bucket)}{_path(bucket['prefix'], row['name'], folder_)}/", **keys}


def url(bucket: Row) -> str:
    """The bucket's address, with a slash at its end."""
    if bucket.get("endpoint"):
        return f"{bucket['endpoint'].rstrip('/')}/{bucket['bucket']}/"
    region = f".{bucket['region']}" if bucket.get("region") else ""
    return f"https://{bucket['bucket']}.s3{region}.amazonaws.com/"


def _path(*parts: str) -> str:
    return "/".join(part.strip("/") for part in parts if part.strip("/"))


def _policy(policy: Row) -> dict[str, Any]:
    """A storage policy. The operator writes volumes in the order of their names; their priority says the real one."""
    volumes = {
        each["name"]: {
            "disk": each["disks"] if len(each["disks"]) > 1 else each["disks"][0],
            "volume_priority": number,
            **present(max_data_part_size_bytes=each.get("max_part_size")),
        }
        for number, each in enumerate(policy["volumes"], start=1)
    }
    return {"volumes": volumes, **present(move_factor=policy.get("move_factor"))}
