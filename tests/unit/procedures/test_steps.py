"""Steps of a procedure: order, check mode, what is told, what is undone after a failure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.clock import Clock
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.ending import Failure
from ansible_collections.groundwork.platform.plugins.module_utils.procedures.steps import Step, Unneeded, take


class Hand:
    """Steps that note that they were taken."""

    def __init__(self) -> None:
        self.did: list[str] = []

    def step(self, name: str, *, would: str = "", undo: bool = False, fails: Exception | None = None) -> Step:
        def do() -> str:
            self.did.append(name)
            if fails:
                raise fails
            return f"{name} done"

        def back() -> str:
            self.did.append(f"undo {name}")
            return f"{name} taken back"

        return Step(name, do, would, back if undo else None)


def context(check: bool = False) -> Any:
    said: list[str] = []
    return SimpleNamespace(check=check, say=said.append, said=said, clock=Clock(), timings={})


def states(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["name"], row["state"]) for row in rows]


def test_all_steps_are_taken_in_order_and_told() -> None:
    hand, around = Hand(), context()
    taken = take(around, "x", [hand.step("look"), hand.step("act", would="act on it")])
    assert hand.did == ["look", "act"]
    assert taken.changed
    assert states(taken.rows) == [("look", "done"), ("act", "done")]
    assert all(row["seconds"] >= 0 and row["started"] > 0 for row in taken.rows)
    assert any("act done" in line for line in around.said)


def test_reading_changes_nothing() -> None:
    assert not take(context(), "x", [Hand().step("look")]).changed


def test_check_mode_reads_and_says_what_it_would_do() -> None:
    hand = Hand()
    taken = take(context(check=True), "x", [hand.step("look"), hand.step("act", would="act on it")])
    assert hand.did == ["look"]
    assert taken.changed
    assert taken.rows[1]["state"] == "would"
    assert taken.rows[1]["told"] == "act on it"


def test_what_is_unneeded_ends_the_procedure_unchanged() -> None:
    hand = Hand()
    steps = [hand.step("look", fails=Unneeded("it is so already")), hand.step("act", would="act")]
    taken = take(context(), "x", steps)
    assert hand.did == ["look"]
    assert not taken.changed
    assert taken.rows[0]["told"] == "it is so already"


def test_a_failure_undoes_what_can_be_undone_last_first_and_what_is_half_done() -> None:
    hand = Hand()
    steps = [
        hand.step("one", would="1", undo=True),
        hand.step("two", would="2"),
        hand.step("three", would="3", undo=True),
        hand.step("four", would="4", undo=True, fails=PlatformError("the disk is full")),
        hand.step("five", would="5"),
    ]
    with pytest.raises(Failure) as caught:
        take(context(), "x", steps)
    assert hand.did == ["one", "two", "three", "four", "undo four", "undo three", "undo one"]
    assert (
        str(caught.value)
        == 'x stopped at "four": the disk is full. Undone: four taken back; three taken back; one taken back'
    )
    assert caught.value.result["changed"]
    assert states(caught.value.result["steps"])[3:] == [
        ("four", "failed"), ("Undo: four", "undone"), ("Undo: three", "undone"), ("Undo: one", "undone"),
    ]  # fmt: skip


def test_what_was_only_foretold_is_not_undone() -> None:
    hand = Hand()
    steps = [hand.step("one", would="1", undo=True), hand.step("two", fails=PlatformError("no"))]
    with pytest.raises(Failure):
        take(context(check=True), "x", steps)
    assert hand.did == ["two"]
