"""The row for kinds that have none: what a status has to say to be ready, and all that keeps it from it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.conventions import tone
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import evaluate
from ansible_collections.groundwork.platform.plugins.module_utils.rules.generic import RULES

READY = {"type": "Ready", "status": "True"}


def verdict(status: Any, spec: Any = None, generation: int = 2) -> tuple[str, str]:
    obj = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"generation": generation}, "status": status}
    found = evaluate(obj | ({} if spec is None else {"spec": spec}), rules=RULES)
    return found.state, found.grade


def cond(type_: str, status: Any = "True", reason: str = "", **more: Any) -> dict[str, Any]:
    return {"type": type_, "status": status, "reason": reason, **more}


def cs(*found: Any, **more: Any) -> dict[str, Any]:
    return {"conditions": list(found), **more}


@pytest.mark.parametrize(
    "status",
    [
        cs(READY),
        cs(cond("Available")),
        cs(cond("Synced"), READY),
        cs(READY, cond("Degraded", "False"), cond("Progressing", "False")),
        cs(READY, cond("Progressing", "True", "NewReplicaSetAvailable")),
        cs(READY, observedGeneration=2),
        cs({**READY, "observedGeneration": 2}),
        {"phase": "Ready"},
        {"state": "succeeded", "message": "all done"},
        {"status": {"phase": "x"}, "ready": True} | {"status": "Healthy"},
        {"readyToUse": True},
        {"replicas": 3, "readyReplicas": 3},
        {"ancestors": [cs(cond("Accepted")), cs(cond("Accepted"))]},
        cs(cond("NoWarnings"), READY),
    ],
)
def test_ready(status: Any) -> None:
    assert verdict(status)[0] == "ready"


@pytest.mark.parametrize(
    "status",
    [
        cs(cond("Ready", "False", "CreateFailed")),
        cs(cond("Ready", "False"), message="x") | cs(cond("Ready", "False", message="Error creating ConfigMap")),
        cs(READY, cond("Synced", "False", "ReconcileError")),
        cs(READY, cond("Degraded")),
        cs(cond("Stalled")),
        {"phase": "Failed"},
        {"state": "CrashLoopBackOff"},
        {"phase": "Ready", "errorMessage": "no such bucket"},
        {"readyToUse": True, "error": {"message": "quota"}},
        {"health": "red", "phase": "Ready"},
        {"phase": "Ready", "degraded": True},
    ],
)
def test_failed(status: Any) -> None:
    assert verdict(status)[0] == "failed"


@pytest.mark.parametrize(
    "status",
    [
        cs(cond("Ready", "Unknown")),
        cs(cond("Ready", "Sometimes")),
        cs(cond("Ready", True)),
        cs(cond("Ready", "False", "Creating")),
        cs(READY, cond("Reconciling")),
        cs(READY, cond("Progressing", "True", "RollingOut")),
        cs(READY, cond("Upgrading")),
        cs(READY, cond("Synced", "Unknown")),
        cs(READY, cond("NonStructuralSchema")),
        cs(READY, observedGeneration=1),
        cs({**READY, "observedGeneration": 1}),
        cs(READY, phase="Pending"),
        cs(READY, phase="SomethingNew"),
        cs(READY, state=7),
        {"phase": "NotReady"},
        {"phase": "Ready", "isRollingUpdate": True},
        {"replicas": 3, "readyReplicas": 2},
        {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 1},
        {"readyReplicas": 1, "phase": "Ready", "unavailableReplicas": 1},
        {"phase": "Ready", "desiredNodes": 3, "availableNodes": 2},
        {"currentState": "Creating", "desiredState": "Ready", "ready": True},
        cs(READY, parts=[{"phase": "Pending"}]),
        cs(READY, parts=[{"replicas": 3, "readyReplicas": 1}]),
        cs(READY, parts={"a": {"transitionStatus": "BlockedByFailedLoad"}}),
        {"ancestors": [cs(cond("Accepted")), cs(cond("Other"))]},
    ],
)
def test_in_progress(status: Any) -> None:
    assert verdict(status)[0] == "in_progress"


@pytest.mark.parametrize(
    ("status", "spec"),
    [
        (cs(READY, version="1.4"), {"version": "1.5"}),
        ({"readyReplicas": 2, "replicas": 2}, {"replicas": 3}),
        ({"availableNodes": 3, "phase": "Ready"}, {"nodeSets": [{"count": 3}, {"count": 2}]}),
    ],
)
def test_what_the_spec_asks_for_otherwise_is_in_progress(status: Any, spec: Any) -> None:
    assert verdict(status, spec)[0] == "in_progress"


@pytest.mark.parametrize(
    ("status", "spec"),
    [(cs(READY), {"suspend": True}), ({"phase": "Paused"}, None), (cs(READY, cond("Suspended")), None)],
)
def test_paused(status: Any, spec: Any) -> None:
    assert verdict(status, spec)[0] == "paused"


@pytest.mark.parametrize(
    "status",
    [
        None,
        {},
        [],
        "Ready",
        7,
        {"secretName": "x"},
        {"phase": "Running"},
        cs(cond("SomethingHappened")),
        cs(READY, cond("Informed", "False")),
    ],
)
def test_silence_is_unverified(status: Any) -> None:
    assert verdict(status) == ("in_progress", "unverified")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ready", "good"), ("ClusterReady", "good"), ("in-sync", "good"), ("NotReady", "busy"), ("Unhealthy", "bad"),
        ("ImagePullBackOff", "bad"), ("rolling update", "busy"), ("Suspended", "paused"), ("Zebra", ""), ("", ""),
    ],
)  # fmt: skip
def test_words(text: str, said: str) -> None:
    assert tone(text) == said
