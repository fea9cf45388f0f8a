"""Fixtures of the fault tests on a real API server: a proxy before it, and a cluster whose processes may be killed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from support.lab import LabCluster, started

if TYPE_CHECKING:
    from support.proxy import Proxy


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """No cache and no last words of this machine's user take part."""
    monkeypatch.delenv("GROUNDWORK_RUN_FOLDER", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def mortal() -> Iterator[LabCluster]:
    """A cluster of this module, for tests that kill its processes."""
    with started("mortal") as running:
        yield running


@pytest.fixture
def proxy(cluster: LabCluster) -> Iterator[Proxy]:
    from support.proxy import Proxy

    with Proxy(cluster.kubeconfig) as running:
        yield running


@pytest.fixture
def home(cluster: LabCluster) -> str:
    """A namespace of this test."""
    name = f"faults-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", name)
    return name


@pytest.fixture
def keep(proxy: Proxy, home: str) -> Callable[..., Any]:
    """Runs a task through the proxy, on the machine's own clock."""
    from ansible_collections.groundwork.platform.plugins.module_utils.core.api.clock import Clock
    from support.task import task

    def run(objects: list[dict[str, Any]], **options: Any) -> Any:
        reach = {"host": proxy.url, "api_key": proxy.token}
        return task(reach, objects, **{"clock": Clock(), "namespace": home, "wait": False, **options})

    return run
