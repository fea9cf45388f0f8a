"""Runs a task in a process of its own and kills it in the moment a certain request arrives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from support.server import Exchange, Server

ROOT = Path(__file__).parents[2]
CHILD = """
import json, sys
sys.path[:0] = [".cache/collections", "tests"]
from support.task import task
given = json.load(sys.stdin)
task(given["connection"], given["objects"], **given["options"])
"""


def killed_at(server: Server, objects: list[Any], *, options: dict[str, Any] | None = None, **match: Any) -> None:
    """The matching request is not executed; the process is gone (SIGKILL) when this returns."""
    running: list[subprocess.Popen[str]] = []
    ready = threading.Event()

    def kill(exchange: Exchange) -> None:
        ready.wait(10)
        running[0].send_signal(signal.SIGKILL)
        exchange.reset()

    fault = server.fault(kill, **match)
    running.append(_child(server, objects, options or {}))
    ready.set()
    assert running[0].wait(timeout=60) == -signal.SIGKILL
    assert fault.hits >= 1
    fault.times = 0


def _child(server: Server, objects: list[Any], options: dict[str, Any]) -> subprocess.Popen[str]:
    given = {
        "connection": {"host": server.url, "api_key": server.token},
        "objects": objects,
        "options": {"wait": False, **options},
    }
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert process.stdin
    process.stdin.write(json.dumps(given))
    process.stdin.close()
    return process
