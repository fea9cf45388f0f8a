"""Fixtures of the tests of sources: a namespace of one's own, and the engine's context on the lab cluster.

The engine is imported inside the fixtures: while pytest loads this file, collections cannot be imported yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from support.lab import LabCluster

from lab import build

if TYPE_CHECKING:
    from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.context import Context


@pytest.fixture
def namespace(cluster: LabCluster) -> Iterator[str]:
    """A namespace of this test's own."""
    with cluster.namespace("sources") as name:
        yield name


@pytest.fixture
def task(cluster: LabCluster) -> Iterator[Callable[..., Context]]:
    """Makes the context of a task: `task()`, `task(check=True)`. What it says is kept in `context.said`."""
    from ansible_collections.groundwork.platform.plugins.module_utils import registry
    from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
    from ansible_collections.groundwork.platform.plugins.module_utils.core.api.connection import Connection
    from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import Discovery
    from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.context import Context

    with ExitStack() as open_clients:

        def make(*, check: bool = False, diff: bool = True) -> Context:
            connection = Connection(kubeconfig=str(cluster.kubeconfig))
            client = open_clients.enter_context(Client(connection))
            return Context(
                connection=connection,
                client=client,
                discovery=Discovery(client),
                check=check,
                diff=diff,
                rules=registry.RULES,
                guards=tuple(getattr(registry, "GUARDS", ())),
                holds_data=tuple(getattr(registry, "HOLDS_DATA", ())),
            )

        yield make


@pytest.fixture(scope="session")
def program() -> str:
    """The helm that the lab builds."""
    return str(build.program("helm"))
