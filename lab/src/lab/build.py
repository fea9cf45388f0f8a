"""Builds the lab's tools from their pinned modules into the cache, once, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from . import golang, paths, progress
from .errors import LabError
from .locks import lock
from .tools import Tool, tool_of

MARKER = "complete.json"
ROOM = 1 << 30  # bytes that the largest tool's programs need in the cache, and as much again

REASONS = (  # what go says -> what it means; first match wins
    (
        r"no space left on device|disk quota exceeded",
        "there is no space left in {tmp}, the Go caches or {cache}: free some",
    ),
    (
        r"dial tcp|no such host|connection refused|i/o timeout|TLS handshake|proxyconnect|GOPROXY=off",
        "the Go module proxy cannot be reached: check the network and GOPROXY",
    ),
    (r"permission denied|read-only file system", "a folder cannot be written: check GOCACHE, GOMODCACHE and {cache}"),
    (r"missing go.sum entry|checksum mismatch|updates to go.mod needed", "{folder} does not pin it whole: restore it"),
    (r"requires go >=|toolchain not available", "the Go toolchain is too old and cannot fetch a newer one: update it"),
    (r"signal: killed", "the machine ran out of memory: free some"),
)


def program(name: str) -> Path:
    """The path of a built program; builds its tool when that is first needed."""
    return ensure(tool_of(name)) / name


def ensure_all(tools: list[Tool]) -> None:
    """Builds those that are missing or broken, and says first how many there are."""
    missing = [tool for tool in tools if not intact(paths.cache() / "tools" / tool.entry, tool)]
    if missing:
        names = ", ".join(f"{tool.name} {tool.version}" for tool in missing)
        progress.say(f"to be built from source first, once: {names} (minutes when Go's own caches are empty)")
    for tool in missing:
        ensure(tool)


def ensure(tool: Tool) -> Path:
    """The cache folder that holds the tool's programs, built when missing or broken."""
    folder = paths.cache() / "tools" / tool.entry
    if intact(folder, tool):
        return folder
    paths.make_cache("tools")
    with lock(f"{tool.entry}.lock", f"builds {tool.name} {tool.version}"):
        if not intact(folder, tool):
            _build(tool, folder)
    return folder


def intact(folder: Path, tool: Tool, *, thorough: bool = False) -> bool:
    """Whether an entry is what was built: every program's size and time, or its checksum where those differ.

    `thorough` compares checksums in any case (seconds instead of milliseconds).
    """
    try:
        recorded = json.loads((folder / MARKER).read_text())
        return set(recorded) == set(tool.programs) and all(
            _same(folder / name, facts, thorough) for name, facts in recorded.items()
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return False


def _same(path: Path, facts: dict[str, Any], thorough: bool) -> bool:
    found = path.stat()
    if found.st_size != facts["size"] or not os.access(path, os.X_OK):
        return False
    if found.st_mtime_ns == facts["time"] and not thorough:
        return True
    return _sha256(path) == facts["sha256"]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _build(tool: Tool, folder: Path) -> None:
    if folder.exists():
        progress.say(f"the cache entry {folder.name} is broken or half-written, building it anew")
    fresh = folder.with_name(f".{folder.name}.new")  # the lock makes its name ours
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        _compile(tool, fresh)
        _mark(tool, fresh)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    except OSError as error:
        raise LabError(
            f"{folder.parent} cannot be written ({paths.why(error)}): free it or set XDG_CACHE_HOME"
        ) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _compile(tool: Tool, target: Path) -> None:
    _check_room(target)
    go = str(golang.go())
    title = f"{tool.name} {tool.version}"
    with progress.step(f"{title}: building from source") as tell:
        packages = sorted(set(tool.programs.values()))
        total = len(_run(tool, [go, "list", "-deps", *packages], tell, "modules fetched").splitlines())
        options = ["-ldflags", tool.link_flags, *(["-tags", tool.tags] if tool.tags else [])]
        command = [go, "build", "-v", *options, "-o", f"{target}/", *packages]
        _run(tool, command, tell, f"of at most {total} packages compiled")
    for name, package in tool.programs.items():
        built = target / _default_name(package)
        if built.name != name:
            built.rename(target / name)


def _default_name(package: str) -> str:
    parts = package.split("/")
    return parts[-2] if re.fullmatch(r"v\d+", parts[-1]) else parts[-1]


def _run(tool: Tool, command: list[str], tell: progress.Tell, what: str) -> str:
    """Runs go, counting its lines of news; its output, or the reason in a sentence."""
    news: list[str] = []
    tell(f"0 {what}")
    with tempfile.TemporaryFile("w+") as output:
        with subprocess.Popen(
            command, cwd=tool.folder, env=golang.environment(), stdout=output, stderr=subprocess.PIPE, text=True
        ) as process:
            for line in process.stderr or ():
                news.append(line.rstrip())
                tell(f"{len(news)} {what}")
        if process.returncode:
            raise LabError(f"{tool.name} {tool.version} could not be built: {reason(tool, news)}")
        output.seek(0)
        return output.read()


def reason(tool: Tool, news: list[str]) -> str:
    """What go's complaint means; one nobody has met yet is kept whole in a log."""
    for pattern, sentence in REASONS:
        if re.search(pattern, "\n".join(news)):
            return sentence.format(tmp=tempfile.gettempdir(), cache=paths.cache(), folder=tool.folder)
    log = paths.make_cache("tools") / f"{tool.entry}.log"
    log.write_text("\n".join(news))
    return f"{news[-1] if news else 'go ended without a word'} (all of it in {log})"


def _check_room(target: Path) -> None:
    if shutil.disk_usage(target).free < ROOM:
        raise OSError(errno.ENOSPC, "")


def _mark(tool: Tool, folder: Path) -> None:
    facts = {}
    for name in tool.programs:
        found = (folder / name).stat()
        facts[name] = {"size": found.st_size, "time": found.st_mtime_ns, "sha256": _sha256(folder / name)}
    (folder / MARKER).write_text(json.dumps(facts, indent=1))
