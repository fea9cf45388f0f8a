"""A real CloudNativePG cluster on a lab cluster: made, written to, watched."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils.procedures import postgres_writer as writer
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import seen
from support.lab import LabCluster, lab
from support.module import module

from lab import build

HEALTHY = "Cluster in healthy state"
_OPERATOR = ("-n", "cnpg-system", "-l", "app.kubernetes.io/name=cloudnative-pg")
IMAGE = "lab.local/postgresql:15"

# Options of postgres_cluster: as small as it goes, with WAL archived to the lab's S3 server.
SMALL: dict[str, Any] = {
    "namespace": "demo",
    "images": {15: IMAGE},
    "pooler_image": "lab.local/pgbouncer:1.24",
    "spread": "none",
    "storage": {"size": "1Gi"},
    "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    "parameters": {"shared_buffers": "32MB", "max_connections": "60"},
    "monitoring": {"enabled": False},
    "backup": {
        "bucket": "backups",
        "prefix": "procedures/",
        "endpoint": "http://s3.s3.svc:9000",
        "immediate": False,
        "wal_parallel": 1,  # each is a start of barman, which takes seconds of a busy processor
        "credentials": {"secret": "s3-keys"},
    },
}


def archiving(cluster: LabCluster) -> None:
    """CloudNativePG, its Barman plugin and an S3 server, whose keys are in the namespace demo, too."""
    lab("operator", "install", "barman-cloud", "--cluster", cluster.name)
    keys = cluster.get("secret", "-n", "s3", "s3-keys")["data"]
    cluster.apply(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s3-keys", "namespace": "demo"}, "data": keys}
    )


def node(cluster: LabCluster, *pod: str) -> str:
    """The node of a pod, by what kubectl is asked for it."""
    answer = cluster.get("pods", *pod)
    return str((answer["items"][0] if "items" in answer else answer)["spec"]["nodeName"])


def move_operator(cluster: LabCluster, *, away_from: str) -> None:
    """CloudNativePG runs on another node than that one."""
    if node(cluster, *_OPERATOR) == away_from:
        cluster.kubectl("cordon", away_from)
        cluster.kubectl("delete", "pod", *_OPERATOR)
        cluster.kubectl("rollout", "status", "deployment", *_OPERATOR, "--timeout=90s")
        cluster.kubectl("uncordon", away_from)
    assert node(cluster, *_OPERATOR) != away_from


def done(cluster: LabCluster, name: str, /, **options: Any) -> Any:
    """A module's run in the namespace demo that must end well."""
    result = module(cluster, name, **{"namespace": "demo", "timeout": 900, **options})
    assert not result.failed, result.msg
    return result


def manifest(name: str, namespace: str, instances: int, **spec: Any) -> dict[str, Any]:
    """A Cluster of the lab's own PostgreSQL image."""
    return {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Cluster",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"instances": instances, "imageName": IMAGE, "storage": {"size": "1Gi"}} | spec,
    }


class Client:
    """A pod in the namespace demo that writes numbered rows through a Service, as the writer of a drill does."""

    TABLE = "written"

    def __init__(self, cluster: LabCluster, name: str, through: str) -> None:
        self._cluster = cluster
        live = cluster.get("clusters.postgresql.cnpg.io", "-n", "demo", name)
        work = writer.writing({"TABLE": self.TABLE, "INTERVAL": "0.2"})
        cluster.apply(writer.pod("client", live, writer.access(live, through), work))
        cluster.kubectl("wait", "-n", "demo", "pod/client", "--for=condition=Ready", "--timeout=120s")

    def seen(self) -> seen.Seen:
        """What it saw so far."""
        return seen.seen(self._cluster.kubectl("logs", "-n", "demo", "client"))

    def end(self) -> None:
        self._cluster.kubectl("delete", "-n", "demo", "pod", "client", "--wait=false")


@dataclass
class Postgres:
    """One Cluster by name."""

    cluster: LabCluster
    name: str
    namespace: str

    def healthy(self, timeout: float) -> float:
        """Waits until all instances are; the seconds it took."""
        start = time.monotonic()
        where = f"--for=jsonpath={{.status.phase}}={HEALTHY}"
        self._kubectl("wait", f"clusters.postgresql.cnpg.io/{self.name}", where, f"--timeout={timeout:.0f}s", timeout)
        return time.monotonic() - start

    def primary(self) -> str:
        return str(self._status().get("currentPrimary", ""))

    def instances_ready(self) -> int:
        return int(self._status().get("readyInstances", 0))

    def sql(self, statement: str) -> str:
        """One statement on the primary; its answer without decoration."""
        psql = ("psql", "-U", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, "app")
        return self._kubectl("exec", self.primary(), "-c", "postgres", "--", *psql, 60).strip()

    def numbers(self) -> set[int]:
        """Which of a Client's rows it has."""
        answer = self.sql(f"select coalesce(string_agg(n::text, ' '), '') from {Client.TABLE}")
        return {int(each) for each in answer.split()}

    def new_primary(self, old: str, cause: Any, timeout: float) -> float:
        """Runs what ends the old primary, and watches until another one is current; the seconds between."""
        path = "jsonpath={.status.currentPrimary}{'\\n'}"
        command = [*self._command(), "get", f"clusters.postgresql.cnpg.io/{self.name}", "--watch", "--output", path]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
            assert watching.stdout is not None
            assert watching.stdout.readline().strip() == old
            end = threading.Timer(timeout, watching.kill)
            end.start()
            start = time.monotonic()
            cause()
            try:
                for line in watching.stdout:
                    if line.strip() not in ("", old):
                        return time.monotonic() - start
            finally:
                end.cancel()
                watching.kill()
        raise AssertionError(f"{old} is still the primary of {self.name} after {timeout:.0f} s: {self._status()}")

    def fifteen_rows(self) -> str:
        """Ten rows, five more later, all archived; the moment between, as a restore takes it."""
        self.sql("create table rows (at timestamptz default clock_timestamp()); alter table rows owner to app")
        self.sql("insert into rows select clock_timestamp() from generate_series(1, 10)")
        moment = self.sql("""select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""")
        self.sql("select pg_sleep(1); insert into rows select clock_timestamp() from generate_series(1, 5)")
        self.sql("select pg_switch_wal()")
        return moment

    def _status(self) -> dict[str, Any]:
        return dict(
            json.loads(self._kubectl("get", f"clusters.postgresql.cnpg.io/{self.name}", "-o", "json", 60))["status"]
        )

    def _command(self) -> list[str]:
        program = str(build.program("kubectl"))
        return [program, f"--kubeconfig={self.cluster.kubeconfig}", "--namespace", self.namespace]

    def _kubectl(self, *arguments: Any) -> str:
        *words, timeout = arguments
        command = [*self._command(), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout + 30)
        assert done.returncode == 0, done.stderr
        return done.stdout
