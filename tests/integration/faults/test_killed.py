"""Starred fault rows on a real control plane whose processes are killed in the middle of an apply of 500 objects."""

from __future__ import annotations

import subprocess
import threading
import uuid
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.clock import Clock
from lab.cluster import Cluster
from support.lab import LabCluster, eventually
from support.objects import config_map
from support.task import task

COUNT = 500


def applied(cluster: LabCluster, objects: list[Any], **options: Any) -> Any:
    options = {"clock": Clock(), "wait": False, "preflight": "none", **options}
    return task({"kubeconfig": str(cluster.kubeconfig)}, objects, **options)


def uids(cluster: LabCluster, prefix: str) -> dict[str, str]:
    items = cluster.get("configmaps", "-n", "default")["items"]
    return {i["metadata"]["name"]: i["metadata"]["uid"] for i in items if i["metadata"]["name"].startswith(prefix)}


def kill(cluster: LabCluster, component: str) -> None:
    """Kill -9, and at once the start that a service manager would do."""
    process = Cluster(cluster.name).processes()[component]
    command, folder = process.cmdline(), process.cwd()
    process.kill()
    eventually(lambda: component not in Cluster(cluster.name).processes())
    quiet = subprocess.DEVNULL
    subprocess.Popen(command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


@pytest.mark.parametrize(("row", "component"), [(42, "kube-apiserver"), (43, "etcd")])
def test_row_42_and_43_a_kill_in_mid_apply_loses_nothing(mortal: LabCluster, row: int, component: str) -> None:
    prefix = f"row{row}-{uuid.uuid4().hex[:6]}-"
    objects = [config_map(f"{prefix}{number:03}") for number in range(COUNT)]
    name = prefix.strip("-")
    at_half, over = threading.Event(), threading.Event()

    def strike() -> None:
        eventually(lambda: over.is_set() or written(mortal, prefix) >= COUNT // 4, 60)
        assert not over.is_set(), "the apply was over before the kill"
        kill(mortal, component)
        at_half.set()

    killer = threading.Thread(target=strike, daemon=True)
    killer.start()
    result = applied(mortal, objects, set=name)
    over.set()
    killer.join(90)
    assert at_half.is_set(), f"{component} was not killed"
    assert not result.failed, result.msg[:2000]
    found = uids(mortal, prefix)
    assert sorted(found) == [obj["metadata"]["name"] for obj in objects]
    assert len(result["objects"]) == COUNT
    assert result["retries"], "the kill was felt"
    with mortal.record() as requests:
        again = applied(mortal, objects, set=name, preflight="server")
    ours = [r for r in requests.mutating if "configmaps" in r["requestURI"] or "secrets" in r["requestURI"]]
    assert (again["changed"], ours) == (False, [])
    assert uids(mortal, prefix) == found, "nothing was made twice"


def written(cluster: LabCluster, prefix: str) -> int:
    """How many of the objects the audit log knows: reading it costs the API server nothing."""
    return cluster.audit_log.read_text(errors="replace").count(f"/configmaps/{prefix}")
