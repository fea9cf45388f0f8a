"""Lab clusters for tests: started by the lab's own command, ended whatever happens, their audit log read."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from lab.cluster import Cluster, every

from lab import build

MUTATING = {"create", "update", "patch", "delete", "deletecollection"}
OWN = r"test-(\d+)(-[a-z0-9-]+)?"


def lab(*arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the lab's command line, with variables of the environment replaced."""
    command = [sys.executable, "-m", "lab.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)
    assert not check or done.returncode == 0, f"lab {' '.join(arguments)}: {done.stderr}"
    return done


@dataclass
class Requests:
    """What the API server's audit log says was asked of it, one entry a finished request."""

    all: list[dict[str, Any]] = field(default_factory=list)

    @property
    def changing(self) -> list[dict[str, Any]]:
        """Requests that could change something, dry runs included; a review of rights stores nothing anywhere."""
        return [request for request in self.all if request["verb"] in MUTATING and not _is_review(request)]

    @property
    def dry(self) -> list[dict[str, Any]]:
        """Dry runs (`dryRun=All`)."""
        return [request for request in self.changing if _is_dry(request)]

    @property
    def leases(self) -> list[dict[str, Any]]:
        """Changes of Leases, dry runs aside."""
        return [request for request in self.changing if _is_lease(request) and not _is_dry(request)]

    @property
    def mutating(self) -> list[dict[str, Any]]:
        """What idempotence forbids: changes that are neither dry runs nor Leases."""
        return [request for request in self.changing if not _is_dry(request) and not _is_lease(request)]

    def words(self) -> list[str]:
        """One short line a request, for an assertion's message."""
        return [
            f"{request['verb']} {request['requestURI']} {request['responseStatus']['code']}" for request in self.all
        ]


def _is_dry(request: dict[str, Any]) -> bool:
    return "dryRun=All" in request["requestURI"]


def _is_review(request: dict[str, Any]) -> bool:
    return bool(re.match(r"/apis/auth(orization|entication)\.k8s\.io/v1/self\w+reviews", request["requestURI"]))


def _is_lease(request: dict[str, Any]) -> bool:
    return request.get("objectRef", {}).get("resource") == "leases"


def _by(request: dict[str, Any], user: str | None, user_agent: str | None) -> bool:
    names = {request["user"].get("username"), request.get("impersonatedUser", {}).get("username")}
    return (user is None or user in names) and (user_agent is None or user_agent in request.get("userAgent", ""))


@dataclass(frozen=True)
class LabCluster:
    """A running lab cluster with an audit log."""

    name: str
    kubeconfig: Path
    audit_log: Path
    kubectl_path: Path = field(default_factory=lambda: build.program("kubectl"))

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """kubectl's output; with `check=False` also what it complains of."""
        command = [str(self.kubectl_path), f"--kubeconfig={self.kubeconfig}", *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=900)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout if check else done.stdout + done.stderr

    def get(self, *arguments: str) -> Any:
        """The object or list that `kubectl get` answers with."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def apply(self, *objects: dict[str, Any]) -> None:
        """Server-side applies objects."""
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        self.kubectl("apply", "--server-side", "--filename=-", stdin=text)

    def refusal(self, obj: dict[str, Any]) -> str:
        """Why the API server refuses to create an object (nothing is stored); empty when it would not."""
        answer = self.kubectl("create", "--dry-run=server", "--filename=-", stdin=json.dumps(obj), check=False)
        return answer if "Error from server" in answer or "forbidden" in answer else ""

    @contextlib.contextmanager
    def record(self, *, user: str | None = None, user_agent: str | None = None) -> Iterator[Requests]:
        """Requests made inside the block by a user (impersonated ones count) or by a part of a user agent.

        Filled when the block ends.
        """
        start = self.audit_log.stat().st_size
        requests = Requests()
        yield requests
        requests.all += [request for request in self._finished(start) if _by(request, user, user_agent)]

    def _finished(self, start: int) -> list[dict[str, Any]]:
        """Audit entries from a position on. The log is written as a request ends, which may be after its client has
        its answer: a request of our own, seen in the log, closes it."""
        fence = f"/version?fence={uuid.uuid4()}"
        self.kubectl("get", "--raw", fence)
        with self.audit_log.open() as log:
            log.seek(start)
            entries: list[dict[str, Any]] = []
            part = ""
            deadline = time.monotonic() + 10
            while not any(entry["requestURI"] == fence for entry in entries):
                assert time.monotonic() < deadline, "the API server did not log a request that it answered"
                *lines, part = (part + log.read()).split("\n")
                entries += map(json.loads, lines)
        return [entry for entry in entries if entry["requestURI"] != fence]


def eventually(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Looks again until a condition holds that nothing announces; each look must itself take its time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds:.0f} s"


@contextlib.contextmanager
def started(suffix: str = "", *arguments: str) -> Iterator[LabCluster]:
    """A cluster of this process for the length of the block; `arguments` are those of `lab up`."""
    _end_orphans()
    name = f"test-{os.getpid()}{'-' if suffix else ''}{suffix}"
    try:
        lab("up", name, "--audit", *arguments)
        cluster = Cluster(name)
        yield LabCluster(name, cluster.kubeconfig, cluster.audit_log)
    finally:
        lab("down", name)


def _end_orphans() -> None:
    """Ends clusters of test processes that were killed before they could."""
    for cluster in every():
        own = re.fullmatch(OWN, cluster.name)
        if own and not psutil.pid_exists(int(own[1])):
            lab("down", cluster.name)
