"""One run at a time per set: the Lease against a living, a dead and a released holder."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.lease import Lease
from support.space import Space


def held(space: Space, **spec: Any) -> None:
    """Someone else's Lease on the set."""
    space.cluster.apply(
        space.object(
            "coordination.k8s.io/v1",
            "Lease",
            "groundwork-test",
            spec={"holderIdentity": "another run", "leaseDurationSeconds": 3} | spec,
        )
    )


def test_a_run_that_writes_takes_the_lease_and_gives_it_back(space: Space) -> None:
    _, requests = space.counted(space.config("a"))
    assert [r["verb"] for r in requests.leases] == ["create", "delete"], requests.words()
    assert space.there("lease") == []


def test_an_unchanged_set_needs_no_lease_while_another_run_holds_it(space: Space) -> None:
    space.keep(space.config("a"))
    held(space)
    assert not space.keep(space.config("a"))["changed"]


def test_a_living_holder_is_named(space: Space) -> None:
    held(space, leaseDurationSeconds=10)
    renewal = threading.Timer(1, lambda: held(space, leaseDurationSeconds=10, leaseTransitions=1))
    renewal.start()
    message = space.refused(space.config("a"))
    renewal.join()
    assert f"cannot write set {space.name}/test: another run holds its Lease and is alive: another run" in message


def test_a_dead_holder_is_replaced_and_the_wait_is_shown(space: Space) -> None:
    held(space)
    result = space.keep(space.config("a"))
    assert any("last held by another run" in line for line in result.said)
    assert space.there("lease") == []


def test_a_released_lease_is_taken_at_once(space: Space) -> None:
    held(space, holderIdentity="")
    assert space.keep(space.config("a"))["changed"]


def test_a_run_whose_lease_is_taken_writes_no_more(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.groundwork.platform.plugins.module_utils.core.sets import engine

    write, leases = engine.write, list[Lease]()

    class Seen(Lease):
        def __enter__(self) -> Lease:
            leases.append(self)
            return super().__enter__()

    def meddling(*arguments: Any) -> Any:
        done = write(*arguments)
        space.kubectl("delete", "lease", "groundwork-test")
        held(space)
        assert leases[0].lost.wait(60), "a renewal did not notice it"
        return done

    monkeypatch.setattr(engine, "Lease", Seen)
    monkeypatch.setattr(engine, "write", meddling)
    result = space.attempt(space.object("v1", "ServiceAccount", "early"), space.deployment("late"), preflight="none")
    assert "the set's Lease was lost to another run" in result.msg
    assert space.there("serviceaccount") == ["early"]
    assert space.there("deployment") == []
