"""Restores a dump of Redis into a new deployment, or, where that is named, in place of what a deployment holds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.sets import engine
from ..core.sets.applyset import SetName
from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.options import Options, SetOptions
from ..core.words import WHICH
from ..evidence import drill as evidence
from ..systems.redis import options, parts, replication, settings
from ..systems.redis import restore as system
from . import drill, pods, reach
from . import redis_ctl as ctl
from . import redis_state as state
from .moments import moment
from .steps import Step, Taken, take

Result = dict[str, Any]

RESTORE = Options(
    {
        **WHICH,
        **{key: drill.OPTIONS[key] for key in ("profile", "dest", "remarks", "confirm")},
        "deployment": {"type": "dict", "required": True},
        "labels": {"type": "dict", "default": {}},
        "source": {"type": "str"},
        "dump": {"type": "str"},
        "before": {"type": "str"},
        "max_age": {"type": "str"},
        "lost_at": {"type": "str"},
        "checks": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "ask": {"type": "str", "required": True},
                "db": {"type": "int", "default": 0},
                "expect": {"type": "str"},
            },
        },
    },
    mutually_exclusive=(("dump", "before"),),
)
_NAMED = "%Y%m%dT%H%M%SZ"  # as dumps are called, by their moment
_TOLD = ("dump", "before", "max_age", "lost_at")
_ASIDE = ("name", "namespace", "wait", "timeout")  # of the set and its task, not of the deployment
_LEAD, _LOAD = "Let it lead again", "Load the dump"


def restore(*, context: Context, namespace: str, name: str, timeout: int, **asked: Any) -> Result:
    """A deployment that holds what the dump holds, and the evidence of it.

    asked: the other options of the module redis_restore. A dump that is not there, corrupt, empty or older than asked
    for is refused before anything is changed.
    """
    return _Restore(context, namespace, name, timeout).run(asked)


class _Restore:
    def __init__(self, context: Context, namespace: str, name: str, timeout: int) -> None:
        self.context, self.namespace, self.name, self.timeout = context, namespace, name, timeout
        self.about = f"Redis {namespace}/{name}"
        self.servers = reach.named("apps/v1", "StatefulSet", namespace, name)
        self.watch = reach.named("apps/v1", "StatefulSet", namespace, f"{name}-s")
        self.began = datetime.now(UTC)
        self.pod = reach.named("v1", "Pod", namespace, f"{name}-restore-{self.began:%H%M%S}")
        self.helpers: list[Object] = []
        self.live: Object | None = None
        self.sentinels: list[ctl.Server] = []
        self.dump: Result = {}
        self.answers: list[Result] = []
        self.touched = False

    def run(self, asked: Mapping[str, Any]) -> Result:
        """Takes the steps; once the deployment was touched there is evidence, also of a failure."""
        self.asked = asked
        self.row = described(asked["deployment"], self.namespace, self.name)
        self.source = str(asked.get("source") or self.name)
        self._usable()
        taken, wrong = Taken(), list[str]()
        try:
            taken = take(self.context, f"restore to {self.namespace}/{self.name}", self._steps())
        except Failure as error:
            if not self.touched:
                raise
            taken, wrong = Taken(True, error.result["steps"]), [str(error)]
        result = {**taken.result(), "source": self.source, "dump": self.dump, "answers": self.answers}
        return result if self.context.check else self._judged(taken, wrong, result)

    # Steps -----------------------------------------------------------------------------------------------------------

    def _steps(self) -> list[Step]:
        """What reads, what is refused before a change, the change, and what it came to."""
        asked, backup = self.asked, self.row["backup"]
        which = f"dump {asked['dump']}" if asked.get("dump") else f"the last dump up to {asked.get('before', 'now')}"
        place = f"s3://{backup['bucket']}/{backup['prefix']}{self.source}/"
        asking = f"count its keys, ask {len(asked['checks'])} questions"
        new = self._deployed() is None
        making = [Step("Make the deployment", self._make, f"make redis_replication {self.namespace}/{self.name}")]
        return [
            Step("Look at what is there", self._look),
            Step("Fetch and check the dump", self._fetch, f"fetch {which} from {place}, and check it", self._remove),
            Step("Ask the dump", self._ask, asking),
            *(making if new else []),
            Step("Hold the sentinels", self._hold, "let them judge no master meanwhile", self._release),
            Step(_LOAD, self._load, "let its master follow the pod that has the dump", self._lead),
            Step("Compare with the dump", self._compare, f"{asking} again"),
            Step(_LEAD, self._lead, "end following: clients can write"),
            Step("Wait until all have it on their volumes", self._kept, "wait for replicas and files"),
            Step("Let the sentinels judge again", self._release, "give them their patience back"),
            Step("Remove what served the dump", self._remove, "delete its pod"),
        ]

    def _deployed(self) -> Object | None:
        return reach.read(self.context, self.servers)

    def _usable(self) -> None:
        """Refuses what could not be restored into, before anything is asked."""
        if self.row["backend"] != "statefulset":
            raise PlatformError(
                f"cannot restore into {self.about}: what the operator does with a master that follows another was "
                "never tried; give the deployment backend statefulset and an image of Redis"
            )
        if not self.row.get("backup") or not self.row.get("backup_image"):
            raise PlatformError(
                f"cannot restore into {self.about}: deployment.backup and backup_image say where dumps are and what "
                "fetches them, and one of them is missing"
            )
        replication.replication(**self.row)

    def _look(self) -> str:
        self.wanted = self._wanted()
        self._look_at_secret()
        last = self._last()
        self.live = self._deployed()
        found = self._look_at_live(self.live) if self.live else "there is none of that name yet: it is made anew"
        return f"{found}; the last dump of {self.source}: {last or 'unknown'}"

    def _wanted(self) -> dict[str, str]:
        """Which dump, as the pod's script takes it."""
        found = {"DUMP": str(self.asked.get("dump") or "")}
        if before := self.asked.get("before"):
            found["BEFORE"] = moment(before).astimezone(UTC).strftime(_NAMED)
        if lost := self.asked.get("lost_at"):
            moment(lost)
        if age := self.asked.get("max_age"):
            oldest = reach.server_time(self.context) - timedelta(seconds=evidence.seconds(age))
            found["OLDEST"] = oldest.astimezone(UTC).strftime(_NAMED)
        return found

    def _look_at_secret(self) -> None:
        secret, key = parts.password(self.row)
        found = reach.sure(
            self.context,
            reach.named("v1", "Secret", self.namespace, secret),
            "It holds the password; make it by generated_secret, or name another one as deployment.password_secret",
        )
        if key not in get(found, "data", default={}):
            raise PlatformError(f"Secret {self.namespace}/{secret} has no key {key}: deployment.password_key names it")

    def _last(self) -> str:
        """When the last dump came about: where that is too old already, nobody need fetch it to know."""
        name = options.SYSTEM.cron_job({"name": self.source}, "backup")
        which = reach.named("batch/v1", "CronJob", self.namespace, name)
        last = get(reach.read(self.context, which), "status", "lastSuccessfulTime")
        if last and self.wanted.get("OLDEST", "") > moment(last).strftime(_NAMED):
            raise PlatformError(
                f"cannot restore {self.namespace}/{self.source}: its last dump is from {last}, older than the "
                f"{self.asked['max_age']} that were asked for"
            )
        return str(last or "")

    def _look_at_live(self, live: Object) -> str:
        """What it holds is lost, so it takes the sentence."""
        if get(live, "metadata", "ownerReferences"):
            raise PlatformError(f"{self.about} is run by the operator, and a restore is into backend statefulset alone")
        held = state.secret(state.server(live)).get("secretKeyRef", {})
        if (held.get("name"), held.get("key")) != parts.password(self.row):
            raise PlatformError(
                f"{self.about} has its password in Secret {held.get('name')}, and its master cannot follow with that "
                f"of {parts.password(self.row)[0]}: deployment.password_secret names it"
            )
        watch = reach.sure(self.context, self.watch)
        if missing := state.unready(live) or state.unready(watch):
            raise PlatformError(f"{self.about} is not whole ({missing}): a restore in place begins with all of it")
        keys = sum(ctl.keys(ctl.ask(self.context, self._master(), "info", "keyspace")).values())
        which = f"apps/StatefulSet {self.namespace}/{self.name} {str(get(live, 'metadata', 'uid'))[:8]}"
        sentence = f"replace the keys of {which}"
        if sentence not in self.asked["confirm"]:
            raise PlatformError(
                f"{self.about} is there and holds {keys} keys, which a restore replaces: give another name, or, to "
                f'lose them, confirm: ["{sentence}"]'
            )
        return f"it holds {keys} keys, which are replaced"

    def _fetch(self) -> str:
        restore = str(self.pod["metadata"]["name"])
        self.helpers = [*system.policies(self.row, restore), system.pod(self.row, restore, self.source, self.wanted)]
        for each in self.helpers:
            reach.create(self.context, each)
        found = reach.until(self.context, self.pod, serves, self.timeout)
        self.loader = ctl.Server(self.namespace, restore, system.SERVE)
        self.address = str(get(found, "status", "podIP"))
        name, size = reach.log(self.context, self.pod, system.FETCH).split("dump ", 1)[1].split()[:2]
        keys, gone, files = reach.log(self.context, self.pod, system.CHECK).split("keys ", 1)[1].split()[:3]
        self.dump = {"name": name, "bytes": int(size), "keys": int(keys), "expired": int(gone), "files": int(files)}
        return f"{name}, {size} bytes, {keys} keys, of which {gone} have expired"

    def _ask(self) -> str:
        """What is asked of the deployment later is asked of the dump first: a wrong one costs nothing yet."""
        self.dump["databases"] = ctl.keys(ctl.ask(self.context, self.loader, "info", "keyspace"))
        used = int(ctl.told(ctl.ask(self.context, self.loader, "info", "memory"), "used_memory"))
        most = settings.bytes_of(self.row["maxmemory"]) or 0
        if most and used > most:
            raise PlatformError(
                f"the dump takes {used} bytes of memory, and maxmemory is {self.row['maxmemory']}: {self.about} could "
                "not hold it; give it more"
            )
        self._questions(self.loader)
        return f"{_words(self.dump['databases'])}; {used} bytes of memory"

    def _questions(self, server: ctl.Server) -> None:
        self.answers = [_answer(each, ctl.question(self.context, server, each)) for each in self.asked["checks"]]
        for each in self.answers:
            if each["wrong"]:
                raise PlatformError(f"{each['ask']}: {each['wrong']}")

    def _make(self) -> str:
        self.touched = True
        name = SetName(self.namespace, f"redis-{self.name}")
        objects = replication.replication(**self.row)
        labels = {str(key): str(value) for key, value in self.asked["labels"].items()}
        engine.keep(self.context, SetOptions(name=name, labels=labels, timeout=self.timeout), objects)
        return f"set {name.name}: {self.row['replicas']} servers, {self.row['sentinel']['replicas']} sentinels"

    def _master(self) -> ctl.Server:
        return ctl.master(self.context, self.namespace, self.name)

    def _hold(self) -> str:
        """To sentinels a master that follows is one that is lost, twenty seconds after they lose patience."""
        self.touched = True
        servers, watch = (reach.sure(self.context, each) for each in (self.servers, self.watch))
        self.copies, count = (int(get(each, "spec", "replicas", default=1)) for each in (servers, watch))
        self.down_after = _down_after(watch)
        self.sentinels = [ctl.Server(self.namespace, f"{self.name}-s-{n}", "sentinel") for n in range(count)]
        self.leading = self._master()
        for each in self.sentinels:
            ctl.patience(self.context, each, 1000 * self.timeout)
        return f"{self.leading.pod} leads; no other is chosen for {self.timeout} s"

    def _load(self) -> str:
        begin = time.monotonic()
        ctl.ask(self.context, self.leading, "replicaof", self.address, str(parts.PORT))
        ctl.followed(self.context, self.loader, 1, self.timeout)
        return f"{self.leading.pod} has all of it after {time.monotonic() - begin:.1f} s"

    def _compare(self) -> str:
        """Keys that end by themselves are gone in the dump first, so it is counted before and after."""
        before = ctl.keys(ctl.ask(self.context, self.loader, "info", "keyspace"))
        ctl.followed(self.context, self.loader, 1, self.timeout)
        found = ctl.keys(ctl.ask(self.context, self.leading, "info", "keyspace"))
        after = ctl.keys(ctl.ask(self.context, self.loader, "info", "keyspace"))
        for each in sorted({*before, *found}):
            if not after.get(each, 0) <= found.get(each, 0) <= before.get(each, 0):
                raise PlatformError(
                    f"{self.leading.pod} has {found.get(each, 0)} keys in {each}, the dump {before.get(each, 0)}"
                )
        self._questions(self.leading)
        self.dump["restored"] = found
        return f"{_words(found)}, as in the dump{f'; {len(self.answers)} answers as expected' if self.answers else ''}"

    def _lead(self) -> str:
        """Only while it follows the dump: who follows a master of the sentinels' choice goes on to."""
        if ctl.told(ctl.ask(self.context, self.leading, "info", "replication"), "master_host") != self.address:
            return f"{self.leading.pod} does not follow the dump"
        ctl.ask(self.context, self.leading, "replicaof", "no", "one")
        found = ctl.keys(ctl.ask(self.context, self.leading, "info", "keyspace"))
        return f"{self.leading.pod} leads, with {sum(found.values())} keys"

    def _kept(self) -> str:
        """A server that was emptied writes its file anew; until that is done its old one would be loaded."""
        ctl.followed(self.context, self.leading, self.copies - 1, self.timeout)
        for n in range(self.copies):
            ctl.written(self.context, ctl.Server(self.namespace, f"{self.name}-{n}", "redis"), self.timeout)
        return f"{self.copies} servers"

    def _release(self) -> str:
        for each in self.sentinels:
            ctl.released(self.context, each, self.down_after)
        return f"a master is missed after {self.down_after} ms"

    def _remove(self) -> str:
        for each in reversed(self.helpers):
            reach.delete(self.context, each)
        return "the pod with the dump is gone"

    # Judgement -------------------------------------------------------------------------------------------------------

    def _judged(self, taken: Taken, wrong: list[str], result: Result) -> Result:
        measured = figures(taken.rows, self.dump, self._lost(), self.began)
        wrong = wrong or evidence.worse(measured, self.asked.get("profile") or {})
        record = evidence.record(
            what="Redis restore",
            cluster=f"{self.namespace}/{self.source}",
            host=self.context.host,
            began=self.began,
            options={
                "kind": "restore",
                **{key: self.asked.get(key) for key in ("dump", "before", "max_age", "lost_at")},
            },
            before={
                "restored_to": f"{self.namespace}/{self.name}",
                "in_place": self.live is not None,
                "image": self.row["image"],
                "persistence": self.row["persistence"],
                "dump": self.dump,
                "answers": self.answers,
            },
            steps=taken.rows,
            measured=measured,
            profile=self.asked.get("profile") or {},
            wrong=wrong,
            remarks=list(self.asked["remarks"]),
        )
        kept = evidence.keep(record, self.asked["dest"])
        self.context.say(f"restore to {self.namespace}/{self.name}  {evidence.told(record)}")
        result |= {**kept, "measured": measured, "verdict": record["verdict"]}
        if wrong:
            raise Failure(f"{'; '.join(wrong)}. Evidence: {kept['evidence']}", result)
        return result

    def _lost(self) -> datetime:
        """Until when there was something to lose."""
        return moment(self.asked["lost_at"]) if self.asked.get("lost_at") else self.began


def figures(rows: list[Result], dump: Mapping[str, Any], lost: datetime, began: datetime) -> Result:
    """What a restore measured. Pure.

    rto_seconds: from its begin until clients could write; restore_seconds: of these, loading. rpo_seconds: the time
    between dump and loss; what was written then, no dump can hold.
    """
    done = {each["name"]: each for each in rows if each["state"] == "done"}
    lead = done.get(_LEAD)
    taken = datetime.strptime(dump["name"], _NAMED).replace(tzinfo=UTC) if dump else None
    return {
        "rto_seconds": round(lead["started"] + lead["seconds"] - began.timestamp(), 3) if lead else None,
        "restore_seconds": done[_LOAD]["seconds"] if _LOAD in done else None,
        "rpo_seconds": round(max(0.0, (lost - taken).total_seconds()), 3) if taken else None,
    }


def described(given: Mapping[str, Any], namespace: str, name: str) -> Result:
    """The deployment's options as redis_replication takes them, defaults filled in. Raises PlatformError."""
    own = {key: value for key, value in given.items() if key not in _ASIDE}
    checked = ArgumentSpecValidator(options.REPLICATION.spec).validate({**own, "name": name})
    if checked.error_messages:
        raise PlatformError(f"`deployment` is not what redis_replication takes: {checked.error_messages[0]}")
    found = {key: value for key, value in checked.validated_parameters.items() if value is not None}
    return {**found, "namespace": namespace}


def _down_after(watch: Object) -> int:
    """The sentinels' patience in milliseconds, as their pods have it."""
    rows = get(watch, "spec", "template", "spec", "containers", 0, "env", default=[])
    return next((int(each["value"]) for each in rows if each.get("name") == "DOWN_AFTER"), 5000)


def serves(pod: Object | None) -> str:
    """Why the pod does not serve the dump yet. Raises PlatformError with the sentence of the script that refused it."""
    for each in get(pod, "status", "initContainerStatuses", default=[]):
        ended = get(each, "state", "terminated")
        if ended and ended.get("exitCode"):
            said = str(ended.get("message") or ended.get("reason", "")).strip().splitlines() or ["no word"]
            raise PlatformError(f"nothing was restored: {said[-1]}")
    return pods.unready(pod)


def _answer(check: Mapping[str, Any], value: str) -> Result:
    """Without an expectation anything but nothing, 0 and an empty text."""
    expected = check.get("expect")
    fits = value == expected if expected is not None else value not in ("", "0")
    wrong = "" if fits else f"the answer is {value!r}" + (f", expected {expected!r}" if expected is not None else "")
    return {"ask": check["ask"], "db": check["db"], "answer": value, "wrong": wrong}


def _words(keys: Mapping[str, int]) -> str:
    return ", ".join(f"{count} keys in {each}" for each, count in sorted(keys.items())) or "no keys"
