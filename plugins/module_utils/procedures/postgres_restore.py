"""Restores a PostgreSQL cluster's archive into a new cluster: to a time, an LSN, a restore point, or all there is."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.builders import build, merged
from ..core.sets import engine
from ..core.sets.applyset import SetName
from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.options import Options, SetOptions, Spec
from ..core.words import WHICH
from ..evidence import drill as evidence
from ..systems.postgres import backup as plugin
from ..systems.postgres import cluster as system
from . import postgres_recovery, reach
from . import postgres_state as state
from .metrics import Metrics
from .moments import moment
from .postgres import Running, metrics
from .steps import Step, Taken, take

Result = dict[str, Any]

_ORIGIN = "origin"
RESTORING = "Restore"
# Fields of the source's spec that say how that cluster came to be, or whom it serves.
_NOT_INHERITED = ("bootstrap", "externalClusters", "plugins", "replica", "managed", "imageCatalogRef", "imageName")
EVIDENCE: Spec = {
    "dest": {"type": "path"},
    "profile": {"type": "dict", "options": {"rpo": {"type": "str"}, "rto": {"type": "str"}}},
    "remarks": {"type": "list", "elements": "str", "default": []},
}
RESTORE = Options(
    {
        **WHICH,
        "source": {"type": "str", "required": True},
        "time": {"type": "str"},
        "restore_point": {"type": "str"},
        "lsn": {"type": "str"},
        "latest": {"type": "bool"},
        "backup_id": {"type": "str"},
        "instances": {"type": "int"},
        "owner_secret": {"type": "str", "no_log": False},
        "archive": {"type": "bool", "default": True},
        "labels": {"type": "dict", "default": {}},
        "extra_spec": {"type": "dict", "default": {}},
        **EVIDENCE,
    },
    mutually_exclusive=(("time", "restore_point", "lsn", "latest"),),
    required_one_of=(("time", "restore_point", "lsn", "latest"),),
)


def restore(*, context: Context, namespace: str, name: str, source: str, timeout: int, **asked: Any) -> Result:
    """The new cluster, healthy, with the source's image, sizes and settings, and the archive's data.

    asked: the other options of the module postgres_restore. What cannot be restored is refused before anything is made.
    """
    return Restore(context, namespace, source, timeout).run(name, asked)


class Restore(Running):
    """The running cluster is the source; `made` becomes the new one."""

    new: str
    asked: Mapping[str, Any]

    def prepare(self, name: str, asked: Mapping[str, Any]) -> None:
        """What to restore, as what. Raises PlatformError for a target that means nothing."""
        self.new, self.asked = name, asked
        self.made: Object = {}
        self.target = self._targets()
        self.archive = state.Archive("", "")
        self.archived: int | None = None
        self.outcome: Result = {}
        self.set = SetName(self.namespace, f"postgres-{name}")

    @property
    def parent(self) -> str:
        """The Secret that keeps the new cluster's set."""
        return self.set.parent

    def run(self, name: str, asked: Mapping[str, Any]) -> Result:
        """The result of the module; evidence where it is asked for."""
        began = datetime.now(UTC)
        self.prepare(name, asked)
        wrong: list[str] = []
        try:
            taken = take(self.context, f"PostgreSQL {self.namespace}/{self.new}", self.steps())
        except Failure as failure:
            if not asked.get("dest") or not self.made:
                raise
            taken, wrong = Taken(True, failure.result["steps"]), [str(failure)]
        changed = self.outcome.get("changed", taken.changed)
        result = {**taken.result(), "changed": changed, "cluster": self.new, "target": self.target, "source": self.name}
        if not asked.get("dest") or self.context.check or not changed:
            return result
        wrong = wrong or worse(taken.rows, asked)
        what = {"what": "PostgreSQL restore", "options": {"kind": "restore", **self.target}}
        result |= self.kept(taken.rows, began, asked, wrong, **what)
        if wrong:
            raise Failure(f"{'; '.join(wrong)}. Evidence: {result['evidence']}", result)
        return result

    def kept(
        self, rows: list[dict[str, Any]], began: datetime, asked: Mapping[str, Any], wrong: list[str], **what: Any
    ) -> Result:
        """The evidence written: its paths and the verdict. what: `what`, `options`, and `measured` beside the times."""
        record = evidence.record(
            cluster=f"{self.namespace}/{self.name}", host=self.context.host, began=began, steps=rows, wrong=wrong,
            before={"archive": "/".join(self.archive), "restored_to": self.new, "target": self.target},
            profile=asked.get("profile") or {}, remarks=list(asked.get("remarks") or []),
            **{**what, "measured": {**figures(rows), **what.get("measured", {})}},
        )  # fmt: skip
        return {**evidence.keep(record, asked["dest"]), "verdict": record["verdict"], "measured": record["measured"]}

    def steps(self) -> list[Step]:
        """Refuse or restore, and wait."""
        to = next(iter(f"{key} {value}" for key, value in self.target.items()), "the latest state")
        return [
            Step("Look at the archive", self._look),
            Step(RESTORING, self._restore, f"make cluster {self.namespace}/{self.new}, {to} of {self.name}"),
            Step("Look at what was restored", self._seen, "wait until it is healthy"),
        ]

    def _targets(self) -> dict[str, str]:
        keys = ("time", "restore_point", "lsn", "backup_id")
        return state.target(**{key: self.asked.get(key) for key in keys})

    def _look(self) -> str:
        if self.new == self.name:
            raise PlatformError(f"a restore is never in place: give the new cluster another name than {self.name}")
        self.seen = reach.sure(
            self.context, self.which, "Without the source, restore by postgres_cluster with `recovery`"
        )
        self.archive = state.archive(self.seen)
        store = reach.sure(self.context, reach.named(*state.STORE, self.namespace, self.archive.store))
        known, now = state.window(store, self.archive.server), reach.server_time(self.context)
        asked = moment(self.asked["time"]) if self.asked.get("time") else now
        if refused := state.outside(asked, known, now):
            raise PlatformError(f"cannot restore {self.about}: {refused}")
        if refused := state.before_base(self.asked.get("lsn"), self._backups()):
            raise PlatformError(f"cannot restore {self.about}: {refused}")
        if self._other(reach.read(self.context, reach.named(system.API, "Cluster", self.namespace, self.new))):
            raise PlatformError(
                f"cluster {self.namespace}/{self.new} is there, and is no restore of {self.name} to this target: "
                "restores are never in place. Give another name, or delete that cluster first"
            )
        self.archived = self._last_archived()
        return f"archive {self.archive.store}/{self.archive.server}, restorable since {known.first}"

    def _last_archived(self) -> int | None:
        """What the source itself says, as far as it still runs: an archive does not know what is missing in it."""
        primary = state.primary(self.seen)
        told, _ = metrics(self.context, self.seen, [primary] if primary else [])
        return last_archived(told.get(primary, Metrics()), int(get(self.seen, "status", "timelineID", default=0)))

    def _backups(self) -> list[Object]:
        found = reach.listed(self.context, reach.named(system.API, "Backup", self.namespace, ""))
        return [each for each in found if get(each, "spec", "cluster", "name") == self.name]

    def _other(self, there: Object | None) -> bool:
        """Whether a cluster of the new name is anything but this very restore."""
        wanted = recovered(self.seen, self.new, self.archive, self.target, self.asked)
        return there is not None and not same_beginning(there, wanted)

    def _restore(self) -> str:
        self.made = recovered(self.seen, self.new, self.archive, self.target, self.asked)
        labels = {str(key): str(value) for key, value in self.asked.get("labels", {}).items()}
        options = SetOptions(name=self.set, labels=labels, timeout=self.timeout, failure_grace=600, prune="never")
        self.outcome = engine.keep(self.context, dataclasses.replace(options, wait=False), [self.made])
        latest = set(self.target) <= {"backupID"}
        source = postgres_recovery.Source(self.archive, self.archived, latest)
        told = postgres_recovery.follow(self.context, self.made, source, self.timeout)
        engine.keep(self.context, options, [self.made])
        return f"{self.namespace}/{self.new} is healthy{f', {told}' if told else ''}"

    def _seen(self) -> str:
        made = reach.sure(self.context, reach.named(system.API, "Cluster", self.namespace, self.new))
        return f"{state.primary(made)} is primary; {get(made, 'status', 'image', default='')}"


def last_archived(said: Metrics, timeline: int) -> int | None:
    """Log and segment of the WAL file that an instance archived last, as one number; None where it is not told. Pure.

    Of the history file that begins a timeline the operator's metric makes the timeline's number, in the log's place.
    """
    found = said.one("cnpg_pg_stat_archiver_last_archived_wal_start_lsn")
    return None if found is None or found < 0 or int(found) == timeline << 32 else int(found)


def figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What the steps of a restore measured: the seconds until the new cluster was healthy, its RTO. Pure."""
    seconds = sum(each["seconds"] for each in rows if each["name"] == RESTORING and each["state"] == "done") or None
    return {"restore_seconds": seconds, "rto_seconds": seconds, "rpo_seconds": None}


def worse(rows: list[dict[str, Any]], asked: Mapping[str, Any]) -> list[str]:
    """In what the restore is worse than the profile; what was lost before it, a restore cannot measure. Pure."""
    return [each for each in evidence.worse(figures(rows), asked.get("profile") or {}) if each.startswith("RTO")]


def same_beginning(one: Object, other: Object) -> bool:
    """Whether both were restored from the same archive to the same target; the server fills in the rest. Pure."""
    return all(get(one, "spec", *path) == get(other, "spec", *path) for path in _BEGINNING)


_BEGINNING: tuple[tuple[str | int, ...], ...] = (
    ("bootstrap", "recovery", "source"),
    ("bootstrap", "recovery", "recoveryTarget"),
    ("externalClusters", 0, "plugin", "parameters"),
)


def recovered(
    source: Object, name: str, archive: state.Archive, target: Mapping[str, str], asked: Mapping[str, Any]
) -> Object:
    """The new Cluster: the source's spec with its very image, another beginning, and an archive of its own. Pure."""
    spec = {key: copy.deepcopy(value) for key, value in source["spec"].items() if key not in _NOT_INHERITED}
    before = get(source, "spec", "bootstrap", default={})
    begun = before.get("initdb") or before.get("recovery") or {}
    own = {key: begun[key] for key in ("database", "owner", "secret") if begun.get(key)}
    if asked.get("owner_secret"):
        own["secret"] = {"name": asked["owner_secret"]}
    recovery = {"source": _ORIGIN, **({"recoveryTarget": dict(target)} if target else {}), **own}
    where = {"barmanObjectName": archive.store, "serverName": archive.server}
    image = get(source, "status", "image") or get(source, "spec", "imageName")
    spec |= {
        "imageName": image,
        "bootstrap": {"recovery": recovery},
        "externalClusters": [{"name": _ORIGIN, "plugin": {"name": plugin.PLUGIN, "parameters": where}}],
    }
    if asked.get("instances"):
        spec["instances"] = asked["instances"]
        spec["enablePDB"] = asked["instances"] > 1
        if asked["instances"] == 1:
            get(spec, "postgresql", default={}).pop("synchronous", None)
    if asked.get("archive", True):
        mine = {"barmanObjectName": archive.store, "serverName": name}
        spec["plugins"] = [{"name": plugin.PLUGIN, "isWALArchiver": True, "parameters": mine}]
    namespace = get(source, "metadata", "namespace")
    return build(system.API, "Cluster", name, namespace, spec=merged(spec, asked.get("extra_spec")))
