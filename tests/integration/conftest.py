"""Fixtures of the tests that need a real API server."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from support.lab import LabCluster, started


@pytest.fixture(scope="session")
def cluster() -> Iterator[LabCluster]:
    """A lab cluster of this test run: three zones, production timers, an audit log. Use a namespace of your own."""
    with started() as running:
        yield running


@pytest.fixture(scope="session")
def fast_cluster() -> Iterator[LabCluster]:
    """The same with fast node and eviction timers, for tests that fail nodes."""
    with started("fast", "--fast-timers") as running:
        yield running


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> Iterator[None]:
    """SIGINT interrupts what tests start, also where a shell began the tests in the background and ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
