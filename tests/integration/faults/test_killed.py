"""Starred fault rows on a real control plane whose processes are killed in the middle of an apply of 500 objects."""

from __future__ import annotations

import subprocess
import threading
import uuid
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.clock import Clock
from lab.cluster import Cluster
from support.lab import LabCluster
from support.objects import config_map
from support.proxy import Proxy
from support.server import then
from support.task import task

COUNT = 500


def uids(cluster: LabCluster, prefix: str) -> dict[str, str]:
    items = cluster.get("configmaps", "-n", "default")["items"]
    return {i["metadata"]["name"]: i["metadata"]["uid"] for i in items if i["metadata"]["name"].startswith(prefix)}


class Service:
    """One component, as a service manager keeps it: started again whenever it ends, while used as a context."""

    def __init__(self, cluster: LabCluster, component: str) -> None:
        self._process = Cluster(cluster.name).processes()[component]
        self._command, self._folder = self._process.cmdline(), self._process.cwd()
        self._over = threading.Event()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def kill(self) -> None:
        """Kill -9; returns once it is started again."""
        self._process.kill()
        self._process.wait(30)
        threading.Thread(target=self._keep, args=(self._start(),), daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            self._command, cwd=self._folder, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )

    def _keep(self, running: subprocess.Popen[bytes]) -> None:
        while running.wait() is not None and not self._over.is_set():
            running = self._start()


@pytest.mark.parametrize(("row", "component"), [(42, "kube-apiserver"), (43, "etcd")])
def test_row_42_and_43_a_kill_in_mid_apply_loses_nothing(mortal: LabCluster, row: int, component: str) -> None:
    prefix = f"row{row}-{uuid.uuid4().hex[:6]}-"
    objects = [config_map(f"{prefix}{number:03}") for number in range(COUNT)]
    with Proxy(mortal.kubeconfig) as proxy, Service(mortal, component) as service:
        reach = {"host": proxy.url, "api_key": proxy.token}
        options: dict[str, Any] = {"clock": Clock(), "wait": False, "set": prefix.strip("-")}
        struck = proxy.fault(then(lambda _: service.kill()), method="PATCH", skip=COUNT // 4)
        result = task(reach, objects, preflight="none", **options)
        assert not result.failed, result.msg[:2000]
        assert struck.hits == 1
        assert [row["action"] for row in result["objects"]] == ["created"] * COUNT
        assert result["retries"] or component == "etcd", "felt; without etcd the API server may just be slow"
        found = uids(mortal, prefix)
        assert sorted(found) == [obj["metadata"]["name"] for obj in objects]
        written = len(proxy.writes)
        again = task(reach, objects, **options)
        assert (again["changed"], len(proxy.writes)) == (False, written)
        assert uids(mortal, prefix) == found, "nothing was made twice"
