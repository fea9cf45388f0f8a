"""What a restore says of an archive that fails it, on a real S3 server: which fault it is, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_restore as restore
from ansible_collections.groundwork.platform.plugins.module_utils.procedures.metrics import Metrics
from support import postgres
from support.lab import LabCluster, eventually
from support.module import module
from support.postgres import Postgres

pytestmark = pytest.mark.certify

ONE: dict[str, Any] = {**postgres.SMALL, "instances": 1}
BACK: dict[str, Any] = {"source": "main", "instances": 1, "archive": False}
ARCHIVE = "/data/backups/procedures/main"
CLUSTERS = "clusters.postgresql.cnpg.io"
NOW = """select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


class Archived(Postgres):
    """A cluster with a base backup, and after it four rows in four WAL files; `moment` is between the last two."""

    moment: str
    segments: list[str]

    def fill(self) -> None:
        self.sql("drop table if exists rows; create table rows (part int); alter table rows owner to app")
        self.segments = [self._row(part) for part in (1, 2, 3)]
        self.moment = self.sql(NOW)
        self.segments.append(self._row(4))
        eventually(lambda: (self._archived() or 0) >= int(self.segments[-1][8:], 16), 240)

    def _archived(self) -> int | None:
        """What its metrics say, which are half a minute old."""
        path = f"/api/v1/namespaces/demo/pods/{self.primary()}:9187/proxy/metrics"
        return restore.last_archived(Metrics.read(self.cluster.kubectl("get", "--raw", path)), 1)

    def _row(self, part: int) -> str:
        """The WAL file that holds it."""
        self.sql(f"insert into rows values ({part})")
        name = self.sql("select pg_walfile_name(pg_current_wal_lsn())")
        self.sql("select pg_sleep(1); select pg_switch_wal()")
        return name


@pytest.fixture(scope="module")
def cluster(real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("archive") as running:
        running.kubectl("create", "namespace", "demo")
        postgres.archiving(running)
        yield running


@pytest.fixture(scope="module")
def database(cluster: LabCluster) -> Archived:
    postgres.done(cluster, "postgres_cluster", name="main", **ONE)
    found = Archived(cluster, "main", "demo")
    postgres.done(cluster, "postgres_backup", name="main")
    found.fill()
    return found


def s3(cluster: LabCluster, script: str) -> str:
    """A script in the S3 server, beside its data."""
    return cluster.kubectl("exec", "-n", "s3", "deploy/s3", "--", "sh", "-ec", script)


def refused(cluster: LabCluster, evidence: str, **options: Any) -> str:
    """What a restore says that cannot end well; its cluster is deleted, as the sentence asks for."""
    asked = {**BACK, "namespace": "demo", "name": "back", "timeout": 600, "dest": evidence, **options}
    result = module(cluster, "postgres_restore", **asked)
    cluster.kubectl("delete", CLUSTERS, "-n", "demo", "back", "--ignore-not-found")
    assert result.failed
    words = str(result.msg)
    assert "Traceback" not in words
    assert "after 600 s" not in words, words
    return words


def test_what_cannot_be_is_refused_before_anything_is_made(cluster: LabCluster, database: Archived) -> None:
    with cluster.record(user_agent="groundwork.platform") as requests:
        for asked, words in (
            ({"time": "2099-01-01T00:00:00Z"}, "in the future"),
            ({"time": "2020-01-01T00:00:00Z"}, "before the recovery window"),
            ({"time": "2026-11-21T12:00:00"}, "has no time zone"),
            ({"lsn": "0/1"}, "before the end of the oldest base backup"),
            ({"latest": True, "name": "main"}, "never in place"),
        ):
            result = module(cluster, "postgres_restore", **{**BACK, "namespace": "demo", "name": "back", **asked})
            assert words in result.msg
    assert requests.all
    assert not requests.changing, requests.words()


def test_a_wal_file_that_is_missing_is_named(
    cluster: LabCluster, database: Archived, evidence: str, told: Callable[[str], None]
) -> None:
    """To a moment after it PostgreSQL itself gives up; all there is it would take for whole."""
    gone = database.segments[1]
    s3(cluster, f"mkdir -p /data/.kept && mv {ARCHIVE}/wals/*/{gone}* /data/.kept/")
    missing = f"WAL {gone} is missing in archive main/main"
    for asked in ({"time": database.moment}, {"latest": True}):
        words = refused(cluster, evidence, **asked)
        assert missing in words
        told(words)
    s3(cluster, f"mv /data/.kept/* {ARCHIVE}/wals/{gone[:16]}/")
    restored = postgres.done(cluster, "postgres_restore", **BACK, name="back", time=database.moment, dest=evidence)
    told(f"restored once it was back, after {restored['timings']['Restore']:.1f} s")
    assert Postgres(cluster, "back", "demo").sql("select string_agg(part::text, ' ') from rows") == "1 2 3"
    cluster.kubectl("delete", CLUSTERS, "-n", "demo", "back")


def test_an_s3_server_that_is_away_is_called_so(
    cluster: LabCluster, database: Archived, evidence: str, told: Callable[[str], None]
) -> None:
    cluster.kubectl("scale", "-n", "s3", "deploy/s3", "--replicas=0")
    cluster.kubectl("wait", "-n", "s3", "--for=delete", "pod", "-l", "app=s3", "--timeout=60s")
    try:
        words = refused(cluster, evidence, time=database.moment)
    finally:
        cluster.kubectl("scale", "-n", "s3", "deploy/s3", "--replicas=1")
        cluster.kubectl("rollout", "status", "-n", "s3", "deploy/s3", "--timeout=120s")
    assert "the object store of archive main/main does not answer" in words
    told(words)


def test_an_archive_that_was_emptied_is_called_so(
    cluster: LabCluster, database: Archived, evidence: str, told: Callable[[str], None]
) -> None:
    s3(cluster, f"rm -rf {ARCHIVE}/base {ARCHIVE}/wals")
    words = refused(cluster, evidence, time=database.moment)
    assert "archive main/main holds no base backup to begin with: it was emptied" in words
    told(words)
    assert database.sql("select string_agg(part::text, ' ') from rows") == "1 2 3 4"


def test_a_new_cluster_over_wal_of_a_former_one_is_told_so(
    cluster: LabCluster, database: Archived, told: Callable[[str], None]
) -> None:
    """No base backup is in it any more, so that no object of the API knows of it: the plugin finds out."""
    database.sql("insert into rows values (5); select pg_switch_wal()")
    eventually(lambda: "wals" in s3(cluster, f"ls {ARCHIVE}"), 120)
    over = {**ONE, "instances": 2, "backup": {**ONE["backup"], "server_name": "main"}}
    result = module(cluster, "postgres_cluster", **over, name="late", timeout=600)
    assert result.failed
    assert "its archive holds WAL of a former cluster of that name" in result.msg
    told(f"{result.msg} ({result['timings']['total']:.0f} s)")
