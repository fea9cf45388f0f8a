"""The lab is a strict judge: production's authorization, admission and audit, on loopback only."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from typing import Any

import pytest
from lab.cluster import COMPONENTS, Cluster
from lab.status import listening
from support.lab import LabCluster, eventually

NAMESPACE = "lab-judge"


def pod(name: str = "judged", namespace: str = NAMESPACE, **spec: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "example.test/main:1", **spec.pop("container", {})}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [container], **spec},
    }


@pytest.fixture(scope="module", autouse=True)
def namespace(cluster: LabCluster) -> Iterator[None]:
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}})
    cluster.kubectl("wait", "serviceaccount/default", f"-n{NAMESPACE}", "--for=create", "--timeout=30s")
    yield
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


def test_the_audit_log_counts_what_a_user_agent_and_a_user_asked_for(cluster: LabCluster) -> None:
    with cluster.record(user_agent="kubectl") as requests:
        cluster.kubectl("create", "configmap", "counted", "--namespace=default")
        cluster.kubectl("create", "configmap", "not-made", "--namespace=default", "--dry-run=server")
        cluster.kubectl("delete", "configmap", "counted", "--namespace=default")
    assert [request["verb"] for request in requests.mutating] == ["create", "delete"], requests.words()
    assert len(requests.dry) == 1
    with cluster.record(user="jane") as requests:
        cluster.kubectl("get", "nodes", "--as=jane", check=False)
    assert {request["responseStatus"]["code"] for request in requests.all if request["verb"] == "list"} == {403}


def test_rbac_refuses_a_user_without_a_role(cluster: LabCluster) -> None:
    assert 'User "jane" cannot create resource "secrets"' in cluster.kubectl(
        "create", "secret", "generic", "x", "--as=jane", check=False
    )


def test_pod_security_refuses_a_privileged_pod(cluster: LabCluster) -> None:
    answer = cluster.refusal(pod(container={"securityContext": {"privileged": True}}))
    assert 'violates PodSecurity "baseline:latest": privileged' in answer


def test_a_resource_quota_refuses_what_exceeds_it(cluster: LabCluster) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none", "namespace": NAMESPACE},
        "spec": {"hard": {"count/secrets": "0"}},
    }
    cluster.apply(quota)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "one-too-many", "namespace": NAMESPACE}}
    words = "exceeded quota: none, requested: count/secrets=1, used: count/secrets=0"
    eventually(lambda: words in cluster.refusal(secret))  # once it is counted, and the API server has heard of that


def test_a_limit_range_refuses_what_is_too_large(cluster: LabCluster) -> None:
    limits = {"limits": [{"type": "Container", "max": {"cpu": "1"}}]}
    metadata = {"name": "small", "namespace": NAMESPACE}
    cluster.apply({"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": limits})
    large = pod(container={"resources": {"limits": {"cpu": "2"}}})
    eventually(lambda: "maximum cpu usage per Container is 1, but limit is 2" in cluster.refusal(large))


def test_a_priority_class_that_does_not_exist_is_refused(cluster: LabCluster) -> None:
    answer = cluster.refusal(pod(priorityClassName="made-up"))
    assert "no PriorityClass with name made-up was found" in answer


def test_a_validating_admission_policy_refuses_by_its_expression(cluster: LabCluster) -> None:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "lab-judge"},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": "object.metadata.name != 'forbidden'", "message": "not by that name"}],
        },
    }
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "lab-judge"},
        "spec": {"policyName": "lab-judge", "validationActions": ["Deny"]},
    }
    cluster.apply(policy, binding)
    try:
        forbidden = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "forbidden", "namespace": NAMESPACE}}
        eventually(lambda: "not by that name" in cluster.refusal(forbidden))
    finally:
        cluster.kubectl("delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", "lab-judge")


def test_every_socket_listens_on_loopback(cluster: LabCluster) -> None:
    processes = Cluster(cluster.name).processes()
    assert set(processes) == set(COMPONENTS)
    for component, process in processes.items():
        addresses = listening(process)
        assert addresses, f"{component} listens nowhere, so this test looks at the wrong process"
        assert all(address.startswith("127.0.0.1:") for address in addresses), (component, addresses)


def test_what_is_secret_is_readable_by_its_owner_alone(cluster: LabCluster) -> None:
    assert stat.S_IMODE(cluster.kubeconfig.stat().st_mode) == 0o600
    assert stat.S_IMODE(cluster.kubeconfig.parent.stat().st_mode) == 0o700


def test_the_cluster_carries_the_labs_mark(cluster: LabCluster) -> None:
    annotations = cluster.get("namespace", "kube-system")["metadata"]["annotations"]
    assert annotations["lab.groundwork.platform/cluster"] == cluster.name
    assert annotations["lab.groundwork.platform/profile"] == "rehearse"


def test_timers_are_productions(cluster: LabCluster) -> None:
    processes = Cluster(cluster.name).processes()
    manager = processes["kube-controller-manager"].cmdline()
    assert {"--node-monitor-grace-period=50s", "--node-monitor-period=5s", "--node-eviction-rate=0.1"} <= set(manager)
    assert "--node-lease-duration-seconds=40" in processes["kwok-controller"].cmdline()
    cluster.apply(pod("tolerates"))
    tolerations = cluster.get("pod", "tolerates", f"-n{NAMESPACE}")["spec"]["tolerations"]
    assert {each["tolerationSeconds"] for each in tolerations} == {300}


def test_a_controller_acts_under_its_own_account(cluster: LabCluster) -> None:
    with cluster.record(user="system:serviceaccount:kube-system:deployment-controller") as requests:
        cluster.kubectl("create", "deployment", "owned", "--image=example.test/main:1", f"-n{NAMESPACE}")
        cluster.kubectl("rollout", "status", "deployment/owned", f"-n{NAMESPACE}", "--timeout=30s")
    assert "create" in {request["verb"] for request in requests.mutating}
