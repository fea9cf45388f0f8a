"""Tells the person at the terminal what is happening: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator

INTERVAL = 15.0  # seconds between plain lines of one step, also when there is no news

Tell = Callable[[str], None]


def say(text: str) -> None:
    """One plain line."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[Tell]:
    """A step that takes long; the yielded function takes its state in words. Ends with the step's seconds."""
    start = time.monotonic()
    with _live(title) if sys.stderr.isatty() else _plain(title) as tell:
        yield tell
    say(f"{title}: done in {time.monotonic() - start:.0f} s")


@contextlib.contextmanager
def _live(title: str) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda text: shown.update(task, description=f"{title}: {text}")


@contextlib.contextmanager
def _plain(title: str) -> Iterator[Tell]:
    say(title)
    start, state, ended = time.monotonic(), [""], threading.Event()

    def repeat() -> None:
        while not ended.wait(INTERVAL):
            say(f"{title}: {state[0]}, {time.monotonic() - start:.0f} s")

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield lambda text: state.__setitem__(0, text)
    finally:
        ended.set()
        thread.join()
