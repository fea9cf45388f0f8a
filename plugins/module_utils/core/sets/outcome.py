"""Keeps what an interrupted run did until somebody has seen it: what a worker says after an interrupt is lost."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import secrets
from collections.abc import Callable

from ..api import runfolder

_FOLDER = "interrupted"
_LAST_WORDS = 3  # seconds that an interrupted worker may take


def keep(text: str) -> None:
    """Keeps a line for the main process, or else for the next run, to print."""
    runfolder.lasting().sub(_FOLDER).write(secrets.token_hex(8), text)


def print_pending(show: Callable[[str], None]) -> None:
    """Prints and forgets what was kept."""
    folder = runfolder.lasting().sub(_FOLDER)
    for name in folder.names():
        if text := folder.read(name):
            show(str(text))
        folder.remove(name)


def print_at_exit(show: Callable[[str], None]) -> None:
    """Prints what earlier runs left now, and what this run leaves when its main process ends."""
    print_pending(show)
    main = os.getpid()

    def last_words() -> None:
        if os.getpid() == main:  # forked workers run the same exit hooks
            for worker in multiprocessing.active_children():
                worker.join(_LAST_WORDS)  # an interrupted worker is just writing down how far it came
            print_pending(show)

    atexit.register(last_words)
