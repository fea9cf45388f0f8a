"""An audit log read while it is written: whole entries only, from a position on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lab.errors import LabError
from lab.requests import finished_since


def line(path: str) -> str:
    """An entry as the API server writes it."""
    return json.dumps({"verb": "get", "requestURI": path}) + "\n"


def answering(log: Path, *, before: str = "") -> Callable[[str], object]:
    """An API server that ends the line it was writing, if any, and then logs what it is asked."""

    def ask(path: str) -> None:
        with log.open("a") as text:
            text.write(before + line(path))

    return ask


def paths(log: Path, position: int, **more: str) -> list[str]:
    entries, _ = finished_since(log, position, answering(log, **more))
    return [entry["requestURI"] for entry in entries]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "audit.log").write_text(line("/one") + line("/two"))
    return tmp_path / "audit.log"


def test_from_the_beginning(log: Path) -> None:
    assert paths(log, 0) == ["/one", "/two"]


def test_from_a_lines_end(log: Path) -> None:
    assert paths(log, len(line("/one"))) == ["/two"]


def test_from_where_it_ends_now(log: Path) -> None:
    _, position = finished_since(log, 0, answering(log))
    assert paths(log, position, before=line("/three")) == ["/three"]


def test_from_within_a_line_that_is_being_written(log: Path) -> None:
    begun, rest = line("/thrée")[:20], line("/thrée")[20:]
    with log.open("a") as text:
        text.write(begun)
    assert paths(log, log.stat().st_size, before=rest + line("/four")) == ["/four"]


def test_a_log_that_stays_silent(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.requests.PATIENCE", 0.1)
    with pytest.raises(LabError, match="does not say so"):
        finished_since(log, 0, lambda path: None)
