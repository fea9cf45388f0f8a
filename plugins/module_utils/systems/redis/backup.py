"""Dumps of Redis servers into a bucket, by a CronJob. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, confined, environment, present, pull_secrets, resources
from . import parts
from .network import backup_labels
from .options import SYSTEM

Row = Mapping[str, Any]

# A dump as a replica gets it; the server forks once. Half a file has no end mark, which the check misses.
_TAKE = r"""
set -eu
date -u +%Y%m%dT%H%M%SZ > /dumps/moment
n=0
for host in $SOURCES; do
  REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli -h "$host" --rdb "/dumps/$n.rdb"
  redis-check-rdb "/dumps/$n.rdb"
  n=$((n + 1))
done
"""
# Keys begin with their moment, so what is older sorts before.
_KEEP = r"""
set -eu
aws s3 cp --recursive --exclude moment /dumps/ "s3://$BUCKET/$PREFIX$(cat /dumps/moment)/"
before=$(date -u -d "-$KEEP_SECONDS seconds" +%Y%m%dT%H%M%SZ)
aws s3 ls "s3://$BUCKET/$PREFIX" | while read -r word folder; do
  [ "$word" = PRE ] || continue
  if [ "$(printf '%s\n' "${folder%/}" "$before" | sort | head -n 1)" = "${folder%/}" ]; then
    aws s3 rm --recursive "s3://$BUCKET/$PREFIX$folder"
  fi
done
"""
_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


def prefix(row: Row) -> str:
    """Where in the bucket the dumps of one deployment are."""
    return f"{row['backup']['prefix']}{row['name']}/"


def objects(row: Row, sources: Sequence[str]) -> list[Object]:
    """The CronJob that takes a dump of each source; nothing without backup."""
    if not row.get("backup"):
        return []
    backup, name = row["backup"], SYSTEM.cron_job(row, "backup")
    pod = present(
        restartPolicy="Never",
        automountServiceAccountToken=False,
        serviceAccountName=row.get("service_account"),
        priorityClassName=row.get("priority_class"),
        imagePullSecrets=pull_secrets(row),
        securityContext=parts.pod_security(row),
        initContainers=[_take(row, sources)],
        containers=[_keep(row)],
        volumes=[{"name": "dumps", "emptyDir": {}}],
        **where(row),
    )
    job = {"backoffLimit": 2, "template": {"metadata": {"labels": backup_labels(row["name"])}, "spec": pod}}
    spec = {
        "schedule": backup["schedule"],
        "concurrencyPolicy": "Forbid",
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 1,
        "jobTemplate": {"spec": job},
    }
    return [build("batch/v1", "CronJob", name, row["namespace"], labels=row["labels"], spec=spec)]


def where(row: Row) -> dict[str, Any]:
    """affinity and tolerations of a pod that works for a deployment: the node pools of its servers."""
    found = parts.where({**row, "spread": "none"}, {}, 1)
    return {key: found[key] for key in ("affinity", "tolerations") if key in found}


def _take(row: Row, sources: Sequence[str]) -> dict[str, Any]:
    env = environment({"SOURCES": " ".join(sources)}, REDIS_PASSWORD=parts.password(row))
    return container(row, "take", row["image"], _TAKE, env)


def _keep(row: Row) -> dict[str, Any]:
    keep = row["backup"]["keep"]
    seconds = int(keep[:-1]) * _SECONDS[keep[-1]]
    return outward(row, "keep", _KEEP, PREFIX=prefix(row), KEEP_SECONDS=str(seconds))


def outward(row: Row, name: str, script: str, **plain: str) -> dict[str, Any]:
    """A container with the AWS CLI, the bucket in its environment, and the keys to it."""
    backup = row["backup"]
    known = present(
        BUCKET=backup["bucket"],
        **plain,
        AWS_ENDPOINT_URL=backup.get("endpoint"),
        AWS_DEFAULT_REGION=backup.get("region"),
        HOME="/dumps",
    )
    names = {"AWS_ACCESS_KEY_ID": "access_key", "AWS_SECRET_ACCESS_KEY": "secret_key"}
    given = backup.get("credentials")
    secrets = {name: (given["secret"], given[key]) for name, key in names.items()} if given else {}
    return container(row, name, row["backup_image"], script, environment(known, **secrets))


def container(row: Row, name: str, image: str, script: str, env: list[dict[str, Any]]) -> dict[str, Any]:
    """A container that runs a script and has the dumps at /dumps."""
    return present(
        name=name,
        image=image,
        command=["sh", "-c", script.lstrip("\n")],
        env=env,
        resources=resources(row["backup"]["job_resources"]),
        securityContext=confined(readOnlyRootFilesystem=True),
        volumeMounts=[{"name": "dumps", "mountPath": "/dumps"}],
    )
