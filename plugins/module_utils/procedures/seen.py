"""What a client that writes numbered things saw while a fault was made, read out of its log. Pure.

RPO and RTO are what this client sees. Its clock alone measures, so that no two clocks have to agree. Its log has a line
for each event, `<seconds since the epoch> <word> ...`: `ack <n>`, `lost <n>` (no answer), `error <n> <words>`; then
`end`, from where on it only counts, `kept <from>-<to> ...` (what was found) and `done`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

GAP = 1.0  # seconds without a commit that are told as a gap


class Seen(NamedTuple):
    """What a writer saw. acks: number and time of every acknowledged commit; kept: ranges of numbers found at the end,

    None where they could not be read; errors: time and words of every statement that was not acknowledged; ended: when
    it was told to stop, None while it writes.
    """

    acks: list[tuple[int, float]]
    errors: list[tuple[float, str]]
    kept: list[tuple[int, int]] | None
    ended: float | None = None


def seen(log: str) -> Seen:
    """Reads a writer's log."""
    acks: list[tuple[int, float]] = []
    errors: list[tuple[float, str]] = []
    kept: list[tuple[int, int]] | None = None
    ended: float | None = None
    for line in log.splitlines():
        time, _, rest = line.partition(" ")
        word, _, rest = rest.partition(" ")
        if word == "ack":
            acks.append((int(rest), float(time)))
        elif word in ("lost", "error"):
            errors.append((float(time), "no answer" if word == "lost" else rest.partition(" ")[2]))
        elif word == "end":
            ended = ended or float(time)
        elif word == "kept":
            kept = [(int(low), int(high)) for each in rest.split() for low, _, high in [each.partition("-")]]
    return Seen(acks, errors, kept, ended)


class Gap(NamedTuple):
    """A time without a commit, between two that were acknowledged. Seconds since the epoch, by the writer's clock."""

    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.end - self.begin


def gaps(acks: Iterable[tuple[int, float]], longer: float = GAP) -> list[Gap]:
    """All times without a commit that are longer than so many seconds."""
    return [Gap(one, other) for (_, one), (_, other) in pairwise(acks) if other - one > longer]


def measured(found: Seen, fault: float) -> dict[str, Any]:
    """The figures of a drill; `fault` is the moment of the fault, by about the same clock.

    rpo_commits: acknowledged commits that are missing; rpo_seconds: how much of the time before the outage they cover;
    rto_seconds: the longest time without a commit that ended after the fault. None where it cannot be told.
    """
    numbers = {number for low, high in found.kept or () for number in range(low, high + 1)}
    lost = [] if found.kept is None else [(number, at) for number, at in found.acks if number not in numbers]
    after = [gap for gap in gaps(found.acks, 0.0) if gap.end > fault]
    longest = max(after, key=lambda gap: gap.seconds, default=None)
    if _still_away(found, longest.seconds if longest else 0.0):
        longest = None
    acknowledged = {number for number, _ in found.acks}
    return {
        "acknowledged": len(found.acks),
        "rpo_commits": None if found.kept is None else len(lost),
        "rpo_seconds": None if found.kept is None else _covered(lost, found.acks),
        "rto_seconds": round(longest.seconds, 3) if longest else None,
        "failed_statements": len(found.errors),
        "kept_unacknowledged": len(numbers - acknowledged),
        "gaps": [{"begin": each.begin, "seconds": round(each.seconds, 3)} for each in gaps(found.acks)],
    }


def _still_away(found: Seen, longest: float) -> bool:
    """Whether the client ended amid an outage: its last statement failed, or it had waited longer than ever since."""
    last = found.acks[-1][1] if found.acks else 0.0
    ended = found.ended or max((at for at, _ in found.errors), default=last)
    return any(last < at <= ended for at, _ in found.errors) or ended - last > max(longest, GAP)


def _covered(lost: list[tuple[int, float]], acks: list[tuple[int, float]]) -> float:
    """From the last commit before the first lost one to the last lost one."""
    if not lost:
        return 0.0
    before = [at for _, at in acks if at < lost[0][1]]
    return round(lost[-1][1] - (before[-1] if before else lost[0][1]), 3)
