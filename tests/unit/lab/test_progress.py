"""Long steps speak: at once, every so often also without news, and at the end."""

from __future__ import annotations

import threading

import pytest

from lab import progress


def test_a_step_without_news_still_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL", 0.01)
    said, enough = [], threading.Event()

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 4:
            enough.set()

    monkeypatch.setattr(progress, "say", say)
    with progress.step("etcd v1: building") as tell:
        tell("3 of 9 packages")
        assert enough.wait(5)
    assert said[0] == "etcd v1: building"
    assert said[1] == "etcd v1: building: 3 of 9 packages, 0 s"
    assert said[-1] == "etcd v1: building: done in 0 s"


def test_a_step_that_fails_is_not_called_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no"), progress.step("etcd v1: building"):
        raise ValueError("no")
    assert capsys.readouterr().err == "lab: etcd v1: building\n"
