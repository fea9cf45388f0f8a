"""Starts, finds and ends the process of a cluster's simulated operators."""

from __future__ import annotations

import contextlib
import os
import select
import sys
from pathlib import Path

import psutil

from .. import background, control
from ..cluster import Cluster
from ..errors import LabError

NAME = "operators"  # among the helpers of a cluster
MODULE = "lab.simulate.serve"
SPEED = 10.0  # recorded seconds a second, unless told
PATIENCE = 60.0  # seconds


def log(cluster: Cluster) -> Path:
    """What it says."""
    return cluster.folder / f"{NAME}.log"


def find(cluster: Cluster) -> psutil.Process | None:
    """The running process, if there is one."""
    return cluster.helpers().get(NAME)


def speed(process: psutil.Process) -> float:
    """Recorded seconds a second."""
    told = [each.partition("=")[2] for each in process.cmdline() if each.startswith("--speed=")]
    return float(told[0]) if told else SPEED


def start(cluster: Cluster, pace: float) -> bool:
    """Starts it and waits until it follows everything; False where it runs already. Raises LabError."""
    if find(cluster) is not None:
        return False
    reading, writing = os.pipe()
    command = [
        sys.executable,
        "-m",
        MODULE,
        f"--kubeconfig={cluster.kubeconfig}",
        f"--speed={pace:g}",
        f"--begun={writing}",
    ]
    own = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "GROUNDWORK_"))}
    background.start(command, log(cluster), own, pass_fds=(writing,))
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], PATIENCE)
        begun = bool(ready) and os.read(reading, 16) != b""
    finally:
        os.close(reading)
    if not begun:
        stop(cluster)
        raise LabError(f"the simulated operators of {cluster.name} did not start: {_last_line(log(cluster))}")
    return True


def stop(cluster: Cluster) -> bool:
    """Kills it; whether there was one. What it wrote stays."""
    process = find(cluster)
    if process is None:
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
        control.wait_for_end(process)
    return True


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
