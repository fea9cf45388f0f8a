"""Fixtures of the tests that wait on a real API server: a client of it, a namespace a test.

The engine is imported inside the fixtures: while pytest loads this file, collections cannot be imported yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from support.lab import LabCluster

if TYPE_CHECKING:
    from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client


@pytest.fixture
def connect(cluster: LabCluster) -> Iterator[Callable[[], Client]]:
    """Makes clients, and closes them."""
    from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
    from ansible_collections.groundwork.platform.plugins.module_utils.core.api.connection import Connection

    with ExitStack() as clients:
        yield lambda: clients.enter_context(Client(Connection(kubeconfig=str(cluster.kubeconfig))))


@pytest.fixture
def client(connect: Callable[[], Client]) -> Client:
    return connect()


@pytest.fixture
def namespace(cluster: LabCluster) -> Iterator[str]:
    """A namespace of this test's own."""
    with cluster.namespace("wait") as name:
        yield name
