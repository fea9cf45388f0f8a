"""Runs kwokctl for one cluster, away from the user's own settings, and says in words why it failed."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path

import yaml

from . import build, config
from .cluster import COMPONENTS, HELPERS, Cluster
from .errors import LabError
from .real import controlplane

FRUGAL = {"GOGC": "40"}  # a tenth less memory for a tenth more of the API server's time; one set by the user wins
SERVING = {"etcd", "kube-apiserver"}
PATIENCE = "60s"  # for the control plane to answer


def create(cluster: Cluster, settings: Path) -> None:
    """Makes certificates, starts every component, waits until the API server answers, writes our kubeconfig."""
    _run(cluster, "create", "cluster", "--config", str(settings), "--wait", PATIENCE)
    complete(cluster)
    _write_kubeconfig(cluster)


def complete(cluster: Cluster) -> None:
    """Starts once more what gave up on an API server that is alive: controllers give it ten seconds, a loaded machine
    needs more."""
    gone = set(COMPONENTS) - set(cluster.processes())
    if gone and not gone & SERVING:
        start(cluster)
    check_alive(cluster)


def start(cluster: Cluster) -> None:
    """Starts the components that are gone, on the data they left."""
    for component in set(COMPONENTS) - set(cluster.processes()):  # it believes a process number on disk
        (cluster.workdir / "pids" / f"{component}.pid").unlink(missing_ok=True)
    _run(cluster, "start", "cluster", "--wait", PATIENCE)
    check_alive(cluster)


def check_alive(cluster: Cluster) -> None:
    """Raises when a component is gone; kwokctl's own wait does not notice."""
    if set(COMPONENTS) - set(cluster.processes()):
        raise _failure(cluster)


def log(cluster: Cluster, component: str) -> Path:
    """Where the words of a component are, kwokctl's own and the simulations' included."""
    folder = cluster.folder if component in ("kwokctl", *HELPERS.values()) else cluster.workdir / "logs"
    return folder / f"{component}.log"


def _run(cluster: Cluster, *arguments: str) -> None:
    own = {
        "HOME": str(cluster.folder),  # its settings, kubectl's discovery cache
        "KUBECONFIG": str(cluster.folder / "kwok.kubeconfig"),  # else it writes into the user's
        "KWOK_WORKDIR": str(cluster.folder / "kwok"),
        # Else it asks whichever kubectl the machine has, before the one it was told of.
        "PATH": os.pathsep.join((str(build.program("kubectl").parent), os.environ.get("PATH", ""))),
    }
    environment = FRUGAL | {key: value for key, value in os.environ.items() if not key.startswith("KWOK_")}
    with log(cluster, "kwokctl").open("a") as output:
        done = subprocess.run(
            [*controlplane.within(cluster), str(build.program("kwokctl")), *arguments, "--name", cluster.name],
            env=environment | own | config.environment(),
            cwd=cluster.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
            umask=0o077,
        )
    if done.returncode:
        raise _failure(cluster)


def _failure(cluster: Cluster) -> LabError:
    """Blames the first component that is gone, else kwokctl."""
    alive = cluster.processes()
    for component in COMPONENTS:
        said = _last_line(log(cluster, component))
        if component not in alive and said:
            return LabError(f"{cluster.name} did not start: {component} ended with: {said}")
    return LabError(f"{cluster.name} did not start: {_last_line(log(cluster, 'kwokctl')) or 'kwokctl said nothing'}")


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return _words(lines[-1])[:400] if lines else ""


def _words(line: str) -> str:
    """A line of a log without its clothes: etcd, kwok and kwokctl write JSON."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict):
        return line
    said = (entry.get(key) for key in ("msg", "err", "error"))
    return ": ".join(str(each) for each in said if each) or line


def _write_kubeconfig(cluster: Cluster) -> None:
    """kwokctl's kubeconfig with the certificates inside, for the user alone, under a context of ours."""
    made = yaml.safe_load((cluster.workdir / "kubeconfig.yaml").read_text())

    def inside(name: str) -> str:
        return base64.b64encode((cluster.workdir / "pki" / name).read_bytes()).decode()

    url = made["clusters"][0]["cluster"]["server"].replace("127.0.0.1", controlplane.address(cluster))
    server = {"server": url, "certificate-authority-data": inside("ca.crt")}
    user = {"client-certificate-data": inside("admin.crt"), "client-key-data": inside("admin.key")}
    context = f"lab-{cluster.name}"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        "clusters": [{"name": context, "cluster": server}],
        "users": [{"name": context, "user": user}],
    }
    descriptor = os.open(cluster.kubeconfig, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        yaml.safe_dump(content, file, sort_keys=False)
