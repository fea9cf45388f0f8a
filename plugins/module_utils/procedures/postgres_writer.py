"""A client that writes numbered rows through a Service and notes every acknowledged commit: its script, and its pod.

What it saw is read by seen.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..core.api.objects import Object, get
from ..core.builders import environment
from . import client_pod
from .client_pod import TMP

# One session, one row a commit, never the same number twice: a number that was lost on the way stays unknown.
# No statement_timeout: PostgreSQL answers it while a commit waits for its standby, and calls the commit done.
SCRIPT = r"""
export LC_ALL=C PGCONNECT_TIMEOUT=2 PGAPPNAME=groundwork-drill
quick="keepalives_idle=1 keepalives_interval=1 keepalives_count=3 tcp_user_timeout=4000"
say() { printf '%s %s\n' "$EPOCHREALTIME" "$*"; }
sql() { psql -XqAt -v ON_ERROR_STOP=1 -c "$1" "$quick"; }
finish() {
  say end
  for try in 1 2 3 4 5 6 7 8 9 10; do
    rows=$(sql "select min(n) || '-' || max(n) from (select n, n - row_number() over (order by n) g from $TABLE) s
      group by g order by min(n)" 2>&1) && { say kept $rows; say done; break; }
    say error 0 "${rows//$'\n'/ }"
    read -r -t 2 -u 9
  done
  sql "drop table $TABLE" > /dev/null 2>&1
  exit 0
}
trap '' PIPE
stopping=
trap 'stopping=1' TERM  # and no more: a read that times out in the midst of a longer trap abandons it
cd /tmp && mkfifo in out idle && exec 9<> idle
until
  made=$(sql "create table if not exists $TABLE (n bigint primary key, at timestamptz default now())" 2>&1)
do
  say error 0 "${made//$'\n'/ }"
  [ -z "$stopping" ] || finish
  read -r -t 1 -u 9
done
n=0
while [ -z "$stopping" ]; do
  stdbuf -oL psql -XqAt -v ON_ERROR_STOP=1 "$quick" < in > out 2>&1 &
  session=$!
  exec 3> in 4< out
  while [ -z "$stopping" ]; do
    n=$((n + 1))
    printf 'insert into %s (n) values (%d);\n\\echo ack %d\n' "$TABLE" $n $n >&3 2> /dev/null || { say lost $n; break; }
    if ! read -r -t 20 line <&4; then [ "$stopping" ] || say lost $n; break; fi
    if [ "$line" != "ack $n" ]; then say error $n "$line"; break; fi
    say ack $n
    : > writing
    read -r -t "$INTERVAL" -u 9
  done
  exec 3>&- 4<&-
  kill -KILL $session 2> /dev/null
  wait $session 2> /dev/null
  read -r -t "$INTERVAL" -u 9
done
finish
"""


class Access(NamedTuple):
    """How a client reaches a cluster: the Service, the database, and the Secret with `username` and `password`."""

    host: str
    database: str
    secret: str


def access(cluster: Object, through: str | None = None) -> Access:
    """As the cluster's own application does: `through` a Pooler's Service, or the cluster's `-rw`."""
    name = str(get(cluster, "metadata", "name"))
    begun: dict[str, Any] = next(iter((get(cluster, "spec", "bootstrap", default={}) or {}).values()), {}) or {}
    secret = get(begun, "secret", "name") or f"{name}-app"
    return Access(through or f"{name}-rw", str(begun.get("database") or "app"), str(secret))


class Task(NamedTuple):
    """What a client pod runs: a bash script, its environment, the node that it must not be on."""

    script: str
    environment: Mapping[str, str]
    avoid: str = ""


def writing(extra: Mapping[str, str], avoid: str = "") -> Task:
    """The writer's work; extra: TABLE and INTERVAL (seconds)."""
    return Task(SCRIPT, extra, avoid)


def pod(name: str, cluster: Object, way: Access, task: Task) -> Object:
    """A pod with psql, in the cluster's own image, that runs a script.

    Its label `cnpg.io/cluster` lets it through the NetworkPolicies of the cluster; it ends by itself at last.
    """
    user = {key: (way.secret, value) for key, value in _SECRET.items()}
    container = {
        "image": get(cluster, "status", "image"),
        "command": ["bash", "-c", task.script],
        "env": environment({"PGHOST": way.host, "PGDATABASE": way.database, **task.environment}, **user),
        "workingDir": TMP,
    }
    which = str(get(cluster, "metadata", "name"))
    return client_pod.pod(
        name,
        str(get(cluster, "metadata", "namespace")),
        {"cnpg.io/cluster": which},
        container,
        memory=64,
        avoid=task.avoid,
        owner=cluster,
        terminationGracePeriodSeconds=90,
        imagePullSecrets=get(cluster, "spec", "imagePullSecrets"),
        securityContext={
            "runAsNonRoot": True,
            "runAsUser": get(cluster, "spec", "postgresUID", default=26),
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        tolerations=get(cluster, "spec", "affinity", "tolerations"),
    )


_SECRET = {"PGUSER": "username", "PGPASSWORD": "password"}
