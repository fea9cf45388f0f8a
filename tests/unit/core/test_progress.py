"""Progress for people: only what changed, a line a second at most."""

from __future__ import annotations

from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Ref
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.progress import Progress
from support.clock import FakeClock

MAIN, OTHER = Ref("x.io", "Cluster", "data", "main"), Ref("", "Service", "data", "web")


def made() -> tuple[Progress, FakeClock, list[str]]:
    lines: list[str] = []
    clock = FakeClock()
    return Progress(lines.append, clock), clock, lines


def test_one_change_is_one_line() -> None:
    progress, clock, lines = made()
    clock.time += 14
    progress.update(MAIN, "in_progress", "2 of 3 ready")
    progress.flush()
    assert lines == ["+14s  Cluster main                  in progress 2 of 3 ready"]


def test_nothing_is_said_twice() -> None:
    progress, clock, lines = made()
    for _ in range(3):
        progress.update(MAIN, "in_progress", "2 of 3 ready")
        progress.flush()
        clock.time += 5
    assert len(lines) == 1
    assert progress.due() is None


def test_a_line_a_second_at_most_and_the_last_state_of_it() -> None:
    progress, clock, lines = made()
    progress.update(MAIN, "in_progress", "1 of 3")
    progress.flush()
    progress.update(MAIN, "in_progress", "2 of 3")
    progress.flush()
    assert (len(lines), progress.due()) == (1, 1.0)
    progress.update(MAIN, "ready", "")
    clock.time += 1
    progress.flush()
    assert lines[1] == "+1s   Cluster main                  ready"


def test_many_changes_are_one_line() -> None:
    progress, _, lines = made()
    progress.update(OTHER, "ready", "")
    for number in range(5):
        progress.update(MAIN._replace(name=f"c{number}"), "in_progress", "no status yet")
    progress.flush()
    assert lines == [
        "+0s   1 of 6 ready; waiting for Cluster c0: no status yet, Cluster c1: no status yet, "
        "Cluster c2: no status yet, and 2 more"
    ]


def test_a_note_goes_first_and_the_last_line_does_not_wait() -> None:
    progress, _, lines = made()
    progress.update(MAIN, "failed", "no such bucket")
    progress.note("cannot watch clusters in data")
    progress.flush()
    progress.flush()
    progress.flush(last=True)
    assert [line[6:] for line in lines] == [
        "cannot watch clusters in data",
        "Cluster main                  failed      no such bucket",
    ]
