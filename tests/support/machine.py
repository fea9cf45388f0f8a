"""What a lab with real nodes may leave on a machine, looked at before and after; clusters of other people aside."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from lab.cluster import every
from lab.real import cgroups, network
from lab.real.plan import Plan
from lab.real.run import run

KINDS = ("net", "pid")


@dataclass(frozen=True)
class Machine:
    """Each of them a set, so that a difference says what is left."""

    mounts: frozenset[str]
    links: frozenset[str]
    namespaces: frozenset[str]
    cgroups: frozenset[str]
    tables: frozenset[str]
    strangers: frozenset[str]  # processes in other namespaces than ours
    helpers: frozenset[str]  # processes of this test's clusters, wherever they are

    def left_since(self, before: Machine) -> dict[str, list[str]]:
        """What is there that was not there before; empty is as it should be."""
        differences = {name: sorted(getattr(self, name) - getattr(before, name)) for name in self.__annotations__}
        return {name: found for name, found in differences.items() if found}


def look() -> Machine:
    """The machine as it is now."""
    others = _others()
    links = json.loads(run("ip", "-json", "link", "show"))
    tables = json.loads(run("nft", "--json", "list", "tables"))["nftables"]
    mounts = (line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines())
    namespaces = os.listdir(network.FOLDER) if network.FOLDER.is_dir() else []
    groups = (path for root in cgroups.roots() for path in root.glob("groundwork-lab/*"))
    strangers = dict(_strangers())
    others |= _others()  # one that was started meanwhile
    prefixes = tuple(plan.prefix for plan in others)
    theirs = _processes_of(others, strangers)
    return Machine(
        mounts=frozenset(path for path in mounts if not Path(path).name.startswith(prefixes)),
        links=frozenset(link["ifname"] for link in links) - {plan.link for plan in others},
        namespaces=frozenset(name for name in namespaces if not name.startswith(prefixes)),
        cgroups=frozenset(str(path) for path in groups if path.name not in {plan.identity for plan in others}),
        tables=frozenset(f"{row['table']['family']} {row['table']['name']}" for row in tables if "table" in row),
        strangers=frozenset(f"{pid} {command}" for pid, command in strangers.items() if pid not in theirs),
        helpers=frozenset(_helpers()),
    )


def _others() -> set[Plan]:
    """Clusters that are not of this test process."""
    return {Plan(cluster) for cluster in every() if not cluster.name.startswith(f"test-{os.getpid()}-")}


def _processes_of(plans: set[Plan], among: Iterable[int]) -> set[int]:
    """Those in the network namespaces of these clusters, and in the cgroups of their pods."""
    found = set(network.processes([name for plan in plans for name in network.namespaces(plan)]))
    for pid in among:
        with contextlib.suppress(OSError):
            groups = Path(f"/proc/{pid}/cgroup").read_text()
            if any(f"/{plan.cgroup}/" in groups for plan in plans):
                found.add(pid)
    return found


def _helpers() -> list[str]:
    mine = f"/test-{os.getpid()}-"
    commands = {process.pid: " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])}
    return [f"{pid} {command[:120]}" for pid, command in commands.items() if mine in command]


def _strangers() -> Iterator[tuple[int, str]]:
    """Number and command of each process in another network or PID namespace."""
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError):  # it ended, or is about to
            if any(os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}") for kind in KINDS):
                yield int(pid), Path(f"/proc/{pid}/cmdline").read_text().replace(chr(0), " ")[:120]


def addresses_routed_out() -> str:
    """Routes of the machine to a pod's or Service's address; there must be none but the one to everywhere."""
    done = subprocess.run(["ip", "route", "show"], capture_output=True, text=True, check=True)
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith(("10.244.", "10.96.", "172.31.0.")))
