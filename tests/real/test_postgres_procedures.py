"""A failover under write load and a restore to a second, by the collection's own modules on real PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.lab import LabCluster, lab
from support.module import module
from support.postgres import Postgres

pytestmark = pytest.mark.certify

SMALL: dict[str, Any] = {
    "namespace": "demo",
    "images": {15: "lab.local/postgresql:15"},
    "spread": "none",
    "storage": {"size": "1Gi"},
    "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    "parameters": {"shared_buffers": "32MB", "max_connections": "50"},
    "monitoring": {"enabled": False},
    "timeout": 900,
    "failure_grace": 300,
}
BACKUP = {
    "bucket": "backups",
    "prefix": "procedures/",
    "endpoint": "http://s3.s3.svc:9000",
    "immediate": False,
    "credentials": {"secret": "s3-keys"},
}


@pytest.fixture(scope="module")
def cluster(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("procedures") as running:
        running.kubectl("create", "namespace", "demo")
        lab("operator", "install", "barman-cloud", "--cluster", running.name)
        keys = running.get("secret", "-n", "s3", "s3-keys")["data"]
        metadata = {"name": "s3-keys", "namespace": "demo"}
        running.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": keys})
        yield running


def done(cluster: LabCluster, name: str, /, **options: Any) -> Any:
    """A run that must end well."""
    result = module(cluster, name, namespace="demo", **options)
    assert not result.failed, result.msg
    return result


def test_a_killed_primary_loses_nothing(cluster: LabCluster, tmp_path: Path, told: Callable[[str], None]) -> None:
    made = module(cluster, "postgres_cluster", name="three", instances=3, quorum=True, **SMALL)
    assert not made.failed, made.msg
    foretold = module(cluster, "postgres_drill", check=True, name="three", namespace="demo", dest=str(tmp_path))
    assert [step["state"] for step in foretold["steps"]] == ["done", *["would"] * 7]
    assert not list(tmp_path.iterdir())
    result = done(cluster, "postgres_drill", name="three", fault="pod", dest=str(tmp_path), profile={"rpo": "0s"})
    measured = result["measured"]
    told(f"PostgreSQL, 3 instances, pod killed: RTO {measured['rto_seconds']} s, {measured['acknowledged']} commits")
    assert measured["rpo_commits"] == 0
    assert measured["acknowledged"] > 10
    assert measured["failed_over"]
    record = json.loads(Path(result["evidence"]).read_text())
    assert record["verdict"] == {"passed": True, "against": "profile", "wrong": []}
    assert "drill" not in cluster.kubectl("get", "pods", "-n", "demo", "-o", "name")
    assert Postgres(cluster, "three", "demo").sql("select count(*) from pg_tables where tablename ~ 'drill'") == "0"


def test_a_promise_that_is_not_kept_fails_the_drill(cluster: LabCluster, tmp_path: Path) -> None:
    options = {"name": "three", "namespace": "demo", "fault": "switchover", "dest": str(tmp_path)}
    result = module(cluster, "postgres_drill", **options, profile={"rto": "1ms"})
    assert result.failed
    assert "is worse than the profile's 1ms" in result.msg
    assert result["measured"]["rpo_commits"] == 0


def test_a_restore_to_a_second(cluster: LabCluster, told: Callable[[str], None]) -> None:
    cluster.kubectl("delete", "clusters.postgresql.cnpg.io", "three", "-n", "demo", "--ignore-not-found")
    made = module(cluster, "postgres_cluster", name="main", instances=1, backup=BACKUP, **SMALL)
    assert not made.failed, made.msg
    backup = done(cluster, "postgres_backup", name="main", backup_name="first", timeout=900)
    assert backup["recovery_window"]["first"]
    assert not done(cluster, "postgres_backup", name="main", backup_name="first").changed
    database = Postgres(cluster, "main", "demo")
    database.sql("create table rows (at timestamptz default clock_timestamp()); alter table rows owner to app")
    database.sql("insert into rows select clock_timestamp() from generate_series(1, 10)")
    moment = database.sql("""select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""")
    database.sql("select pg_sleep(1); insert into rows select clock_timestamp() from generate_series(1, 5)")
    database.sql("select pg_switch_wal()")
    asked = {"name": "back", "source": "main", "namespace": "demo"}
    for time, words in (("2099-01-01T00:00:00Z", "in the future"), ("2020-01-01T00:00:00Z", "before the recovery")):
        refused = module(cluster, "postgres_restore", time=time, **asked)
        assert refused.failed
        assert words in refused.msg
    assert "never in place" in module(cluster, "postgres_restore", **{**asked, "name": "main"}, latest=True).msg
    assert "back" not in cluster.kubectl("get", "clusters.postgresql.cnpg.io", "-n", "demo", "-o", "name")
    restored = done(cluster, "postgres_restore", name="back", source="main", time=moment, archive=False, timeout=900)
    told(f"PostgreSQL: restored to a second after {restored['timings']['Restore']:.1f} s")
    checks = [{"query": "select count(*) from rows", "expect": "10"}]
    done(cluster, "postgres_query", name="back", checks=checks)
    wrong = module(cluster, "postgres_query", name="main", namespace="demo", checks=checks)
    assert "says '15', expected '10'" in wrong.msg
    again = done(cluster, "postgres_restore", name="back", source="main", time=moment, archive=False)
    assert not again.changed


def test_a_corrupted_backup_is_found(cluster: LabCluster, tmp_path: Path) -> None:
    """The data archive of the only base backup is cut short, in the S3 server's own volume."""
    parts = "/data/backups/procedures/main/base/*/data.tar*/*/part.1"
    shorten = f"for part in {parts}; do truncate -s 4096 $part && echo $part; done"
    assert cluster.kubectl("exec", "-n", "s3", "deploy/s3", "--", "sh", "-c", shorten)
    options = {"name": "main", "namespace": "demo", "dest": str(tmp_path), "timeout": 300}
    result = module(cluster, "postgres_validate", **options)
    assert result.failed
    assert not result["verdict"]["passed"]
    left = cluster.kubectl("get", "clusters.postgresql.cnpg.io", "-n", "demo", "-o", "name")
    assert "main-check" not in left
