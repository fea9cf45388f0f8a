"""Lab clusters for tests: started by the lab's own command, ended whatever happens, their audit log read."""

from __future__ import annotations

import contextlib
import datetime
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
import yaml
from lab.cluster import Cluster, every
from lab.requests import finished_since, kind_of

from lab import build

LAB = (sys.executable, "-m", "lab.cli")  # the command line
OWN = r"test-(\d+)(-[a-z0-9-]+)?"
# The default class of simulated nodes, whose volumes store nothing.
STORAGE = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "local", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "example.com/any",
    "volumeBindingMode": "WaitForFirstConsumer",
}


def lab(*arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the lab's command line, with variables of the environment replaced."""
    done = subprocess.run([*LAB, *arguments], capture_output=True, text=True, check=False, env=os.environ | environment)
    assert not check or done.returncode == 0, f"lab {' '.join(arguments)}: {done.stderr}"
    return done


@dataclass
class Requests:
    """What the API server's audit log says was asked of it, one entry a finished request."""

    all: list[dict[str, Any]] = field(default_factory=list)

    @property
    def changing(self) -> list[dict[str, Any]]:
        """Requests that could change something, dry runs included; a review of rights stores nothing anywhere."""
        return [request for request in self.all if kind_of(request) != "read"]

    @property
    def dry(self) -> list[dict[str, Any]]:
        """Dry runs (`dryRun=All`)."""
        return self._of("dry_run")

    @property
    def leases(self) -> list[dict[str, Any]]:
        """Changes of Leases, dry runs aside."""
        return self._of("lease")

    @property
    def mutating(self) -> list[dict[str, Any]]:
        """What idempotence forbids: changes that are neither dry runs nor Leases."""
        return self._of("write")

    def _of(self, kind: str) -> list[dict[str, Any]]:
        return [request for request in self.all if kind_of(request) == kind]

    def words(self) -> list[str]:
        """One short line a request, for an assertion's message."""
        return [
            f"{request['verb']} {request['requestURI']} {request['responseStatus']['code']}" for request in self.all
        ]


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

    def serves(self, *definitions: str) -> None:
        """Waits until clients find the kinds of these CustomResourceDefinitions: some time after Established."""
        eventually(lambda: set(definitions) <= self._kinds(), 60)

    def forgets(self, definition: str) -> None:
        """Waits until clients find the kind of a deleted CustomResourceDefinition no more."""
        eventually(lambda: definition not in self._kinds(), 60)

    def _kinds(self) -> set[str]:
        return set(self.kubectl("api-resources", "--output=name").split())

    @contextlib.contextmanager
    def namespace(self, prefix: str) -> Iterator[str]:
        """A namespace for the length of the block; what is in it goes with it."""
        name = f"{prefix}-{uuid.uuid4().hex[:8]}"
        self.kubectl("create", "namespace", name)
        yield name
        self.kubectl("delete", "namespace", name, "--wait=false")

    @contextlib.contextmanager
    def record(self, *, user: str | None = None, user_agent: str | None = None) -> Iterator[Requests]:
        """Requests made inside the block by a user (impersonated ones count) or by a part of a user agent.

        Filled when the block ends. A request from before it may end, and be logged, within it: a watch that its client
        has left, for one. It is left out; the API server's clock is this machine's.
        """
        start, began = self.audit_log.stat().st_size, datetime.datetime.now(datetime.UTC)
        requests = Requests()
        yield requests
        found, _ = finished_since(self.audit_log, start, lambda path: self.kubectl("get", "--raw", path))
        inside = [each for each in found if datetime.datetime.fromisoformat(each["requestReceivedTimestamp"]) >= began]
        requests.all += [request for request in inside if _by(request, user, user_agent)]


def bound_account(cluster: LabCluster, role: dict[str, Any], namespace: str, kubeconfig: Path) -> None:
    """The ServiceAccount `runner` with this ClusterRole and nothing else, and a kubeconfig with its token."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "runner", "namespace": namespace}}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "runner"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role["metadata"]["name"]},
        "subjects": [{"kind": "ServiceAccount", "name": "runner", "namespace": namespace}],
    }
    cluster.apply(account, role, binding)
    token = cluster.kubectl("create", "token", "runner", f"--namespace={namespace}", "--duration=1h").strip()
    config = yaml.safe_load(cluster.kubectl("config", "view", "--raw", "--minify"))
    config["users"][0]["user"] = {"token": token}
    kubeconfig.touch(mode=0o600)
    kubeconfig.write_text(yaml.safe_dump(config))


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
