"""Starts a lab cluster whole, or not at all, and ends one without a trace."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import yaml

from . import build, config, paths, progress
from .cluster import COMPONENTS, Cluster
from .errors import LabError
from .kubectl import create, kubectl
from .locks import lock
from .shape import Pool, nodes
from .tools import CONTROL_PLANE, TOOLS

ROOM = 512 << 20  # bytes that a cluster's data and logs may well need
MARK = "lab.groundwork.platform"  # prefix of the annotations on namespace kube-system that only lab clusters carry
PATIENCE = 60  # seconds for the control plane, and again for the nodes


def up(cluster: Cluster, pools: list[Pool], *, fast: bool, port: int, audit: bool) -> None:
    """Starts the cluster; nothing happens to one that already runs so, nothing is left of one that cannot start."""
    asked = {"pools": pools, "fast": fast, "port": port, "audit": audit}
    if cluster.running():
        _refuse_other(cluster, asked)
        progress.say(f"{cluster.name} is already running")
        return
    for tool in CONTROL_PLANE:
        build.ensure(TOOLS[tool])
    with lock("up.lock", "starts a cluster"):  # kwokctl chooses ports: one at a time
        if cluster.running():
            return
        if cluster.exists():
            progress.say(f"{cluster.name} is only half there, ending the rest of it first")
            down(cluster)
        start = time.monotonic()
        try:
            _start(cluster, asked)
        except BaseException:
            down(cluster)
            raise
        progress.say(f"{cluster.name} is ready after {time.monotonic() - start:.1f} s")


def _refuse_other(cluster: Cluster, asked: dict[str, Any]) -> None:
    before = cluster.facts["asked"]
    different = sorted(key for key in asked if asked[key] != before[key] and (key != "port" or asked[key]))
    if different:
        raise LabError(
            f"{cluster.name} already runs with other {' and '.join(different)}: "
            f"`lab down {cluster.name}` first, or take another name"
        )


def _start(cluster: Cluster, asked: dict[str, Any]) -> None:
    _check_room(cluster)
    _check_port(asked["port"])
    paths.make(cluster.folder, "XDG_STATE_HOME")
    with _in_words(cluster):
        policy = cluster.folder / "audit-policy.yaml"
        if asked["audit"]:
            policy.write_text(yaml.safe_dump(config.AUDIT_POLICY))
        settings = config.kwokctl(
            fast=asked["fast"], port=asked["port"], audit_policy=str(policy) if asked["audit"] else ""
        )
        (cluster.folder / "kwokctl.yaml").write_text(settings)
        _kwokctl(
            cluster, "create", "cluster", "--config", str(cluster.folder / "kwokctl.yaml"), "--wait", f"{PATIENCE}s"
        )
        _write_kubeconfig(cluster)
    _check_alive(cluster)
    kubectl(
        cluster, "annotate", "namespace", "kube-system", f"{MARK}/cluster={cluster.name}", f"{MARK}/profile=rehearse"
    )
    create(cluster, nodes(asked["pools"], TOOLS["kubernetes"].version))
    kubectl(cluster, "wait", "nodes", "--all", "--for=condition=Ready", f"--timeout={PATIENCE}s")
    _check_alive(cluster)
    with _in_words(cluster):
        facts = {"asked": asked, "started": time.time(), "version": TOOLS["kubernetes"].version}
        (cluster.folder / "facts.json").write_text(json.dumps(facts, indent=1))


def _kwokctl(cluster: Cluster, *arguments: str) -> None:
    log = cluster.folder / "kwokctl.log"
    own = {
        "HOME": str(cluster.folder),  # its own settings, kubectl's discovery cache
        "KUBECONFIG": str(cluster.folder / "kwok.kubeconfig"),  # else it writes into the user's
        "KWOK_WORKDIR": str(cluster.folder / "kwok"),
    }
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KWOK_")}
    with log.open("a") as output:
        done = subprocess.run(
            [str(build.program("kwokctl")), *arguments, "--name", cluster.name],
            env=environment | own | config.environment(),
            cwd=cluster.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
            umask=0o077,
        )
    if done.returncode:
        raise LabError(f"{cluster.name} did not start: {_blame(cluster, log)}")


def _blame(cluster: Cluster, log: Path) -> str:
    """The last words of a component that is gone, else kwokctl's."""
    alive = cluster.processes()
    for component in COMPONENTS:
        said = _last_line(cluster.workdir / "logs" / f"{component}.log")
        if component not in alive and said:
            return f"{component} ended with: {said}"
    return _last_line(log) or "kwokctl said nothing"


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][:400] if lines else ""


def _check_alive(cluster: Cluster) -> None:
    """kwokctl's own wait does not notice a component that died."""
    gone = sorted(set(COMPONENTS) - set(cluster.processes()))
    if gone:
        raise LabError(f"{cluster.name} did not start: {_blame(cluster, cluster.folder / 'kwokctl.log')}")


def _check_room(cluster: Cluster) -> None:
    folder = next(parent for parent in cluster.folder.parents if parent.exists())
    if shutil.disk_usage(folder).free < ROOM:
        raise LabError(
            f"no space for a cluster in {folder}: free {ROOM >> 20} MiB or set XDG_STATE_HOME to another disk"
        )


def _check_port(port: int) -> None:
    if not port:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise LabError(f"port {port} cannot be used ({error.strerror}): choose another --port, or none") from None


@contextlib.contextmanager
def _in_words(cluster: Cluster) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LabError(
            f"{cluster.folder} cannot be written ({paths.why(error)}): free it or set XDG_STATE_HOME"
        ) from None


def _write_kubeconfig(cluster: Cluster) -> None:
    """kwokctl's kubeconfig with the certificates inside, so that it can be moved and outlives nothing."""
    made = yaml.safe_load((cluster.workdir / "kubeconfig.yaml").read_text())
    server = made["clusters"][0]["cluster"]["server"]

    def inside(name: str) -> str:
        return base64.b64encode((cluster.workdir / "pki" / name).read_bytes()).decode()

    context = f"lab-{cluster.name}"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        "clusters": [{"name": context, "cluster": {"server": server, "certificate-authority-data": inside("ca.crt")}}],
        "users": [
            {
                "name": context,
                "user": {"client-certificate-data": inside("admin.crt"), "client-key-data": inside("admin.key")},
            }
        ],
    }
    descriptor = os.open(cluster.kubeconfig, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        yaml.safe_dump(content, file, sort_keys=False)


def down(cluster: Cluster) -> None:
    """Ends every process of the cluster and removes its folder, whatever is left of either.

    Not by kwokctl: it trusts process numbers on disk, which after a kill may be somebody else's.
    """
    processes = list(cluster.processes().values())
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()  # nothing in a lab cluster is worth a graceful end
    _, alive = psutil.wait_procs(processes, timeout=10)
    if alive:
        numbers = ", ".join(str(process.pid) for process in alive)
        raise LabError(f"{cluster.name} does not end: processes {numbers} outlive a kill, end them as their owner")
    shutil.rmtree(cluster.folder, ignore_errors=True)
    if cluster.exists():
        raise LabError(f"{cluster.folder} cannot be removed: remove it as its owner")
    for folder in (cluster.folder.parent, cluster.folder.parent.parent):
        with contextlib.suppress(OSError):  # not empty, or gone
            folder.rmdir()
