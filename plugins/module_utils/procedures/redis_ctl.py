"""Asks and tells running servers and sentinels of Redis by the redis-cli in their own pods."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..core.api import exec as command
from ..core.api.errors import PlatformError
from ..core.sets.context import Context
from ..systems.redis import parts

# The password is in the pod's environment, and in no argument.
_SERVER = 'export REDISCLI_AUTH="$REDIS_PASSWORD"\n'
_ASK = f'{_SERVER}redis-cli -e "$@"'
# Words of a person come by stdin, one a line: an audit log keeps arguments. Stdin never ends, so their length is given.
_QUESTION = f"""{_SERVER}db=$1
words=$(head -c "$2")
set --
while IFS= read -r word; do set -- "$@" "$word"; done <<END
$words
END
redis-cli -e -n "$db" "$@"
"""
# A replica that is attached may still load; it acknowledges what was said behind the data once it has them.
_FOLLOWED = f"""{_SERVER}
printf 'WAIT %s %s\\nPUBLISH groundwork restored\\nWAIT %s %s\\n' "$1" "$2" "$1" "$2" | redis-cli | tail -n 1
"""
# Nothing but the server itself tells when its file is written, or whom it follows.
_UNTIL = f"""{_SERVER}
n=$((2 * $1)) section=$2 missing=
shift 2
while [ "$n" -gt 0 ]; do
  found=$(redis-cli info "$section" | tr -d '\\r')
  missing=
  for line in "$@"; do printf '%s\\n' "$found" | grep -qx "$line" || missing="$missing $line"; done
  [ "$missing" ] || exit 0
  sleep 0.5
  n=$((n - 1))
done
echo "it does not say$missing" >&2
exit 1
"""
_WRITTEN = ("loading:0", "aof_rewrite_in_progress:0", "aof_rewrite_scheduled:0", "aof_last_bgrewrite_status:ok")
_FOLLOWS = ("role:slave", "master_link_status:up")
_PATIENCE = f'redis-cli -e -p {parts.SENTINEL} sentinel set {parts.GROUP} down-after-milliseconds "$1"'
# Sentinels ask a master who it is every ten seconds; one that they still take for a replica would be missed at once.
_RELEASED = f"""
n=0
while [ "$n" -lt 60 ]; do
  found=$(redis-cli -p {parts.SENTINEL} sentinel master {parts.GROUP} | grep -A 1 '^role-reported$' | tail -n 1)
  [ "$found" != master ] || break
  sleep 0.5
  n=$((n + 1))
done
{_PATIENCE}
"""
_MASTER = f"redis-cli -e -p {parts.SENTINEL} sentinel get-master-addr-by-name {parts.GROUP}"


class Server(NamedTuple):
    """One container that has redis-cli."""

    namespace: str
    pod: str
    container: str


def run(context: Context, server: Server, script: str, *arguments: str, stdin: str = "", timeout: float = 60) -> str:
    """What a script prints there. Raises PlatformError with its words where it fails."""
    shell = ["sh", "-c", script, "sh", *arguments]
    done = command.run(
        context.client, server.namespace, server.pod, server.container, shell, stdin=stdin, timeout=timeout
    )
    if done.code:
        said = " ".join((done.err or done.out).split())[-300:]
        raise PlatformError(f"redis-cli in pod {server.namespace}/{server.pod} ended with {done.code}: {said}")
    return done.out.replace("\r", "").strip()


def ask(context: Context, server: Server, *words: str) -> str:
    """The answer to one command, as redis-cli prints it. Nothing secret may stand in it."""
    return run(context, server, _ASK, *words)


def question(context: Context, server: Server, check: Mapping[str, Any]) -> str:
    """The answer to a command that a person gave (`ask`, quoted as in a shell), in a database (`db`)."""
    try:
        words = shlex.split(check["ask"])
    except ValueError as error:
        raise PlatformError(f"{check['ask']!r} is no command of Redis: {error}") from error
    if not words:
        raise PlatformError("a check asks nothing: give it a command of Redis, such as DBSIZE")
    given = "\n".join(words)
    return run(context, server, _QUESTION, str(check["db"]), str(len(given.encode())), stdin=given)


def master(context: Context, namespace: str, name: str) -> Server:
    """The server that leads, by the first sentinel and by its own word. Raises PlatformError where they differ."""
    said = run(context, Server(namespace, f"{name}-s-0", "sentinel"), _MASTER).splitlines()
    found = Server(namespace, said[0].partition(".")[0] if said else "", "redis")
    role = ask(context, found, "role").partition("\n")[0]
    if role != "master":
        raise PlatformError(
            f"sentinels say that {found.pod} leads, and it says that it is a {role}: wait until they agree"
        )
    return found


def keys(keyspace: str) -> dict[str, int]:
    """Keys by database (db0), of `INFO keyspace`. Pure."""
    rows = (line.partition(":keys=") for line in keyspace.splitlines())
    return {name: int(rest.partition(",")[0]) for name, sign, rest in rows if sign}


def told(info: str, name: str) -> str:
    """One line's value of INFO; empty where it is not there. Pure."""
    return next((line.partition(":")[2] for line in info.splitlines() if line.startswith(f"{name}:")), "")


def followed(context: Context, server: Server, count: int, timeout: float) -> None:
    """Waits until so many replicas have all that the server has. Raises PlatformError when the time is over."""
    if not count:
        return
    said = run(context, server, _FOLLOWED, str(count), str(int(timeout * 1000)), timeout=2 * timeout + 60)
    if not said.isdigit() or int(said) < count:
        raise PlatformError(f"after {timeout:.0f} s {said} of {count} replicas have what {server.pod} has")


def written(context: Context, server: Server, timeout: float) -> None:
    """Waits until a server's append-only file holds what it has in memory; at once where it keeps none."""
    _until(context, server, timeout, "persistence", *_WRITTEN)


def follows(context: Context, server: Server, timeout: float) -> None:
    """Waits until a server is a replica that is connected to its master."""
    _until(context, server, timeout, "replication", *_FOLLOWS)


def _until(context: Context, server: Server, timeout: float, section: str, *lines: str) -> None:
    run(context, server, _UNTIL, str(int(timeout)), section, *lines, timeout=timeout + 60)


def patience(context: Context, sentinel: Server, milliseconds: int) -> None:
    """After how long without a sane answer a sentinel misses the master; until its pod is started again."""
    run(context, sentinel, _PATIENCE, str(milliseconds))


def released(context: Context, sentinel: Server, milliseconds: int) -> None:
    """The same, once the sentinel has seen that the master leads, or half a minute later."""
    run(context, sentinel, _RELEASED, str(milliseconds), timeout=120)
