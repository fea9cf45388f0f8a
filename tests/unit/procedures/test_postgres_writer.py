"""What a writer's log says about a drill: commits lost, the time without one; and whether a profile is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.evidence import drill
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_writer as writer
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import seen as client

LOG = """\
100.0 ack 1
100.1 ack 2
100.2 ack 3
100.3 error 4 server closed the connection unexpectedly
101.0 lost 5
106.2 ack 6
106.3 ack 7
107.0 end
107.1 kept {kept}
107.1 done
"""


def figures(kept: str, fault: float = 100.25) -> dict[str, Any]:
    return client.measured(client.seen(LOG.format(kept=kept)), fault)


def test_nothing_acknowledged_is_missing() -> None:
    found = figures("1-3 6-7")
    assert found["rpo_commits"] == 0
    assert found["rpo_seconds"] == 0
    assert found["rto_seconds"] == 6.0
    assert found["failed_statements"] == 2
    assert found["gaps"] == [{"begin": 100.2, "seconds": 6.0}]
    assert found["kept_unacknowledged"] == 0


def test_lost_commits_are_counted_from_the_last_kept_one() -> None:
    found = figures("1-1 6-7")
    assert found["rpo_commits"] == 2
    assert found["rpo_seconds"] == pytest.approx(0.2)


def test_one_lost_commit_is_not_zero_seconds() -> None:
    assert figures("1-2 6-7")["rpo_seconds"] == pytest.approx(0.1)


def test_everything_lost() -> None:
    assert figures("")["rpo_commits"] == 5


def test_a_commit_whose_answer_was_lost_is_no_loss_and_no_fault() -> None:
    found = figures("1-7")
    assert found["rpo_commits"] == 0
    assert found["kept_unacknowledged"] == 2


def test_rows_that_could_not_be_read_back_are_unknown_not_zero() -> None:
    found = client.measured(client.seen("100.0 ack 1\n100.1 end\n"), 99.0)
    assert found["rpo_commits"] is None
    assert found["rpo_seconds"] is None


def test_a_client_that_never_wrote_again_has_no_recovery_time() -> None:
    found = client.measured(client.seen("100.0 ack 1\n100.1 ack 2\n200 kept 1-2\n"), 150.0)
    assert found["rto_seconds"] is None
    assert drill.worse(found, {}) == ["RTO could not be measured"]


def test_rows_that_are_read_back_after_an_outage_do_not_end_it() -> None:
    log = "100.0 ack 1\n100.4 ack 2\n105 error 3 refused\n120 end\n121 kept 1-2\n"
    assert client.measured(client.seen(log), 100.1)["rto_seconds"] is None


def test_a_statement_that_hung_until_the_end_is_an_outage() -> None:
    log = "100.0 ack 1\n100.4 ack 2\n{end} end\n121 kept 1-2\n"
    assert client.measured(client.seen(log.format(end=120)), 100.1)["rto_seconds"] is None
    assert client.measured(client.seen(log.format(end=100.9)), 100.1)["rto_seconds"] == 0.4


def test_a_question_that_failed_after_the_end_is_no_outage() -> None:
    log = "100.0 ack 1\n100.4 ack 2\n100.5 end\n101 error 0 refused\n103 kept 1-2\n"
    assert client.measured(client.seen(log), 100.1)["rto_seconds"] == 0.4


def test_an_outage_that_did_not_end_is_no_short_one() -> None:
    log = "100.0 ack 1\n100.4 ack 2\n105 lost 3\n120 error 0 refused\n"
    assert client.measured(client.seen(log), 100.1)["rto_seconds"] is None


def test_a_gap_before_the_fault_is_not_the_faults() -> None:
    log = "100 ack 1\n109 ack 2\n110 ack 3\n112 ack 4\n113 kept 1-4\n"
    assert client.measured(client.seen(log), 110.5)["rto_seconds"] == 2.0


@pytest.mark.parametrize(
    ("profile", "wrong"),
    [
        ({"rpo": "0s", "rto": "30s"}, []),
        ({"rto": "5s"}, ["RTO 6 s is worse than the profile's 5s"]),
        ({}, []),
    ],
)
def test_a_profile_is_kept_or_not(profile: dict[str, str], wrong: list[str]) -> None:
    assert drill.worse(figures("1-3 6-7"), profile) == wrong


def test_one_lost_commit_breaks_a_profile_of_none() -> None:
    assert drill.worse(figures("1-2 6-7"), {"rpo": "0s"}) == ["RPO 0.1 s is worse than the profile's 0s"]


def test_a_profile_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(PlatformError, match="'soon' in the recovery profile"):
        drill.worse(figures("1-3 6-7"), {"rto": "soon"})


CLUSTER: dict[str, Any] = {
    "apiVersion": "postgresql.cnpg.io/v1",
    "kind": "Cluster",
    "metadata": {"name": "main", "namespace": "data", "uid": "3f9a21c4"},
    "spec": {"bootstrap": {"initdb": {"database": "shop", "owner": "shop"}}},
    "status": {"image": "example/postgresql:18"},
}


def test_a_writer_holds_no_secret() -> None:
    pod = writer.pod("main-drill", CLUSTER, writer.access(CLUSTER), writer.writing({"TABLE": "t", "INTERVAL": "0.1"}))
    env = {each["name"]: each for each in pod["spec"]["containers"][0]["env"]}
    assert env["PGPASSWORD"]["valueFrom"] == {"secretKeyRef": {"name": "main-app", "key": "password"}}
    assert "value" not in env["PGPASSWORD"]
    assert env["PGHOST"]["value"] == "main-rw"
    assert env["PGDATABASE"]["value"] == "shop"
    assert "statement_timeout" not in pod["spec"]["containers"][0]["command"][-1]


def test_a_writer_keeps_off_the_node_that_is_failed() -> None:
    pod = writer.pod("w", CLUSTER, writer.access(CLUSTER, "main-pooler-api"), writer.writing({}, "node-1"))
    term = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["nodeSelectorTerms"][0]["matchExpressions"][0]["values"] == ["node-1"]
    assert {"name": "PGHOST", "value": "main-pooler-api"} in pod["spec"]["containers"][0]["env"]


def test_a_record_is_written_with_its_page(tmp_path: Any) -> None:
    from datetime import UTC, datetime

    measured = {**figures("1-3 6-7"), "fault_at": 100.25}
    steps = [{"name": "Make <the> fault", "state": "done", "told": "done", "started": 100.2, "seconds": 0.4}]
    record = drill.record(
        what="drill", cluster="data/main", host="h", began=datetime(2026, 11, 21, tzinfo=UTC),
        options={"fault": "pod"}, before={}, steps=steps, measured=measured, profile={"rpo": "0s", "rto": "30s"},
        wrong=[], remarks=["The machine was busy."],
    )  # fmt: skip
    kept = drill.keep(record, str(tmp_path), acks=[100.0, 106.2], errors=[(100.3, "gone")])
    assert kept["evidence"].endswith("20261121T000000Z-data-main-pod.json")
    page = (tmp_path / "20261121T000000Z-data-main-pod.html").read_text()
    assert "Make &lt;the&gt; fault" in page
    assert "The machine was busy." in page
    assert record["verdict"] == {"passed": True, "against": "profile", "wrong": []}


def test_a_page_of_what_was_held_against_nothing(tmp_path: Any) -> None:
    from datetime import UTC, datetime

    steps = [{"name": "Restore", "state": "done", "told": "done", "started": 100.2, "seconds": 0.4}]
    record = drill.record(
        what="restore", cluster="data/main", host="h", began=datetime(2026, 11, 21, tzinfo=UTC), steps=steps,
        options={"kind": "restore"}, before={}, measured={"rpo_seconds": None, "rto_seconds": 1.0}, profile={},
        wrong=[], remarks=[],
    )  # fmt: skip
    assert "none given" in Path(drill.keep(record, str(tmp_path))["page"]).read_text()
