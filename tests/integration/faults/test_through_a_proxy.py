"""Starred fault rows on a real API server: the network's faults by a proxy, the server's own by its own means."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import Discovery
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.applyset import PART_OF, SetName
from support.killed import killed_at
from support.lab import LabCluster, eventually
from support.objects import apply, config_map, custom, custom_definition, namespace, secret, workload
from support.proxy import Proxy
from support.server import FOREVER, Exchange, Request, hang, reset, status, then, throttled

Keep = Callable[..., Any]
UNSERVED = status(404, "the server could not find the requested resource", reason="NotFound")


def real(request: Request) -> bool:
    return not request.dry


def later(seconds: float, do: Callable[[], Any]) -> None:
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()


def at(home: str, obj: dict[str, Any]) -> dict[str, Any]:
    return {**obj, "metadata": {**obj["metadata"], "namespace": home}}


def definition(home: str, size: int = 0) -> tuple[dict[str, Any], str, str]:
    """A definition in an API group of its own, its group and its plural."""
    crd = json.loads(
        json.dumps(custom_definition("widgets", description="x" * size)).replace("example.org", f"{home}.org")
    )
    return crd, f"{home}.org", f"widgets.{home}.org"


def test_row_01_a_429_waits_as_long_as_asked(proxy: Proxy, keep: Keep, home: str) -> None:
    proxy.fault(throttled(2), method="PATCH", when=real)
    began = time.monotonic()
    result = keep([config_map("one", home)])
    assert result.actions == {"ConfigMap one": "created"}, result.msg
    assert time.monotonic() - began >= 2
    assert [r["reason"] for r in result["retries"]] == ["throttled"]


def test_row_03_a_burst_of_429_loses_nothing(proxy: Proxy, keep: Keep, home: str, cluster: LabCluster) -> None:
    proxy.fault(throttled(1), method="PATCH", times=60, when=real)
    result = keep([config_map(f"n{number}", home) for number in range(200)])
    assert not result.failed, result.msg
    assert len(result["retries"]) == 60
    names = {each["metadata"]["name"] for each in cluster.get("configmaps", "-n", home)["items"]}
    assert names - {"kube-root-ca.crt"} == {f"n{number}" for number in range(200)}  # that one is of every namespace


def test_row_05_a_write_whose_answer_is_lost(proxy: Proxy, keep: Keep, home: str) -> None:
    lost = [proxy.fault(reset(served=True), method="PATCH", when=real)]
    assert keep([config_map("one", home)]).actions == {"ConfigMap one": "created"}
    lost.append(proxy.fault(reset(served=True), method="PATCH", when=real))
    assert keep([config_map("one", home, key="new")]).actions == {"ConfigMap one": "changed"}
    assert [fault.hits for fault in lost] == [1, 1]
    written = len(proxy.writes)
    assert keep([config_map("one", home, key="new")])["changed"] is False
    assert len(proxy.writes) == written


def test_row_08_a_half_open_connection(proxy: Proxy, home: str) -> None:
    proxy.fault(hang(30), method="PATCH")
    with Client(proxy.connection(), request_timeout=1) as client:
        began = time.monotonic()
        assert apply(client, config_map("one", home)).status == 201
        assert 1 <= time.monotonic() - began < 30, "until the server would have answered"
        assert [r["reason"] for r in client.retries] == ["connection lost"]


def test_row_10_an_aggregated_api_without_a_server(proxy: Proxy, keep: Keep, home: str, cluster: LabCluster) -> None:
    group = f"{home}.example.org"
    service = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"v1.{group}"},
        "spec": {
            "group": group,
            "version": "v1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "insecureSkipTLSVerify": True,
            "service": {"name": "nobody", "namespace": home},
        },
    }
    cluster.apply(service)
    try:
        with Client(proxy.connection()) as client:
            eventually(lambda: f"{group}/v1" in Discovery(client).unavailable())
        assert keep([config_map("one", home)]).actions == {"ConfigMap one": "created"}
        thing = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": "x", "namespace": home}}
        result = keep([config_map("one", home), thing])
        assert result.failed
        assert f"{group}/v1" in result.msg
        assert "does not answer" in result.msg
    finally:
        cluster.kubectl("delete", "apiservice", f"v1.{group}")


def test_row_11_kinds_that_are_served_late(proxy: Proxy, keep: Keep, home: str, cluster: LabCluster) -> None:
    crd, group, name = definition(home)
    late = proxy.fault(UNSERVED, method="PATCH", path="/widgets/", times=3, when=real)
    between = proxy.fault(UNSERVED, method="PATCH", path="/widgets/", skip=1, when=real)
    widgets = [{**at(home, custom(f"w{number}")), "apiVersion": f"{group}/v1"} for number in range(3)]
    try:
        result = keep([*widgets, crd])
        assert not result.failed, result.msg
        assert set(result.actions.values()) == {"created"}
        assert (late.hits, between.hits) == (3, 1)
    finally:
        cluster.kubectl("delete", "crd", name)


def test_row_13_a_webhook_without_a_server(proxy: Proxy, keep: Keep, home: str, cluster: LabCluster) -> None:
    webhook = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": home},
        "webhooks": [
            {
                "name": "policy.example.org",
                "clientConfig": {"url": "https://127.0.0.1:1/check"},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["*"]}],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": home}},
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "failurePolicy": "Fail",
            }
        ],
    }
    cluster.apply(webhook)
    eventually(lambda: "failed calling webhook" in cluster.refusal(config_map("probe", home)))
    gone = then(lambda exchange: cluster.kubectl("delete", "validatingwebhookconfiguration", home))
    proxy.fault(gone, method="PATCH", skip=2)
    result = keep([config_map("one", home)])
    assert result.actions == {"ConfigMap one": "created"}, result.msg
    assert {r["reason"] for r in result["retries"]} == {"webhook unavailable"}


def test_row_15_an_unknown_field(proxy: Proxy, keep: Keep, home: str) -> None:
    result = keep([{**config_map("one", home), "dat": {}}, config_map("two", home)])
    assert result.failed
    assert ".dat: field not declared in schema" in result.msg
    assert result["retries"] == []
    assert proxy.writes == []


def test_row_17_conflicts(keep: Keep, home: str, cluster: LabCluster) -> None:
    web = at(home, workload("web"))
    assert not keep([web]).failed
    theirs = at(home, workload("web", replicas=3))
    text = json.dumps(theirs)
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=person", "-f", "-", stdin=text)
    wanted = at(home, workload("web", replicas=2))
    result = keep([wanted])
    assert result.failed
    assert "spec.replicas is owned by 'person' (3; wanted: 2)" in result.msg
    assert keep([wanted], take_from=["somebody"]).failed
    assert keep([wanted], take_from=["person"]).actions == {"Deployment web": "changed"}


def test_row_19_a_namespace_on_its_way_out(keep: Keep, home: str, cluster: LabCluster) -> None:
    name = f"{home}-going"
    objects = [namespace(name), config_map("one", name)]
    assert not keep(objects).failed
    held = config_map("held", name)
    held["metadata"]["finalizers"] = ["example.org/held"]
    cluster.apply(held)
    before = cluster.get("namespace", name)["metadata"]["uid"]
    cluster.kubectl("delete", "namespace", name, "--wait=false")
    eventually(
        lambda: "finalizers" in json.dumps(cluster.get("namespace", name)["status"].get("conditions", [])).lower()
    )
    refused = keep([config_map("two", name)], set="other")
    assert refused.failed
    assert "example.org/held" in refused.msg
    stuck = keep(objects, timeout=1)
    assert f"Namespace {name} is being deleted since" in stuck.msg
    assert "finalizers remaining: example.org/held in 1 resource instances" in stuck.msg
    assert "configmaps. has 1 resource instances" in stuck.msg
    free = ("patch", "configmap", "held", "-n", name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    later(2, lambda: cluster.kubectl(*free))
    result = keep(objects)
    assert result.actions == {"Namespace " + name: "created", "ConfigMap one": "created"}, result.msg
    assert cluster.get("namespace", name)["metadata"]["uid"] != before


def stateful(home: str, size: str) -> dict[str, Any]:
    obj = at(home, workload("web", kind="StatefulSet", serviceName="web", replicas=2))
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    obj["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}, "spec": claim}]
    return obj


def claims(cluster: LabCluster, home: str) -> None:
    """Volumes for the claims: the simulated nodes have none of their own."""
    for number in range(2):
        claim = {"name": f"data-web-{number}", "namespace": home}
        volume = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"{home}-{number}"},
            "spec": {
                "capacity": {"storage": "1Gi"},
                "accessModes": ["ReadWriteOnce"],
                "claimRef": claim,
                "hostPath": {"path": "/nowhere"},
            },
        }
        cluster.apply(volume)


def pods(cluster: LabCluster, home: str) -> dict[str, str]:
    return {p["metadata"]["name"]: p["metadata"]["uid"] for p in cluster.get("pods", "-n", home)["items"]}


def test_row_21_pods_survive_a_replacement(proxy: Proxy, keep: Keep, home: str, cluster: LabCluster) -> None:
    claims(cluster, home)
    assert not keep([stateful(home, "1Gi")], wait=True, timeout=60).failed
    before, uid = pods(cluster, home), cluster.get("statefulset", "web", "-n", home)["metadata"]["uid"]
    assert len(before) == 2
    refused = keep([stateful(home, "2Gi")])
    assert refused.failed
    assert "replace: orphan creates it anew and keeps its pods" in refused.msg
    result = keep([stateful(home, "2Gi")], replace="orphan")
    assert result.actions == {"StatefulSet web": "replaced"}, result.msg
    (deleted,) = proxy.seen("DELETE", "/statefulsets/web")
    assert deleted.body["preconditions"]["uid"] == uid
    assert deleted.body["propagationPolicy"] == "Orphan"
    adopted(cluster, home, before)


def adopted(cluster: LabCluster, home: str, before: dict[str, str]) -> None:
    """The same pods, owned by the StatefulSet of now."""
    uid = cluster.get("statefulset", "web", "-n", home)["metadata"]["uid"]

    def owned() -> bool:
        items = cluster.get("pods", "-n", home)["items"]
        return all(owner["uid"] == uid for p in items for owner in p["metadata"].get("ownerReferences", [{"uid": ""}]))

    eventually(owned)
    assert pods(cluster, home) == before


def test_row_22_a_replacement_killed_half_way(proxy: Proxy, keep: Keep, home: str, cluster: LabCluster) -> None:
    claims(cluster, home)
    assert not keep([stateful(home, "1Gi")], wait=True, timeout=60).failed
    before = pods(cluster, home)
    gone: list[bool] = []

    def between(request: Request) -> bool:
        gone.extend([True] * (request.method == "DELETE"))
        return bool(gone) and request.method == "PATCH" and real(request)

    options = {"replace": "orphan", "namespace": home}
    killed_at(proxy, [stateful(home, "2Gi")], options=options, path="/statefulsets/", when=between, times=FOREVER)
    assert "NotFound" in cluster.kubectl("get", "statefulset", "web", "-n", home, check=False)
    result = keep([stateful(home, "2Gi")], replace="orphan")
    assert result.actions == {"StatefulSet web": "created"}, result.msg
    assert any("waiting up to 15 s for the Lease" in line for line in result.said), "the dead run's Lease"
    adopted(cluster, home, before)


def test_row_23_a_killed_run_is_finished_by_the_next_one(
    proxy: Proxy, keep: Keep, home: str, cluster: LabCluster
) -> None:
    first = [config_map(f"old{number}", home) for number in range(5)]
    second = [config_map(f"new{number}", home) for number in range(40)]
    assert not keep(first).failed
    killed_at(proxy, second, options={"namespace": home}, method="PATCH", when=real, skip=10, times=FOREVER)
    result = keep(second)
    assert not result.failed, result.msg
    names = {c["metadata"]["name"] for c in cluster.get("configmaps", "-n", home)["items"]} - {"kube-root-ca.crt"}
    assert names == {obj["metadata"]["name"] for obj in second}
    with cluster.record(user_agent="groundwork.platform") as requests:
        again = keep(second)
    assert requests.all, "the audit log shows our requests"
    assert (again["changed"], again["warnings"], requests.mutating) == (False, [], [])


def test_row_24_two_runs_of_one_set(proxy: Proxy, keep: Keep, home: str) -> None:
    assert not keep([config_map("one", home), config_map("two", home)]).failed
    arrived, go_on = threading.Event(), threading.Event()

    def hold(exchange: Exchange) -> None:
        arrived.set()
        go_on.wait(60)

    proxy.fault(then(hold), method="PATCH", when=real)
    results: list[Any] = []
    first = threading.Thread(target=lambda: results.append(keep([config_map("one", home, key="first")])))
    first.start()
    assert arrived.wait(30)
    second = keep([config_map("two", home, key="second")])
    go_on.set()
    first.join(60)
    assert second.failed
    assert "another run holds its Lease" in second.msg
    assert results[0].actions == {"ConfigMap one": "changed", "ConfigMap two": "deleted"}, results[0].msg


def test_row_25_what_an_operator_owns(keep: Keep, home: str, cluster: LabCluster) -> None:
    assert not keep([config_map("owner", home), secret("gone", home, key="value-of-it")]).failed
    uid = cluster.get("configmap", "owner", "-n", home)["metadata"]["uid"]
    child = secret("cluster-ca", home, ca="key-of-the-authority")
    child["metadata"] |= {
        "labels": {PART_OF: SetName(home, "test").id},
        "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}],
    }
    cluster.kubectl("apply", "--server-side", "--field-manager=operator", "-f", "-", stdin=json.dumps(child))
    result = keep([config_map("owner", home)])
    assert result.actions == {"ConfigMap owner": "unchanged", "Secret gone": "deleted"}, result.msg
    assert cluster.get("secret", "cluster-ca", "-n", home)["metadata"]["name"] == "cluster-ca"
    assert any("cluster-ca" in warning and "owned by ConfigMap owner" in warning for warning in result["warnings"])


def test_row_36_large_definitions(keep: Keep, home: str, cluster: LabCluster) -> None:
    large, _, name = definition(home, int(1.2 * 2**20))
    small = json.loads(json.dumps(definition(home)[0]).replace("widget", "gadget").replace("Widget", "Gadget"))
    small["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["description"] = "x" * 300 * 2**10
    try:
        result = keep([large, small])
        assert not result.failed, result.msg
        assert any("1.2 MiB" in warning for warning in result["warnings"])
    finally:
        # The server's own finalizer may take minutes over a definition that is this young; the names are this test's.
        cluster.kubectl("delete", "crd", name, small["metadata"]["name"], "--ignore-not-found", "--wait=false")
    refused = keep([config_map("big", home, text="x" * 2 * 2**20)])
    assert refused.failed
    assert "2.0 MiB" in refused.msg
