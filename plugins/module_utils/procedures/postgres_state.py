"""What the objects of a CloudNativePG cluster say: who is primary, what is missing, what can be restored. Pure.

A judgement returns what is missing in one sentence, or an empty text; PlatformError where it will never come true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.readiness.rule import Field
from ..systems.postgres import backup, rules
from .moments import moment

HEALTHY = "Cluster in healthy state"
FENCED = "cnpg.io/fencedInstances"
HIBERNATION = "cnpg.io/hibernation"
EVERY = "*"
# Phases out of which the operator does not come by itself (systems/postgres/rules.py has the source).
HOPELESS = [
    phase
    for each in rules.RULES["postgresql.cnpg.io/Cluster"].terminal
    if isinstance(each, Field)
    for phase in each.wanted
]
_LSN = re.compile(r"[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}")
_FAILED_BACKUP = ("failed", "invalid backup definition")


def about(cluster: Object) -> str:
    """`PostgreSQL data/main`."""
    return f"PostgreSQL {get(cluster, 'metadata', 'namespace')}/{get(cluster, 'metadata', 'name')}"


def primary(cluster: Object | None) -> str:
    """The instance that is primary now."""
    return str(get(cluster, "status", "currentPrimary", default=""))


def instances(cluster: Object) -> list[str]:
    """The names of all instances."""
    return [str(each) for each in get(cluster, "status", "instanceNames", default=[])]


def ready_instances(cluster: Object) -> list[str]:
    """The names of those that the operator calls healthy."""
    return [str(each) for each in get(cluster, "status", "instancesStatus", "healthy", default=[])]


def unhealthy(cluster: Object | None) -> str:
    """Why it is not healthy with all its instances."""
    if cluster is None:
        return "it is not there"
    phase = str(get(cluster, "status", "phase", default=""))
    reason = str(get(cluster, "status", "phaseReason", default=""))
    if phase in HOPELESS:
        raise PlatformError(f"{about(cluster)}: {phase}{f': {reason}' if reason else ''}")
    if phase != HEALTHY:
        return f"{phase or 'no status yet'}{f': {reason}' if reason else ''}"
    wanted, there = get(cluster, "spec", "instances", default=1), get(cluster, "status", "readyInstances", default=0)
    if there != wanted:
        return f"{there} of {wanted} instances ready"
    if primary(cluster) != get(cluster, "status", "targetPrimary"):
        return f"{get(cluster, 'status', 'targetPrimary')} is to be primary, {primary(cluster)} is"
    return ""


# Switchover ----------------------------------------------------------------------------------------------------------


def successor(cluster: Object, wanted: str | None) -> str:
    """The instance to switch to: the one asked for, or the first healthy standby. Raises PlatformError."""
    if missing := unhealthy(cluster):
        raise PlatformError(f"{about(cluster)} is not healthy ({missing}): a switchover waits for all, mend it first")
    standbys = [each for each in ready_instances(cluster) if each not in (primary(cluster), *fenced(cluster))]
    if wanted is None:
        if not standbys:
            raise PlatformError(f"{about(cluster)} has no healthy standby to switch to")
        return standbys[0]
    if wanted != primary(cluster) and wanted not in standbys:
        there = ", ".join(standbys) or "none"
        raise PlatformError(f"{wanted} is no healthy standby of {about(cluster)}; there are: {there}")
    return wanted


def promoted(name: str) -> Callable[[Object | None], str]:
    """Judges whether that instance is primary."""
    return lambda cluster: "" if primary(cluster) == name else f"{primary(cluster) or 'nobody'} is primary"


def asking_for(name: str) -> dict[str, Any]:
    """The status by which the operator is asked for a switchover (cloudnative-pg: internal/cmd/plugin/promote)."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    words = {"phase": "Switchover in progress", "phaseReason": f"Switching over to {name}"}
    return {"status": {"targetPrimary": name, "targetPrimaryTimestamp": now, **words}}


def promise(cluster: Object) -> str:
    """What a failover of this cluster may lose, as it is configured."""
    given, count = get(cluster, "spec", "postgresql", "synchronous", default={}), get(cluster, "spec", "instances")
    if count == 1:
        return "one instance: there is nobody to fail over to"
    if not given:
        return "asynchronous: a failover may lose the last commits"
    if given.get("dataDurability") == "preferred":
        return "preferred durability: commits go on without a standby, and those may be lost"
    if count == 2:
        return "required durability with two instances: nothing is lost, writes stop while either is away"
    return "required durability: no acknowledged commit may be lost"


# Fencing and hibernation ---------------------------------------------------------------------------------------------


def fenced(cluster: Object) -> list[str]:
    """The names of fenced instances, `*` for all."""
    try:
        found = json.loads(get(cluster, "metadata", "annotations", FENCED, default="") or "[]")
    except ValueError:
        return []
    return [str(each) for each in found] if isinstance(found, list) else []


def to_fence(cluster: Object, names: Iterable[str], state: str) -> list[str]:
    """What the annotation is to hold. Raises PlatformError for an instance that is not one."""
    names, known = list(names), instances(cluster)
    for name in names:
        if name != EVERY and name not in known:
            raise PlatformError(f"{name} is no instance of {about(cluster)}; there are: {', '.join(known)}")
    before = known if fenced(cluster) == [EVERY] else fenced(cluster)
    if EVERY in names:
        return [EVERY] if state == "fenced" else []
    if state == "fenced":
        return [EVERY] if fenced(cluster) == [EVERY] else sorted({*before, *names})
    return sorted(set(before) - set(names))


def hibernating(cluster: Object | None) -> str:
    """Why it is not yet at rest: the operator says so by a condition."""
    for each in get(cluster, "status", "conditions", default=[]):
        if each.get("type") == HIBERNATION:
            return "" if each.get("status") == "True" else str(each.get("message") or each.get("reason"))
    return "the operator has not answered yet"


# Backups -------------------------------------------------------------------------------------------------------------


STORE = ("barmancloud.cnpg.io/v1", "ObjectStore")


class Archive(NamedTuple):
    """Where a cluster's backups are: the ObjectStore's name, and the server's name in it."""

    store: str
    server: str


def archive(cluster: Object) -> Archive:
    """Raises PlatformError where nothing is archived."""
    for plugin in get(cluster, "spec", "plugins", default=[]):
        given = plugin.get("parameters") or {}
        if plugin.get("name") == backup.PLUGIN and plugin.get("enabled", True) and given.get("barmanObjectName"):
            name = str(get(cluster, "metadata", "name"))
            return Archive(str(given["barmanObjectName"]), str(given.get("serverName") or name))
    raise PlatformError(f"{about(cluster)} has no backups: it archives to no object store. Give it `backup` first")


class Window(NamedTuple):
    """Between when and when an archive can bring a server back. last: the end of the newest base backup."""

    first: datetime | None = None
    last: datetime | None = None


def window(store: Object | None, server: str) -> Window:
    """What the ObjectStore's status says of a server."""
    found = get(store, "status", "serverRecoveryWindow", server, default={})
    return Window(*(_time(found.get(key)) for key in ("firstRecoverabilityPoint", "lastSuccessfulBackupTime")))


def _time(text: Any) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


def archiving(cluster: Object | None) -> str:
    """Why its WAL does not reach the archive; empty where it does."""
    for each in get(cluster, "status", "conditions", default=[]):
        if each.get("type") == "ContinuousArchiving":
            return "" if each.get("status") == "True" else str(each.get("message") or "archiving fails")
    return "no WAL was archived yet"


def incomplete(taken: Object | None) -> str:
    """Why a Backup is not complete. Raises PlatformError where it failed."""
    phase = str(get(taken, "status", "phase", default="not started"))
    error = str(get(taken, "status", "error", default=""))
    if phase in _FAILED_BACKUP:
        raise PlatformError(f"the backup failed: {error or phase}")
    return "" if phase == "completed" else f"{phase}{f': {error}' if error else ''}"


def unlisted(server: str, taken: Object) -> Callable[[Object | None], str]:
    """Judges whether the archive offers the backup for a restore: its window reaches the backup's end."""
    stopped = _time(get(taken, "status", "stoppedAt"))

    def judge(store: Object | None) -> str:
        found = window(store, server)
        if found.first is None or found.last is None:
            return f"the object store shows no recovery window of {server}"
        # Both are written in whole seconds, by different clocks of one machine.
        late = stopped is not None and found.last + timedelta(seconds=2) < stopped
        return f"the newest backup in the object store ended {found.last:%H:%M:%S}" if late else ""

    return judge


# Restores ------------------------------------------------------------------------------------------------------------


def target(*, time: str | None, restore_point: str | None, lsn: str | None, backup_id: str | None) -> dict[str, str]:
    """`recoveryTarget` of the operator; empty for the latest state. Raises PlatformError for what cannot be meant."""
    if time is not None:
        return {"targetTime": moment(time).isoformat(), **({"backupID": backup_id} if backup_id else {})}
    if lsn is not None:
        if not _LSN.fullmatch(lsn):
            raise PlatformError(f"{lsn!r} is no LSN: two hexadecimal numbers with a slash, such as 0/5000060")
        return {"targetLSN": lsn, **({"backupID": backup_id} if backup_id else {})}
    if restore_point is not None:
        if not backup_id:
            raise PlatformError(f"restore point {restore_point!r} needs backup_id: a backup taken before it was made")
        return {"targetName": restore_point, "backupID": backup_id}
    return {"backupID": backup_id} if backup_id else {}


def outside(asked: datetime, known: Window, now: datetime) -> str:
    """Why nothing can be restored to that moment; empty where it can."""
    if asked > now:
        return f"{asked.isoformat()} is in the future: it is {now.isoformat()} by the API server's clock"
    if known.first is None:
        return "its archive holds no base backup, so nothing can be restored"
    if asked < known.first:
        return (
            f"{asked.isoformat()} is before the recovery window, which begins {known.first.isoformat()}: older backups "
            "are gone, or were never made"
        )
    return ""


def before_base(lsn: str | None, backups: Iterable[Object]) -> str:
    """Why nothing can be restored to that LSN, as far as the Backup objects know; empty where it can."""
    ends = [str(get(each, "status", "endLSN")) for each in backups if get(each, "status", "endLSN")]
    oldest = min(ends, key=position, default="")
    if lsn is None or not oldest or position(lsn) >= position(oldest):
        return ""
    return f"{lsn} is before the end of the oldest base backup known here, {oldest}"


def position(lsn: str) -> int:
    """An LSN as the number it stands for."""
    high, _, low = lsn.partition("/")
    return int(high, 16) << 32 | int(low, 16)


# Pods of a drill -----------------------------------------------------------------------------------------------------


def pooler_inactive(pooler: Object | None) -> str:
    """Why a Pooler does not serve. Raises PlatformError where it failed."""
    phase = str(get(pooler, "status", "phase", default="not started"))
    reason = str(get(pooler, "status", "phaseReason", default=""))
    if phase == "failed":
        raise PlatformError(f"pooler {get(pooler, 'metadata', 'name')} failed: {reason or 'no reason given'}")
    return "" if phase == "active" else f"{phase}{f': {reason}' if reason else ''}"


def unavailable(deployment: Object | None) -> str:
    """Why not all pods of a Deployment serve: a Pooler is active before any of its pods runs."""
    wanted = get(deployment, "spec", "replicas", default=1)
    there = get(deployment, "status", "availableReplicas", default=0)
    return "" if deployment and there >= wanted else f"{there} of {wanted} pods serve"
