"""What a lab with real nodes may leave on a machine, looked at before and after."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil
from lab.real import cgroups
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
    links = json.loads(run("ip", "-json", "link", "show"))
    tables = json.loads(run("nft", "--json", "list", "tables"))["nftables"]
    folder = Path("/run/netns")
    return Machine(
        mounts=frozenset(line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()),
        links=frozenset(link["ifname"] for link in links),
        namespaces=frozenset(os.listdir(folder)) if folder.is_dir() else frozenset(),
        cgroups=frozenset(str(path) for root in cgroups.roots() for path in root.glob("groundwork-lab/*")),
        tables=frozenset(f"{row['table']['family']} {row['table']['name']}" for row in tables if "table" in row),
        strangers=frozenset(_strangers()),
        helpers=frozenset(_helpers()),
    )


def _helpers() -> list[str]:
    mine = f"/test-{os.getpid()}-"
    commands = {process.pid: " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])}
    return [f"{pid} {command[:120]}" for pid, command in commands.items() if mine in command]


def _strangers() -> list[str]:
    found = []
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            if any(
                os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}") for kind in ("net", "pid")
            ):
                found.append(f"{pid} {Path(f'/proc/{pid}/cmdline').read_text().replace(chr(0), ' ')[:120]}")
        except OSError:
            continue  # it ended, or is about to
    return found


def addresses_routed_out() -> str:
    """Routes of the machine to a pod's or Service's address; there must be none but the one to everywhere."""
    done = subprocess.run(["ip", "route", "show"], capture_output=True, text=True, check=True)
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith(("10.244.", "10.96.", "172.31.0.")))
