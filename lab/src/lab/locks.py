"""Locks between lab processes of one user."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from . import paths, progress
from .errors import LabError


@contextlib.contextmanager
def lock(name: str, meanwhile: str) -> Iterator[None]:
    """Holds `name`; says what the other one is doing `meanwhile` when it has to wait for it."""
    handle = _open(name)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say(f"waiting for another lab that {meanwhile}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def lock_if_free(name: str) -> Iterator[bool]:
    """Holds `name` unless another process does; whether it is held."""
    handle = _open(name)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def _open(name: str) -> int:
    path = paths.make_cache("locks") / name
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LabError(f"{path} cannot be written ({paths.why(error)}): free it or set XDG_CACHE_HOME") from None
