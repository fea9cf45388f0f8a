"""Tenancy, storage, add-ons and certificates on a real API server: strict, unchanged when run again, refused."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from support.cases import CASES, Case, render
from support.lab import LabCluster, Requests, eventually
from support.module import kept, module
from support.task import Result

_numbers = itertools.count(1)

OPTIONS: dict[str, dict[str, Any]] = {
    "storage": {
        "classes": [
            {"name": "fast-ssd", "provisioner": "ebs.csi.aws.com", "parameters": {"iops": 10000}, "aliases": ["gp3"]},
            {"name": "files", "provisioner": "efs.csi.aws.com", "binding_mode": "Immediate", "zones": ["us-west-2a"]},
        ],
        "snapshot_classes": [{"name": "fast-ssd", "driver": "ebs.csi.aws.com", "default": True}],
    },
    "addons": {
        "address_pools": [{"name": "public", "namespace": "default", "addresses": ["192.0.2.10-192.0.2.50"]}],
        "dns_records": [{"name": "api", "namespace": "default", "dns_name": "a.example.com", "targets": ["192.0.2.1"]}],
    },
    "tenancy": {
        "namespaces": [
            {
                "name": "foundation-shop",
                "team": "shop",
                "compliance": ["soc2"],
                "quotas": [{"name": "compute", "hard": {"requests.cpu": 2.5, "pods": 10}}],
                "limits": [{"name": "limits", "container": {"default": {"cpu": 1}, "default_request": {"cpu": 0.5}}}],
                "service_accounts": [{"name": "app"}],
                "access": [{"name": "team", "cluster_role": "view", "subjects": [{"kind": "Group", "name": "shop"}]}],
                "disruption_budgets": [{"name": "app", "pods": {"app": "app"}, "min_available": 1}],
            },
            {"name": "foundation-data", "team": "platform", "pod_security": "baseline", "same_namespace": True},
        ],
        "priority_classes": [{"name": "batch-low", "value": 1000, "preempts": False}],
        "endpoints": [
            {"name": "api", "namespaces": ["foundation-shop"], "pods": {"app": "api"}, "ports": [8080]},
            {
                "name": "db",
                "namespaces": ["foundation-data"],
                "ports": [5432, "53/UDP", "9000-9010"],
                "metrics": [9187],
            },
            {"name": "internet", "cidrs": ["0.0.0.0/0", "::/0"], "except": ["10.0.0.0/8"], "ports": [443]},
        ],
        "flows": [{"from": ["api"], "to": ["db", "internet"]}],
        "scraper": "api",
    },
    "certificates": {
        "issuers": [
            {"name": "own", "self_signed": True},
            {
                "name": "letsencrypt",
                "acme": {"server": "staging", "email": "a@example.com", "http01": {"ingress_class": "nginx"}},
            },
        ],
        "certificates": [{"name": "api", "namespace": "default", "dns_names": ["a.example.com"], "issuer": "own"}],
    },
}


def keep(cluster: LabCluster, name: str, **more: Any) -> tuple[Result, Requests]:
    return kept(cluster, name, namespace="kube-system", wait=False, **OPTIONS[name], **more)


RENDERED = [case for case in CASES if "objects" in case.content and case.module in OPTIONS]


@pytest.mark.parametrize("case", RENDERED, ids=str)
def test_the_server_takes_every_object_strictly(case: Case, foundation: LabCluster) -> None:
    for obj in render(case.module, case.content["options"]):
        if "namespace" in obj["metadata"]:
            obj["metadata"]["namespace"] = "default"
        arguments = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename=-")
        foundation.kubectl(*arguments, stdin=json.dumps(obj))


@pytest.mark.parametrize("name", OPTIONS)
def test_a_second_run_writes_nothing(name: str, foundation: LabCluster) -> None:
    foretold, asked = keep(foundation, name, check=True)
    assert not asked.mutating, asked.words()
    first, _ = keep(foundation, name)
    assert set(first.actions.values()) == {"created"}
    assert foretold.actions == first.actions
    second, requests = keep(foundation, name)
    assert not second["changed"]
    assert set(second.actions.values()) == {"unchanged"}
    assert not requests.changing, requests.words()


def test_what_is_no_longer_listed_goes(foundation: LabCluster) -> None:
    """Classes, pools, issuers and certificates hold no data: they need no sentence. A namespace does."""
    for name in ("storage", "addons", "certificates"):
        given = {"namespace": "kube-system", "set": f"gone-{name}", "wait": False}
        text = json.dumps(OPTIONS[name]).replace('"name": "', '"name": "gone-').replace('["gp3"]', "[]")
        options = json.loads(text)
        kept(foundation, name, **given, **options)
        result, _ = kept(foundation, name, **given, state="absent")
        assert set(result.actions.values()) == {"deleted"}


class Tenant:
    """A namespace of a test's own, kept by the module tenancy."""

    def __init__(self, cluster: LabCluster) -> None:
        self.cluster, self.name = cluster, f"tenant-{next(_numbers)}"

    def keep(self, *, priority_classes: Any = (), **namespace: Any) -> Result:
        row = {"name": self.name, "team": "test", "pod_security": "privileged", "default_deny": False} | namespace
        options = {"namespaces": [row], "priority_classes": list(priority_classes)}
        return module(self.cluster, "tenancy", namespace=self.name, **options)

    def refusal(self, obj: dict[str, Any]) -> str:
        """Why the server does not let the object in; empty when it does."""
        obj["metadata"]["namespace"] = self.name
        return self.cluster.refusal(obj)

    def refuses(self, obj: dict[str, Any], words: str) -> None:
        """The server says that to the object, once its admission has heard of the rule: it reads rules from a cache."""
        eventually(lambda: words in self.refusal(obj))


@pytest.fixture
def tenant(cluster: LabCluster) -> Tenant:
    return Tenant(cluster)


def pod(name: str = "app", **container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "app", "image": "registry.example/app:1", **container}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec}


def test_d0_01_a_reserved_class_name_is_refused_by_the_server(tenant: Tenant) -> None:
    message = tenant.keep(priority_classes=[{"name": "system-critical", "value": 1000000000}]).msg
    assert "system-critical" in message
    assert "reserved" in message


def test_d0_02_a_second_global_default_is_refused_by_the_server(cluster: LabCluster) -> None:
    def keep(name: str, state: str) -> Result:
        rows = [{"name": name, "value": 1, "global_default": True}]
        return module(cluster, "tenancy", namespace="kube-system", set=name, priority_classes=rows, state=state)

    assert not keep("first-default", "present").failed
    other = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "second-default"}}
    eventually(lambda: "already marked as default" in cluster.refusal({**other, "value": 1, "globalDefault": True}))
    assert "PriorityClass first-default is already marked as default" in keep("second-default", "present").msg
    assert not keep("first-default", "absent").failed


def test_d0_03_a_batch_class_preempts_nobody(tenant: Tenant, cluster: LabCluster) -> None:
    tenant.keep(priority_classes=[{"name": f"{tenant.name}-batch", "value": 1000, "preempts": False}])
    assert cluster.get("priorityclass", f"{tenant.name}-batch")["preemptionPolicy"] == "Never"


def test_d0_04_a_gpu_bound_would_refuse_every_pod_and_ours_lets_them_in(tenant: Tenant, cluster: LabCluster) -> None:
    limits = {"container": {"default": {"cpu": 1, "memory": "2Gi"}}, "pod": {"max": {"cpu": 32, "memory": "128Gi"}}}
    quota = {"name": "compute-quota", "hard": {"requests.nvidia.com/gpu": 1}}
    assert not tenant.keep(limits=[{"name": "default-limits", **limits}], quotas=[quota]).failed
    assert not tenant.refusal(pod())
    greedy = pod(resources={"limits": {"nvidia.com/gpu": "2"}})
    tenant.refuses(greedy, "exceeded quota: compute-quota, requested: requests.nvidia.com/gpu=2")
    as_specified = {"limits": [{"type": "Pod", "max": {"nvidia.com/gpu": "4"}}]}
    metadata = {"name": "as-specified", "namespace": tenant.name}
    cluster.apply({"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": as_specified})
    tenant.refuses(pod(), "maximum nvidia.com/gpu usage per Pod is 4.  No limit is specified")


def test_d0_16_a_second_budget_stops_every_eviction(tenant: Tenant, cluster: LabCluster) -> None:
    """Why a budget for pods of CloudNativePG is refused: its own is there already."""
    assert not tenant.keep(disruption_budgets=[{"name": "one", "pods": {"app": "app"}, "max_unavailable": 1}]).failed
    cluster.kubectl("apply", "--server-side", "--namespace", tenant.name, "--filename=-", stdin=json.dumps(pod()))
    cluster.kubectl("wait", "--for=condition=Ready", "--namespace", tenant.name, "pod/app", "--timeout=60s")
    metadata = {"name": "app", "namespace": tenant.name}
    eviction = json.dumps({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata})
    path = f"/api/v1/namespaces/{tenant.name}/pods/app/eviction?dryRun=All"
    once = cluster.kubectl("create", f"--raw={path}", "--filename=-", stdin=eviction, check=False)
    assert "Success" in once or "Cannot evict" in once, once  # the budget's controller may not have counted yet
    selector = {"matchLabels": {"app": "app"}}
    second = {"name": "two", "namespace": tenant.name}
    spec = {"minAvailable": 0, "selector": selector}
    cluster.apply({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": second, "spec": spec})
    answer = cluster.kubectl("create", f"--raw={path}", "--filename=-", stdin=eviction, check=False)
    assert "more than one PodDisruptionBudget" in answer


def test_d1_01_a_restricted_namespace_refuses_a_pod_without_a_security_context(tenant: Tenant) -> None:
    assert not tenant.keep(pod_security="restricted").failed
    tenant.refuses(pod(), 'violates PodSecurity "restricted:latest"')
    context = {
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert not tenant.refusal(pod(securityContext=context))


def test_d3_01_a_label_with_commas_is_refused_by_the_server(tenant: Tenant, cluster: LabCluster) -> None:
    assert "a valid label must be" in tenant.keep(labels={"compliance": "pci-dss,hipaa,gdpr"}).msg
    assert not tenant.keep(compliance=["pci-dss", "hipaa", "gdpr"]).failed
    labels = cluster.get("namespace", tenant.name)["metadata"]["labels"]
    assert labels["compliance.groundwork.platform/hipaa"] == "true"


def test_a_quota_that_is_exceeded_refuses(tenant: Tenant) -> None:
    tenant.keep(quotas=[{"name": "few", "hard": {"services": 0}}])
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}]}}
    tenant.refuses(service, "exceeded quota: few")


def test_access_is_what_was_granted_and_no_more(tenant: Tenant, cluster: LabCluster) -> None:
    rules = [{"resources": ["secrets"], "resource_names": ["own"], "verbs": ["get"]}]
    account = {"kind": "ServiceAccount", "name": "app"}
    tenant.keep(service_accounts=[{"name": "app"}], access=[{"name": "app", "rules": rules, "subjects": [account]}])
    me = f"--as=system:serviceaccount:{tenant.name}:app"

    def may(*what: str) -> bool:
        return cluster.kubectl("auth", "can-i", *what, me, "--namespace", tenant.name, check=False).startswith("yes")

    eventually(lambda: may("get", "secrets/own"))
    assert not may("get", "secrets/other")
    assert not may("list", "secrets")


def test_a_namespace_goes_only_by_its_sentence(tenant: Tenant, cluster: LabCluster) -> None:
    tenant.keep()
    given = {"namespace": "kube-system", "set": f"holder-{tenant.name}"}
    row = {"name": f"{tenant.name}-more", "team": "test"}
    assert not module(cluster, "tenancy", **given, namespaces=[row]).failed
    refused = module(cluster, "tenancy", **given, state="absent").msg
    assert "nothing was written" in refused
    sentence = refused.split("'")[1]
    assert sentence.startswith(f"delete Namespace {row['name']} ")
    assert not module(cluster, "tenancy", **given, state="absent", confirm=[sentence]).failed


RULED = {
    "team": "test",
    "pod_security": "restricted",
    "quotas": [
        {
            "name": "compute",
            "hard": {
                "requests.cpu": 2,
                "limits.memory": "4Gi",
                "requests.nvidia.com/gpu": 0,
                "requests.storage": "1Gi",
            },
        }
    ],
    "limits": [{"name": "limits", "claim": {"max": {"storage": "500Mi"}}}],
}


def test_verify_finds_every_rule_in_force_and_stores_nothing(tenant: Tenant, cluster: LabCluster) -> None:
    row = {"name": tenant.name, **RULED}
    assert not tenant.keep(**RULED).failed
    quota = cluster.get("resourcequota", "compute", "--namespace", tenant.name)
    assert quota["status"]["hard"] == quota["spec"]["hard"], "admission holds pods to the status"
    result, requests = kept(cluster, "tenancy_verify", namespaces=[row])
    assert len(result["refusals"]) == 5
    assert all(each["holds"] for each in result["refusals"])
    assert not requests.mutating, requests.words()
    by_limit = [each for each in result["refusals"] if "maximum storage usage" in each["message"]]
    assert len(by_limit) == 1, "the LimitRange stands before the quota"


def test_verify_names_the_rules_that_are_not_in_force(tenant: Tenant, cluster: LabCluster) -> None:
    assert not tenant.keep().failed
    result = module(cluster, "tenancy_verify", namespaces=[{"name": tenant.name, **RULED}])
    assert f"namespace {tenant.name} lets no privileged pod in: Pod {tenant.name}/groundwork-probe would" in result.msg
    assert f"quota {tenant.name}/compute caps requests.cpu at 2: Pod" in result.msg
    assert [each["holds"] for each in result["refusals"]] == [False] * 5
