"""Follows the Job that makes a PostgreSQL cluster out of an archive; says in one sentence what the archive lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets.context import Context
from . import postgres_state as state
from . import reach

_ROLE = "full-recovery"  # what the operator calls the Job, its pods and their container
_CONTAINERS = (_ROLE, "plugin-barman-cloud")
# The Job goes on for ten minutes and more; what two of its pods say, the third does too.
_TRIES = 2
_AGAIN = "the archive is as it was, so mend that, delete the cluster, and restore again"


class Source(NamedTuple):
    """What is recovered. archive: store and server; archived: the last WAL that its cluster says it has archived.

    archived is its log and segment as one number, as PostgreSQL names the file; None where that is not known. latest:
    all that is there is wanted, so that a recovery that ends earlier is not told from one that is whole.
    """

    archive: state.Archive
    archived: int | None
    latest: bool


class Fault(NamedTuple):
    """Why a recovery fails. final: no further try of the Job can end otherwise."""

    words: str
    final: bool


def follow(context: Context, made: Object, source: Source, timeout: float) -> str:
    """Waits until the archive is recovered; in words how far. Raises PlatformError in one sentence where it cannot be.

    made: the new Cluster. Nothing more is waited for after the first pod that fails for good, or the second that fails.
    """
    cluster = reach.until(context, made, _begun, timeout)
    if state.primary(cluster):
        return ""
    return _Following(context, made, source).until_recovered(timeout)


def _begun(cluster: Object | None) -> str:
    missing = state.unhealthy(cluster)
    return "" if get(cluster, "status", "targetPrimary") else missing or "the operator has not begun"


class _Following:
    def __init__(self, context: Context, made: Object, source: Source) -> None:
        self._context, self._source = context, source
        self._namespace, self._name = (str(made["metadata"][key]) for key in ("namespace", "name"))
        self._which = f"cluster {self._namespace}/{self._name}"

    def until_recovered(self, timeout: float) -> str:
        job = reach.named("batch/v1", "Job", self._namespace, f"{self._name}-1-{_ROLE}")
        reach.until(self._context, job, self._judge, timeout)
        log = self._last_log("Succeeded")
        if missing := self._source.latest and gap(log, self._source):
            raise PlatformError(f"{missing}. What came later is not in {self._which}: {_AGAIN}")
        return f"recovered up to WAL {max(restored(log), key=_place, default='of the base backup')}"

    def _judge(self, job: Object | None) -> str:
        if get(job, "status", "succeeded", default=0):
            return ""
        tried = int(get(job, "status", "failed", default=0))
        if not tried:
            running = get(job, "status", "ready", default=0)
            return "its recovery runs" if running else "its recovery pod does not run yet"
        found = fault(self._last_log("Failed"), self._source)
        if found.final or tried >= _TRIES:
            raise PlatformError(f"{found.words}. Nothing is in {self._which} yet: {_AGAIN}")
        return f"{found.words}; the operator tries again"

    def _last_log(self, phase: str) -> str:
        """Of the newest recovery pod in that phase, the plugin's after its own; empty where it cannot be read."""
        labels = {"cnpg.io/cluster": self._name, "cnpg.io/jobRole": _ROLE}
        try:
            pods = reach.pods(self._context, self._namespace, labels)
            ended = [pod for pod in pods if get(pod, "status", "phase") == phase]
            last = max(ended, key=lambda pod: str(get(pod, "metadata", "creationTimestamp")), default=None)
            return "\n".join(reach.log(self._context, last, each) for each in _CONTAINERS) if last else ""
        except PlatformError:
            return ""


# What a log says ------------------------------------------------------------------------------------------------------


def fault(log: str, source: Source) -> Fault:
    """Why a recovery failed, from its pod's log. Pure."""
    said = list(errors(log))
    for pattern, words, final in _FAULTS:
        for each in said:
            if match := re.search(pattern, each):
                return Fault(words(source, log, match), final)
    telling = [each for each in said if "exception:" in each] or said[:1] or ["its log tells no error"]
    return Fault(f"the recovery fails: {telling[0]}", False)


def errors(log: str) -> Iterator[str]:
    """The errors in logs of the operator's programs, a line of JSON each; barman's words for its exit code. Pure."""
    for line in log.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if not isinstance(found, dict):
            continue
        record = found.get("record")
        if isinstance(record, dict) and record.get("error_severity") in ("FATAL", "PANIC"):
            yield str(record.get("message", ""))
        elif found.get("level") == "error":
            said = str(found.get("stderr") or "").strip().splitlines() or [str(found.get("error", ""))]
            yield f"{found.get('msg', '')}: {said[-1]}".strip(": ")


def restored(log: str) -> list[str]:
    """The names of the WAL files that PostgreSQL took out of the archive. Pure."""
    return re.findall(r'restored log file \\?"([0-9A-F]{24})\\?" from archive', log)


def gap(log: str, source: Source) -> str:
    """Which WAL the archive lacks although later ones were archived; empty where none is known. Pure."""
    names = restored(log)
    if source.archived is None or not names:
        return ""
    end = max(names, key=_place)
    if _place(end) >= source.archived:
        return ""
    return (
        f"WAL {after(end)} is missing in archive {_told(source)}: it was recovered up to {end}, and its cluster has "
        f"archived up to {source.archived:016X}"
    )


def after(name: str) -> str:
    """The name of the WAL file that follows, of 16 MiB. Pure."""
    log, segment = int(name[8:16], 16), int(name[16:], 16) + 1
    return f"{name[:8]}{log + segment // 256:08X}{segment % 256:08X}"


def _place(name: str) -> int:
    """Log and segment of a WAL file, timelines aside."""
    return int(name[8:], 16)


def _told(source: Source) -> str:
    return "/".join(source.archive)


def _short(source: Source, log: str, _: re.Match[str]) -> str:
    """The target was not reached: something lacks before it, or nothing came after it."""
    end = max(restored(log), key=_place, default="")
    return gap(log, source) or (
        f"archive {_told(source)} ends{f' with WAL {end}' if end else ''} before the target is reached: nothing later "
        "was archived, so wait for archive_timeout and the next commit, or take the latest state"
    )


Words = Callable[[Source, str, re.Match[str]], str]
# What barman's programs end with: 1 the operation failed, 2 no connection, 3 wrong use, 4 all else.
_FAULTS: Iterable[tuple[str, Words, bool]] = (
    (
        r"barman-cloud-wal-archive: exit status 1\b",
        lambda source, log, found: "the new cluster's own archive holds WAL of a former one: give it another name",
        True,
    ),
    (
        r"no target backup found",
        lambda source, log, found: f"archive {_told(source)} holds no base backup to begin with: it was emptied",
        True,
    ),
    (
        r"first needed WAL.* ([0-9A-F]{24}): WAL not found",
        lambda source, log, found: f"WAL {found[1]}, with which the base backup begins, is missing in {_told(source)}",
        True,
    ),
    (r"recovery ended before configured recovery target was reached", _short, True),
    (
        r"exit status 2\b|exit code 2\b|[Cc]onnectivity failure|(connect to the|on) endpoint URL",
        lambda source, log, found: f"the object store of archive {_told(source)} does not answer",
        False,
    ),
    (
        r"(Operation|General) error \(exit code [14]\)",
        lambda source, log, found: f"the base backup in archive {_told(source)} cannot be unpacked: it is not whole",
        False,
    ),
)
