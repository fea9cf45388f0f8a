"""Waits on a real API server and its controllers, on simulated nodes: each tells an engineer the cause in one line."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import MERGE, Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import Discovery
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.progress import Progress
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.wait import (
    Outcome,
    Patience,
    Target,
    wait,
)
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES
from support.lab import LabCluster, eventually

READS = {"get", "list", "watch"}
ENOUGH = 60  # seconds for what ends by itself


def template(**more: Any) -> dict[str, Any]:
    container = {"name": "app", "image": "example.com/app:1", **more.pop("container", {})}
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container], **more}}


def workload(kind: str, namespace: str, pod: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": pod, **spec},
    }


def waited(client: Client, *objects: dict[str, Any], lines: list[str] | None = None, **patience: Any) -> list[Outcome]:
    told: list[str] = [] if lines is None else lines
    outcomes = wait(
        client,
        Discovery(client),
        [Target({k: o[k] for k in ("apiVersion", "kind", "metadata")}) for o in objects],
        rules=RULES,
        patience=Patience(**{"timeout": ENOUGH, **patience}),
        progress=Progress(told.append),
    )
    for outcome in outcomes:
        print(f"\n{outcome.sentence}")
        assert "\n" not in outcome.sentence
    return outcomes


def unschedulable(cluster: LabCluster, namespace: str, pod: str) -> None:
    """The pod is there, and the scheduler has said that it finds no node for it."""
    for what in ("create", "condition=PodScheduled=false"):
        cluster.kubectl("wait", f"pod/{pod}", f"--namespace={namespace}", f"--for={what}", f"--timeout={ENOUGH}s")


def told(cluster: LabCluster, namespace: str, reason: str) -> None:
    """An event of the namespace has this reason."""
    reasons = ("events", f"--namespace={namespace}", "--output=jsonpath={.items[*].reason}")
    eventually(lambda: reason in cluster.kubectl("get", *reasons).split())


def test_an_unschedulable_stateful_set_says_what_no_node_has(
    cluster: LabCluster, client: Client, namespace: str
) -> None:
    needs = {"resources": {"requests": {"memory": "900Ti"}}}
    made = workload("StatefulSet", namespace, template(container=needs), serviceName="web")
    cluster.apply(made)
    unschedulable(cluster, namespace, "web-0")
    (outcome,) = waited(client, made, timeout=1)
    assert (outcome.ready, outcome.verdict.state) == (False, "in_progress")
    assert outcome.message.startswith("0 of 2 ready; pod web-0: unschedulable: 0/")
    assert "Insufficient memory" in outcome.message


def test_a_pending_claim_says_which_class_is_missing(cluster: LabCluster, client: Client, namespace: str) -> None:
    made = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "not-there",
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    cluster.apply(made)
    told(cluster, namespace, "ProvisioningFailed")
    (outcome,) = waited(client, made, timeout=1)
    assert not outcome.ready
    assert 'ProvisioningFailed: storageclass.storage.k8s.io "not-there" not found' in outcome.message


def test_a_claim_that_waits_for_its_first_pod_holds_nothing_up(
    cluster: LabCluster, client: Client, namespace: str
) -> None:
    storage_class = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": f"late-{namespace}"},
        "provisioner": "example.com/none",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": namespace},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": f"late-{namespace}",
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    cluster.apply(storage_class, claim)
    told(cluster, namespace, "WaitForFirstConsumer")
    (outcome,) = waited(client, claim, status_grace=1)
    assert outcome.ready
    assert "WaitForFirstConsumer" in outcome.warning


def test_a_job_over_its_deadline_fails_at_once(cluster: LabCluster, client: Client, namespace: str) -> None:
    made = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "import", "namespace": namespace},
        "spec": {
            "activeDeadlineSeconds": 2,
            "template": template(restartPolicy="Never", nodeSelector={"no-such": "node"}),
        },
    }
    cluster.apply(made)
    (outcome,) = waited(client, made)
    assert (outcome.ready, outcome.verdict.grade, outcome.verdict.reason) == (False, "terminal", "DeadlineExceeded")
    assert "Job was active longer than specified deadline" in outcome.message
    assert outcome.seconds < ENOUGH


def test_a_quota_that_refuses_pods_is_told_and_fails_after_its_grace(
    cluster: LabCluster, client: Client, namespace: str
) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small", "namespace": namespace},
        "spec": {"hard": {"pods": "0"}},
    }
    cluster.apply(quota)
    # Before it is counted, and the API server has heard of that, it refuses nothing.
    eventually(lambda: "exceeded quota: small" in cluster.refusal(pod(namespace)))
    made = workload("Deployment", namespace, template())
    cluster.apply(made)
    lines: list[str] = []
    (outcome,) = waited(client, made, lines=lines, failure_grace=2)
    assert (outcome.ready, outcome.verdict.grade) == (False, "retryable")
    assert "exceeded quota: small" in outcome.message
    assert 2 <= outcome.seconds < ENOUGH
    assert any("Deployment web" in line and "failed" in line and "exceeded quota" in line for line in lines), lines


def test_what_the_controllers_make_ready_is_seen_ready(cluster: LabCluster, client: Client, namespace: str) -> None:
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "import", "namespace": namespace},
        "spec": {"template": template(restartPolicy="Never")},
    }
    made = [
        workload(k, namespace, template(), **({"serviceName": "web"} if k == "StatefulSet" else {}))
        for k in ("Deployment", "StatefulSet")
    ]
    cluster.apply(*made, job)
    assert all(o.ready for o in waited(client, *made, job))


def pod(namespace: str, number: int = 0) -> dict[str, Any]:
    """Bound to a node that no kubelet runs: its status is what the test writes."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"p{number}", "namespace": namespace},
        "spec": {"nodeName": "nowhere", "containers": [{"name": "app", "image": "example.com/app:1"}]},
    }


def test_a_flip_is_seen_at_once_and_nothing_is_polled(
    cluster: LabCluster, client: Client, connect: Callable[[], Client], namespace: str
) -> None:
    other = connect()
    made = [pod(namespace, n) for n in range(5)]
    cluster.apply(*made)
    running = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
    ended: list[float] = []
    outcomes: list[Outcome] = []

    def run() -> None:
        outcomes.extend(waited(client, *made))
        ended.append(time.monotonic())

    watching = f"/api/v1/namespaces/{namespace}/pods?"

    def watches() -> bool:
        asked = (json.loads(line) for line in cluster.audit_log.read_text().split("\n")[:-1] if watching in line)
        return any(entry["verb"] == "watch" for entry in asked)

    thread = threading.Thread(target=run)
    with cluster.record(user_agent="groundwork.platform") as requests:
        thread.start()
        eventually(watches)
        time.sleep(3)  # in which nothing may be asked
        for each in made:
            path = f"/api/v1/namespaces/{namespace}/pods/{each['metadata']['name']}/status"
            other.request("PATCH", path, body=running, content_type=MERGE)
        written = time.monotonic()
        thread.join(timeout=ENOUGH)
    print(f"\nflip seen {(ended[0] - written) * 1000:.0f} ms after the server answered the write (wanted: 200)")
    assert all(o.ready for o in outcomes)
    about = [r for r in requests.all if r["requestURI"].startswith(watching) and r["verb"] in READS]
    reads = {r["auditID"]: r["verb"] for r in about}.values()  # a watch is logged when it opens and when it ends
    assert sorted(reads) == ["list", "watch"], "one LIST and one WATCH, whatever the time"


def test_a_rolled_back_stateful_set_names_the_pod_that_blocks_it(
    cluster: LabCluster, client: Client, namespace: str
) -> None:
    good = workload("StatefulSet", namespace, template(), serviceName="web")
    bad = workload("StatefulSet", namespace, template(nodeSelector={"no": "such"}), serviceName="web")
    reason = ("pod/web-1", f"--namespace={namespace}", "--output=jsonpath={.status.conditions[*].reason}")
    cluster.apply(good)
    assert waited(client, good)[0].ready
    cluster.apply(bad)
    # Its forerunner is deleted first: one that is on its way out is not there yet.
    eventually(lambda: "Unschedulable" in cluster.kubectl("get", *reason, check=False))
    assert not waited(client, bad, timeout=1)[0].ready
    cluster.apply(good)
    back = ("statefulset/web", f"--namespace={namespace}", "--for=jsonpath={.status.observedGeneration}=3")
    cluster.kubectl("wait", *back, f"--timeout={ENOUGH}s")
    (outcome,) = waited(client, good, timeout=1)
    assert "pod web-1 is of a revision no longer wanted" in outcome.message
    command = outcome.message.partition("kubectl ")[2].partition(";")[0]
    cluster.kubectl(*command.split())
    assert waited(client, good)[0].ready
