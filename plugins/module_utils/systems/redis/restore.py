"""The pod that serves a dump of Redis so that a deployment can take it over, and who may reach whom meanwhile. Pure.

A server with an append-only file loads that alone: a dump beside it is ignored, and where there is no such file yet it
begins with nothing (Redis 7, loadDataFromDisk in server.c). So no file is laid on a volume. A server of its own loads
the dump, and the deployment's master follows it for a while, as a replica: it takes over all of it, and writes its own
files anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.api.objects import Object
from ...core.builders import build, environment, network_policy, present, pull_secrets, resources
from ...core.network import DNS, outside, rule, same
from . import backup, parts
from .network import tool_labels

Row = Mapping[str, Any]

_LONGEST = 7200  # seconds after which a pod that nobody removes ends by itself
FETCH, CHECK, SERVE = "fetch", "check", "serve"
_MARK = "groundwork.platform/redis-restore"
# Dumps are folders named by their moment, so they sort. An empty folder is answered with code 1, a refusal with more.
_FETCH = r"""
set -eu
code=0
rows=$(aws s3 ls "s3://$BUCKET/$PREFIX") || code=$?
[ "$code" -le 1 ] || { echo "s3://$BUCKET/$PREFIX cannot be listed (code $code)"; exit 1; }
before() { [ "$1" = "$(printf '%s\n' "$1" "$2" | sort | head -n 1)" ]; }
printf '%s\n' "$rows" > /dumps/rows
chosen= first= last=
while read -r word folder rest; do
  each=${folder%/}
  [ "$word" = PRE ] && [ "${#each}" = 16 ] || continue
  first=${first:-$each} last=$each
  if [ "${DUMP:-}" ]; then [ "$each" = "$DUMP" ] || continue; fi
  if [ "${BEFORE:-}" ]; then before "$each" "$BEFORE" || continue; fi
  chosen=$each
done < /dumps/rows
there="; there are dumps from $first to $last"
[ "$last" ] || there=
[ "$chosen" ] || { echo "s3://$BUCKET/$PREFIX holds no dump${DUMP:+ $DUMP}${BEFORE:+ up to $BEFORE}$there"; exit 1; }
if [ "${OLDEST:-}" ] && [ "$chosen" != "$OLDEST" ] && before "$chosen" "$OLDEST"; then
  echo "dump $chosen is older than asked for: from $OLDEST on"
  exit 1
fi
aws s3 cp --only-show-errors --recursive --exclude '*' --include '*.rdb' "s3://$BUCKET/$PREFIX$chosen/" /dumps/
[ -f /dumps/0.rdb ] || { echo "dump $chosen holds no file 0.rdb"; exit 1; }
echo "$chosen" > /dumps/name
cat /dumps/*.rdb | wc -c > /dumps/bytes
echo "dump $chosen $(cat /dumps/bytes)"
"""
# The dumps of several shards become one: all but the first as the commands that make their keys.
_CHECK = r"""
set -eu
export LC_ALL=C
name=$(cat /dumps/name)
wait_for() { until redis-cli -p 6380 $1 2> /dev/null | grep -q "$2"; do sleep 0.2; done; }
keys=0 gone=0 files=0
for file in /dumps/*.rdb; do
  if ! said=$(redis-check-rdb "$file" 2>&1); then
    why=$(printf '%s\n' "$said" | sed -n '/ ERROR /,$ s/^\[offset [0-9]*\] //p' | head -n 1)
    echo "dump $name is corrupt: $why"
    exit 1
  fi
  keys=$((keys + $(printf '%s\n' "$said" | sed -n 's/^\[info\] \([0-9]*\) keys read$/\1/p')))
  gone=$((gone + $(printf '%s\n' "$said" | sed -n 's/^\[info\] \([0-9]*\) already expired$/\1/p')))
  files=$((files + 1))
done
echo "keys $keys $gone $files"
if [ "$keys" -le "$gone" ]; then
  echo "dump $name is empty: it holds $keys keys, of which $gone have expired"
  exit 1
fi
n=1
while [ "$n" -lt "$files" ]; do
  mkdir "/dumps/$n"
  mv "/dumps/$n.rdb" "/dumps/$n/dump.rdb"
  redis-server --port 6380 --bind 127.0.0.1 --dir "/dumps/$n" --databases "$DATABASES" \
    --save '' --appendonly no --aof-use-rdb-preamble no > "/dumps/$n/log" &
  wait_for ping PONG
  redis-cli -p 6380 config set appendonly yes > /dev/null
  wait_for 'info persistence' '^aof_rewrite_in_progress:0'
  redis-cli -p 6380 shutdown nosave 2> /dev/null || true
  wait
  n=$((n + 1))
done
"""
# While nobody follows it nobody can write to it, whatever it is asked.
_SERVE = r"""
set -eu
umask 077
{
  echo "port 6379"
  echo "dir /dumps"
  echo "dbfilename 0.rdb"
  echo "databases $DATABASES"
  echo "protected-mode no"
  echo "appendonly no"
  echo 'save ""'
  echo "repl-diskless-sync-delay 0"
  echo "requirepass $REDIS_PASSWORD"
} > /dumps/redis.conf
export REDISCLI_AUTH="$REDIS_PASSWORD"
redis-server /dumps/redis.conf &
until redis-cli ping 2> /dev/null | grep -q PONG; do sleep 0.2; done
for file in /dumps/*/appendonlydir/*.base.aof; do
  [ ! -f "$file" ] || redis-cli --pipe < "$file"
done
redis-cli config set min-replicas-to-write 1 > /dev/null
: > /dumps/ready
wait
"""


def labels(name: str, restore: str) -> dict[str, str]:
    """The labels of the pod of one restore into that deployment: those of its tools, and its own."""
    return {**tool_labels(name), _MARK: restore, "app.kubernetes.io/managed-by": "groundwork"}


def pod(row: Row, restore: str, source: str, wanted: Mapping[str, str]) -> Object:
    """The pod; `row` is the deployment that is to have the dump, with the backup that the source has.

    wanted: of DUMP, BEFORE and OLDEST those that are asked for, a moment each as dumps are named. It fails in an init
    container, whose last line is a sentence, where there is no such dump, or it is corrupt or empty; it is ready when
    it serves it.
    """
    databases = {"DATABASES": str(row["parameters"].get("databases", 16))}
    password = environment(databases, REDIS_PASSWORD=parts.password(row))
    fetch = backup.outward(row, FETCH, _FETCH, PREFIX=backup.prefix({**row, "name": source}), **wanted)
    check = backup.container(row, CHECK, row["image"], _CHECK, environment(databases))
    serve = backup.container(row, SERVE, row["image"], _SERVE, password)
    for each in (check, serve):
        each["resources"] = resources(row["resources"])
    serve["readinessProbe"] = {"exec": {"command": ["test", "-f", "/dumps/ready"]}, "periodSeconds": 1}
    for each in (fetch, check, serve):
        each["terminationMessagePolicy"] = "FallbackToLogsOnError"
    spec = present(
        restartPolicy="Never",
        activeDeadlineSeconds=_LONGEST,
        automountServiceAccountToken=False,
        serviceAccountName=row.get("service_account"),
        terminationGracePeriodSeconds=1,
        priorityClassName=row.get("priority_class"),
        imagePullSecrets=pull_secrets(row),
        securityContext=parts.pod_security(row),
        initContainers=[fetch, check],
        containers=[serve],
        volumes=[{"name": "dumps", "emptyDir": {}}],
        **backup.where(row),
    )
    return build("v1", "Pod", restore, row["namespace"], labels=labels(row["name"], restore), spec=spec)


def policies(row: Row, restore: str) -> list[Object]:
    """What lets the pod reach the bucket, and the servers reach the pod; none where policies are switched off."""
    if not row["network"]["enabled"]:
        return []
    servers, mine = parts.replication_labels(row["name"]), {_MARK: restore}
    where = {"namespace": row["namespace"]}
    return [
        network_policy(
            name=restore,
            **where,
            pods=mine,
            ingress=rule("from", same(servers), [parts.PORT]),
            egress=[DNS, *outside(row["backup"])],
        ),
        network_policy(name=f"{restore}-servers", **where, pods=servers, egress=rule("to", same(mine), [parts.PORT])),
    ]
