"""What a lab with real nodes may leave on a machine, looked at before and after; clusters of other people aside."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from lab.cluster import every
from lab.real import cgroups, network
from lab.real.plan import Plan
from lab.real.run import run

KINDS = ("net", "pid")
Identity = tuple[int, int]  # of a namespace: device and number of its file


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
    groups = (path for root in cgroups.roots() for path in root.glob("groundwork-lab/*") if path.is_dir())
    strangers = list(_strangers())
    others |= _others()  # one that was started meanwhile
    prefixes = tuple(plan.prefix for plan in others)
    theirs = _networks(others)
    return Machine(
        mounts=frozenset(path for path in mounts if not Path(path).name.startswith(prefixes)),
        links=frozenset(link["ifname"] for link in links) - {plan.link for plan in others},
        namespaces=frozenset(name for name in namespaces if not name.startswith(prefixes)),
        cgroups=frozenset(str(path) for path in groups if path.name not in {plan.identity for plan in others}),
        tables=frozenset(f"{row['table']['family']} {row['table']['name']}" for row in tables if "table" in row),
        strangers=frozenset(each.words for each in strangers if not each.belongs(others, theirs)),
        helpers=frozenset(_helpers()),
    )


def _others() -> set[Plan]:
    """Clusters that are not of this test process."""
    return {Plan(cluster) for cluster in every() if not cluster.name.startswith(f"test-{os.getpid()}-")}


def _networks(plans: set[Plan]) -> set[Identity]:
    """The network namespaces of these clusters."""
    found = set()
    for plan in plans:
        for name in network.namespaces(plan):
            with contextlib.suppress(OSError):
                found.add(_identity(network.FOLDER / name))
    return found


def _identity(path: Path) -> Identity:
    found = path.stat()
    return found.st_dev, found.st_ino


def _helpers() -> list[str]:
    mine = f"/test-{os.getpid()}-"
    commands = {process.pid: " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])}
    return [f"{pid} {command[:120]}" for pid, command in commands.items() if mine in command]


@dataclass(frozen=True)
class Stranger:
    """A process in another network or PID namespace than ours, all of it read at once: it may end at any moment."""

    words: str
    net: Identity
    groups: str

    def belongs(self, plans: set[Plan], networks: set[Identity]) -> bool:
        """Whether it is of one of these clusters: in their network namespaces, or in the cgroups of their pods."""
        return self.net in networks or any(f"/{plan.cgroup}/" in self.groups for plan in plans)


def _strangers() -> Iterator[Stranger]:
    own = [_identity(Path(f"/proc/self/ns/{kind}")) for kind in KINDS]
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended, or is about to
            theirs = [_identity(place / "ns" / kind) for kind in KINDS]
            if theirs != own:
                command = (place / "cmdline").read_text().replace(chr(0), " ")[:120]
                yield Stranger(f"{place.name} {command}", theirs[0], (place / "cgroup").read_text())


def addresses_routed_out() -> str:
    """Routes of the machine to a pod's or Service's address; there must be none but the one to everywhere."""
    done = subprocess.run(["ip", "route", "show"], capture_output=True, text=True, check=True)
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith(("10.244.", "10.96.", "172.31.0.")))
