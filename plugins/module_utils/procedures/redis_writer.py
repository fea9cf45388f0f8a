"""A client of Redis that asks the sentinels who leads and pushes numbers there: its script, its pod.

What it saw is read by seen.py; a line `leader <name>` besides says whom it wrote to from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.api.objects import Object, get
from ..systems.redis.network import tool_labels
from . import client_pod
from . import redis_state as state

# Never the same number twice: one that was lost on the way stays unknown. Time is the kernel's uptime, which a shell
# reads without another process, from the clock at the start on.
SCRIPT = r"""
export LC_ALL=C
read -r up rest < /proc/uptime
clock=$(date +%s%N)
case $clock in ???????????????????) clock=${clock%???????} ;; *) clock=$(date +%s)00 ;; esac
clock=$((clock - ${up%.*}${up#*.}))
say() {
  read -r up rest < /proc/uptime
  now=$((clock + ${up%.*}${up#*.}))
  part=$((now % 100))
  [ "$part" -ge 10 ] || part=0$part
  echo "$((now / 100)).$part $*"
}
leader() {
  for one in $SENTINELS; do
    found=$(timeout 2 redis-cli -h "$one" -p 26379 sentinel get-master-addr-by-name mymaster 2> /dev/null | head -n 1)
    case $found in *.*) echo "$found"; return 0 ;; esac
  done
  return 1
}
ask() { REDISCLI_AUTH=$REDIS_PASSWORD timeout "$1" redis-cli -h "$current" 2>&1; }
missed() {
  rm -f /tmp/writing
  current=
  say "$@"
  sleep "$INTERVAL"
}
finish() {
  say end
  for try in 1 2 3 4 5 6 7 8 9 10; do
    current=$(leader) || { say error 0 "no sentinel says who leads"; sleep 2; continue; }
    found=$(printf 'LRANGE %s 0 -1\n' "$KEY" | ask 20 | sort -n -u)
    case $found in
      *[a-zA-Z]*) say error 0 "$(echo "$found" | head -n 1)"; sleep 2 ;;
      *)
        say kept "$(echo "$found" | awk '/./ { if (b != "" && $1 == b + 1) { b = $1; next }
          if (b != "") printf "%d-%d ", a, b
          a = b = $1 } END { if (b != "") printf "%d-%d", a, b }')"
        printf 'DEL %s\n' "$KEY" | ask 5 > /dev/null
        say "done"
        break ;;
    esac
  done
  exit 0
}
stopping=
trap 'stopping=1' TERM
n=0 told= current=
while [ -z "$stopping" ]; do
  if [ -z "$current" ]; then
    current=$(leader) || { missed error 0 "no sentinel says who leads"; continue; }
    [ "$current" = "$told" ] || say leader "$current"
    told=$current
  fi
  n=$((n + 1))
  if [ "$WAIT" -gt 0 ]; then
    answer=$(printf 'RPUSH %s %d\nWAIT %d 1000\n' "$KEY" "$n" "$WAIT" | ask 3)
  else
    answer=$(printf 'RPUSH %s %d\n' "$KEY" "$n" | ask 3)
  fi
  case $answer in
    '') missed lost $n; continue ;;
    *[!0-9[:space:]]*) missed error $n "$(echo "$answer" | head -n 1)"; continue ;;
  esac
  set -- $answer
  if [ "$WAIT" -gt 0 ] && [ "${2:-0}" -lt "$WAIT" ]; then
    missed error $n "only ${2:-0} replicas had it within a second"
    continue
  fi
  say ack $n
  : > /tmp/writing
  sleep "$INTERVAL"
done
finish
"""


def pod(name: str, servers: Object, environment: Mapping[str, str], avoid: str = "") -> Object:
    """A pod of the servers' own image and user that runs the script; environment: SENTINELS, KEY, INTERVAL, WAIT.

    avoid: the node that it must not be on. Its label lets it through the NetworkPolicies of the deployment.
    """
    template = get(servers, "spec", "template", "spec", default={})
    server = state.server(servers)
    plain: list[dict[str, Any]] = [{"name": key, "value": value} for key, value in environment.items()]
    container = {
        "image": server["image"],
        "command": ["sh", "-c", SCRIPT],
        "env": [*plain, {"name": "REDIS_PASSWORD", "valueFrom": state.secret(server)}],
    }
    return client_pod.pod(
        name,
        str(get(servers, "metadata", "namespace")),
        tool_labels(str(get(servers, "metadata", "name"))),
        container,
        memory=32,
        avoid=avoid,
        terminationGracePeriodSeconds=90,
        imagePullSecrets=template.get("imagePullSecrets"),
        securityContext=template.get("securityContext"),
        tolerations=template.get("tolerations"),
    )


def leaders(log: str) -> list[str]:
    """The pods that it wrote to, one after the other."""
    rows = (line.split() for line in log.splitlines())
    return [row[2].partition(".")[0] for row in rows if len(row) > 2 and row[1] == "leader"]
