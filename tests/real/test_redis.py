"""Redis without an operator, and its failover under write load, by the collection's own modules on Debian's Redis."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.lab import LabCluster, lab
from support.module import module

pytestmark = pytest.mark.certify

SMALL: dict[str, Any] = {
    "name": "limits",
    "namespace": "demo",
    "backend": "statefulset",
    "image": "lab.local/redis:7",
    "spread": "none",
    "maxmemory": "64mb",
    "storage": {"size": "1Gi"},
    "resources": {"requests": {"cpu": "20m", "memory": "96Mi"}, "limits": {"memory": "96Mi"}},
    "timeout": 600,
}
_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@pytest.fixture(scope="module")
def cluster(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("redis") as running:
        running.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo", "labels": _RESTRICTED}})
        lab("image", "load", "redis", "--cluster", running.name)
        keys = [{"name": "password"}]
        made = module(running, "generated_secret", name="limits-auth", namespace="demo", keys=keys)
        assert not made.failed, made.msg
        kept = module(running, "redis_replication", **SMALL)
        assert not kept.failed, kept.msg
        yield running


def roles(cluster: LabCluster) -> list[str]:
    """What each server says it is."""
    ask = "REDISCLI_AUTH=$REDIS_PASSWORD redis-cli role | head -n 1"
    return sorted(cluster.kubectl("exec", f"limits-{n}", "-n", "demo", "--", "sh", "-c", ask).strip() for n in range(3))


def test_one_leads_and_two_follow_and_a_second_run_writes_nothing(cluster: LabCluster) -> None:
    assert roles(cluster) == ["master", "slave", "slave"]
    again = module(cluster, "redis_replication", **SMALL)
    assert set(again.actions.values()) == {"unchanged"}
    told = module(cluster, "redis_info", name="limits", namespace="demo")
    assert (told["ready"], told["sentinels"]["ready"], len(told["servers"])) == (True, 3, 3)
    assert sorted(told["unknown"]) == ["limits-0", "limits-1", "limits-2"]  # the lab has no exporter


def test_another_leads_when_the_master_stops_and_the_old_one_follows(
    cluster: LabCluster, tmp_path: Path, told: Callable[[str], None]
) -> None:
    options = {"name": "limits", "namespace": "demo", "fault": "freeze", "freeze": 40, "dest": str(tmp_path)}
    foretold = module(cluster, "redis_drill", check=True, **options)
    assert [step["state"] for step in foretold["steps"]] == ["done", *["would"] * 7]
    result = module(cluster, "redis_drill", **options, notice=60)
    assert not result.failed, result.msg
    measured = result["measured"]
    told(f"Redis, master stopped: RTO {measured['rto_seconds']} s, {measured['rpo_commits']} acknowledged writes lost")
    assert measured["failed_over"]
    assert measured["acknowledged"] > 10
    record = json.loads(Path(result["evidence"]).read_text())
    assert record["before"]["promise"].startswith("asynchronous")
    assert "drill" not in cluster.kubectl("get", "pods", "-n", "demo", "-o", "name")
    assert roles(cluster) == ["master", "slave", "slave"]


def test_a_promise_that_is_not_kept_fails_the_drill(cluster: LabCluster, tmp_path: Path) -> None:
    options = {"name": "limits", "namespace": "demo", "fault": "process", "dest": str(tmp_path)}
    result = module(cluster, "redis_drill", **options, profile={"rto": "1ms"})
    assert result.failed
    assert "is worse than the profile's 1ms" in result.msg
