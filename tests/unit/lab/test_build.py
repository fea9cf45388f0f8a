"""The cache holds what was built, whole, or is not believed; a build that fails says why in a sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from lab.errors import LabError

from lab import build
from lab.tools import CONTROL_PLANE, TOOLS, Tool, tool_of

ETCD = TOOLS["etcd"]


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    program = tmp_path / "etcd"
    program.write_bytes(b"program")
    program.chmod(0o755)
    build._mark(ETCD, tmp_path)
    return tmp_path


def touch(entry: Path) -> None:
    os.utime(entry / "etcd", ns=(1, 1))


def same_size(entry: Path) -> None:
    (entry / "etcd").write_bytes(b"PROGRAM")


def unmarked(entry: Path) -> None:
    (entry / build.MARKER).unlink()


def half_marked(entry: Path) -> None:
    (entry / build.MARKER).write_text((entry / build.MARKER).read_text()[:20])


def strange_marker(entry: Path) -> None:
    (entry / build.MARKER).write_text(json.dumps({"etcd": ["size", 7]}))


def other_programs(entry: Path) -> None:
    (entry / build.MARKER).write_text("{}")


def truncated(entry: Path) -> None:
    (entry / "etcd").write_bytes(b"prog")


def gone(entry: Path) -> None:
    (entry / "etcd").unlink()


def not_executable(entry: Path) -> None:
    (entry / "etcd").chmod(0o644)


def test_a_whole_entry_is_believed_also_when_it_was_moved_here_with_other_times(entry: Path) -> None:
    assert build.intact(entry, ETCD)
    touch(entry)
    assert build.intact(entry, ETCD)


@pytest.mark.parametrize(
    "damage", [same_size, unmarked, half_marked, strange_marker, other_programs, truncated, gone, not_executable]
)
def test_a_damaged_entry_is_noticed(entry: Path, damage: Callable[[Path], None]) -> None:
    damage(entry)
    assert not build.intact(entry, ETCD)


def test_a_change_that_kept_size_and_time_is_noticed_by_the_thorough_look(entry: Path) -> None:
    before = (entry / "etcd").stat().st_mtime_ns
    same_size(entry)
    os.utime(entry / "etcd", ns=(before, before))
    assert not build.intact(entry, ETCD, thorough=True)


@pytest.mark.parametrize(
    ("news", "words"),
    [
        (
            'go: x@v1: Get "https://proxy.example.test/x": dial tcp 10.0.0.1:443: connect: connection refused',
            "module proxy",
        ),
        ("go: x@v1: module lookup disabled by GOPROXY=off", "module proxy"),
        ("write /tmp/go-build1/b001/_pkg_.a: no space left on device", "no space left"),
        ("go: x@v1: missing go.sum entry", "does not pin it whole"),
        ("link: signal: killed", "out of memory"),
    ],
)
def test_what_go_complains_of_becomes_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, news: str, words: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert words in build.reason(ETCD, ["go: downloading x v1", news])
    assert not list(tmp_path.rglob("*.log"))


def test_a_complaint_nobody_has_met_is_quoted_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said = build.reason(ETCD, ["first", "the moon is wrong"])
    (log,) = tmp_path.rglob("*.log")
    assert said == f"the moon is wrong (all of it in {log})"
    assert log.read_text() == "first\nthe moon is wrong"


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_every_tool_is_pinned_and_its_programs_come_from_its_module(tool: Tool) -> None:
    assert tool.version.startswith("v")
    assert (tool.folder / "go.sum").exists()
    pinned = (tool.folder / "go.mod").read_text()
    for package in tool.programs.values():
        if tool.own:
            assert pinned.startswith(f"module {package}\n")
            continue
        assert f"\t{package}\n" in pinned or f"tool {package}\n" in pinned


def test_the_entry_changes_with_all_that_decides_what_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("go.mod", "go.sum"):
        (tmp_path / "etcd").mkdir(exist_ok=True)
        (tmp_path / "etcd" / name).write_text((ETCD.folder / name).read_text())
    before = ETCD.entry
    monkeypatch.setattr("lab.paths.MODULES", tmp_path)
    assert ETCD.entry == before
    (tmp_path / "etcd" / "go.sum").write_text("")
    assert ETCD.entry != before
    (tmp_path / "etcd" / "go.mod").write_text("module lab/etcd\n")
    with pytest.raises(LabError, match=r"does not require go\.etcd\.io/etcd/server/v3"):
        assert ETCD.entry


def test_a_program_belongs_to_one_tool_and_a_strange_one_to_none() -> None:
    programs = [program for tool in TOOLS.values() for program in tool.programs]
    assert len(programs) == len(set(programs))
    assert tool_of("kubectl").name in CONTROL_PLANE
    with pytest.raises(LabError, match="docker is no program of the lab: choose one of"):
        tool_of("docker")
