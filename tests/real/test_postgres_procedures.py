"""What people do to a running PostgreSQL, on real PostgreSQL: drilled, upgraded, moved to a restored one, validated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.evidence import drill as evidences
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import seen
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
MAJOR = {**NEXT, "major": 17, "images": {15: "lab.local/postgresql:15", 17: "lab.local/postgresql-17:17"}}
PROMISED = {"rpo": "0s", "rto": "30s"}
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


def test_clients_through_a_pooler_during_a_switchover(
    cluster: LabCluster, evidence: str, told: Callable[[str], None]
) -> None:
    """What clients of a pooler have to try again."""
    asked = {"name": "main", "fault": "switchover", "through": POOLER, "dest": evidence, "profile": PROMISED}
    result = module(cluster, "postgres_drill", namespace="demo", timeout=600, **asked)
    found = result["measured"]
    told(f"switchover through a pooler: {found['failed_statements']} statements failed, {found['rto_seconds']} s")
    assert found["rpo_commits"] == 0
    assert found["acknowledged"] > 10
    assert found["failed_over"]


def test_a_restart_in_place_is_called_so_and_a_promise_that_is_not_kept_fails_the_drill(
    cluster: LabCluster, evidence: str
) -> None:
    asked = {"name": "main", "fault": "process", "dest": evidence}
    result = module(cluster, "postgres_drill", namespace="demo", timeout=600, **asked, profile={"rto": "1ms"})
    assert "is worse than the profile's 1ms" in result.msg
    assert result["measured"]["rpo_commits"] == 0
    assert not result["measured"]["failed_over"]
    assert "without failover: restarted in place" in str(result["steps"])


def test_an_upgrade_is_foretold_done_and_not_done_twice(
    cluster: LabCluster, tmp_path: Path, told: Callable[[str], None]
) -> None:
    asked = {"change": "upgrade", "name": "main", "dest": str(tmp_path), "profile": {"rpo": "0s"}}
    assert "more than upgrade changes: instances: 3 -> 5" in refused(
        cluster, "postgres_change", **asked, cluster={**NEXT, "instances": 5}
    )
    assert "no base backup of it is known" in refused(cluster, "postgres_change", **asked, cluster=MAJOR)
    foretold = module(cluster, "postgres_change", check=True, namespace="demo", **asked, cluster=NEXT)
    assert [step["state"] for step in foretold["steps"]] == [*["done"] * 4, *["would"] * 7]
    assert not list(tmp_path.iterdir())
    result = postgres.done(cluster, "postgres_change", **asked, cluster=NEXT)
    told(f"3 instances, another image: {result['measured']['rto_seconds']} s without a commit")
    assert result["measured"]["rpo_commits"] == 0
    assert result["measured"]["failed_over"]
    again = postgres.done(cluster, "postgres_change", **asked, cluster=NEXT)
    assert not again["changed"]
    assert again["steps"][-1]["state"] == "unneeded"


def test_a_base_backup_is_taken_and_a_major_upgrade_refused_unless_it_is_named(
    cluster: LabCluster, tmp_path: Path
) -> None:
    backup = postgres.done(cluster, "postgres_backup", name="main", backup_name="first")
    assert backup["recovery_window"]["first"]
    assert not postgres.done(cluster, "postgres_backup", name="main", backup_name="first")["changed"]
    with cluster.record(user_agent="groundwork.platform") as requests:
        asked = {"change": "upgrade", "name": "main", "dest": str(tmp_path), "cluster": MAJOR}
        words = refused(cluster, "postgres_change", **asked)
    assert "change spec.imageCatalogRef.major from 15 to 17 of postgresql.cnpg.io/Cluster demo/main " in words
    assert "all instances stop for pg_upgrade" in words
    assert not requests.mutating, requests.words()
    assert not list(tmp_path.iterdir())


def test_clients_are_moved_to_a_restored_cluster_and_back_where_it_does_not_answer(
    cluster: LabCluster, evidence: str, told: Callable[[str], None]
) -> None:
    """Under a client that writes through the pooler all the while: no row of it is in neither cluster."""
    main, back = (Postgres(cluster, name, "demo") for name in ("main", "back"))
    client = postgres.Client(cluster, "main", POOLER)
    moment = main.fifteen_rows()
    asked = {"name": "back", "source": "main", "instances": 1, "owner_secret": "main-app", "dest": evidence}
    postgres.done(cluster, "postgres_restore", **asked, time=moment)
    assert not postgres.done(cluster, "postgres_restore", **asked, time=moment)["changed"]
    restored = back.numbers()

    moving = {"name": "back", "source": "main", "poolers": [POOLER], "dest": evidence}
    fifteen = [{**TEN[0], "expect": "15"}]
    slowly = [{"query": "select 1 from pg_sleep(15)"}, *fifteen]  # so that the client writes before it is moved back
    words = refused(cluster, "postgres_cutover", **moving, checks=slowly)
    assert "'select count(*) from rows': expected '15', got '10'" in words
    assert f"{POOLER} serves main" in words
    stray = back.numbers() - restored
    named = re.search(
        r"(\d+) rows that clients wrote to back before they were moved back are there, and not in main", words
    )
    assert named, words
    assert int(named[1]) >= len(stray) > 0
    told(f"moved back: {len(stray)} rows are in back alone, {named[1]} are named")
    postgres.done(cluster, "postgres_query", name="main", checks=fifteen, through=POOLER)

    began = datetime.now(UTC)
    moved = postgres.done(cluster, "postgres_cutover", **moving, checks=TEN)
    postgres.done(cluster, "postgres_query", name="main", checks=TEN, through=POOLER)
    found = client.seen()
    numbers, left, taken = {number for number, _ in found.acks}, main.numbers(), back.numbers()
    client.end()
    assert numbers - left - taken == set()
    measured = {
        **seen.measured(found._replace(kept=[(each, each) for each in left | taken]), began.timestamp()),
        "acknowledged_in_the_old_cluster_alone": len(numbers - taken),
        "acknowledged_in_the_new_cluster_alone": len(numbers - left),
    }
    told(f"cutover under writes: {measured}")
    record = evidences.record(
        what="A client of the pooler through restore, roll-back and cutover", cluster="demo/main", host="lab",
        began=began, steps=moved["steps"], measured=measured, options={"kind": "clients"}, profile=PROMISED,
        wrong=evidences.worse(measured, PROMISED), before={"rows": "counted in both clusters together"},
        remarks=[f"Before, a cutover was rolled back: {words.partition('. Evidence')[0]}"],
    )  # fmt: skip
    errors = [each for each in found.errors if each[0] > began.timestamp()]
    acks = [at for _, at in found.acks if at > began.timestamp() - 10]
    evidences.keep(record, evidence, acks=acks, errors=errors)


def test_a_corrupted_backup_is_found(cluster: LabCluster, evidence: str) -> None:
    """The data archive of the only base backup is cut short, in the S3 server's own volume."""
    parts = "/data/backups/procedures/main/base/*/data.tar*/*/part.1"
    shorten = f"for part in {parts}; do truncate -s 4096 $part && echo $part; done"
    assert cluster.kubectl("exec", "-n", "s3", "deploy/s3", "--", "sh", "-c", shorten)
    result = module(cluster, "postgres_validate", namespace="demo", name="main", dest=evidence, timeout=300)
    assert "the base backup in archive main/main cannot be unpacked" in result.msg
    assert not result["verdict"]["passed"]
    left = cluster.kubectl("get", "clusters.postgresql.cnpg.io", "-n", "demo", "-o", "name")
    assert "main-check" not in left
