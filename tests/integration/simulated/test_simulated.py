"""The module apply against simulated operators: ready when they say so, and each of their moods ends as it should."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from lab.cluster import Cluster
from lab.control import wait_for_end
from support import transitions
from support.lab import LabCluster, eventually, lab
from support.module import kept, module
from support.task import Result

from lab import traces

MOOD = "lab.groundwork.platform/mood"
PAUSED = r".metadata.annotations.cnpg\.io/reconciliationLoop"
MARK = "groundwork.platform/simulated"
CLUSTERS, BACKUPS = "clusters.postgresql.cnpg.io", "backups.postgresql.cnpg.io"
EVENTS = "rabbitmqclusters.rabbitmq.com"
POSTGRES, RABBITMQ = "postgresql.cnpg.io.Cluster", "rabbitmq.com.RabbitmqCluster"  # folders of traces
Object = dict[str, Any]


def postgres(namespace: str, mood: str = "", instances: int = 2, **spec: Any) -> Object:
    metadata: Object = {"name": "main", "namespace": namespace}
    if mood:
        metadata["annotations"] = {MOOD: mood}
    body = {"instances": instances, "storage": {"size": "1Gi"}, **spec}
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": metadata, "spec": body}


def backup(namespace: str, name: str, mood: str = "") -> Object:
    metadata: Object = {"name": name, "namespace": namespace}
    if mood:
        metadata["annotations"] = {MOOD: mood}
    spec = {"cluster": {"name": "main"}}
    return {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Backup", "metadata": metadata, "spec": spec}


def options(namespace: str, *objects: Object, **more: Any) -> Object:
    return {"set": "data", "namespace": namespace, "objects": list(objects), "timeout": 60, **more}


def applied(stage: LabCluster, namespace: str, *objects: Object, **more: Any) -> Result:
    result = module(stage, "apply", **options(namespace, *objects, **more))
    print("\n".join([*result.said, result.msg]))
    return result


def status(stage: LabCluster, namespace: str) -> Object:
    found: Object = stage.get(CLUSTERS, "main", f"--namespace={namespace}").get("status", {})
    return found


def configured(namespace: str, mood: str = "") -> Object:
    return postgres(namespace, mood, postgresql={"parameters": {"max_connections": "120"}})


def test_ready_when_the_simulated_operator_says_it_and_unchanged_the_second_time(
    stage: LabCluster, namespace: str
) -> None:
    wanted = postgres(namespace, instances=3)
    begun = time.monotonic()
    kept(stage, "apply", **options(namespace, wanted))
    print(f"3 instances ready after {time.monotonic() - begun:.1f} s")
    assert status(stage, namespace)["phase"] == "Cluster in healthy state"
    kinds = "pods,persistentvolumeclaims,services,secrets,poddisruptionbudgets"
    children = stage.get(kinds, f"-n{namespace}", f"-l{MARK}")["items"]
    assert Counter(each["kind"] for each in children) == {
        "Pod": 3,
        "PersistentVolumeClaim": 3,
        "Service": 3,
        "Secret": 4,
        "PodDisruptionBudget": 2,
    }
    pods = [each for each in children if each["kind"] == "Pod"]
    assert len({pod["spec"]["nodeName"] for pod in pods}) == 3, "the operator's anti-affinity spreads them"
    cluster = stage.get(CLUSTERS, "main", f"-n{namespace}")
    assert cluster["metadata"]["annotations"][MARK] == "true"
    assert {each["metadata"]["ownerReferences"][0]["uid"] for each in children} == {cluster["metadata"]["uid"]}
    again, requests = kept(stage, "apply", **options(namespace, wanted))
    assert not again["changed"]
    assert requests.mutating == []


@pytest.mark.parametrize(
    ("mood", "reached", "wanted"),
    [
        (
            "stuck",
            (CLUSTERS, "main", "jsonpath={.status.readyInstances}=2"),
            "Waiting for the instances to become active",
        ),
        ("unschedulable", ("pods", "main-2", "condition=PodScheduled=false"), "pod main-2: unschedulable"),
        ("paused", (CLUSTERS, "main", f"jsonpath={{{PAUSED}}}=disabled"), "cnpg.io/reconciliationLoop"),
    ],
)
def test_a_mood_that_never_ends_well_is_named(
    stage: LabCluster, namespace: str, mood: str, reached: tuple[str, str, str], wanted: str
) -> None:
    """The set is applied, its operator gets as far as it will, and a run that waits says why that is not enough."""
    cluster = postgres(namespace, mood)
    assert not applied(stage, namespace, cluster, wait=False).failed
    kind, name, state = reached
    stage.kubectl("wait", kind, name, f"-n={namespace}", "--for=create", "--timeout=120s")
    stage.kubectl("wait", kind, name, f"-n={namespace}", f"--for={state}", "--timeout=120s")
    result = applied(stage, namespace, cluster, timeout=3)
    assert result.failed
    assert wanted in result.msg


def test_a_slow_operator_is_waited_for_and_overtaken(stage: LabCluster, namespace: str) -> None:
    slow, quick = backup(namespace, "slow", "slow"), backup(namespace, "quick")
    assert not applied(stage, namespace, slow, quick).failed
    ended = {each["metadata"]["name"]: each for each in stage.get(BACKUPS, f"-n{namespace}")["items"]}
    assert {each["status"]["phase"] for each in ended.values()} == {"completed"}
    versions = {name: int(each["metadata"]["resourceVersion"]) for name, each in ended.items()}
    assert versions["quick"] < versions["slow"]


def test_a_failure_that_passes_is_shown_and_waited_through(stage: LabCluster, namespace: str) -> None:
    result = applied(stage, namespace, postgres(namespace, "failing"))
    assert not result.failed
    assert "refused a Service (simulated)" in " ".join(result.said)


def test_a_status_that_is_stale_after_a_change_is_not_taken_for_ready(stage: LabCluster, namespace: str) -> None:
    kept(stage, "apply", **options(namespace, postgres(namespace, "stale")))
    before = status(stage, namespace)
    assert not applied(stage, namespace, configured(namespace, "stale")).failed
    assert _ready_since(status(stage, namespace)) > _ready_since(before), "it ended before the operator had looked"


def _ready_since(found: Object) -> str:
    return next(str(each["lastTransitionTime"]) for each in found["conditions"] if each["type"] == "Ready")


def test_the_simulated_and_the_recorded_cluster_go_through_the_same(stage: LabCluster, namespace: str) -> None:
    """Create, scale, lose the primary: every distinct state of the recording, in its order."""

    def compare(title: str, cause: Callable[[], Any]) -> None:
        expected = transitions.postgres(_recorded(POSTGRES, title))
        with transitions.watched(stage.name, CLUSTERS, namespace, "main") as seen:
            cause()
            seen.until(lambda all_seen: len(transitions.postgres(all_seen)) >= len(expected))
        assert transitions.postgres(seen) == expected, title

    cluster = postgres(namespace)
    compare("create", lambda: stage.apply(cluster))
    compare("scale-up", lambda: stage.apply(cluster | {"spec": cluster["spec"] | {"instances": 3}}))
    compare("scale-down", lambda: stage.apply(cluster))
    compare("fail-primary", lambda: stage.kubectl("delete", "pod", "main-1", f"-n{namespace}"))
    assert stage.get("pod", "main-2", f"-n{namespace}")["metadata"]["labels"]["cnpg.io/instanceRole"] == "primary"


def _recorded(kind: str, title: str) -> list[Object]:
    path = traces.FOLDER / kind / f"{title}.json"
    return [obj for _, event, obj in traces.objects(path) if event != "DELETED"]


def test_rabbitmq_goes_through_the_recorded_states_and_its_labels_are_its_pods(
    stage: LabCluster, namespace: str
) -> None:
    metadata = {"name": "events", "namespace": namespace, "labels": {"team": "events"}}
    cluster = {
        "apiVersion": "rabbitmq.com/v1beta1",
        "kind": "RabbitmqCluster",
        "metadata": metadata,
        "spec": {"replicas": 3},
    }
    with transitions.watched(stage.name, EVENTS, namespace, "events") as seen:
        kept(stage, "apply", **options(namespace, cluster))
    assert transitions.rabbitmq(seen) == transitions.rabbitmq(_recorded(RABBITMQ, "create"))
    pods = stage.get("pods", f"-n{namespace}", "-lteam=events")["items"]
    assert [pod["metadata"]["name"] for pod in pods] == [f"events-server-{n}" for n in range(3)]


def test_what_is_simulated_is_said_and_a_killed_simulation_goes_on_where_it_was(
    stage: LabCluster, namespace: str
) -> None:
    kept(stage, "apply", **options(namespace, postgres(namespace)))
    nightly = {"schedule": "0 0 2 * * *", "cluster": {"name": "main"}}
    meta = {"name": "nightly", "namespace": namespace}
    stage.apply({"apiVersion": "postgresql.cnpg.io/v1", "kind": "ScheduledBackup", "metadata": meta, "spec": nightly})
    killed = Cluster(stage.name).helpers()["operators"]
    killed.kill()
    wait_for_end(killed)
    before = stage.get("pods", f"-n{namespace}")["items"]
    stage.kubectl("delete", "pod", "main-2", f"-n{namespace}")
    lab("simulate", "start", stage.name, "--speed=50")
    eventually(lambda: len(stage.get("pods", f"-n{namespace}")["items"]) == 2)
    after = stage.get("pods", f"-n{namespace}")["items"]
    assert before[0]["metadata"]["uid"] == after[0]["metadata"]["uid"]
    lines = lab("status", stage.name).stdout.splitlines()
    assert any("postgresql.cnpg.io/Cluster " in line and "as recorded of cloudnative-pg" in line for line in lines)
    assert any("ScheduledBackup" in line and "left alone" in line for line in lines)


def test_a_certificate_that_is_not_renewed_is_named(stage: LabCluster, namespace: str) -> None:
    """The simulated cert-manager issues, and never renews."""
    lab("operator", "install", "cert-manager", "--cluster", stage.name)
    names = {"namespace": namespace, "issuer": "own", "issuer_kind": "Issuer", "duration": "1h"}
    certificates = [
        {"name": "late", "renew_before": "59m59s", **names},
        {"name": "fresh", "renew_before": "20m", **names},
    ]
    issuers = [{"name": "own", "namespace": namespace, "self_signed": True}]
    kept(stage, "certificates", namespace=namespace, issuers=issuers, certificates=certificates)
    assert not module(stage, "certificates_verify").failed, "an attempt may take its time"
    eventually(lambda: module(stage, "certificates_verify", grace=0).failed)
    told = module(stage, "certificates_verify", grace=0).msg
    assert f"Certificate {namespace}/late should have been renewed 0 min ago and expires in" in told
    assert "fresh" not in told
