"""Plays run by ansible-playbook in a process of their own, as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BINARY = Path(sys.executable).parent / "ansible-playbook"


def play(*tasks: dict[str, Any], **variables: Any) -> list[dict[str, Any]]:
    """A play on the one host `cluster`, connection local."""
    return [{"hosts": "cluster", "gather_facts": False, "tasks": list(tasks), "vars": variables}]


def command(playbook: Path, *arguments: str) -> list[str]:
    return [str(BINARY), "--inventory", "cluster,", "--connection", "local", str(playbook), *arguments]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The checkout's configuration, and a cache folder of the test's own."""
    return os.environ | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "XDG_CACHE_HOME": str(folder / "cache")} | more


def write(folder: Path, plays: list[dict[str, Any]]) -> Path:
    path = folder / "playbook.yml"
    path.write_text(json.dumps(plays))
    return path


def run(folder: Path, plays: list[dict[str, Any]], *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The finished ansible-playbook, its output in both streams."""
    return subprocess.run(
        command(write(folder, plays), *arguments),
        cwd=ROOT,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
