"""One real node: written to disk, started in its namespaces, killed as by a loss of power."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil

from .. import background, build
from ..errors import LabError
from ..images import archive
from ..images.recipe import Recipe
from . import cgroups, init, network, settings
from .plan import RealNode
from .run import PLACES

INIT = "lab.real.init"
UNSHARE = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc", "--")


def write(node: RealNode, kubeconfig: dict[str, Any], authority: str, *, fast: bool) -> None:
    """Everything the node's programs read."""
    places = [str(build.program(program).parent) for program in ("containerd", "kubelet")]
    environment = {"PATH": ":".join((*places, PLACES))}
    spec = {"programs": settings.programs(node), "environment": environment}
    content = settings.files(node, kubeconfig, authority, fast=fast) | {init.SPEC: json.dumps(spec, indent=1)}
    for name in ("volumes", "cni"):
        (node.folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    (node.folder / "volumes").chmod(0o755)  # pods of any user
    for name, text in content.items():
        path = node.folder / name
        path.write_text(text)
        path.chmod(0o600)


def start(node: RealNode) -> None:
    """Starts the node's first process; the API server says when the node is ready."""
    cgroups.make(node.cgroup)
    command = [*network.within(node.namespace), *UNSHARE, sys.executable, "-m", INIT, str(node.folder)]
    environment = {key: value for key, value in os.environ.items() if key != "NOTIFY_SOCKET"}
    background.start(command, node.folder / "init.log", environment)


def first_process(node: RealNode) -> psutil.Process | None:
    """The node's first process as the machine sees it, or None when the node is down."""
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if INIT in command and str(node.folder) in command and _is_first(process.pid):
            found: psutil.Process = process
            return found
    return None


def _is_first(pid: int) -> bool:
    """Number 1 in a PID namespace right below this one."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                numbers = line.split()[1:]
                return len(numbers) == 2 and numbers[1] == "1"
    return False


def inside(node: RealNode) -> list[str]:
    """How to start a program in the node's mount, network and PID namespaces."""
    process = first_process(node)
    if not process:
        raise LabError(f"node {node.name} of {node.plan.cluster.name} is down: `lab heal node {node.name}`")
    return ["nsenter", f"--target={process.pid}", "--mount", "--net", "--pid", "--"]


def ensure_image(node: RealNode, recipe: Recipe) -> None:
    """Hands an image to the node's containerd, unless it has it."""
    record = node.folder / "images.json"  # beside containerd's own folder: they live and die together
    known: dict[str, str] = json.loads(record.read_text()) if record.exists() else {}
    identity = archive.identity(recipe)
    if known.get(recipe.reference) != identity:
        _import(node, archive.stream(recipe))
        record.write_text(json.dumps(known | {recipe.reference: identity}))


def _import(node: RealNode, pieces: Iterable[bytes]) -> None:
    ctr = [str(build.program("ctr")), "--address", settings.SOCKET, "--namespace", "k8s.io"]
    command = [*inside(node), *ctr, "images", "import", "--digests=false", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        said = _feed(running, pieces).decode(errors="replace").strip().splitlines()
    if running.returncode:
        raise LabError(f"node {node.name} did not take an image: {said[-1] if said else 'ctr gave no reason'}")


def _feed(running: subprocess.Popen[bytes], pieces: Iterable[bytes]) -> bytes:
    """Writes the archive, as far as it is read, and returns what was said to it."""
    if running.stdin:
        with contextlib.suppress(BrokenPipeError):
            for piece in pieces:
                running.stdin.write(piece)
            running.stdin.close()
    return running.stdout.read() if running.stdout else b""


def words(node: RealNode) -> str:
    """The last that was said on a node that did not start."""
    for name in ("init", "containerd", "kubelet"):
        with contextlib.suppress(OSError):
            lines = (node.folder / f"{name}.log").read_text(errors="replace").strip().splitlines()
            bad = [line for line in lines if "rror" in line or "fatal" in line]
            if bad:
                return f"{name} said: {bad[-1][:300]}"
    return "see the logs in its folder"
