"""The Debian packages that real nodes and images need: installed by apt-get, or named in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .. import progress
from ..errors import LabError
from ..locks import lock
from .run import found

NEEDED = {  # package -> what of it is used
    "containernetworking-plugins": "/usr/lib/cni/bridge",
    "debootstrap": "debootstrap",
    "iproute2": "ip",
    "nftables": "nft",
    "procps": "sysctl",
    "runc": "runc",
    "util-linux": "nsenter",
}


def check_machine() -> None:
    """Raises when real nodes cannot run here, whatever is installed."""
    if sys.platform != "linux":
        raise LabError("real nodes and images need Linux: run this there")
    if os.geteuid() != 0:
        raise LabError("real nodes and images need root, for namespaces and mounts: say `sudo -E uv run lab ...`")


def missing() -> list[str]:
    """The packages that are not there."""
    return [package for package, what in NEEDED.items() if not (Path(what).exists() or found(what))]


def ensure() -> None:
    """Installs what is missing where apt-get is, else names it."""
    packages = missing()
    if not packages:
        return
    apt = found("apt-get")
    if not apt:
        raise LabError(
            f"real nodes need {', '.join(packages)} (Debian's names): install them with your package manager"
        )
    with lock("apt.lock", "installs Debian packages"), progress.step(f"Debian packages {', '.join(packages)}"):
        wanted = ["install", "--quiet", "--yes", "--no-install-recommends", *packages]
        if _apt(apt, *wanted):  # an old list of packages
            _apt(apt, "update", "--quiet")
            complaint = _apt(apt, *wanted)
            if complaint:
                raise LabError(
                    f"apt-get could not install {', '.join(packages)} ({complaint}): install them, then again"
                )


def _apt(apt: str, *arguments: str) -> str:
    """What it complained of last; empty when all went well."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run([apt, *arguments], env=environment, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or "no reason given").splitlines()[-1] if done.returncode else ""
