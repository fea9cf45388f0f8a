"""Fixtures of the systems' tests."""

from __future__ import annotations

import pytest
from support.lab import LabCluster, lab


@pytest.fixture(scope="session")
def foundation(cluster: LabCluster) -> LabCluster:
    """The lab cluster with the kinds of cert-manager, MetalLB, external-dns and the snapshot controller."""
    lab("crds", "apply", "certificates", "network", "backup", "--cluster", cluster.name)
    return cluster


@pytest.fixture(scope="session")
def postgres_kinds(cluster: LabCluster) -> LabCluster:
    """The lab cluster with the kinds of CloudNativePG, its Barman plugin and prometheus-operator; no operator runs."""
    lab("crds", "apply", "postgres", "observability", "--cluster", cluster.name)
    return cluster


@pytest.fixture(scope="session")
def kafka_kinds(cluster: LabCluster) -> LabCluster:
    """The lab cluster with the lab's kinds of Strimzi and those of prometheus-operator; no operator runs."""
    lab("crds", "apply", "kafka", "observability", "--cluster", cluster.name)
    return cluster
