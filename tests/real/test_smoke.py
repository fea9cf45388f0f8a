"""One real node: pods, names, Services, a volume, CloudNativePG through the loss of its primary, and nothing left."""

from __future__ import annotations

import base64
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from lab.cluster import COMPONENTS, Cluster
from support import machine, playbook, postgres
from support.lab import LabCluster, eventually, lab
from support.machine import Machine
from support.module import module
from support.postgres import Postgres

from lab import build

pytestmark = pytest.mark.smoke

BASE = "lab.local/base:bookworm"
# Required durability is refused with two: all writes would stop while either is away.
TWO: dict[str, Any] = {**postgres.SMALL, "instances": 2, "quorum": True, "durability": "preferred"}
ECHO = 'use IO::Socket::INET; $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 5, ReuseAddr => 1);\
 while ($c = $s->accept) { print $c "hello\\n"; close $c }'
ASK = "use IO::Socket::INET; $c = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 80, Timeout => 5) or die $@;\
 print <$c>"


@pytest.fixture(scope="module")
def before(_real_nodes_possible: None) -> Machine:
    return machine.look()


@pytest.fixture(scope="module")
def cluster(before: Machine, real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster("smoke") as running:
        running.kubectl("create", "namespace", "demo")
        yield running


@pytest.fixture(scope="module")
def database(cluster: LabCluster) -> Postgres:
    postgres.archiving(cluster)
    return Postgres(cluster, "main", "demo")


def _pod(name: str, command: list[str], **labels: str) -> dict[str, Any]:
    container = {"name": "main", "image": BASE, "command": command}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "demo", "labels": labels},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
    }


def test_a_pod_runs_and_a_service_reaches_it_by_name(cluster: LabCluster, told: Callable[[str], None]) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "echo", "namespace": "demo"},
        "spec": {"selector": {"app": "echo"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    start = time.monotonic()
    cluster.apply(_pod("echo", ["perl", "-e", ECHO], app="echo"), service, _pod("asker", ["sleep", "infinity"]))
    cluster.kubectl("wait", "-n", "demo", "--for=condition=Ready", "pod/echo", "pod/asker", "--timeout=120s")
    told(f"two pods Ready after {time.monotonic() - start:.1f} s")
    ask = ("exec", "-n", "demo", "asker", "--", "perl", "-e", ASK, "echo.demo.svc.cluster.local")
    eventually(lambda: cluster.kubectl(*ask, check=False) == "hello\n")  # kube-proxy does not say when it is done
    api = cluster.kubectl("exec", "-n", "demo", "asker", "--", "getent", "hosts", "kubernetes.default")
    assert api.split()[0] == "10.96.0.1"


def test_nothing_listens_on_the_machine_and_nothing_is_routed_out(cluster: LabCluster, before: Machine) -> None:
    assert machine.addresses_routed_out() == ""
    assert len(machine.look().links - before.links) == 1
    with socket.create_server((_machine_address(cluster), 80)) as listening:
        listening.settimeout(1)
        ask = ("perl", "-e", ASK, listening.getsockname()[0])
        assert "exit code" in cluster.kubectl("exec", "-n", "demo", "asker", "--", *ask, check=False)
        with pytest.raises(TimeoutError):
            listening.accept()


def _machine_address(cluster: LabCluster) -> str:
    """The machine's own end of the cable, an address that no pod may reach."""
    server = Cluster(cluster.name).kubeconfig.read_text().split("server: https://")[1].split(":")[0]
    head, last = server.rsplit(".", 1)
    return f"{head}.{int(last) - 1}"


def test_metrics_of_the_node_are_served(cluster: LabCluster) -> None:
    cluster.kubectl("wait", "--for=condition=Available", "apiservice/v1beta1.metrics.k8s.io", "--timeout=120s")
    nodes = json.loads(cluster.kubectl("get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes"))
    assert [each["metadata"]["name"] for each in nodes["items"]] == ["real-1"]


def test_status_names_the_addresses_inside(cluster: LabCluster) -> None:
    lines = {line.split()[0]: line for line in lab("status", cluster.name).stdout.splitlines() if line.strip()}
    for component in COMPONENTS:
        assert re.search(r"pid \d+ +\S+:\d+", lines[component]), lines[component]
    assert "running" in next(line for line in lab("list").stdout.splitlines() if line.startswith(f"{cluster.name}\t"))


def _play(folder: Path, cluster: LabCluster, module: str, **options: Any) -> str:
    """What a play with one task says, in one line."""
    task = {f"groundwork.platform.{module}": {"kubeconfig": str(cluster.kubeconfig), **options}}
    done = playbook.run(folder, playbook.play(task))
    assert "Traceback" not in done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


def _failing_job(name: str, **annotations: str) -> dict[str, Any]:
    command = ["sh", "-c", "echo reading; echo the disk is full; exit 3"]
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": BASE, "command": command}]}
    metadata = {"name": name, "namespace": "demo", "annotations": annotations}
    spec = {"backoffLimit": 0, "template": {"spec": pod}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


def test_a_failed_jobs_last_words_are_told(cluster: LabCluster, tmp_path: Path) -> None:
    cluster.apply(_failing_job("import"))
    wanted = {"api_version": "batch/v1", "kind": "Job", "namespace": "demo", "name": "import"}
    said = _play(tmp_path, cluster, "wait_ready", objects=[wanted], timeout=60)
    assert "failed=1" in said
    assert re.search(r"pod import-\w+: last log line: the disk is full", said), said


def test_a_failed_hooks_log_is_told(cluster: LabCluster, tmp_path: Path) -> None:
    (tmp_path / "chart" / "templates").mkdir(parents=True)
    (tmp_path / "chart" / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 0.1.0\n")
    hook = _failing_job("migrate", **{"helm.sh/hook": "pre-install", "helm.sh/hook-delete-policy": "hook-failed"})
    (tmp_path / "chart" / "templates" / "hook.yaml").write_text(json.dumps(hook))
    chart = {"chart": str(tmp_path / "chart"), "helm": str(build.program("helm"))}
    said = _play(tmp_path, cluster, "operator_install", name="small", namespace="demo", chart=chart, timeout=60)
    assert "failed=1" in said
    assert re.search(r"The end of the log of its pod migrate-\w+: reading \| the disk is full", said), said
    assert "migrate" not in cluster.kubectl("get", "jobs", "-n", "demo", "-o", "name")


def test_the_simulated_cert_manager_signs(cluster: LabCluster, tmp_path: Path) -> None:
    lab("operator", "install", "cert-manager", "--cluster", cluster.name)
    cluster.kubectl("create", "namespace", "cert-manager")
    issuers = [{"name": "bootstrap", "self_signed": True}, {"name": "internal", "ca_secret": "ca"}]
    ca = {"name": "ca", "namespace": "cert-manager", "common_name": "ca", "issuer": "bootstrap", "ca": True}
    leaf = {"name": "web", "namespace": "demo", "dns_names": ["web.demo.svc"], "issuer": "internal"}
    options = {"namespace": "demo", "issuers": issuers, "certificates": [ca, leaf], "timeout": 120}
    assert "failed=0" in _play(tmp_path, cluster, "certificates", **options)
    signed = {each["metadata"]["name"]: each for each in cluster.get("secrets", "-n", "demo")["items"]}["web"]
    assert signed["metadata"]["annotations"]["lab.groundwork.platform/simulated"] == "true"
    leaf_text, root_text = (base64.b64decode(signed["data"][key]) for key in ("tls.crt", "ca.crt"))
    root = x509.load_pem_x509_certificate(root_text)
    x509.load_pem_x509_certificate(leaf_text).verify_directly_issued_by(root)


def test_postgres_is_made(cluster: LabCluster, database: Postgres, told: Callable[[str], None]) -> None:
    made = postgres.done(cluster, "postgres_cluster", name="main", **TWO)
    told(f"CloudNativePG: 2 instances that archive their WAL ready after {made['timings']['total']:.1f} s")
    assert database.instances_ready() == 2


def test_a_killed_primary_is_replaced_and_no_committed_row_is_lost(
    cluster: LabCluster, database: Postgres, tmp_path: Path, told: Callable[[str], None]
) -> None:
    old = database.primary()
    promised = {"rpo": "0s"}
    result = postgres.done(cluster, "postgres_drill", name="main", fault="pod", profile=promised, dest=str(tmp_path))
    found = result["measured"]
    told(f"2 instances, pod killed: {found['rto_seconds']} s without a commit")
    assert found["rpo_commits"] == 0
    assert found["acknowledged"] > 10
    assert found["failed_over"]
    assert database.primary() != old
    assert json.loads(Path(result["evidence"]).read_text())["verdict"]["passed"]


def test_a_restore_to_a_second(cluster: LabCluster, database: Postgres, told: Callable[[str], None]) -> None:
    assert postgres.done(cluster, "postgres_backup", name="main")["recovery_window"]["first"]
    moment = database.fifteen_rows()
    asked = {"name": "back", "source": "main", "instances": 1, "archive": False}
    refused = module(cluster, "postgres_restore", namespace="demo", **asked, time="2099-01-01T00:00:00Z")
    assert "in the future" in refused.msg
    restored = postgres.done(cluster, "postgres_restore", **asked, time=moment)
    told(f"PostgreSQL: restored to a second after {restored['timings']['Restore']:.1f} s")
    checks = [{"query": "select count(*) from rows", "expect": "10"}]
    postgres.done(cluster, "postgres_query", name="back", checks=checks)


def test_down_leaves_nothing(cluster: LabCluster, before: Machine, told: Callable[[str], None]) -> None:
    folder = Cluster(cluster.name).folder
    start = time.monotonic()
    lab("down", cluster.name)
    told(f"down took {time.monotonic() - start:.1f} s")
    assert not folder.exists()
    left = machine.look().left_since(before)
    assert not left, left
