"""The Lease's states and its way through them, with a clock and a server of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Answer, Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.clock import Clock
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import ApiError, Class, PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.lease import Lease, State, judge


def lease(holder: str = "other", version: int = 1, duration: Any = 15) -> dict[str, Any]:
    return {
        "metadata": {"name": "groundwork-x", "namespace": "data", "uid": "u", "resourceVersion": str(version)},
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": duration},
    }


@pytest.mark.parametrize(
    ("now", "watched", "state"),
    [
        (lease(), 0, State.WAITING),
        (lease(), 14.9, State.WAITING),
        (lease(), 15, State.STALE),
        (lease(version=2), 1, State.HELD),
        (lease(version=2), 60, State.HELD),
        (lease(holder="", version=2), 1, State.FREE),
        (lease(holder=""), 0, State.FREE),
    ],
)
def test_one_look(now: dict[str, Any], watched: float, state: State) -> None:
    assert judge(lease(), now, watched) is state


@pytest.mark.parametrize("duration", [None, 0, -1, "15"])
def test_a_lease_without_a_duration_has_ours(duration: Any) -> None:
    assert judge(lease(duration=duration), lease(duration=duration), 14.9) is State.WAITING
    assert judge(lease(duration=duration), lease(duration=duration), 15) is State.STALE


class Time(Clock):
    """A clock that jumps; `renewals` ends the renewing thread after so many rounds."""

    def __init__(self) -> None:
        self.time, self.rounds, self.allowed = 0.0, threading.Semaphore(0), True

    def now(self) -> float:
        return self.time

    def wait(self, event: threading.Event, seconds: float) -> bool:
        while not self.rounds.acquire(timeout=0.01):
            if event.is_set():
                return True
        self.time += seconds
        return event.is_set()


class Server:
    """One Lease and what happens to it while somebody watches."""

    def __init__(self, time: Time, live: dict[str, Any] | None = None) -> None:
        self.time, self.live, self.events = time, live, list[Any]()
        self.requests: list[str] = []
        self.version = 10
        self.failing = False

    def request(self, method: str, path: str, body: Any = None, **_: Any) -> Answer:
        self.requests.append(method)
        if self.failing:
            raise ApiError("down", status=0, kind=Class.LOST)
        if method == "GET" and self.live is None:
            raise ApiError("no", status=404, kind=Class.NOT_FOUND)
        if method == "POST" and self.live:
            raise ApiError("there", status=409, kind=Class.ALREADY_EXISTS)
        if method == "PUT" and body["metadata"]["resourceVersion"] != self.live["metadata"]["resourceVersion"]:  # type: ignore[index]
            raise ApiError("moved", status=409, kind=Class.PRECONDITION)
        if method in ("POST", "PUT"):
            self.version += 1
            self.live = {**body, "metadata": {**body["metadata"], "uid": "u", "resourceVersion": str(self.version)}}
        if method == "DELETE":
            self.live = None
        return Answer(200, {}, self.live, [])

    def watch(self, path: str, *, timeout: int, **_: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        if self.events:
            kind, self.live = self.events.pop(0)
            self.time.time += 1
            yield kind, self.live or lease()
        else:
            self.time.time += timeout


def taking(server: Server, time: Time, **options: Any) -> Lease:
    return Lease(cast(Client, server), "data", "groundwork-x", clock=time, me="me", **options)


def test_a_free_lease_is_created_and_deleted() -> None:
    time = Time()
    server = Server(time)
    with taking(server, time):
        assert server.live
        assert server.live["spec"]["holderIdentity"] == "me"
    assert server.live is None
    assert server.requests == ["POST", "DELETE"]


def test_a_stale_lease_is_taken_over_after_its_duration() -> None:
    time = Time()
    server = Server(time, lease())
    said: list[str] = []
    with taking(server, time, say=said.append):
        assert time.time == 15
    assert said == ["waiting up to 15 s for the Lease data/groundwork-x, last held by other"]


def test_a_renewed_lease_is_somebody_elses() -> None:
    time = Time()
    server = Server(time, lease())
    server.events = [("MODIFIED", lease(version=2))]
    with pytest.raises(PlatformError, match="another run holds its Lease and is alive: other"), taking(server, time):
        pass
    assert server.requests == ["POST", "GET"]


def test_a_lease_that_is_given_back_is_taken_at_once() -> None:
    time = Time()
    server = Server(time, lease())
    server.events = [("DELETED", None)]
    with taking(server, time):
        assert time.time == 1


def test_somebody_faster_is_noticed() -> None:
    time = Time()
    server = Server(time, lease())
    server.events = [("MODIFIED", lease(holder="", version=2)), ("MODIFIED", lease(holder="third", version=4))]

    def overtaken(method: str, path: str, body: Any = None, **options: Any) -> Answer:
        if method == "PUT" and server.version == 10:
            server.live, server.version = lease(holder="third", version=3), 11
        return request(method, path, body, **options)

    request, server.request = server.request, overtaken  # type: ignore[method-assign]
    with pytest.raises(PlatformError, match="alive: third"), taking(server, time):
        pass


def test_our_own_lease_whose_answer_was_lost_is_ours() -> None:
    time = Time()
    server = Server(time, lease(holder="me"))
    with taking(server, time):
        assert time.time == 0


def renewed(time: Time, until: Any) -> None:
    """Lets renewals happen until something is so."""
    for _ in range(200):
        if until():
            return
        time.rounds.release()
        threading.Event().wait(0.01)
    raise AssertionError("it never came to be so")


def test_it_is_renewed_and_survives_a_short_outage() -> None:
    time = Time()
    server = Server(time)
    with taking(server, time) as held:
        renewed(time, lambda: server.requests.count("PUT") >= 2)
        assert not held.lost.is_set()
    assert server.live is None


def test_it_is_lost_when_another_takes_it() -> None:
    time = Time()
    server = Server(time)
    with taking(server, time) as held:
        server.live = lease(holder="thief", version=99)
        renewed(time, held.lost.is_set)
    assert server.live == lease(holder="thief", version=99), "it was released although it was another's"


def test_it_is_lost_when_the_server_is_silent_for_too_long() -> None:
    time = Time()
    server = Server(time)
    with taking(server, time) as held:
        server.failing = True
        renewed(time, held.lost.is_set)
        assert time.time < 15, "somebody else may have taken it already"
