"""How each kind of layer is made: into an empty folder, or in the root that the layers below it make."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import build, paths
from ..errors import LabError
from ..progress import Tell
from ..real.run import PLACES, found
from ..tools import tool_of
from .recipe import FOLDER

MIRROR = "http://deb.debian.org/debian"
SECURITY = "http://deb.debian.org/debian-security"
LOGS = ("var/log/bootstrap.log", "var/log/dpkg.log", "var/log/alternatives.log")
LEFT_OUT = ("doc", "man", "info", "locale", "lintian", "linda")  # of /usr/share
PYTHON = "3.11"  # Debian bookworm's
PACKAGES = "usr/lib/python3/dist-packages"
# Ends with the lab, and nothing it started or mounted outlives it.
CONFINED = ("setpriv", "--pdeathsig", "KILL", "--", "unshare", "--mount", "--pid", "--fork", "--kill-child")
DEVICES = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}  # of major number 1, by Linux
BLAME = ("E: ", "error:")  # how apt and uv begin the line that matters
ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "HOME": "/root"}


@dataclass(frozen=True)
class Kind:
    """`make(value, root, tell)`; `apart`: needs nothing of the layers below; `depends`: what else decides it."""

    make: Callable[[Any, Path, Tell], None]
    apart: bool
    depends: Callable[[Any], str] = lambda value: ""


def _debian(suite: str, root: Path, tell: Tell) -> None:
    _run(tell, *CONFINED, "--", "debootstrap", "--variant=minbase", suite, str(root), MIRROR)
    excluded = "".join(f"path-exclude=/usr/share/{name}/*\n" for name in LEFT_OUT)
    (root / "etc/dpkg/dpkg.cfg.d/lab").write_text(excluded)
    lines = (
        f"deb {MIRROR} {suite} main",
        f"deb {MIRROR} {suite}-updates main",
        f"deb {SECURITY} {suite}-security main",
    )
    (root / "etc/apt/sources.list").write_text("\n".join(lines) + "\n")
    for name in LEFT_OUT:
        shutil.rmtree(root / "usr/share" / name, ignore_errors=True)
    _tidy(root)


def _packages(packages: list[str], root: Path, tell: Tell) -> None:
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    refusal = root / "usr/sbin/policy-rc.d"  # no service is started in an image
    refusal.write_text("#!/bin/sh\nexit 101\n")
    refusal.chmod(0o755)
    _inside(root, tell, "apt-get", "update", "--quiet")
    _inside(root, tell, "apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *packages)
    refusal.unlink()
    _tidy(root)


def _tidy(root: Path) -> None:
    """What belongs to the machine or is of no use in an image."""
    for name in ("etc/resolv.conf", "etc/hostname", *LOGS):
        (root / name).unlink(missing_ok=True)
    for name in ("var/cache/apt", "var/lib/apt/lists", "var/log/apt", "var/cache/debconf"):
        for path in (root / name).glob("*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _users(users: dict[str, int], root: Path, tell: Tell) -> None:
    for name, number in users.items():
        taken = {line.split(":")[2] for line in (root / "etc/group").read_text().splitlines()}
        if str(number) not in taken:  # Debian has groups of its own below 100
            _inside(root, tell, "groupadd", "--gid", str(number), name)
        _inside(root, tell, "useradd", "--uid", str(number), "--gid", str(number), "--no-create-home", name)


def _wheels(name: str, root: Path, tell: Tell) -> None:
    target = root / PACKAGES
    uv = shutil.which("uv")
    if not uv:
        raise LabError("Python wheels are installed by uv, which is not on PATH: pip install uv")
    _run(
        tell,
        *(uv, "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:", "--no-deps"),
        *("--python", sys.executable, "--python-version", PYTHON, "--python-platform", "x86_64-manylinux_2_28"),
        *("--target", str(target), "--requirement", str(FOLDER / name)),
    )
    programs = root / "usr/local/bin"
    programs.mkdir(parents=True)
    for script in (target / "bin").glob("*"):
        text = script.read_text()
        _, _, rest = text.partition("\n") if text.startswith("#!") else ("", "", text)
        (programs / script.name).write_text(f"#!/usr/bin/python3\n{rest}")
        (programs / script.name).chmod(0o755)
    shutil.rmtree(target / "bin", ignore_errors=True)


def _programs(programs: dict[str, str], root: Path, tell: Tell) -> None:
    for name, path in programs.items():
        target = _place(root, path)
        shutil.copyfile(build.program(name), target)
        target.chmod(0o755)


def _files(files: dict[str, str], root: Path, tell: Tell) -> None:
    for path, text in files.items():
        _place(root, path).write_text(text)


def _links(links: dict[str, str], root: Path, tell: Tell) -> None:
    for path, target in links.items():
        _place(root, path).symlink_to(target)


def _folders(folders: dict[str, str], root: Path, tell: Tell) -> None:
    for path, mode in folders.items():
        folder = _place(root, path)
        folder.mkdir()
        folder.chmod(int(mode, 8))


KINDS = {
    "debian": Kind(_debian, apart=True),
    "packages": Kind(_packages, apart=False),
    "users": Kind(_users, apart=False),
    "wheels": Kind(_wheels, apart=True, depends=lambda name: _digest(FOLDER / name)),
    "programs": Kind(_programs, apart=True, depends=lambda value: " ".join(tool_of(name).entry for name in value)),
    "files": Kind(_files, apart=True),
    "links": Kind(_links, apart=True),
    "folders": Kind(_folders, apart=True),
}


def _place(root: Path, path: str) -> Path:
    target = root / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _inside(root: Path, tell: Tell, *command: str) -> None:
    for name, minor in DEVICES.items():  # a layer holds none, and apt misses them
        if not (root / "dev" / name).exists():
            os.mknod(root / "dev" / name, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
            (root / "dev" / name).chmod(0o666)
    _run(tell, *CONFINED, f"--root={root}", "--mount-proc", "--", *command)


def _run(tell: Tell, *command: str) -> None:
    path = found(command[0]) or command[0]
    inside = any(each.startswith("--root=") for each in command)  # there the user's paths and settings mean nothing
    keep = {key: value for key, value in os.environ.items() if not inside or "proxy" in key.lower()}
    places = {"PATH": PLACES if inside else f"{keep.get('PATH', '')}:{PLACES}"}
    lines = []
    with subprocess.Popen(
        [path, *command[1:]],
        env=ENVIRONMENT | keep | places,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as running:
        for line in running.stdout or ():
            lines += [line.strip()] if line.strip() else []
            tell(line.strip()[:80])
    if running.returncode:
        said = next((line for line in lines if line.startswith(BLAME)), lines[-1] if lines else "it gave no reason")
        raise LabError(f"a layer could not be made, `{' '.join(command[-4:])[:120]}` said: {said[:300]}")


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise LabError(f"{path} cannot be read ({paths.why(error)}): restore it from version control") from None
