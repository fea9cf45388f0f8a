"""Fixtures of the tests on real nodes: root on Linux, or a printed reason why not."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab.cluster import Cluster
from support.lab import LabCluster, lab

REQUIRED = os.environ.get("LAB_REAL") == "required"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "smoke: one real node with a real operator, for every change")
    config.addinivalue_line("markers", "certify: several real nodes, all operators; on demand")


def _why_not() -> str:
    if sys.platform != "linux":
        return "real nodes need Linux"
    return "" if os.geteuid() == 0 else "real nodes need root"


@pytest.fixture(scope="session", autouse=True)
def _real_nodes_possible() -> None:
    reason = _why_not()
    if reason and REQUIRED:
        pytest.fail(f"LAB_REAL=required, and {reason}")
    if reason:
        pytest.skip(reason)


@contextlib.contextmanager
def _started(suffix: str, *arguments: str) -> Iterator[LabCluster]:
    name = f"test-{os.getpid()}-{suffix}"
    try:
        lab("up", name, "--profile", "real", "--audit", *arguments)
        cluster = Cluster(name)
        yield LabCluster(name, cluster.kubeconfig, cluster.audit_log)
    finally:
        lab("down", name)


@pytest.fixture(scope="module")
def real_cluster() -> Callable[..., contextlib.AbstractContextManager[LabCluster]]:
    """Starts a cluster with real nodes for the length of a block: suffix of its name, more arguments of `lab up`."""
    return _started


@pytest.fixture
def evidence(tmp_path: Path) -> str:
    """The folder for evidence: EVIDENCE=docs/evidence keeps it, else it goes with the test's own files."""
    return os.environ.get("EVIDENCE") or str(tmp_path)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a measured figure, with the machine's load, whatever pytest captures."""

    def tell(text: str) -> None:
        with capsys.disabled():
            print(f"\n  measured: {text}; load {os.getloadavg()[0]:.0f}", flush=True)

    return tell
