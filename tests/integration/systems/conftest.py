"""Fixtures of the systems' tests."""

from __future__ import annotations

import pytest
from support.lab import LabCluster, lab


@pytest.fixture(scope="session")
def foundation(cluster: LabCluster) -> LabCluster:
    """The lab cluster with the kinds of cert-manager, MetalLB, external-dns and the snapshot controller."""
    lab("crds", "apply", "certificates", "network", "backup", "--cluster", cluster.name)
    return cluster
