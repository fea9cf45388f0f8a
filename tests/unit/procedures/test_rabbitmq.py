"""What RabbitMQ's procedures make of rabbitmqctl's words: what is wrong, what of definitions is kept and put back."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.clock import Clock
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.ending import Failure
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import (
    rabbitmq_ctl,
    rabbitmq_definitions,
    rabbitmq_info,
    rabbitmq_writer,
    reach,
)

NODES = [f"rabbit@events-server-{number}.events-nodes.data" for number in range(3)]
CLUSTER: dict[str, Any] = {
    "apiVersion": "rabbitmq.com/v1beta1",
    "kind": "RabbitmqCluster",
    "metadata": {"name": "events", "namespace": "data", "uid": "1"},
    "spec": {"replicas": 3, "image": "rabbitmq:4.2"},
    "status": {"conditions": [{"type": "AllReplicasReady", "status": "True"}]},
}
QUEUE: dict[str, Any] = {
    "vhost": "/",
    "name": "tasks",
    "type": "quorum",
    "leader": NODES[0],
    "members": NODES,
    "online": NODES,
    "messages": 2,
    "consumers": 0,
}
STATUS: dict[str, Any] = {"running_nodes": NODES, "alarms": [], "partitions": {}}


def pods() -> list[dict[str, Any]]:
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    return [{"metadata": {"name": f"events-server-{number}"}, "status": ready} for number in range(3)]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the cluster answers; a test changes it."""
    found: dict[str, Any] = {"status": STATUS, "queues": [QUEUE], "definitions": {}, "imported": None}

    def run(*_: Any, stdin: str = "", **__: Any) -> str:
        if stdin:
            found["imported"] = json.loads(stdin)
            found["definitions"] = {**found["definitions"], **found["imported"]}
        return json.dumps(found["definitions"])

    monkeypatch.setattr(reach, "sure", lambda *_: CLUSTER)
    monkeypatch.setattr(rabbitmq_ctl, "nodes", lambda *_: pods())
    monkeypatch.setattr(rabbitmq_ctl, "status", lambda *_: (found["status"], found["queues"]))
    monkeypatch.setattr(rabbitmq_ctl, "run", run)
    return found


def info() -> dict[str, Any]:
    return rabbitmq_info.info(name="events", namespace="data", context=SimpleNamespace())  # type: ignore[arg-type]


def test_a_whole_cluster_is_healthy(said: dict[str, Any]) -> None:
    found = info()
    assert found["healthy"]
    assert found["messages"] == 2
    assert found["queues"][0]["leader"] == "events-server-0"


WRONG = {
    "1 of 3 nodes run": {"status": {**STATUS, "running_nodes": NODES[:1]}},
    "events-server-1 has a memory alarm": {"status": {**STATUS, "alarms": [{"node": NODES[1], "resource": "memory"}]}},
    "nodes do not see each other": {"status": {**STATUS, "partitions": {NODES[0]: [NODES[1]]}}},
    "queue tasks of / has 2 of 3 members online": {"queues": [{**QUEUE, "online": NODES[:2]}]},
    "has 2 members on 3 nodes: it bears no loss": {"queues": [{**QUEUE, "members": NODES[:2], "online": NODES[:2]}]},
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_wrong_is_said(words: str, said: dict[str, Any]) -> None:
    said |= WRONG[words]
    found = info()
    assert not found["healthy"]
    assert any(words in each for each in found["wrong"]), found["wrong"]


def test_a_classic_queue_has_no_members_to_miss(said: dict[str, Any]) -> None:
    said["queues"] = [{**QUEUE, "type": "classic", "leader": "", "members": "", "online": ""}]
    assert info()["healthy"]
    assert info()["queues"][0]["members"] is None


def test_nodes_that_do_not_answer_are_unknown_and_not_well(
    said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any) -> None:
        raise PlatformError("no node is ready")

    monkeypatch.setattr(rabbitmq_ctl, "status", silent)
    found = info()
    assert (found["healthy"], found["unknown"], found["queues"]) == (False, "no node is ready", None)


DEFINITIONS: dict[str, Any] = {
    "rabbit_version": "4.2.6",
    "users": [
        {"name": "worker", "tags": [], "password_hash": "hash-of-worker"},
        {"name": "default_user_x", "tags": ["administrator"], "password_hash": "hash-of-operator"},
    ],
    "permissions": [
        {"user": "default_user_x", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"},
        {"user": "worker", "vhost": "/", "configure": "", "write": "", "read": ".*"},
    ],
    "parameters": [{"component": "shovel", "name": "out", "value": {"src-uri": "amqp://u:secret@h"}}],
    "global_parameters": [{"name": "cluster_name", "value": "events"}],
    "queues": [{"name": "tasks", "vhost": "/", "durable": True, "type": "quorum", "arguments": {}}],
}


def definitions(path: Path, *, check: bool = False, **options: Any) -> dict[str, Any]:
    around = SimpleNamespace(check=check, say=lambda line: None, clock=Clock(), timings={})
    asked = {"state": "exported", "timeout": 60, "passwords": False, "path": str(path), **options}
    return rabbitmq_definitions.definitions(
        context=around,  # type: ignore[arg-type]
        namespace="data",
        name="events",
        **asked,
    )


def test_an_export_holds_no_password_and_nothing_of_the_operator(said: dict[str, Any], tmp_path: Path) -> None:
    said["definitions"], file = DEFINITIONS, tmp_path / "events.json"
    first = definitions(file)
    text = file.read_text()
    assert first["changed"]
    assert not any(word in text for word in ("hash-of", "secret", "default_user", "cluster_name"))
    assert json.loads(text)["users"] == [{"name": "worker", "tags": []}]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert first["counts"] == {"users": 1, "permissions": 1, "queues": 1}
    assert not definitions(file)["changed"]


def test_passwords_are_kept_where_that_is_asked(said: dict[str, Any], tmp_path: Path) -> None:
    said["definitions"], file = DEFINITIONS, tmp_path / "events.json"
    result = definitions(file, passwords=True)
    assert "hash-of-worker" in file.read_text()
    assert "hash-of-operator" not in file.read_text()
    assert "hash-of" not in json.dumps(result)


def test_check_mode_writes_nothing(said: dict[str, Any], tmp_path: Path) -> None:
    said["definitions"], file = DEFINITIONS, tmp_path / "events.json"
    assert definitions(file, check=True)["changed"]
    assert not file.exists()


def test_what_is_missing_is_imported_and_looked_for(said: dict[str, Any], tmp_path: Path) -> None:
    """A new cluster: the worker is not there, and its password is not kept, so that its rights have to wait."""
    said["definitions"], file = DEFINITIONS, tmp_path / "events.json"
    definitions(file)
    said["definitions"] = {"users": [], "queues": []}
    result = definitions(file, state="restored")
    assert said["imported"]["queues"] == DEFINITIONS["queues"]
    assert said["imported"]["users"] == said["imported"]["permissions"] == []
    assert "without worker, whose passwords are not kept" in result["steps"][1]["told"]
    assert definitions(file, state="restored")["changed"] is False


def test_what_is_no_export_is_not_imported(said: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    with pytest.raises(Failure, match="holds no definitions; export them first"):
        definitions(file, state="restored")
    file.write_text("[1, 2]")
    with pytest.raises(Failure, match="holds no definitions: "):
        definitions(file, state="restored")
    assert said["imported"] is None


def test_an_import_that_did_not_take_is_told(
    said: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said["definitions"], file = DEFINITIONS, tmp_path / "events.json"
    definitions(file)
    monkeypatch.setattr(rabbitmq_ctl, "run", lambda *_, **__: json.dumps({"users": [], "queues": []}))
    with pytest.raises(Failure, match="1 are missing or otherwise: queue tasks"):
        definitions(file, state="restored")


def test_the_client_of_a_drill_holds_no_password_and_checks_the_certificate() -> None:
    tls = {**CLUSTER, "spec": {**CLUSTER["spec"], "tls": {"secretName": "t", "disableNonTLSListeners": True}}}
    pod = rabbitmq_writer.pod("events-drill", tls, {"QUEUE": "q", "INTERVAL": "0.100"})
    [client] = pod["spec"]["containers"]
    environment = {each["name"]: each for each in client["env"]}
    assert environment["PORT"]["value"] == "5671"
    assert environment["CA"]["value"].endswith("/ca.crt")
    assert environment["PASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == "events-default-user"
    assert pod["metadata"]["labels"]["app.kubernetes.io/component"] == "drill"
    plain = rabbitmq_writer.pod("events-drill", CLUSTER, {"QUEUE": "q", "INTERVAL": "0.100"}, avoid="node-1")
    # What Erlang reports of a lost connection, its own words and ours, would hold the password (seen).
    assert "logger:set_primary_config(level, none)" in environment["CLIENT"]["value"]
    assert 'os:getenv("PASSWORD"), "***"' in environment["CLIENT"]["value"]
    assert "CA" not in {each["name"] for each in plain["spec"]["containers"][0]["env"]}
    assert "node-1" in json.dumps(plain["spec"]["affinity"])
