"""Runs the system's own programs for the real profile, and says in words why one failed."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from ..errors import LabError

PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # a user's PATH may leave out sbin


def found(program: str) -> str | None:
    """The path of a program of the system."""
    return shutil.which(program, path=PLACES)


def run(*command: str, stdin: str | None = None) -> str:
    """A program's output; its last line of complaint as a sentence when it fails."""
    path = found(command[0])
    if not path:
        raise LabError(f"there is no {command[0]} on this machine: see `lab doctor`")
    done = subprocess.run([path, *command[1:]], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it gave no reason").splitlines()
        raise LabError(f"`{' '.join(command)}` failed: {said[-1]}")
    return done.stdout


def rows(*command: str) -> list[dict[str, Any]]:
    """What a program of iproute2 lists as JSON; it says nothing at all when there is nothing."""
    answer: list[dict[str, Any]] = json.loads(run(*command) or "[]")
    return answer
