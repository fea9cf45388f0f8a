"""Starred fault rows on a real control plane whose processes are killed in the middle of an apply of 500 objects."""

from __future__ import annotations

import subprocess
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


def kill(cluster: LabCluster, component: str) -> None:
    """Kill -9, and at once the start that a service manager would do."""
    process = Cluster(cluster.name).processes()[component]
    command, folder = process.cmdline(), process.cwd()
    process.kill()
    process.wait(timeout=10)  # a zombie is not enough: its threads may still hold the port
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


@pytest.mark.parametrize(("row", "component"), [(42, "kube-apiserver"), (43, "etcd")])
def test_row_42_and_43_a_kill_in_mid_apply_loses_nothing(mortal: LabCluster, row: int, component: str) -> None:
    prefix = f"row{row}-{uuid.uuid4().hex[:6]}-"
    objects = [config_map(f"{prefix}{number:03}") for number in range(COUNT)]
    with Proxy(mortal.kubeconfig) as proxy:
        reach = {"host": proxy.url, "api_key": proxy.token}
        options: dict[str, Any] = {"clock": Clock(), "wait": False, "set": prefix.strip("-")}
        struck = proxy.fault(then(lambda _: kill(mortal, component)), method="PATCH", skip=COUNT // 4)
        result = task(reach, objects, preflight="none", **options)
        assert not result.failed, result.msg[:2000]
        assert struck.hits == 1
        assert [row["action"] for row in result["objects"]] == ["created"] * COUNT
        assert result["retries"], "the kill was felt"
        found = uids(mortal, prefix)
        assert sorted(found) == [obj["metadata"]["name"] for obj in objects]
        written = len(proxy.writes)
        again = task(reach, objects, **options)
        assert (again["changed"], len(proxy.writes)) == (False, written)
        assert uids(mortal, prefix) == found, "nothing was made twice"
