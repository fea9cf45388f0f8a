"""The first process of a real node: covers what of the machine must not change, runs the node's programs, reaps.

Runs as number 1 of a PID namespace, in a mount namespace of its own: `python -m lab.real.init FOLDER`. When it ends,
the kernel ends every process of the node, containers included, and with them their mounts.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HOME = "/run/node"
SPEC = "init.json"
COVERED = ("/etc", "/opt", "/usr/libexec", "/var")  # written to by containerd, CNI or kubelet, whatever they are told
PATIENCE = 60.0  # seconds for the first program to say that it is ready
PAUSE = 1.0  # seconds before a program that ended is started again

# kubelet sets these for the whole machine; it is shown files of its own instead.
TUNED = {
    "kernel/keys/root_maxbytes": "25000000",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
}


def main() -> None:
    """Never returns but by an error."""
    os.chdir(sys.argv[1])
    _mount_all()
    spec = json.loads(Path(HOME, SPEC).read_text())
    environment = os.environ | spec["environment"] | {"TMPDIR": "/run/tmp"}
    first, *others = spec["programs"]
    running = {_start_ready(first, environment): first}
    running |= {_start(program, environment): program for program in others}
    while True:
        ended, _ = os.wait()
        program = running.pop(ended, None)
        if program:
            time.sleep(PAUSE)
            running[_start(program, environment)] = program


def _mount_all() -> None:
    _mount("--make-rshared", "/")
    subprocess.run(["umount", "--recursive", "--lazy", "/run/netns"], check=False, stderr=subprocess.DEVNULL)
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for folder in (HOME, "/run/tmp", "/run/lock"):
        os.makedirs(folder)
    _mount("--bind", ".", HOME)
    for path in COVERED:
        if os.path.isdir(path):
            _cover(path)
    os.makedirs(f"{HOME}/log", exist_ok=True)
    _mount("--bind", f"{HOME}/log", "/var/log")
    for name, value in TUNED.items():
        file = Path("/run/sysctl", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{value}\n")
        _mount("--bind", str(file), f"/proc/sys/{name}")


def _cover(path: str) -> None:
    """What is written there from now on is the node's alone, and gone with it."""
    upper, work = f"/run/covered{path}/upper", f"/run/covered{path}/work"
    os.makedirs(upper)
    os.makedirs(work)
    _mount("-t", "overlay", "overlay", "-o", f"lowerdir={path},upperdir={upper},workdir={work}", path)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _start_ready(program: list[str], environment: dict[str, str]) -> int:
    """Starts a program and waits for the word that systemd would wait for."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as words:
        words.bind("/run/notify")
        words.settimeout(PATIENCE)
        process = _start(program, environment | {"NOTIFY_SOCKET": "/run/notify"})
        while b"READY=1" not in words.recv(4096):
            pass
    return process


def _start(program: list[str], environment: dict[str, str]) -> int:
    log = os.open(f"{HOME}/{program[0]}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        with open(os.devnull) as nothing:
            return os.posix_spawn(
                shutil.which(program[0], path=environment["PATH"]) or program[0],
                program,
                environment,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, nothing.fileno(), 0),
                    (os.POSIX_SPAWN_DUP2, log, 1),
                    (os.POSIX_SPAWN_DUP2, log, 2),
                ],
                setsid=True,
                setsigmask=[],
                setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE],
            )
    finally:
        os.close(log)


if __name__ == "__main__":
    main()
