"""Fault rows of the way to the server: credentials, certificates, proxies, kubeconfigs, interruption, sizes."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.api import connection as connections
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.connection import Connection
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import Discovery
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import ApiError, Class, PlatformError
from support.certificates import Authority
from support.clock import FakeClock
from support.objects import apply, config_map
from support.server import FOREVER, Exchange, Request, Server, answers, hang, status
from support.tunnel import Tunnel

Opened = Callable[..., Client]
ESTABLISHED = 1  # TCP_ESTABLISHED of linux/include/net/tcp_states.h
UNAUTHORIZED = status(401, "Unauthorized", reason="Unauthorized")


def only(token: str) -> Callable[[Request], bool]:
    """Requests that do not carry this token."""
    return lambda request: request.headers.get("Authorization") != f"Bearer {token}"


def plugin(tmp_path: Path, body: str) -> dict[str, Any]:
    """A kubeconfig user with an exec plugin in Python; `runs` beside it counts how often it ran."""
    script = tmp_path / "plugin.py"
    script.write_text(f"import json, sys, time\nopen({str(tmp_path / 'runs')!r}, 'a').write('x')\n{body}\n")
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": [str(script)],
            "interactiveMode": "Never",
            "installHint": "Install the plugin with your package manager.",
        }
    }


def runs(tmp_path: Path) -> int:
    return len((tmp_path / "runs").read_text())


TOKEN = """
n = len(open({runs!r}).read())
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                   "status": {{"token": "token-%d" % n, "expirationTimestamp": {until!r}}}}}))
"""


def test_row_38_exec_plugins_are_asked_again_once_and_fail_clearly(
    server: Server, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = TOKEN.format(runs=str(tmp_path / "runs"), until="2100-01-01T00:00:00Z")
    kubeconfig = server.kubeconfig(tmp_path / "config", user=plugin(tmp_path, body))
    client = opened(server, connection=Connection(kubeconfig=kubeconfig))
    server.fault(UNAUTHORIZED, times=FOREVER, when=only("token-2"))
    results = client.map(lambda name: apply(client, config_map(name)), [f"n{number}" for number in range(20)])
    assert not [r for r in results if isinstance(r, Exception)]
    assert runs(tmp_path) == 2, "one refresh for all requests that were refused"
    server.fault(UNAUTHORIZED, times=FOREVER)
    with pytest.raises(ApiError) as caught:
        apply(client, config_map("late"))
    assert caught.value.kind is Class.UNAUTHORIZED
    assert runs(tmp_path) == 3, "refused with fresh credentials is refused"

    hanging = server.kubeconfig(tmp_path / "hanging", user=plugin(tmp_path, "time.sleep(8)"))
    with monkeypatch.context() as brief:
        brief.setattr(connections, "EXEC_SECONDS", 0.3)
        with pytest.raises(PlatformError, match=r"exec plugin .* no answer in 0\.3 s"):
            opened(server, connection=Connection(kubeconfig=hanging))
    failing = plugin(tmp_path, "sys.exit('your session has expired')")
    with pytest.raises(PlatformError, match=r"your session has expired\. Install the plugin") as refused:
        opened(server, connection=Connection(kubeconfig=server.kubeconfig(tmp_path / "failing", user=failing)))
    assert "\n" not in str(refused.value)


def test_a_run_keeps_exec_credentials_for_its_later_tasks(
    server: Server, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDWORK_RUN_FOLDER", str(tmp_path / "run"))
    body = TOKEN.format(runs=str(tmp_path / "runs"), until="2100-01-01T00:00:00Z")
    kubeconfig = server.kubeconfig(tmp_path / "config", user=plugin(tmp_path, body))
    for _ in range(3):
        opened(server, connection=Connection(kubeconfig=kubeconfig))
    assert runs(tmp_path) == 1
    monkeypatch.setenv("AWS_PROFILE", "another")
    opened(server, connection=Connection(kubeconfig=kubeconfig))
    assert runs(tmp_path) == 2, "another environment is another identity"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def refusal(opened: Opened, **options: Any) -> ApiError:
    client = opened(None, connection=Connection(api_key="some-token", **options), clock=FakeClock())
    with pytest.raises(ApiError) as caught:
        client.request("GET", "/version")
    assert "\n" not in str(caught.value)
    return caught.value


def test_row_39_what_is_wrong_on_the_way_is_said_in_one_line(
    authority: Authority, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Authority(tmp_path, "other")
    good = {"ca_cert": authority.certificate}
    with Server(certificate=authority.issue("server", hosts=("127.0.0.1",)), client_ca=authority.certificate) as server:
        mutual = {**good, "host": server.url}
        old = authority.issue("old", days=-1)
        refused = refusal(opened, **mutual, client_cert=old.certificate, client_key=old.key)
        assert refused.kind is Class.TLS
        assert "refused our client certificate" in str(refused)
        assert "expired" in str(refused)
        new = authority.issue("new")
        assert opened(None, connection=Connection(**mutual, client_cert=new.certificate, client_key=new.key)).request(
            "GET", "/version"
        )
    with Server(certificate=authority.issue("named", hosts=("api.example.org",))) as server:
        refused = refusal(opened, host=server.url, **good)
        assert (refused.kind, "127.0.0.1" in str(refused)) == (Class.TLS, True)
        assert "is not trusted: " in str(refused)
        assert "mismatch" in str(refused)
        cluster = {"certificate-authority": authority.certificate, "tls-server-name": "api.example.org"}
        kubeconfig = server.kubeconfig(tmp_path / "named", cluster=cluster)
        assert opened(None, connection=Connection(kubeconfig=kubeconfig)).request("GET", "/version")
    with Server(certificate=authority.issue("server", hosts=("127.0.0.1",))) as server:
        refused = refusal(opened, host=server.url, ca_cert=other.certificate)
        assert refused.kind is Class.TLS
        assert "unable to get local issuer certificate" in str(refused)
        with Tunnel(refuse="403 Forbidden") as tunnel:
            refused = refusal(opened, host=server.url, proxy=tunnel.url, **good)
            assert refused.kind is Class.PROXY
            assert f"the proxy refused the tunnel through the proxy {tunnel.url}: 403 Forbidden" in str(refused)
            around = Connection(host=server.url, api_key="some-token", proxy=tunnel.url, no_proxy="127.0.0.0/8", **good)
            assert opened(None, connection=around).request("GET", "/version")
            assert len(tunnel.asked) == 1
        with Tunnel() as tunnel:
            through = Connection(host=server.url, api_key="some-token", proxy=tunnel.url, **good)
            assert opened(None, connection=through).request("GET", "/version")
            assert tunnel.asked == [f"127.0.0.1:{server.port}"]
        unsafe = opened(None, connection=Connection(host=server.url, api_key="some-token", validate_certs=False))
        assert unsafe.request("GET", "/version")
        assert "is not checked" in unsafe.warnings[0]
    refused = refusal(opened, host=server.url, **good)
    assert refused.kind is Class.UNREACHABLE
    assert "connection refused" in str(refused)


def test_threads_read_their_configuration_at_the_same_time(authority: Authority) -> None:
    pair = authority.issue("threads")
    cluster, user = (
        {f"{name}-data": base64.b64encode(Path(path).read_bytes()).decode() for name, path in files.items()}
        for files in (
            {"certificate-authority": authority.certificate},
            {"client-certificate": pair.certificate, "client-key": pair.key},
        )
    )
    config = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1", **cluster}}],
        "users": [{"name": "u", "user": user}],
    }
    wrong: list[BaseException] = []

    def read() -> None:
        for _ in range(20):
            try:
                connections.open_transport(Connection(kubeconfig=config))
            except BaseException as error:
                wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]


def test_row_40_the_kubeconfig_decides_which_server_or_is_refused(
    authority: Authority, opened: Opened, tmp_path: Path
) -> None:
    issued = authority.issue("server", hosts=("127.0.0.1",))
    with Server(certificate=issued) as one, Server(certificate=issued) as two:
        for server, name in ((one, "one"), (two, "two")):
            path = tmp_path / name / "config"
            path.parent.mkdir()
            (path.parent / "ca.crt").write_text(Path(authority.certificate).read_text())
            (path.parent / "token").write_text(f"token-{name}")
            config = yaml.safe_load(Path(server.kubeconfig(path)).read_text())
            config["contexts"] = [{"name": name, "context": {"cluster": name, "user": name}}]
            config["clusters"] = [{"name": name, "cluster": {"server": server.url, "certificate-authority": "ca.crt"}}]
            config["users"] = [{"name": name, "user": {"tokenFile": "token"}}]
            config["current-context"] = name
            path.write_text(yaml.safe_dump(config))
        both = f"{tmp_path}/one/config:{tmp_path}/missing:{tmp_path}/two/config"
        for context, server in ((None, two), ("one", one), ("two", two)):
            client = opened(None, connection=Connection(kubeconfig=both, context=context))
            client.request("GET", "/version")
            assert (client.server, client.context) == (server.url, context or "two")
            assert server.log[-1].headers["Authorization"] == f"Bearer token-{client.context}"
        two.fault(UNAUTHORIZED, times=FOREVER, when=only("rotated"))
        (tmp_path / "two" / "token").write_text("rotated")
        client.request("GET", "/version")
        for wrong, words in (
            (Connection(kubeconfig=both, context="three"), "has no context three; it has one, two"),
            (Connection(kubeconfig=both, require_context=True), "has 2 contexts and none is named"),
            (Connection(kubeconfig=str(tmp_path / "missing")), "does not exist"),
            (Connection(), "no cluster is named"),
        ):
            with pytest.raises(PlatformError, match=words):
                opened(None, connection=wrong)


def test_row_46_an_interrupt_ends_requests_waits_and_threads(server: Server, opened: Opened) -> None:
    client = opened(server)
    done: list[str] = []
    once = threading.Lock()

    def work(name: str) -> None:
        apply(client, config_map(name))
        done.append(name)
        if {"one", "two"} <= set(done) and once.acquire(blocking=False):
            timer.start()

    server.fault(hang(), path="/hang", times=FOREVER)
    server.fault(status(503, "busy"), path="/busy", times=FOREVER)
    before = set(threading.enumerate())
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        client.map(work, ["one", "two", *[f"hang{n}" for n in range(8)], *[f"busy{n}" for n in range(4)], *"abcdefgh"])
    assert time.monotonic() - began < 60, "seconds, where the server would have taken an hour"
    client.close()
    timer.join()
    assert {"one", "two"} <= set(done), "what was done is known"
    left = [t for t in threading.enumerate() if t not in before and t.name != "Thread-timer" and not _of_server(t)]
    assert left == []
    assert client.stopping.is_set()
    server.stopped.set()
    assert server.idle(), "all sockets are closed"


def _of_server(thread: threading.Thread) -> bool:
    return "process_request_thread" in thread.name


def test_row_47_large_clusters_fit(server: Server, opened: Opened) -> None:
    client = opened(server)
    text = "x" * 1000

    def page(exchange: Exchange) -> None:
        start = int(exchange.request.query.get("continue") or 0)
        size = int(exchange.request.query["limit"])
        names = range(start, start + size)
        items = [{"metadata": {"name": f"n{n}", "namespace": "default"}, "data": {"text": text}} for n in names]
        meta = {"resourceVersion": "7", "continue": str(start + size) if start + size < 10_000 else ""}
        answers({"apiVersion": "v1", "kind": "ConfigMapList", "metadata": meta, "items": items})(exchange)

    server.fault(page, path="configmaps", times=FOREVER)
    tracemalloc.start()
    cpu = time.process_time()
    items, version = client.list("/api/v1/configmaps")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(items), version, len({i["metadata"]["name"] for i in items})) == (10_000, "7", 10_000)
    assert len(server.seen("GET", "configmaps")) == 20
    assert peak < 100 * 2**20, "bytes for 10 MB of text"

    served = [
        {
            "metadata": {"name": f"g{group}.example.org"},
            "versions": [
                {
                    "version": "v1",
                    "freshness": "Current",
                    "resources": [
                        {
                            "resource": f"kind{kind}s",
                            "responseKind": {"group": f"g{group}.example.org", "version": "v1", "kind": f"Kind{kind}"},
                            "scope": "Namespaced",
                            "verbs": ["get", "list", "watch", "patch", "delete", "create", "update"],
                        }
                        for kind in range(50)
                    ],
                }
            ],
        }
        for group in range(100)
    ]
    server.fault(answers({"kind": "APIGroupDiscoveryList", "items": served}), path="/apis$")
    discovery = Discovery(client)
    assert discovery.resource("g99.example.org/v1", "Kind49").plural == "kind49s"
    assert len(discovery.resources()) > 5000
    assert len(server.seen("GET", "^/apis?$")) == 2
    assert time.process_time() - cpu < 20, "seconds of processor time, the server's included"
    assert json.dumps(items[0])


def test_a_server_that_hung_up_before_the_request_is_still_heard(
    authority: Authority, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = http.client.HTTPConnection.send

    def late(connection: http.client.HTTPConnection, data: bytes) -> None:
        until = time.monotonic() + 5
        while connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED:
            assert time.monotonic() < until, "the server keeps the connection"
            time.sleep(0.001)
        send(connection, data)

    with Server(certificate=authority.issue("server", hosts=("127.0.0.1",)), client_ca=authority.certificate) as server:
        old = authority.issue("old", days=-1)
        options = {"host": server.url, "ca_cert": authority.certificate, "api_key": "some-token"}
        client = opened(
            None,
            connection=Connection(**options, client_cert=old.certificate, client_key=old.key),
            clock=FakeClock(),
        )
        monkeypatch.setattr(http.client.HTTPConnection, "send", late)
        with pytest.raises(ApiError, match=r"refused our client certificate: .*expired"):
            client.request("GET", "/version")
    assert client.retries == [], "the first answer is told, not a connection lost"
