"""The scripts by which servers and sentinels start in plain StatefulSets: who leads is always the sentinels' to say.

They run in any image of Redis 7 with a POSIX shell. Who leads is kept on the sentinels' volumes alone, so that also
after a loss of all pods no server leads that was behind. Passwords are in the environment and in files, in no argument.
"""

from __future__ import annotations

# Read by all others: this pod's own name, the pod that leads by the first sentinel that knows, questions to a server.
# Pods are told apart by their own names, whatever stands behind them. Names for the DNS are whole, so that each is one
# question: a sentinel stands still while it asks, and no longer judges after two seconds of that (its mode TILT).
COMMON = r"""
set -eu
umask 077
domain="$NAMESPACE.$(sed -n 's/^search //p' /etc/resolv.conf | tr ' ' '\n' | sed -n '/^svc\./p' | head -n 1)"
[ "$domain" != "$NAMESPACE." ] || domain="$NAMESPACE.svc"
pod=$(hostname)
me="$pod.$SERVICE.$domain"
ask() { host=$1; shift; REDISCLI_AUTH="$REDIS_PASSWORD" timeout 3 redis-cli -h "$host" "$@" 2> /dev/null; }
each_sentinel() { n=0; while [ "$n" -lt "$SENTINELS" ]; do echo "$NAME-s-$n.$NAME-s-hl.$domain"; n=$((n + 1)); done; }
each_server() { n=0; while [ "$n" -lt "$SERVERS" ]; do echo "$NAME-$n.$NAME-headless.$domain"; n=$((n + 1)); done; }
sentinel() { host=$1; shift; timeout 3 redis-cli -h "$host" -p 26379 sentinel "$@" 2> /dev/null; }
leader() {
  for one in $(each_sentinel); do
    [ "$one" != "$me" ] || continue
    found=$(sentinel "$one" get-master-addr-by-name mymaster | head -n 1) || continue
    case $found in "$NAME"-*.*) echo "${found%%.*}"; return 0 ;; esac
  done
  return 1
}
role() { ask 127.0.0.1 info replication | tr -d '\r' | sed -n "s/^$1://p"; }
"""

# As an empty master a server would empty its replicas: one that comes back with nothing, while others have something,
# waits until the sentinels have chosen another.
SERVER = r"""
. /settings/common.sh
conf=/conf/redis.conf
{
  cat /settings/redis-additional.conf
  echo "port 6379"
  echo "dir /data"
  echo "protected-mode no"
  echo "replica-announce-ip $me"
  echo "masterauth $REDIS_PASSWORD"
  if [ -f /acl/user.acl ]; then echo "aclfile /acl/user.acl"; else echo "requirepass $REDIS_PASSWORD"; fi
} > "$conf"
empty() { [ -z "$(find /data -name '*.aof' -o -name '*.rdb')" ]; }
others_have() {
  for one in $(each_server); do
    [ "$one" != "$me" ] || continue
    case $(ask "$one" dbsize) in '' | 0 | *[!0-9]*) ;; *) return 0 ;; esac
  done
  return 1
}
while true; do
  if ! first=$(leader); then
    echo "no sentinel says who leads yet"
  elif [ "$first" = "$pod" ] && empty && others_have; then
    echo "this server leads and has lost its data, which others have: waiting until another one leads"
  else
    break
  fi
  sleep 1
done
echo "$first leads"
[ "$first" = "$pod" ] || echo "replicaof $first.$NAME-headless.$domain 6379" >> "$conf"
exec redis-server "$conf"
"""

# What a sentinel has learned (who leads, who else there is, epochs) is taken over, what is said here is said anew. What
# it knew by other names is forgotten: it would count the same sentinel twice, and find no majority.
SENTINEL = r"""
. /settings/common.sh
conf=/data/sentinel.conf
learned() { [ ! -f "$conf" ] || sed -n "s/^$1/&/p" "$conf"; }
first=$(learned 'sentinel monitor mymaster ' | cut -d ' ' -f 4)
first=${first%%.*}
[ -n "$first" ] || first=$(leader) || first=$NAME-0
{
  echo "port 26379"
  echo "dir /data"
  echo "protected-mode no"
  echo "sentinel resolve-hostnames yes"
  echo "sentinel announce-hostnames yes"
  echo "sentinel announce-ip $me"
  echo "sentinel myid $(echo "$pod" | sha1sum | cut -c 1-40)"
  echo "sentinel monitor mymaster $first.$NAME-headless.$domain 6379 $QUORUM"
  echo "sentinel down-after-milliseconds mymaster $DOWN_AFTER"
  echo "sentinel failover-timeout mymaster $FAILOVER_TIMEOUT"
  echo "sentinel parallel-syncs mymaster $PARALLEL_SYNCS"
  echo "sentinel auth-pass mymaster $REDIS_PASSWORD"
  learned 'sentinel config-epoch '
  learned 'sentinel leader-epoch '
  learned 'sentinel known-replica ' | sed -n "/\\.$domain /p"
  learned 'sentinel known-sentinel ' | sed -n "/\\.$domain /p"
  learned 'sentinel current-epoch '
} > "$conf.new"
mv "$conf.new" "$conf"
exec redis-server "$conf" --sentinel
"""

# A replica that is not connected to its master would answer with what was.
READY = r"""
. /settings/common.sh
case $(ask 127.0.0.1 info replication) in *role:master* | *master_link_status:up*) exit 0 ;; esac
exit 1
"""

# A pod that is drained hands over first, and waits until it follows.
LEAVE = r"""
. /settings/common.sh
[ "$(role role)" = master ] && [ "$(role connected_slaves)" != 0 ] || exit 0
for one in $(each_sentinel); do
  sentinel "$one" failover mymaster > /dev/null && break
done
n=0
while [ "$n" -lt 20 ] && [ "$(role role)" = master ]; do sleep 1; n=$((n + 1)); done
"""

FILES = {"common.sh": COMMON, "server.sh": SERVER, "sentinel.sh": SENTINEL, "ready.sh": READY, "leave.sh": LEAVE}
