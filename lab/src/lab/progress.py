"""Tells the person at the terminal what is happening: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

INTERVAL = 15.0  # seconds between plain lines of one step

Tell = Callable[[str], None]


def say(text: str) -> None:
    """One plain line."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[Tell]:
    """A step that takes long; the yielded function takes its state in words. Ends with the step's seconds."""
    start = time.monotonic()
    with _live(title, start) if sys.stderr.isatty() else _plain(title, start) as tell:
        yield tell
    say(f"{title}: done in {time.monotonic() - start:.0f} s")


@contextlib.contextmanager
def _live(title: str, start: float) -> Iterator[Tell]:
    from rich.console import Console

    with Console(stderr=True).status(f"{title}") as status:
        yield lambda text: status.update(f"{title}: {text}, {time.monotonic() - start:.0f} s")


@contextlib.contextmanager
def _plain(title: str, start: float) -> Iterator[Tell]:
    last = start
    say(title)

    def tell(text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= INTERVAL:
            last = now
            say(f"{title}: {text}, {now - start:.0f} s")

    yield tell
