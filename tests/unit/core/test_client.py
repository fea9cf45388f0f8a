"""What the client decides without a server: what may be sent twice, where a trouble belongs, how wide the gate is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api import client as clients
from ansible_collections.groundwork.platform.plugins.module_utils.core.api import runfolder
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import APPLY, MERGE, Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.connection import Connection
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import Class, Expired
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.gate import Gate
from support.objects import apply, config_map
from support.server import Server, answers, status


@pytest.mark.parametrize(
    ("method", "content_type", "body", "expected"),
    [
        ("GET", "", None, True),
        ("PATCH", APPLY, {}, True),
        ("PATCH", MERGE, {}, True),
        ("PATCH", "application/json-patch+json", [], False),
        ("PUT", "", {}, True),
        ("POST", "", {"metadata": {"name": "x"}}, True),
        ("POST", "", {"metadata": {"generateName": "x-"}}, False),
        ("DELETE", "", None, False),
        ("DELETE", "", {"preconditions": {"uid": "1"}}, True),
        ("DELETE", "", {"preconditions": {"resourceVersion": "1"}}, False),
    ],
)
def test_what_may_be_sent_twice(method: str, content_type: str, body: Any, expected: bool) -> None:
    assert clients._repeatable(method, content_type, body) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/apis/apps/v1/namespaces/a/deployments/x/scale", "/apis/apps/v1/deployments"),
        ("/api/v1/namespaces/a/configmaps", "/api/v1/configmaps"),
        ("/api/v1/namespaces/a", "/api/v1/namespaces"),
        ("/api/v1/nodes/n", "/api/v1/nodes"),
        ("/apis", "/apis"),
    ],
)
def test_collections(path: str, expected: str) -> None:
    assert clients._collection(path) == expected


def test_the_gate_halves_once_for_a_burst_and_opens_slowly() -> None:
    gate = Gate(16)
    burst = [gate.enter() for _ in range(8)]
    for ticket in burst:
        gate.leave(ticket, True)
    assert gate.limit == 8
    for _ in range(19):
        gate.leave(gate.enter(), False)
    assert gate.limit == 8
    gate.leave(gate.enter(), False)
    assert gate.limit == 9
    for _ in range(20):
        gate.leave(gate.enter(), True)
    assert gate.limit == 1
    assert gate.active == 0


def test_options_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K8S_AUTH_HOST", "https://there")
    monkeypatch.setenv("K8S_AUTH_VERIFY_SSL", "no")
    monkeypatch.setenv("K8S_AUTH_IMPERSONATE_GROUPS", "a,b")
    monkeypatch.setenv("K8S_AUTH_PROXY_HEADERS_USER_AGENT", "me")
    monkeypatch.setenv("K8S_AUTH_SSL_CA_CERT", "ca.pem")
    found = Connection.from_options({"context": "c", "host": None, "unrelated": 1})
    assert (found.host, found.validate_certs, found.impersonate_groups) == (
        "https://there",
        False,
        ["a", "b"],
    )
    assert (found.context, found.ca_cert, found.proxy_headers) == ("c", "ca.pem", {"user_agent": "me"})
    assert Connection.from_options({"host": "https://given"}).host == "https://given"


def test_what_it_holds_is_not_shown() -> None:
    shown = repr(
        Connection(api_key="key-key", password="pass-word", kubeconfig={"users": "use-rs"}, proxy="http://u:pro-xy@h")
    )
    assert not [word for word in ("key-key", "pass-word", "use-rs", "pro-xy") if word in shown]


def test_the_run_folder_is_private_and_ends_with_the_run(tmp_path: Path) -> None:
    code = (
        "from ansible_collections.groundwork.platform.plugins.module_utils.core.api import runfolder as r\n"
        "import os; r.begin(); r.begin(); f = r.current(); f.sub('a', 'b').write('x', {'y': 1})\n"
        "if os.fork() == 0: raise SystemExit(0)\n"
        "os.wait(); print(f.path, r.current().sub('a', 'b').read('x')['y'])\n"
        "r.lasting().write('kept', 1)"
    )
    old = tmp_path / "groundwork-platform" / "run-999999999"
    old.mkdir(parents=True)
    (tmp_path / "groundwork-platform").chmod(0o700)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": ".cache/collections"}
    environment.pop("GROUNDWORK_RUN_FOLDER", None)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    path, _, value = done.stdout.strip().partition(" ")
    assert value == "1"
    assert not Path(path).exists()
    assert not old.exists(), "what a killed run left is removed"
    assert (tmp_path / "groundwork-platform" / "lasting" / "kept.json").exists()


def test_a_folder_that_others_can_read_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "run"
    shared.mkdir()
    shared.chmod(0o755)
    monkeypatch.setenv("GROUNDWORK_RUN_FOLDER", str(shared))
    folder = runfolder.current()
    folder.write("x", 1)
    assert (folder.path, folder.read("x"), list(shared.iterdir())) == (None, None, [])
    shared.chmod(0o700)
    folder = runfolder.current()
    folder.write("x", 1)
    assert folder.read("x") == 1
    assert stat.S_IMODE((shared / "x.json").stat().st_mode) == 0o600


def test_lists_are_whole_objects_and_counted() -> None:
    with Server() as server, Client(server.connection()) as client:
        for number in range(5):
            apply(client, config_map(f"n{number}"))
        items, version = client.list("/api/v1/namespaces/default/configmaps", limit=2)
        assert [(i["apiVersion"], i["kind"], i["metadata"]["name"]) for i in items] == [
            ("v1", "ConfigMap", f"n{n}") for n in range(5)
        ]
        assert int(version) > 100
        partial, _ = client.list("/api/v1/configmaps", metadata_only=True)
        assert {i["kind"] for i in partial} == {"PartialObjectMetadata"}
        assert dict(client.requests) == {"apply": 5, "list": 4}


def test_a_list_that_expires_starts_again_and_at_last_without_pages() -> None:
    with Server() as server, Client(server.connection()) as client:
        for number in range(4):
            apply(client, config_map(f"n{number}"))
        gone = status(410, "The provided continue parameter is too old", reason="Expired")
        server.fault(gone, method="GET", times=2, when=lambda r: "continue" in r.query and bool(r.query["continue"]))
        items, _ = client.list("/api/v1/configmaps", limit=2)
        assert len(items) == 4
        assert [r.query.get("limit") for r in server.seen("GET")] == ["2", "2", "2", "2", None]


def test_a_watch_yields_events_and_expires() -> None:
    with Server() as server, Client(server.connection()) as client:
        _, version = client.list("/api/v1/configmaps")
        apply(client, config_map("one"))
        events = client.watch("/api/v1/configmaps", resource_version=version, timeout=1)
        assert [(kind, obj["metadata"]["name"]) for kind, obj in events] == [("ADDED", "one")]
        server.fault(status(410, "too old", reason="Expired"), method="GET")
        with pytest.raises(Expired):
            list(client.watch("/api/v1/configmaps", resource_version="1", timeout=1))


def test_warnings_are_collected_once() -> None:
    headers = {"Warning": '299 - "v1 \\"Endpoints\\" is deprecated"'}
    with Server() as server, Client(server.connection()) as client:
        server.fault(answers({}, headers=headers), times=2)
        assert client.request("GET", "/version").warnings == ['v1 "Endpoints" is deprecated']
        client.request("GET", "/version")
        assert client.warnings == ['v1 "Endpoints" is deprecated']


def test_map_keeps_order_and_errors_in_place() -> None:
    with Server() as server, Client(server.connection()) as client:
        server.fault(status(422, "bad", reason="Invalid"), path="/n1$")
        first, second, third = client.map(lambda n: apply(client, config_map(f"n{n}")), range(3))
        assert (first.status, second.kind, third.status) == (201, Class.INVALID, 201)
        with pytest.raises(ZeroDivisionError):
            client.map(lambda n: 1 // n, [1, 0, 1])


def test_impersonation_and_token_are_sent() -> None:
    with Server() as server:
        connection = server.connection(impersonate_user="u", impersonate_groups=["a", "b"])
        with Client(connection) as client:
            client.request("GET", "/version")
        headers = server.log[-1].headers
        assert headers["Impersonate-User"] == "u"
        assert headers.get_all("Impersonate-Group") == ["a", "b"]
        assert headers["Authorization"] == "Bearer token-of-the-test"
