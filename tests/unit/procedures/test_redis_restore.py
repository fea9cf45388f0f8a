"""A restore of Redis: refused before anything changes, taken back where it fails, measured; servers are stand-ins."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.clock import Clock
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import engine
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.ending import Failure
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import reach, redis_ctl, redis_restore

GIVEN: dict[str, Any] = {
    "backend": "statefulset",
    "image": "lab.local/redis:7",
    "maxmemory": "64mb",
    "resources": {"requests": {"memory": "96Mi"}},
    "backup": {"bucket": "dumps"},
    "backup_image": "lab.local/aws-cli:1",
}
NOW = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
SENTENCE = "replace the keys of apps/StatefulSet data/back 12345678"


def workload(**env: str) -> dict[str, Any]:
    password = {"name": "REDIS_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "back-auth", "key": "password"}}}
    container = {"env": [password, *({"name": name, "value": value} for name, value in env.items())]}
    pod = {"metadata": {"labels": {"redis_setup_type": "replication"}}, "spec": {"containers": [container]}}
    return {
        "metadata": {"name": "back", "uid": "1234567890", "generation": 1},
        "spec": {"replicas": 3, "template": pod},
        "status": {"readyReplicas": 3, "observedGeneration": 1},
    }


class World:
    """One deployment, one dump, and all that was said to them. `fails`: the words for which a server has an error."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {"Secret": {"data": {"password": "eA=="}}}
        self.keys = {"back-0": 7}
        self.dump, self.used, self.answer, self.follows, self.fails = 5, 1000, "5", "", ""
        self.said: list[str] = []

    def has_the_deployment(self) -> None:
        self.objects["StatefulSet"] = workload(DOWN_AFTER="3000")

    def read(self, _: Any, which: dict[str, Any]) -> dict[str, Any] | None:
        return self.objects.get(which["kind"])

    def sure(self, context: Any, which: dict[str, Any], hint: str = "") -> dict[str, Any]:
        found = self.read(context, which)
        if found is None:
            raise PlatformError(f"there is no {which['kind']} {which['metadata']['name']}. {hint}")
        return found

    def keep(self, *_: Any) -> dict[str, Any]:
        self.said.append("made")
        self.keys["back-0"] = 0
        self.has_the_deployment()
        return {}

    def ask(self, _: Any, server: redis_ctl.Server, *words: str) -> str:
        loads = server.container == "serve"
        if words[0] == "replicaof":
            self.said.append(" ".join(words))
            self.follows = "" if words[1] == "no" else words[1]
            self.keys[server.pod] = self.keys[server.pod] if words[1] == "no" else self.dump
        if words[1] == "replication":
            return f"role:slave\nmaster_host:{self.follows}" if self.follows else "role:master"
        if words[1] == "memory":
            return f"# Memory\nused_memory:{self.used}\nused_memory_human:1K"
        return f"# Keyspace\ndb0:keys={self.dump if loads else self.keys[server.pod]},expires=0,avg_ttl=0"

    def question(self, *_: Any) -> str:
        return self.answer

    def followed(self, _: Any, server: redis_ctl.Server, count: int, timeout: float) -> None:
        if self.fails in (server.pod, server.container):
            raise PlatformError(f"after {timeout} s 0 of {count} replicas have what {server.pod} has")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    found = World()
    log = {"fetch": "dump 20261119T140000Z 321\n", "check": "keys 6 1 1\n"}
    made = {"status": {"podIP": "10.0.0.9"}}
    for module, name, do in (
        (reach, "read", found.read),
        (reach, "sure", found.sure),
        (reach, "create", lambda _, obj: found.said.append(f"create {obj['kind']}")),
        (reach, "delete", lambda _, obj: found.said.append(f"delete {obj['kind']}")),
        (reach, "until", lambda *_: made),
        (reach, "log", lambda _, __, container: log[container]),
        (reach, "server_time", lambda _: NOW),
        (engine, "keep", found.keep),
        (redis_ctl, "ask", found.ask),
        (redis_ctl, "question", found.question),
        (redis_ctl, "followed", found.followed),
        (redis_ctl, "written", lambda *_: None),
        (redis_ctl, "master", lambda _, namespace, name: redis_ctl.Server(namespace, f"{name}-0", "redis")),
        (redis_ctl, "patience", lambda _, server, ms: found.said.append(f"{server.pod} waits {ms}")),
        (redis_ctl, "released", lambda _, server, ms: found.said.append(f"{server.pod} waits {ms}")),
    ):
        monkeypatch.setattr(module, name, do)
    return found


def restore(folder: Path, *, check: bool = False, **asked: Any) -> dict[str, Any]:
    context = SimpleNamespace(check=check, say=lambda _: None, clock=Clock(), timings={}, host="one")
    options = {"deployment": GIVEN, "labels": {}, "checks": [], "remarks": [], "confirm": [], "dest": str(folder)}
    return redis_restore.restore(
        context=context,  # type: ignore[arg-type]
        **{"namespace": "data", "name": "back", "timeout": 600, "source": "limits", **options, **asked},
    )


def refused(folder: Path, **asked: Any) -> str:
    with pytest.raises(PlatformError) as caught:
        restore(folder, **asked)
    assert not list(folder.iterdir())
    return str(caught.value)


def test_into_a_new_deployment(world: World, tmp_path: Path) -> None:
    result = restore(tmp_path, lost_at="2026-11-19T14:10:00Z", profile={"rpo": "1h", "rto": "5m"}, checks=[])
    assert [each["state"] for each in result["steps"]] == ["done"] * 11
    assert world.said.index("made") < world.said.index("replicaof 10.0.0.9 6379") < world.said.index("replicaof no one")
    assert [each for each in world.said if "waits" in each][:1] == ["back-s-0 waits 600000"]
    assert [each for each in world.said if "waits" in each][-1:] == ["back-s-2 waits 3000"]
    assert world.said[-1] == "delete NetworkPolicy"
    record = json.loads(Path(result["evidence"]).read_text())
    assert record["verdict"]["passed"]
    assert record["measured"]["rpo_seconds"] == 600
    assert record["before"]["dump"]["restored"] == {"db0": 5}
    assert Path(result["page"]).is_file()


def test_what_would_be_done_is_told_and_nothing_is_said_to_anybody(world: World, tmp_path: Path) -> None:
    result = restore(tmp_path, check=True)
    assert [each["state"] for each in result["steps"]] == ["done", *["would"] * 10]
    assert not world.said
    assert not list(tmp_path.iterdir())


def test_keys_of_a_deployment_are_lost_by_its_sentence_alone(world: World, tmp_path: Path) -> None:
    world.has_the_deployment()
    words = refused(tmp_path)
    assert "holds 7 keys, which a restore replaces" in words
    assert not world.said
    result = restore(tmp_path, confirm=[SENTENCE])
    assert "made" not in world.said
    assert world.keys["back-0"] == 5
    assert result["steps"][0]["told"] == "it holds 7 keys, which are replaced; the last dump of limits: unknown"


def test_the_password_is_the_one_that_its_servers_have(world: World, tmp_path: Path) -> None:
    world.has_the_deployment()
    asked = {"deployment": {**GIVEN, "password_secret": "other"}, "confirm": [SENTENCE]}
    assert "has its password in Secret back-auth" in refused(tmp_path, **asked)


UNDONE = {
    "the dump gives another answer": ({"answer": "4"}, {"checks": [{"ask": "DBSIZE", "db": 0, "expect": "5"}]}, "'4'"),
    "it does not fit": ({"used": 2**30}, {}, "maxmemory is 64mb"),
}


@pytest.mark.parametrize("what", UNDONE)
def test_a_wrong_dump_costs_nothing(what: str, world: World, tmp_path: Path) -> None:
    state, asked, words = UNDONE[what]
    world.__dict__ |= state
    assert words in refused(tmp_path, **asked)
    assert {each.split()[0] for each in world.said} == {"create", "delete"}


REFUSED = {
    "what the operator does with a master that follows another was never tried": {
        "deployment": {"backend": "operator"}
    },
    "backup and backup_image say where": {"deployment": {"backup": None}},
    "`deployment` is not what redis_replication takes": {"deployment": {"shards": 3}},
    "less than 1.4 times maxmemory": {"deployment": {"maxmemory": "1gb"}},
    "has no time zone": {"before": "2026-11-19T14:00:00"},
    "is no time": {"lost_at": "yesterday"},
    "no duration": {"max_age": "soon"},
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_is_refused_in_one_sentence(words: str, world: World, tmp_path: Path) -> None:
    asked = REFUSED[words]
    asked = {**asked, "deployment": {**GIVEN, **asked.get("deployment", {})}}
    assert words in refused(tmp_path, **asked)
    assert not world.said


def test_a_last_dump_that_is_too_old_need_not_be_fetched(world: World, tmp_path: Path) -> None:
    world.objects["CronJob"] = {"status": {"lastSuccessfulTime": "2026-11-19T13:29:59Z"}}
    assert "its last dump is from 2026-11-19T13:29:59Z, older than the 90m" in refused(tmp_path, max_age="90m")
    assert not world.said
    assert restore(tmp_path, max_age="2h")["verdict"]["passed"]


def test_a_password_that_is_missing_is_named(world: World, tmp_path: Path) -> None:
    world.objects["Secret"] = {"data": {}}
    assert "Secret data/back-auth has no key password" in refused(tmp_path)


def test_a_master_that_did_not_get_all_of_it_leads_again(world: World, tmp_path: Path) -> None:
    world.fails = "serve"
    with pytest.raises(Failure) as caught:
        restore(tmp_path)
    assert 'stopped at "Load the dump"' in str(caught.value)
    assert "Undone: back-0 leads, with 5 keys; a master is missed after 3000 ms; the pod with the dump is gone" in str(
        caught.value
    )
    assert world.said[-7:-4] == ["replicaof no one", "back-s-0 waits 3000", "back-s-1 waits 3000"]
    record = json.loads(Path(caught.value.result["evidence"]).read_text())
    assert not record["verdict"]["passed"]
    assert record["measured"]["rto_seconds"] is None


def test_a_profile_that_is_not_kept_fails(world: World, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="RPO 600 s is worse than the profile's 1s"):
        restore(tmp_path, lost_at="2026-11-19T14:10:00Z", profile={"rpo": "1s"})


def test_the_sentence_of_the_script_is_told() -> None:
    ended = {"terminated": {"exitCode": 1, "message": "a line\ndump 20261119T140000Z is corrupt: RDB CRC error\n"}}
    with pytest.raises(PlatformError, match="nothing was restored: dump 20261119T140000Z is corrupt: RDB CRC error"):
        redis_restore.serves({"status": {"phase": "Failed", "initContainerStatuses": [{"state": ended}]}})
    assert redis_restore.serves({"status": {"phase": "Pending"}}) == "Pending"


def test_keys_by_database_and_lines_of_info() -> None:
    assert redis_ctl.keys("# Keyspace\ndb0:keys=12,expires=1\ndb10:keys=3,expires=0") == {"db0": 12, "db10": 3}
    assert redis_ctl.told("# Replication\nrole:slave\nmaster_host:10.0.0.9", "master_host") == "10.0.0.9"
    assert redis_ctl.told("role:master", "master_host") == ""
