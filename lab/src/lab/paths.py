"""Where the lab keeps things, by the XDG base directories: built tools in the cache, clusters in the state."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from .errors import LabError

PACKAGE = Path(__file__).resolve().parents[2]
MODULES = PACKAGE / "tools"
SHAPES = PACKAGE / "shapes"
STAGES = PACKAGE / "stages"

WHY = {
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "no space left on the device",
    errno.EDQUOT: "the disk quota is used up",
    errno.ENOTDIR: "a part of the path is a file",
    errno.EEXIST: "a part of the path is a file",
}


def cache() -> Path:
    """The lab's cache: tools, the Go toolchain when the machine has none, locks."""
    return _base("XDG_CACHE_HOME", ".cache") / "groundwork"


def state() -> Path:
    """The lab's clusters, one folder each; gone with the last of them."""
    return _base("XDG_STATE_HOME", ".local/state") / "groundwork" / "lab"


def _base(variable: str, default: str) -> Path:
    value = os.environ.get(variable, "")
    return Path(value) if value.startswith("/") else Path.home() / default  # the specification: ignore relative ones


def make(path: Path, variable: str) -> Path:
    """`path` as a folder of the user's own, or one sentence that names the variable that moves it elsewhere."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "")
    except OSError as error:
        raise LabError(
            f"{path} cannot be written ({why(error)}): free it or set {variable} to another folder"
        ) from None
    return path


def make_cache(*parts: str) -> Path:
    """A folder of the cache, made when missing."""
    return make(cache().joinpath(*parts), "XDG_CACHE_HOME")


def why(error: OSError) -> str:
    """The reason of an operating system's error in words."""
    return WHY.get(error.errno or 0, error.strerror or str(error))
