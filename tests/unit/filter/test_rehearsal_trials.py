"""What a rehearsal tried is judged by what was seen: writes, pods without a place, pods short of what is needed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.groundwork.platform.plugins.filter.rehearsal_trials import rehearsal_trials

QUIET = {"writes": 0, "dry_runs": 2, "reads": 70}


def workload(name: str, replicas: int, ready: int, needed: int) -> dict[str, Any]:
    status = {"readyReplicas": ready} if ready else {}
    metadata = {"name": name, "annotations": {"groundwork.platform/needed": str(needed)}}
    return {"metadata": metadata, "spec": {"replicas": replicas}, "status": status}


def lost(*left: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "zone": "a",
        "lost": {"start": "2026-01-01 00:00:00.400000"},
        "known": {"end": "2026-01-01 00:00:10.000000"},
        "back": {"objects": [{"ready": True, "seconds": 2.2}, {"ready": False, "seconds": 25.0}], "msg": "web is late"},
        "left": list(left),
        "healed": {"objects": [{"ready": True, "seconds": 3.5}]},
        **more,
    }


def test_a_second_run_holds_when_it_wrote_nothing() -> None:
    assert rehearsal_trials(QUIET, {"skipped": True}) == [
        {"name": "second run", "told": "0 writes, 2 dry runs and 70 reads are in the audit log.", "passed": True}
    ]
    assert not rehearsal_trials(QUIET | {"writes": 1})[0]["passed"]


def test_what_found_no_place_is_told() -> None:
    assert rehearsal_trials(QUIET, {"objects": []})[1]["passed"]
    room = rehearsal_trials(QUIET, {"failed": True, "msg": "pod x is unschedulable"})[1]
    assert (room["told"], room["passed"]) == ("pod x is unschedulable", False)


def test_a_zone_may_be_lost_while_everything_keeps_what_it_needs() -> None:
    _, loss, healed = rehearsal_trials(QUIET, {}, lost(workload("kafka", 3, 2, 2), workload("cron", 1, 0, 0)))
    assert loss["passed"]
    assert loss["told"] == (
        "1 of 2 Deployments were whole again in the other zones 12 s after the zone was gone. "
        "Everything kept as many pods as it needs to serve. cron, of which there is one, was down."
    )
    assert (healed["passed"], healed["told"]) == (
        True,
        "All 1 placeholders were ready again 3.5 s after the nodes were.",
    )


def test_a_lost_quorum_and_what_stays_away_fail() -> None:
    rows = lost(workload("kafka", 3, 1, 2), back={"msg": "nothing found"}, healed={"msg": "kafka is not ready"})
    _, loss, healed = rehearsal_trials(QUIET, {}, rows)
    assert (loss["passed"], loss["told"]) == (False, "kafka has 1 of 3 pods and needs 2.")
    assert (healed["passed"], healed["told"]) == (False, "kafka is not ready")


def test_counts_that_are_none_are_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="not str"):
        rehearsal_trials("none")
