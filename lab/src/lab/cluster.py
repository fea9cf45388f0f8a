"""One lab cluster as it lies on disk and in the process table; nothing here starts or changes anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from . import paths
from .errors import LabError

COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller")
HELPERS = {  # module of a process of ours -> what it simulates
    "lab.operators.authority": "cert-manager",
    "lab.simulate.serve": "operators",
}
NAME = r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?"
DEFAULT = "lab"


@dataclass(frozen=True)
class Cluster:
    """A cluster by name. Its folder: kubeconfig, facts.json, what kwokctl keeps."""

    name: str

    def __post_init__(self) -> None:
        if not re.fullmatch(NAME, self.name):
            raise LabError(
                f"{self.name!r} cannot name a cluster: use at most 40 lower case letters, digits and inner dashes"
            )

    @property
    def folder(self) -> Path:
        return paths.state() / self.name

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    @property
    def workdir(self) -> Path:
        """What kwokctl keeps: pki, logs, pids, etcd's data."""
        return self.folder / "kwok" / "clusters" / self.name

    @property
    def audit_log(self) -> Path:
        return self.workdir / "logs" / "audit.log"

    @property
    def facts(self) -> dict[str, Any]:
        """What `up` was asked for and did; empty for a cluster that was never finished."""
        try:
            facts = json.loads((self.folder / "facts.json").read_text())
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def exists(self) -> bool:
        return self.folder.is_dir()

    def processes(self) -> dict[str, psutil.Process]:
        """Its running components, found by what they were started with, never by a process number on disk:
        after a kill that number may be somebody else's."""
        return {name: process for name, process in self._processes() if name in COMPONENTS}

    def helpers(self) -> dict[str, psutil.Process]:
        """Its running simulations, by what they stand for."""
        return {name: process for name, process in self._processes() if name in HELPERS.values()}

    def everything(self) -> list[psutil.Process]:
        """Its components, and before them a kwokctl, and the kubectl that one runs, left by an interrupted `up`."""
        order = ("kwokctl", *HELPERS.values(), "kubectl", *COMPONENTS)
        return [process for _, process in sorted(self._processes(), key=lambda found: order.index(found[0]))]

    def _processes(self) -> Iterator[tuple[str, psutil.Process]]:
        belongs = dict.fromkeys((*COMPONENTS, "kubectl"), f"{self.workdir}/")
        belongs |= dict.fromkeys(("kwokctl", *HELPERS.values()), f"{self.folder}/")
        for process in psutil.process_iter(["name", "cmdline", "status"]):
            command = process.info["cmdline"] or []
            if not command or process.info["status"] == psutil.STATUS_ZOMBIE:
                continue
            module = command[2] if command[1:2] == ["-m"] and len(command) > 2 else ""
            name = HELPERS.get(module, Path(command[0]).name)
            if name in belongs and any(belongs[name] in argument for argument in command[1:]):
                yield name, process

    def running(self) -> bool:
        """Finished by `up`, and every component alive."""
        return bool(self.facts) and set(self.processes()) == set(COMPONENTS)


def every() -> list[Cluster]:
    """All clusters of this user, by name."""
    folder = paths.state()
    names = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    return [Cluster(name) for name in names if re.fullmatch(NAME, name)]


def existing(name: str) -> Cluster:
    """The cluster of that name, or a sentence that says which there are."""
    cluster = Cluster(name)
    if not cluster.exists():
        names = ", ".join(other.name for other in every()) or "none"
        raise LabError(f"there is no lab cluster {name} (there are: {names}): start it with `lab up {name}`")
    return cluster


def finished(name: str) -> Cluster:
    """The cluster of that name if its `up` ever came to its end."""
    cluster = existing(name)
    if not cluster.facts:
        raise LabError(f"{name} was never finished: `lab up {name}` starts it anew")
    return cluster
