"""Starts a Python module of this package as a process that lives on when the command has ended."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import paths


def start(command: Sequence[str], log: Path, environment: Mapping[str, str], *, pass_fds: Sequence[int] = ()) -> None:
    """Starts `command`, which finds this package wherever it stands; what it says goes to the end of `log`."""
    with log.open("a") as said:
        subprocess.Popen(
            command,
            env={**environment, "PYTHONPATH": str(Path(paths.__file__).parents[1])},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            pass_fds=pass_fds,
            start_new_session=True,
        )
