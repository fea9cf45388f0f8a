"""Fault rows of changes that cannot be made in place, of runs that are killed, and of two runs at once."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import lease, outcome
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.ending import Interrupted
from support.killed import killed_at
from support.objects import config_map, workload
from support.server import FOREVER, Exchange, Request, Server, hang, status, then

Keep = Callable[..., Any]

STATEFUL = (
    'StatefulSet.apps "web" is invalid: spec: Forbidden: updates to statefulset spec for fields other than '
    "'replicas', 'ordinals', 'template', 'updateStrategy' and 'minReadySeconds' are forbidden"
)


def real(request: Request) -> bool:
    return not request.dry


def dead_lease(server: Server) -> None:
    """Lets the Lease that a killed run left end soon, so that the test need not wait as long as the next run would."""
    left = server.store.read("leases", "default", "groundwork-test")
    assert left
    left["spec"]["leaseDurationSeconds"] = 1
    server.store.put(left)


def immutable(server: Server, plural: str, message: str) -> None:
    """The server refuses to change the live object from now on; creating it anew is allowed."""
    server.fault(
        status(422, message, reason="Invalid"),
        method="PATCH",
        path=f"/{plural}/",
        times=FOREVER,
        when=lambda request: server.store.read(plural, "default", request.name) is not None,
    )


CASES = [
    ("StatefulSet", "statefulsets", STATEFUL, "orphan", "Orphan"),
    ("StatefulSet", "statefulsets", STATEFUL, "recreate", "Background"),
    ("Deployment", "deployments", "spec.selector: Invalid value: {}: field is immutable", "orphan", "Orphan"),
    ("Job", "jobs", "spec.template: Invalid value: {}: field is immutable", "recreate", "Background"),
    ("Service", "services", "spec.clusterIPs[0]: Invalid value: []: may not change once set", "recreate", "Background"),
    ("RoleBinding", "rolebindings", "roleRef: Invalid value: {}: cannot change roleRef", "recreate", "Background"),
]
VERSIONS = {"Job": "batch/v1", "Service": "v1", "RoleBinding": "rbac.authorization.k8s.io/v1"}


def thing(kind: str, value: int) -> dict[str, Any]:
    obj = workload("web", kind=kind)
    obj["apiVersion"] = VERSIONS.get(kind, "apps/v1")
    obj["spec"]["minReadySeconds"] = value
    return obj


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[3]}")
def test_row_21_what_cannot_change_is_replaced_only_when_told(
    server: Server, keep: Keep, case: tuple[str, ...]
) -> None:
    kind, plural, message, policy, propagation = case
    assert not keep([thing(kind, 1)], wait=False).failed
    before = server.store.read(plural, "default", "web")
    assert before
    immutable(server, plural, message)
    written = len(server.writes)
    refused = keep([thing(kind, 2)], wait=False)
    assert refused.failed
    assert f"replace: {policy}" in refused.msg, "the recipe"
    assert len(server.writes) == written, "nothing was written"
    foretold = keep([thing(kind, 2)], wait=False, replace=policy, check=True)
    done = keep([thing(kind, 2)], wait=False, replace=policy)
    assert foretold.actions == done.actions == {f"{kind} web": "replaced"}, done.msg
    deleted = server.seen("DELETE", f"/{plural}/web")
    assert [(r.body["propagationPolicy"], r.body["preconditions"]["uid"]) for r in deleted] == [
        (propagation, before["metadata"]["uid"])
    ]
    after = server.store.read(plural, "default", "web")
    assert after
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert after["spec"]["minReadySeconds"] == 2


def test_row_21_claims_are_never_replaced(server: Server, keep: Keep) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    keep([claim], wait=False)
    immutable(server, "persistentvolumeclaims", "spec: Forbidden: spec is immutable after creation")
    changed = json.loads(json.dumps(claim).replace("ReadWriteOnce", "ReadWriteMany"))
    for policy in ("never", "recreate", "orphan"):
        result = keep([changed], wait=False, replace=policy)
        assert result.failed
        assert "never replaced by us" in result.msg
    assert server.seen("DELETE", "persistentvolumeclaims") == []


def test_row_22_a_replacement_killed_half_way_is_finished_by_the_next_run(server: Server, keep: Keep) -> None:
    assert not keep([thing("StatefulSet", 1)], wait=False).failed
    immutable(server, "statefulsets", STATEFUL)
    between = {"method": "PATCH", "path": "/statefulsets/", "times": FOREVER}
    killed_at(
        server,
        [thing("StatefulSet", 2)],
        options={"replace": "orphan"},
        when=lambda request: real(request) and server.store.names("statefulsets") == [],
        **between,
    )
    assert server.store.names("statefulsets") == []
    dead_lease(server)
    result = keep([thing("StatefulSet", 2)], wait=False, replace="orphan")
    assert result.actions == {"StatefulSet web": "created"}, result.msg
    assert any("waiting up to 1 s for the Lease" in line for line in result.said), "the dead run's Lease"


def without_lease(server: Server) -> None:
    """The next run need not wait for the dead run's Lease; so that none of its requests is still under way, we do."""
    assert server.idle(60)
    server.store.drop("leases", "default", "groundwork-test")


@pytest.mark.parametrize("moment", ["while writing", "before the parent shrinks"])
def test_row_23_a_killed_run_is_finished_by_the_next_one(server: Server, keep: Keep, moment: str) -> None:
    first = [config_map(f"old{number}") for number in range(5)] + [config_map(f"both{number}") for number in range(5)]
    second = [config_map(f"both{n}", key="new") for n in range(5)] + [config_map(f"new{n}") for n in range(20)]
    assert not keep(first, wait=False).failed
    if moment == "while writing":
        killed_at(server, second, method="PATCH", when=real, skip=7, times=FOREVER)
        assert 5 < len(server.store.names("configmaps")) < 30
    else:
        writes = iter(range(100))

        def shrinks(request: Request) -> bool:
            return request.name == "groundwork-test" and next(writes) >= 1

        killed_at(server, second, method="PUT", when=shrinks, times=FOREVER)
    without_lease(server)
    result = keep(second, wait=False)
    assert not result.failed, result.msg
    assert server.store.names("configmaps") == sorted(obj["metadata"]["name"] for obj in second)
    written = len(server.writes)
    again = keep(second, wait=False)
    assert (again["changed"], len(server.writes)) == (False, written)
    assert again["warnings"] == []


def test_row_23_what_a_killed_run_wrote_is_known_as_the_sets_own(server: Server, keep: Keep) -> None:
    first = [config_map(f"old{number}") for number in range(5)]
    second = [*first, *(config_map(f"new{number}") for number in range(8))]
    assert not keep(first, wait=False).failed
    killed_at(server, second, method="PATCH", when=real, skip=6, times=FOREVER)
    assert len(server.store.names("configmaps")) > 5
    without_lease(server)
    result = keep(first, wait=False)
    assert not result.failed, result.msg
    assert server.store.names("configmaps") == [f"old{number}" for number in range(5)], "nothing is left over"
    assert result["warnings"] == []


def test_row_24_two_runs_of_one_set_do_not_mix(server: Server, keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW", 0.2)
    monkeypatch.setattr(lease, "DURATION", 1500)  # fifteen seconds of this clock: the holder is no dead one
    assert not keep([config_map("one"), config_map("two")], wait=False).failed
    arrived, go_on = threading.Event(), threading.Event()

    def hold(exchange: Exchange) -> None:
        arrived.set()
        go_on.wait(20)

    server.fault(then(hold), method="PATCH", when=real)
    results: list[Any] = []
    first = threading.Thread(target=lambda: results.append(keep([config_map("one", key="first")], wait=False)))
    first.start()
    assert arrived.wait(10)
    deleted = len(server.seen("DELETE", "configmaps"))
    second = keep([config_map("two", key="second")], wait=False)
    assert second.failed
    assert "another run holds its Lease" in second.msg
    assert f"process {os.getpid()}" in second.msg, "and which"
    assert len(server.seen("DELETE", "configmaps")) == deleted, "nothing was pruned meanwhile"
    go_on.set()
    first.join(20)
    assert results[0].actions == {"ConfigMap one": "changed", "ConfigMap two": "deleted"}, results[0].msg
    third = keep([config_map("two", key="second")], wait=False)
    assert third.actions == {"ConfigMap two": "created", "ConfigMap one": "deleted"}, third.msg


def test_row_46_an_interrupted_run_ends_soon_and_is_finished_by_the_next_one(server: Server, keep: Keep) -> None:
    objects = [config_map(f"n{number:02}") for number in range(40)]
    held = server.fault(hang(), method="PATCH", when=real, skip=20, times=FOREVER)
    before = set(threading.enumerate())
    moments: list[float] = []

    def interrupt() -> None:
        while held.hits < 16 and time.monotonic() < began + 30:  # as many as are under way at once
            threading.Event().wait(0.01)
        moments.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    began = time.monotonic()
    threading.Thread(target=interrupt).start()
    with pytest.raises(Interrupted):
        keep(objects, wait=False)
    assert time.monotonic() - moments[0] < 60, "seconds, where the server would have taken an hour"
    left = [t for t in threading.enumerate() if t not in before and "process_request_thread" not in t.name]
    assert left == []
    assert server.store.names("leases") == [], "another run need not wait"
    held.times = 0
    said: list[str] = []
    outcome.print_pending(said.append)
    assert "interrupted: set default/test: 20 of 40 objects were written" in said[0]
    result = keep(objects, wait=False)
    assert sorted(result.actions.values()) == ["created"] * 20 + ["unchanged"] * 20
