"""What people do to a running PostgreSQL, on real PostgreSQL: drilled, upgraded, moved to a restored one, validated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import postgres
from support.lab import LabCluster, lab
from support.module import module
from support.postgres import Postgres

pytestmark = pytest.mark.certify

POOLER = "main-pooler-api"
ROW: dict[str, Any] = {
    **postgres.SMALL,
    "instances": 3,
    "quorum": True,
    "poolers": [
        {
            "name": "api",
            "instances": 1,
            "max_db_connections": 20,
            "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}},
        }
    ],
}
NEXT = {**ROW, "images": {15: "lab.local/postgresql-next:15"}}
TEN = [{"query": "select count(*) from rows", "expect": "10"}]


@pytest.fixture(scope="module")
def cluster(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("procedures") as running:
        running.kubectl("create", "namespace", "demo")
        postgres.archiving(running)
        lab("image", "load", "pgbouncer", "postgresql-next", "--cluster", running.name)
        postgres.done(running, "postgres_cluster", name="main", **ROW)
        yield running


def refused(cluster: LabCluster, name: str, /, **options: Any) -> str:
    """What a run says that must not end well."""
    result = module(cluster, name, **{"namespace": "demo", "timeout": 600, **options})
    assert result.failed
    return str(result.msg)


def test_a_promise_that_is_not_kept_fails_the_drill(
    cluster: LabCluster, tmp_path: Path, told: Callable[[str], None]
) -> None:
    """A switchover, written through the pooler: what clients have to try again."""
    asked = {"name": "main", "fault": "switchover", "through": POOLER, "dest": str(tmp_path)}
    result = module(cluster, "postgres_drill", namespace="demo", **asked, profile={"rto": "1ms"})
    assert "is worse than the profile's 1ms" in result.msg
    found = result["measured"]
    told(f"switchover through a pooler: {found['failed_statements']} statements failed, {found['rto_seconds']} s")
    assert found["rpo_commits"] == 0
    assert found["acknowledged"] > 10


def test_an_upgrade_is_foretold_done_and_not_done_twice(
    cluster: LabCluster, tmp_path: Path, told: Callable[[str], None]
) -> None:
    asked = {"change": "upgrade", "name": "main", "dest": str(tmp_path), "profile": {"rpo": "0s"}}
    assert "more than upgrade changes: instances: 3 -> 5" in refused(
        cluster, "postgres_change", **asked, cluster={**NEXT, "instances": 5}
    )
    major = {**NEXT, "major": 17, "images": {15: "lab.local/postgresql:15", 17: "lab.local/postgresql-17:17"}}
    assert "no base backup of it is known" in refused(cluster, "postgres_change", **asked, cluster=major)
    foretold = module(cluster, "postgres_change", check=True, namespace="demo", **asked, cluster=NEXT)
    assert [step["state"] for step in foretold["steps"]] == [*["done"] * 4, *["would"] * 6]
    assert not list(tmp_path.iterdir())
    result = postgres.done(cluster, "postgres_change", **asked, cluster=NEXT)
    told(f"3 instances, another image: {result['measured']['rto_seconds']} s without a commit")
    assert result["measured"]["rpo_commits"] == 0
    assert result["measured"]["failed_over"]
    again = postgres.done(cluster, "postgres_change", **asked, cluster=NEXT)
    assert not again.changed
    assert again["steps"][-1]["state"] == "unneeded"


def test_clients_are_moved_to_a_restored_cluster_and_back_where_it_does_not_answer(cluster: LabCluster) -> None:
    database = Postgres(cluster, "main", "demo")
    backup = postgres.done(cluster, "postgres_backup", name="main", backup_name="first")
    assert backup["recovery_window"]["first"]
    assert not postgres.done(cluster, "postgres_backup", name="main", backup_name="first").changed
    moment = database.fifteen_rows()
    asked = {"name": "back", "source": "main", "instances": 1, "owner_secret": "main-app"}
    early = "2020-01-01T00:00:00Z"
    assert "before the recovery" in refused(cluster, "postgres_restore", **asked, time=early)
    assert "never in place" in refused(cluster, "postgres_restore", **{**asked, "name": "main"}, latest=True)
    assert "back" not in cluster.kubectl("get", "clusters.postgresql.cnpg.io", "-n", "demo", "-o", "name")
    postgres.done(cluster, "postgres_restore", **asked, time=moment)
    assert not postgres.done(cluster, "postgres_restore", **asked, time=moment).changed

    moving = {"name": "back", "source": "main", "poolers": [POOLER]}
    fifteen = [{**TEN[0], "expect": "15"}]
    words = refused(cluster, "postgres_cutover", **moving, checks=fifteen)
    assert "'select count(*) from rows': expected '15', got '10'" in words
    assert f"{POOLER} serves main" in words
    postgres.done(cluster, "postgres_query", name="main", checks=fifteen, through=POOLER)
    postgres.done(cluster, "postgres_cutover", **moving, checks=TEN)
    postgres.done(cluster, "postgres_query", name="main", checks=TEN, through=POOLER)


def test_a_corrupted_backup_is_found(cluster: LabCluster, tmp_path: Path) -> None:
    """The data archive of the only base backup is cut short, in the S3 server's own volume."""
    parts = "/data/backups/procedures/main/base/*/data.tar*/*/part.1"
    shorten = f"for part in {parts}; do truncate -s 4096 $part && echo $part; done"
    assert cluster.kubectl("exec", "-n", "s3", "deploy/s3", "--", "sh", "-c", shorten)
    result = module(cluster, "postgres_validate", namespace="demo", name="main", dest=str(tmp_path), timeout=300)
    assert result.failed
    assert not result["verdict"]["passed"]
    left = cluster.kubectl("get", "clusters.postgresql.cnpg.io", "-n", "demo", "-o", "name")
    assert "main-check" not in left
