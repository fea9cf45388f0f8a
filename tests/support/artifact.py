"""The collection as its users get it: built, and installed where nothing of the checkout is in reach."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def run(*command: str, cwd: Path = ROOT, **environment: str) -> str:
    """A program of the environment; its output, asserted to have ended well."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(BIN / command[0]) if (BIN / command[0]).exists() else command[0], *command[1:]],
        cwd=cwd,
        env=os.environ | {"PATH": path} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-3000:]}"
    return done.stdout


def install(folder: Path) -> Path:
    """Builds the collection and installs the artifact below `folder`; the collection's folder there."""
    run("ansible-galaxy", "collection", "build", "--output-path", str(folder))
    artifact = next(folder.glob("groundwork-platform-*.tar.gz"))
    command = ("ansible-galaxy", "collection", "install", str(artifact), "-p", str(folder), "--offline", "--force")
    run(*command, cwd=folder, ANSIBLE_COLLECTIONS_PATH=str(folder))
    return folder / "ansible_collections" / "groundwork" / "platform"
