"""The folder that lets one playbook run remember what its tasks learned, though every task is a process of its own.

A run begins once, in the main process; its tasks inherit the folder's name. Without a run (a sent module, a script)
nothing is kept and nothing is found. What must outlive a run (the outcome of an interrupted one) is kept beside the
runs. All of it is readable by this user alone, and a folder that is not is not used.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any

_RUN = "GROUNDWORK_RUN_FOLDER"


class Folder:
    """JSON values by name, in one private folder; without a folder nothing is kept and nothing found."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def read(self, name: str) -> Any:
        """The value kept under a name, or None."""
        if self.path is None:
            return None
        try:
            return json.loads((self.path / f"{name}.json").read_bytes())
        except (OSError, ValueError):
            return None

    def write(self, name: str, value: Any) -> None:
        """Keeps a value; a reader sees the old one or the new one, never half of it."""
        if self.path is None:
            return
        with contextlib.suppress(OSError):
            handle, temporary = tempfile.mkstemp(dir=self.path)
            with os.fdopen(handle, "w") as file:
                json.dump(value, file, separators=(",", ":"))
            os.replace(temporary, self.path / f"{name}.json")

    def remove(self, name: str) -> None:
        """Forgets a value."""
        if self.path is not None:
            (self.path / f"{name}.json").unlink(missing_ok=True)

    def names(self) -> list[str]:
        """What is kept here."""
        return sorted(file.stem for file in self.path.glob("*.json")) if self.path else []

    def sub(self, *key: str) -> Folder:
        """A folder of its own for a key; parts of the key are hashed, so they may hold anything."""
        if self.path is None:
            return self
        name = hashlib.sha256("\0".join(key).encode()).hexdigest()[:24]
        return Folder(_private(self.path / name))


def begin() -> None:
    """Opens the run's folder. Called in the main process, before its tasks fork; removed when that process ends."""
    if os.environ.get(_RUN):
        return
    base = _base()
    path = None if base is None else _private(base / f"run-{os.getpid()}")
    if path is None:
        return
    os.environ[_RUN] = str(path)
    for old in path.parent.glob("run-*"):
        if not _alive(old.name.partition("-")[2]):
            shutil.rmtree(old, ignore_errors=True)
    atexit.register(_end, os.getpid(), path)


def current() -> Folder:
    """This run's folder."""
    name = os.environ.get(_RUN)
    return Folder(_private(Path(name)) if name else None)


def lasting() -> Folder:
    """What outlives a run."""
    base = _base()
    return Folder(None if base is None else _private(base / "lasting"))


def environment() -> str:
    """A digest of this process' environment: what an exec plugin answers may depend on any of it."""
    return hashlib.sha256(repr(sorted(os.environ.items())).encode()).hexdigest()


def _base() -> Path | None:
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return _private(Path(root) / "groundwork-platform")


def _private(path: Path) -> Path | None:
    """The folder, made if missing, if it is a real one of ours that nobody else can read; else None."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError:
        return None
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    return path if ours else None


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _end(pid: int, path: Path) -> None:
    # A forked task runs the same exit hooks; only the process that began the run ends it.
    if os.getpid() == pid:
        shutil.rmtree(path, ignore_errors=True)
