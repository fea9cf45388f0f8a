"""The cgroups of real nodes: made before a node starts, removed after it has ended, in version 1 and 2 alike."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
DELEGATED = ("cpu", "cpuset", "io", "memory", "pids", "hugetlb")


def roots() -> list[Path]:
    """Where cgroup hierarchies are mounted."""
    found = [line.split() for line in MOUNTS.read_text().splitlines()]
    return [Path(fields[1]) for fields in found if fields[2] in ("cgroup", "cgroup2")]


def make(cgroup: str) -> None:
    """A node's cgroup in every hierarchy; kubelet wants it to be there."""
    for root in roots():
        folder = root
        for part in cgroup.split("/"):
            _delegate(folder)
            folder = folder / part
            folder.mkdir(exist_ok=True)
            _inherit(folder)


def _delegate(folder: Path) -> None:
    """Version 2 gives controllers to children only when told."""
    control = folder / "cgroup.subtree_control"
    if control.exists():
        offered = (folder / "cgroup.controllers").read_text().split()
        for name in set(offered) & set(DELEGATED):
            with contextlib.suppress(OSError):
                control.write_text(f"+{name}")


def _inherit(folder: Path) -> None:
    """Version 1's cpuset takes no process before it is told its processors and memory."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        file = folder / name
        if file.exists() and not file.read_text().strip():
            with contextlib.suppress(OSError):
                file.write_text((folder.parent / name).read_text())


def remove(cgroup: str) -> None:
    """Removes a cgroup and all below it from every hierarchy; the lab's own parent goes with the last one."""
    for root in roots():
        top = root / cgroup
        for folder, _, _ in os.walk(top, topdown=False):  # says nothing of what another `down` has removed already
            _rmdir(Path(folder))
        _rmdir(top.parent)


def left(cgroup: str) -> list[Path]:
    """Where it still is."""
    return [root / cgroup for root in roots() if (root / cgroup).exists()]


def _rmdir(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
