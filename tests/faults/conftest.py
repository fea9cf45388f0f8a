"""Fixtures of the fault tests: a scripted server, a clock on which waits take no time, a client of both.

The engine is imported inside the fixtures: while pytest loads this file, collections cannot be imported yet.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
    from support.clock import FakeClock
    from support.server import Server


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No kubeconfig, proxy or cache of this machine takes part."""
    for name in ("KUBECONFIG", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("GROUNDWORK_RUN_FOLDER", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """SIGINT interrupts, also where a shell started the tests in the background and has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def server() -> Iterator[Server]:
    from support.server import Server

    with Server() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    from support.clock import FakeClock

    return FakeClock()


@pytest.fixture
def opened() -> Iterator[Callable[..., Client]]:
    """Makes clients, and closes them."""
    from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client

    clients: list[Client] = []

    def make(running: Server | None, *, connection: Any = None, **options: Any) -> Client:
        clients.append(Client(connection or running.connection(), **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(server: Server, clock: FakeClock, opened: Callable[..., Client]) -> Client:
    """On the fake clock."""
    return opened(server, clock=clock)


@pytest.fixture
def keep(server: Server) -> Callable[..., Any]:
    """Runs tasks against the server: `keep([objects], wait=False, ...)` gives the result."""
    from support.task import task

    def run(objects: list[dict[str, Any]], **options: Any) -> Any:
        return task({"host": server.url, "api_key": server.token}, objects, **options)

    return run
