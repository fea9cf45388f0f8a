"""What people do to a running PostgreSQL cluster: switch over, back up, fence, hibernate, in named steps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ..core.api.objects import Object, get
from ..core.sets.context import Context
from ..core.sets.options import Options
from ..core.words import WHICH
from ..systems.postgres import backup as plugin
from ..systems.postgres import cluster as system
from . import postgres_state as state
from . import reach
from .metrics import Metrics, ask
from .steps import Step, Unneeded, take

Result = dict[str, Any]

SWITCHOVER = Options({**WHICH, "to": {"type": "str"}})
BACKUP = Options({**WHICH, "backup_name": {"type": "str"}})
FENCE = Options(
    {
        **WHICH,
        "instances": {"type": "list", "elements": "str", "required": True},
        "state": {"type": "str", "choices": ["fenced", "released"], "default": "fenced"},
    }
)
HIBERNATE = Options({**WHICH, "state": {"type": "str", "choices": ["hibernated", "awake"], "default": "hibernated"}})

_METRICS = 9187


def which(namespace: str, name: str) -> Object:
    """The Cluster, by name."""
    return reach.named(system.API, "Cluster", namespace, name)


def metrics(context: Context, cluster: Object, instances: Sequence[str]) -> tuple[dict[str, Metrics], dict[str, str]]:
    """What instances say of themselves, by name; and of those that said nothing why."""
    scheme = "https" if get(cluster, "spec", "monitoring", "tls", "enabled") else "http"
    return ask(context, str(get(cluster, "metadata", "namespace")), instances, _METRICS, scheme)


class Running:
    """A cluster as it was last seen; the base of every procedure on it."""

    def __init__(self, context: Context, namespace: str, name: str, timeout: float) -> None:
        self.context, self.timeout = context, timeout
        self.namespace, self.name = namespace, name
        self.which = which(namespace, name)
        self.about = state.about(self.which)
        self.seen: Object = {}

    def look(self) -> str:
        """Reads it; who is primary and how it is."""
        self.seen = reach.sure(self.context, self.which)
        there = f"{len(state.ready_instances(self.seen))} of {get(self.seen, 'spec', 'instances')} instances ready"
        return f"{state.primary(self.seen) or 'nobody'} is primary, {there}"

    def healthy(self) -> str:
        """Waits until all instances are."""
        self.seen = reach.until(self.context, self.which, state.unhealthy, self.timeout)
        return f"{state.primary(self.seen)} is primary, all {get(self.seen, 'spec', 'instances')} instances ready"

    def annotate(self, key: str, value: str | None) -> None:
        """Sets an annotation of the Cluster, or takes it away."""
        self.seen = reach.patch(self.context, self.which, {"metadata": {"annotations": {key: value}}})


def switchover(*, context: Context, namespace: str, name: str, timeout: int, to: str | None = None) -> Result:
    """Makes a standby the primary, by the operator's own way: the status it takes its next primary from."""
    running = Running(context, namespace, name, timeout)
    before = after = ""

    def choose() -> str:
        nonlocal before, after
        seen = running.look()
        before, after = state.primary(running.seen), state.successor(running.seen, to)
        if before == after:
            raise Unneeded(f"{after} is primary already")
        return f"{seen}; {after} is to follow"

    def ask() -> str:
        reach.patch(context, running.which, state.asking_for(after), "status")
        return f"{after} is asked to take over from {before}"

    def follow() -> str:
        reach.until(context, running.which, state.promoted(after), timeout)
        return f"{after} is primary"

    steps = [
        Step("Look at the cluster", choose),
        Step("Ask for the switchover", ask, "ask the operator to make the standby primary; clients are cut off once"),
        Step("Wait for the new primary", follow, "wait until it is primary"),
        Step("Wait until all instances follow", running.healthy, "wait until all instances are ready"),
    ]
    taken = take(context, running.about, steps)
    return {**taken.result(), "old_primary": before, "new_primary": after}


def fence(*, context: Context, namespace: str, name: str, timeout: int, instances: list[str], state: str) -> Result:
    """Stops PostgreSQL in instances whose pods stay, or lets it start again. A fenced primary is not replaced."""
    running = _Fence(context, namespace, name, timeout)
    return running.run(instances, state)


class _Fence(Running):
    names: list[str]
    wanted: str
    fenced: list[str]

    def run(self, names: list[str], wanted: str) -> Result:
        self.names, self.wanted, self.fenced = names, wanted, []
        act = "stop PostgreSQL in" if wanted == "fenced" else "start PostgreSQL again in"
        steps = [
            Step("Look at the cluster", self._choose),
            Step("Set the fence", self._set, f"{act} {', '.join(names)}"),
            Step("Wait for the instances", self._wait, "wait until the instances have followed"),
        ]
        return {**take(self.context, self.about, steps).result(), "fenced": self.fenced}

    def _choose(self) -> str:
        seen = self.look()
        before = state.fenced(self.seen)
        self.fenced = state.to_fence(self.seen, self.names, self.wanted)
        if self.fenced == before:
            raise Unneeded(f"fenced as it is wanted: {', '.join(before) or 'none'}")
        writes = state.primary(self.seen) in self.fenced or state.EVERY in self.fenced
        return f"{seen}{'; writes stop: the primary is to be fenced' if writes else ''}"

    def _set(self) -> str:
        self.annotate(state.FENCED, json.dumps(self.fenced) if self.fenced else None)
        return f"fenced: {', '.join(self.fenced) or 'none'}"

    def _wait(self) -> str:
        known = state.instances(self.seen)
        away = known if state.EVERY in self.fenced else self.fenced

        def followed(cluster: Object | None) -> str:
            ready = state.ready_instances(cluster or {})
            wrong = [each for each in known if (each in ready) == (each in away)]
            return f"not yet: {', '.join(wrong)}" if wrong else ""

        reach.until(self.context, self.which, followed, self.timeout)
        return f"ready: {', '.join(each for each in known if each not in away) or 'none'}"


def hibernate(*, context: Context, namespace: str, name: str, timeout: int, state: str) -> Result:
    """Takes all pods away and keeps the volumes, or brings the pods back."""
    return _Hibernate(context, namespace, name, timeout, state).run()


class _Hibernate(Running):
    def __init__(self, context: Context, namespace: str, name: str, timeout: float, wanted: str) -> None:
        super().__init__(context, namespace, name, timeout)
        self.rest = wanted == "hibernated"

    def run(self) -> Result:
        act = "take all pods away, the volumes stay" if self.rest else "bring the pods back"
        steps = [
            Step("Look at the cluster", self._look),
            Step("Tell the operator", self._tell, act),
            Step("Wait for it", self._wait, "wait until it has done so"),
        ]
        return take(self.context, self.about, steps).result()

    def _look(self) -> str:
        seen = self.look()
        now = get(self.seen, "metadata", "annotations", state.HIBERNATION) == "on"
        if now == self.rest and not (state.hibernating(self.seen) if self.rest else state.unhealthy(self.seen)):
            raise Unneeded("hibernated already" if self.rest else "awake already")
        return seen

    def _tell(self) -> str:
        self.annotate(state.HIBERNATION, "on" if self.rest else "off")
        return "asked to rest" if self.rest else "asked to wake"

    def _wait(self) -> str:
        if not self.rest:
            return self.healthy()
        reach.until(self.context, self.which, state.hibernating, self.timeout)
        return "no pods; the volumes are kept"


def backup(*, context: Context, namespace: str, name: str, timeout: int, backup_name: str | None = None) -> Result:
    """Takes a base backup, and returns when it can be restored from."""
    return _Backup(context, namespace, name, timeout, backup_name).run()


class _Backup(Running):
    def __init__(self, context: Context, namespace: str, name: str, timeout: float, given: str | None) -> None:
        super().__init__(context, namespace, name, timeout)
        self.mine = given or f"{name}-{datetime.now(UTC):%Y%m%d%H%M%S}"
        self.backup = reach.named(system.API, "Backup", namespace, self.mine)
        self.archive = state.Archive("", "")
        self.taken: Object = {}
        self.window = state.Window()

    def run(self) -> Result:
        steps = [
            Step("Look at the cluster and its archive", self._look),
            Step("Ask for a base backup", self._ask, f"take base backup {self.mine}"),
            Step("Wait until it is complete", self._complete, "wait until it is complete"),
            Step(
                "Wait until it is restorable", self._restorable, "wait until the object store offers it for a restore"
            ),
        ]
        taken = take(self.context, self.about, steps)
        status = self.taken.get("status") or {}
        return {
            **taken.result(),
            "backup": self.mine,
            "backup_id": str(status.get("backupId", "")),
            "recovery_window": {
                "first": self.window.first.isoformat() if self.window.first else None,
                "last_backup": self.window.last.isoformat() if self.window.last else None,
            },
        }

    def _look(self) -> str:
        seen = self.look()
        self.archive = state.archive(self.seen)
        reach.sure(self.context, self._store(), "The cluster archives to it: apply the cluster's set again")
        if reach.read(self.context, self.backup):
            raise Unneeded(f"backup {self.mine} was taken before")
        broken = state.archiving(self.seen)
        return f"{seen}; archive {self.archive.store}/{self.archive.server}{f', not well: {broken}' if broken else ''}"

    def _store(self) -> Object:
        return reach.named(*state.STORE, self.namespace, self.archive.store)

    def _ask(self) -> str:
        owner = {key: get(self.seen, *path) for key, path in _OWNER.items()}
        metadata = {**self.backup["metadata"], "ownerReferences": [owner]}
        way = {"method": "plugin", "pluginConfiguration": {"name": plugin.PLUGIN}}
        reach.create(
            self.context, {**self.backup, "metadata": metadata, "spec": {"cluster": {"name": self.name}, **way}}
        )
        return f"backup {self.mine}"

    def _complete(self) -> str:
        self.taken = reach.until(self.context, self.backup, state.incomplete, self.timeout)
        status = self.taken["status"]
        return (
            f"taken from {get(status, 'instanceID', 'podName')}, WAL {status.get('beginWal')} to {status.get('endWal')}"
        )

    def _restorable(self) -> str:
        reach.until(self.context, self.which, state.archiving, self.timeout)
        judge = state.unlisted(self.archive.server, self.taken)
        store = reach.until(self.context, self._store(), judge, self.timeout)
        self.window = state.window(store, self.archive.server)
        return f"restorable since {self.window.first}"


_OWNER: dict[str, tuple[str, ...]] = {
    "apiVersion": ("apiVersion",),
    "kind": ("kind",),
    "name": ("metadata", "name"),
    "uid": ("metadata", "uid"),
}
