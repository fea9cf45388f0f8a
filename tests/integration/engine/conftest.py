"""Fixtures of the engine's tests."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from support.lab import LabCluster

if TYPE_CHECKING:
    from support.space import Space

_numbers = itertools.count(1)


@pytest.fixture
def space(cluster: LabCluster) -> Space:
    """A namespace of this test's own."""
    from support.space import Space  # collections cannot be imported while pytest loads this file

    name = f"space-{next(_numbers)}"
    cluster.kubectl("create", "namespace", name)
    return Space(cluster, name)
