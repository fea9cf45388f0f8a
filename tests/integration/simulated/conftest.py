"""Fixtures of the tests with simulated operators: one cluster with them, a namespace a test."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest
from lab.cluster import Cluster
from support.lab import STORAGE, LabCluster, lab, started

SPEED = 50  # recorded seconds a second


@pytest.fixture(scope="session")
def stage() -> Iterator[LabCluster]:
    """A lab cluster with simulated operators, and nothing of them left when it is down."""
    with started("sim", "--simulate", f"--speed={SPEED}") as cluster:
        lab("crds", "apply", "postgres", "rabbitmq", "--cluster", cluster.name)
        cluster.apply(STORAGE)
        yield cluster
        process = Cluster(cluster.name).helpers()["operators"]
    left = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    assert not left, "lab down left the simulated operators running"


@pytest.fixture
def namespace(stage: LabCluster) -> Iterator[str]:
    """A namespace of this test's own."""
    with stage.namespace("sim") as name:
        yield name
