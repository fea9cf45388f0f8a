"""What children tell of a wait: the pod's trouble, the claim's event, the last line of a log."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.causes import causes
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.children import in_the_way
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import evaluate
from ansible_collections.groundwork.platform.plugins.module_utils.rules.builtin import RULES


def pod(name: str = "web-0", **status: Any) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": name}, "status": status}


def waiting(reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    state = {"waiting": {"reason": reason, "message": message}}
    return {"containerStatuses": [{"name": "app", "state": state, **more}]}


KILLED = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
CLAIM = {"kind": "PersistentVolumeClaim", "metadata": {"name": "d"}, "spec": {"storageClassName": "fast"}}
REFUSED = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "q"}


@pytest.mark.parametrize(
    ("child", "told"),
    [
        (
            pod(**waiting("ImagePullBackOff", "Back-off pulling image")),
            "pod web-0: app ImagePullBackOff: Back-off pulling image",
        ),
        (
            pod(**waiting("CrashLoopBackOff", "back-off", lastState=KILLED)),
            "pod web-0: app CrashLoopBackOff: last exit code 137 (OOMKilled)",
        ),
        (
            pod(
                conditions=[
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "message": "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available.",
                    }
                ]
            ),
            "pod web-0: unschedulable: 0/3 nodes are available: 3 Insufficient cpu.",
        ),
        (pod(**waiting("ContainerCreating")), "pod web-0: ContainerCreating"),
        (
            pod(containerStatuses=[{"name": "app", "ready": False, "state": {"running": {}}}]),
            "pod web-0: app running, not ready",
        ),
        (pod(phase="Failed", reason="Evicted", message="disk"), "pod web-0: failed: Evicted: disk"),
        (
            {
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "d"},
                "spec": {"storageClassName": "fast"},
                "status": {},
            },
            "claim d: Pending (class fast)",
        ),
        (
            {
                "kind": "Event",
                "type": "Warning",
                "reason": "FailedCreate",
                "message": "exceeded quota",
                "involvedObject": {"kind": "ReplicaSet", "name": "web-5d"},
            },
            "ReplicaSet web-5d: FailedCreate: exceeded quota",
        ),
        (
            {"kind": "Log", "metadata": {"name": "job-x"}, "line": "no such table\n"},
            "pod job-x: last log line: no such table",
        ),
        (
            {
                "kind": "ReplicaSet",
                "metadata": {"name": "web-5d"},
                "status": {
                    "conditions": [
                        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "q"}
                    ]
                },
            },
            "replica set web-5d: FailedCreate: q",
        ),
    ],
)
def test_a_child_tells_its_trouble(child: dict[str, Any], told: str) -> None:
    assert causes([child]) == [told]


@pytest.mark.parametrize(
    "child",
    [
        pod(conditions=[{"type": "Ready", "status": "True"}], **waiting("CrashLoopBackOff")),
        pod(phase="Succeeded"),
        {"kind": "PersistentVolumeClaim", "status": {"phase": "Bound"}},
        {"kind": "Event", "type": "Normal", "reason": "Scheduled", "message": "x"},
        {"kind": "Service"},
        {"kind": []},
        None,
        "text",
    ],
)
def test_what_is_well_or_unknown_tells_nothing(child: Any) -> None:
    assert causes([child]) == []


def test_many_are_cut_and_counted() -> None:
    told = causes([pod(f"web-{n}", phase="Failed") for n in range(5)])
    assert told == ["pod web-0: failed", "pod web-1: failed", "pod web-2: failed", "and 2 more"]


def test_a_verdict_carries_its_causes_and_says_nothing_twice() -> None:
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "status": {
            "conditions": [
                {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "no try left"}
            ]
        },
    }
    log = {"kind": "Log", "metadata": {"name": "import-x"}, "line": "no such table"}
    event = {"kind": "Event", "type": "Warning", "reason": "BackoffLimitExceeded", "message": "no try left"}
    assert evaluate(job, rules=RULES, children=[log, event]).message == (
        "Failed=True BackoffLimitExceeded: no try left; pod import-x: last log line: no such table"
    )


@pytest.mark.parametrize(
    ("revision", "policy", "told"), [("bad", None, True), ("good", None, False), ("bad", "Parallel", False)]
)
def test_the_pod_that_a_stateful_set_waits_for_for_ever(revision: str, policy: str | None, told: bool) -> None:
    """A rollback of a StatefulSet whose first pod never became ready does not replace that pod."""
    owner = {
        "kind": "StatefulSet",
        "spec": {"podManagementPolicy": policy},
        "status": {"updateRevision": "good", "currentRevision": "good"},
    }
    labels = {"controller-revision-hash": revision}
    broken = {**pod(**waiting("ImagePullBackOff")), "metadata": {"name": "web-0", "namespace": "x", "labels": labels}}
    said = causes([*in_the_way(owner, [broken]), broken])
    assert any("kubectl delete pod web-0 --namespace x" in line for line in said) is told
    leaving = {**broken, "metadata": {**broken["metadata"], "deletionTimestamp": "now"}}
    assert not in_the_way(owner, [leaving])
