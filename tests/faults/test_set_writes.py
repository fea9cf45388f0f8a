"""Fault rows of applying a set: what the server refuses, loses, delays or says too loudly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.sources import yaml_files
from support.objects import config_map, custom, custom_definition, namespace, secret, workload
from support.server import FOREVER, Request, Server, reset, status, then
from support.task import task

Keep = Callable[..., Any]
UNSERVED = status(404, "the server could not find the requested resource", reason="NotFound")


def real(request: Request) -> bool:
    """Writes, and not their rehearsal."""
    return not request.dry


def later(seconds: float, do: Callable[[], Any]) -> threading.Timer:
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()
    return timer


def test_row_05_a_write_whose_answer_is_lost_is_told_as_what_it_was(server: Server, keep: Keep) -> None:
    server.fault(reset(served=True), method="PATCH", when=real)
    result = keep([config_map("one"), config_map("two")])
    assert result.actions == {"ConfigMap one": "created", "ConfigMap two": "created"}, result.msg
    assert [r["reason"] for r in result["retries"]] == ["connection lost"]
    server.fault(reset(served=True), method="PATCH", when=real)
    result = keep([config_map("one", key="other"), config_map("two")])
    assert result.actions == {"ConfigMap one": "changed", "ConfigMap two": "unchanged"}
    written = len(server.writes)
    result = keep([config_map("one", key="other"), config_map("two")])
    assert (result["changed"], len(server.writes)) == (False, written)


def test_a_missing_namespace_is_one_sentence_whoever_finds_it_missing(server: Server, keep: Keep) -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}, "rules": []}
    words = "cannot apply: the namespace nowhere does not exist and is not in set nowhere/test; create it first"
    assert words in keep([role], namespace="nowhere").msg
    server.fault(status(403, "no", reason="Forbidden"), method="GET", path="/namespaces/nowhere$", times=FOREVER)
    assert words in keep([role], namespace="nowhere").msg  # nobody may look, so the Lease meets it first
    assert not server.writes


def test_row_11_kinds_that_are_served_late_need_no_second_run(server: Server, keep: Keep) -> None:
    crd = custom_definition()
    server.store.crd_ready = False

    def establish() -> None:
        live = server.store.read("customresourcedefinitions", "", crd["metadata"]["name"])
        assert live
        conditions = [{"type": kind, "status": "True"} for kind in ("NamesAccepted", "Established")]
        server.store.put({**live, "status": {"conditions": conditions}})

    applied = server.fault(
        then(lambda exchange: later(0.2, establish)), method="PATCH", path="customresourcedefinitions", when=real
    )
    late = server.fault(UNSERVED, method="PATCH", path="/widgets/", when=real, times=3)
    # One of two API servers knows the kind, the other does not yet.
    between = [server.fault(UNSERVED, method="PATCH", path="/widgets/two", when=real, skip=n) for n in (1, 1)]
    result = keep([custom("one"), crd, custom("two"), custom("three")])
    assert not result.failed, result.msg
    assert set(result.actions.values()) == {"created"}
    assert server.store.names("widgets") == ["one", "three", "two"]
    assert (applied.hits, late.hits) == (1, 3)
    assert between
    assert "kind not served" in {r["reason"] for r in result["retries"]}
    first = next(r.at for r in server.log if "/widgets/" in r.path and r.method == "PATCH" and not r.dry)
    established = next(r.at for r in server.seen("PATCH", "customresourcedefinitions") if not r.dry)
    assert first - established > 0.15, "no custom resource before its kind is established"


def test_row_12_a_definition_whose_names_are_taken_ends_the_run(server: Server, keep: Keep) -> None:
    crd = custom_definition()
    server.store.crd_ready = False

    def refuse() -> None:
        live = server.store.read("customresourcedefinitions", "", crd["metadata"]["name"])
        assert live
        taken = {"type": "NamesAccepted", "status": "False", "reason": "KindConflict", "message": '"Widget" is taken'}
        server.store.put({**live, "status": {"conditions": [taken, {"type": "Established", "status": "False"}]}})

    server.fault(then(lambda exchange: later(0.2, refuse)), method="PATCH", path="customresource", when=real)
    result = keep([crd, custom("one"), config_map("two")])
    assert result.failed
    assert '"Widget" is taken' in result.msg
    assert result.actions["Widget one"] == "skipped"
    blocked = next(row["message"] for row in result["objects"] if row["kind"] == "Widget")
    assert "CustomResourceDefinition widgets.example.org" in blocked
    assert [r for r in server.seen("PATCH", "/widgets/") if not r.dry] == []


def test_row_16_a_duplicate_key_is_refused_before_any_request(tmp_path: Path, server: Server, keep: Keep) -> None:
    path = tmp_path / "objects.yml"
    path.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  key: a\n  key: b\n")
    with pytest.raises(PlatformError, match=r"objects\.yml:7: the key data\.key"):
        yaml_files.read(path)
    result = keep([], render=lambda objects: [each.object for each in yaml_files.read(path)])
    assert result.failed
    assert "objects.yml:7" in result.msg
    assert server.log == []


def test_row_17_conflicts_are_named_and_taken_only_from_who_is_named(server: Server, keep: Keep) -> None:
    keep([workload("web"), config_map("one")], wait=False)
    live = server.store.read("deployments", "default", "web")
    assert live
    for manager, path in (("kubectl", ("template", "spec")), ("kube-controller-manager", ("replicas",))):
        taken: dict[str, Any] = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": live["metadata"],
            "spec": {},
        }
        if path == ("replicas",):
            taken["spec"]["replicas"] = 5
        else:
            taken["spec"]["template"] = {"spec": {"terminationGracePeriodSeconds": 5}}
        key = server.store.key(live)
        server.store.apply(
            key, {**taken, "metadata": {"name": "web", "namespace": "default"}}, manager, force=True, dry=False
        )
    wanted = workload("web", replicas=2)
    wanted["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 9
    result = keep([wanted, config_map("one", key="new")], wait=False)
    assert result.failed
    assert "spec.replicas is owned by 'kube-controller-manager' (5; wanted: 2)" in result.msg
    assert "terminationGracePeriodSeconds is owned by 'kubectl' (5; wanted: 9)" in result.msg
    assert "take_from: kube-controller-manager, kubectl" in result.msg
    assert "leave_to" in result.msg
    some = keep([wanted, config_map("one", key="new")], wait=False, take_from=["kubectl"])
    assert some.failed, "one of two managers is not enough"
    both = keep([wanted, config_map("one", key="new")], wait=False, take_from=["kubectl", "kube-controller-manager"])
    assert not both.failed, both.msg
    now = server.store.read("deployments", "default", "web")
    assert now
    assert (now["spec"]["replicas"], now["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]) == (2, 9)


HELD = "Some content in the namespace has finalizers remaining: kafka.strimzi.io/topic in 2 resource instances"


def stuck() -> dict[str, Any]:
    """A namespace that is held, as the API server's controller says so."""
    condition = {"type": "NamespaceFinalizersRemaining", "status": "True", "message": HELD}
    return {**namespace("old", deletionTimestamp="2026-01-01T00:00:00Z"), "status": {"conditions": [condition]}}


def test_row_19_a_namespace_on_its_way_out_is_waited_for_or_named(server: Server, keep: Keep) -> None:
    objects = [namespace("data"), config_map("one", "data")]
    assert not keep(objects, wait=False).failed
    going = server.store.read("namespaces", "", "data")
    assert going
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    server.store.put(going)
    server.store.drop("configmaps", "data", "one")
    later(0.3, lambda: server.store.drop("namespaces", "", "data"))
    result = keep(objects, wait=False)
    assert not result.failed, result.msg
    assert result.actions == {"Namespace data": "created", "ConfigMap one": "created"}
    again = server.store.read("namespaces", "", "data")
    assert again
    assert again["metadata"]["uid"] != going["metadata"]["uid"]
    assert server.store.names("configmaps", "data") == ["one"]
    server.store.put(stuck())
    written = len(server.writes)
    result = keep([config_map("one", "old")], set="other", wait=False)
    assert result.failed
    assert "kafka.strimzi.io/topic" in result.msg
    assert len(server.writes) == written


def test_row_20_an_object_held_by_a_finalizer_is_waited_for_no_longer_than_told(server: Server, keep: Keep) -> None:
    keep([config_map("one"), config_map("two")], wait=False)
    live = server.store.read("configmaps", "default", "one")
    assert live
    live["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["example.org/held"]}
    server.store.put(live)
    result = keep([config_map("one"), config_map("two", key="new")], wait=False, timeout=1)
    assert result.failed
    assert "example.org/held" in result.msg
    assert result.actions["ConfigMap two"] == "changed", "its neighbour is written"
    later(0.2, lambda: server.store.drop("configmaps", "default", "one"))
    assert not keep([config_map("one"), config_map("two", key="new")], wait=False).failed
    again = server.store.read("configmaps", "default", "one")
    assert again
    assert again["metadata"]["uid"] != live["metadata"]["uid"]
    server.store.put(stuck())
    result = keep([namespace("old"), config_map("one", "old")], set="other", wait=False, timeout=1, adopt="always")
    assert f"Namespace old is being deleted since 2026-01-01T00:00:00Z, held by {HELD}; see" in result.msg


def test_row_36_sizes_are_known_before_the_server_refuses_them(server: Server, keep: Keep) -> None:
    result = keep([config_map("big", text="x" * 2 * 2**20)])
    assert result.failed
    assert "2.0 MiB" in result.msg
    assert "1.5 MiB" in result.msg
    assert server.writes == []
    large, small = custom_definition("larges"), custom_definition("smalls")
    large["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["description"] = "x" * int(1.2 * 2**20)
    small["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["description"] = "x" * 300 * 2**10
    result = keep([large, small])
    assert not result.failed, result.msg
    assert any("larges.example.org is 1.2 MiB" in words for words in result["warnings"])
    assert not any("smalls" in words for words in result["warnings"])
    too_large = status(500, "etcdserver: request is too large")
    server.fault(too_large, method="PATCH", times=FOREVER)
    result = keep([config_map("one"), large, small])
    assert "etcdserver: request is too large" in result.msg
    assert result["retries"] == []


CANARY = "c4n4ry-s3cr3t-value"


def test_row_37_no_secret_is_shown_anywhere(server: Server, keep: Keep, tmp_path: Path) -> None:
    def shown(*results: Any) -> str:
        return "\n".join(repr(dict(result)) + repr(result.said) for result in results)

    first = keep([secret("s", password=CANARY)], diff=True)
    second = keep([secret("s", password=f"{CANARY}-two")], diff=True)
    assert second.actions == {"Secret s": "changed"}
    checked = keep([secret("s", password=f"{CANARY}-three")], diff=True, check=True)
    quoting = server.fault(
        status(
            422,
            f'Secret "s" is invalid: data[password]: Invalid value: "{CANARY}-four": refused',
            reason="Invalid",
            causes=[
                {
                    "reason": "FieldValueInvalid",
                    "field": "data[password]",
                    "message": f'Invalid value: "{CANARY}-four": refused',
                }
            ],
        ),
        method="PATCH",
        times=FOREVER,
    )
    refused = keep([secret("s", password=f"{CANARY}-four")], diff=True)
    assert "data[password]" in refused.msg
    quoting.times = 0
    got = f'expected string, got &value.valueUnstructured{{Value:"{CANARY}"}}'
    server.fault(status(500, f"failed to create typed patch object: .data.password: {got}"), method="PATCH", times=9)
    mistyped = keep([secret("s", password=CANARY)], diff=True)
    assert mistyped.failed

    def broken(objects: list[Any]) -> list[Any]:
        raise ValueError(f"what is {CANARY}")

    crashed = keep([secret("s", password=CANARY)], render=broken)
    assert "defect" in crashed.msg
    token = task({"host": server.url, "api_key": CANARY}, [config_map("one")], diff=True)
    text = shown(first, second, checked, refused, mistyped, crashed, token)
    import base64

    assert CANARY not in text
    assert base64.b64encode(CANARY.encode()).decode()[:20] not in text
    assert "invocation" in first, "what -vvv shows was looked at too"


def test_row_41_rights_that_are_missing_are_said_and_nothing_is_pruned(server: Server, keep: Keep) -> None:
    keep([config_map("one"), config_map("two"), workload("web")], wait=False)
    denied = status(403, 'configmaps is forbidden: User "u" cannot list resource "configmaps"', reason="Forbidden")
    server.fault(denied, method="GET", path="/configmaps$", times=FOREVER)
    server.fault(denied, method="GET", path="/configmaps/", times=FOREVER)
    server.log.clear()
    result = keep([config_map("one", key="new")], wait=False)
    assert not result.failed, result.msg
    assert server.seen("DELETE", "configmaps|deployments") == [], "a kind that cannot be listed: nothing is deleted"
    assert any("cannot be listed" in words for words in result["warnings"])
    live = server.store.read("configmaps", "default", "one")
    assert live
    assert live["data"] == {"key": "new"}
    assert server.store.names("deployments") == ["web"]


def test_row_42_a_server_that_restarts_during_the_apply_loses_nothing(server: Server, keep: Keep) -> None:
    server.fault(then(lambda exchange: server.restart(0.1)), method="PATCH", when=real, skip=100)
    names = [f"n{number}" for number in range(500)]
    result = keep([config_map(name) for name in names], preflight="none")
    assert not result.failed, result.msg
    assert set(result.actions.values()) == {"created"}
    assert server.store.names("configmaps") == sorted(names)
    versions = {server.store.read("configmaps", "default", name)["metadata"]["uid"] for name in names}  # type: ignore[index]
    assert len(versions) == 500
    assert {"unreachable", "connection lost"} & {r["reason"] for r in result["retries"]}
    written = len(server.writes)
    again = keep([config_map(name) for name in names])
    assert (again["changed"], len(server.writes)) == (False, written)


def test_a_server_that_goes_away_for_good_is_one_sentence(server: Server, keep: Keep) -> None:
    server.fault(then(lambda exchange: server.leave()), method="PATCH", when=real, skip=20)
    result = keep([config_map(f"n{number}") for number in range(60)], preflight="none")
    assert result.failed
    assert result.msg.count("cannot reach") == 1, result.msg
    assert "60 objects of set default/test failed: cannot reach http" in result.msg
    assert result["changed"], "what was written before is told"


def test_a_server_that_goes_away_in_the_wait_keeps_the_result(server: Server, keep: Keep) -> None:
    made = {**workload("web"), "status": {}}
    server.fault(then(lambda exchange: server.leave()), path="deployments", when=lambda r: "watch" in r.query)
    result = keep([made])
    assert result.failed
    assert result.msg.startswith("cannot wait: cannot reach http"), result.msg
    assert result.msg.endswith("(all objects are applied, nothing was pruned)")
    assert result["changed"]


def test_row_43_an_etcd_without_a_leader_is_waited_for(server: Server, keep: Keep) -> None:
    for words in ("etcdserver: leader changed", "etcdserver: request timed out", "rpc error: raft proposal dropped"):
        server.fault(status(500, words), method="PATCH", when=real)
    result = keep([config_map("one")])
    assert result.actions == {"ConfigMap one": "created"}, result.msg
    assert [r["reason"] for r in result["retries"]] == ["etcd unavailable"] * 3


class Scenario:
    """A fault, and the set that meets it: `before` has been applied, then `fault` happens, then `after` is wanted."""

    def __init__(
        self,
        row: int,
        before: list[Any],
        after: list[Any],
        fault: Callable[[Server], Any] | None = None,
        **options: Any,
    ) -> None:
        self.row, self.before, self.after, self.fault = row, before, after, fault


def _fault(action: Any, **match: Any) -> Callable[[Server], Any]:
    return lambda server: server.fault(action, **match)


def _foreign(server: Server) -> None:
    live = server.store.read("configmaps", "default", "one")
    assert live
    live["metadata"]["name"] = "child"
    live["metadata"]["ownerReferences"] = [{"kind": "Kafka", "name": "k", "uid": "1", "apiVersion": "v1"}]
    del live["metadata"]["uid"]
    server.store.put(live)


ONE, TWO, NEW = config_map("one"), config_map("two"), config_map("one", key="new")
SCENARIOS = [
    Scenario(1, [], [ONE], _fault(status(429, "slow"), method="PATCH")),
    Scenario(4, [ONE], [NEW], _fault(status(503, "busy"), method="PATCH")),
    Scenario(5, [ONE], [NEW], _fault(reset(served=True), method="PATCH")),
    Scenario(10, [], [ONE], lambda server: server.stale.add(("metrics.k8s.io", "v1beta1"))),
    Scenario(11, [], [custom_definition(), custom("one")]),
    Scenario(13, [], [ONE], _fault(status(500, 'failed calling webhook "w": refused'), method="PATCH", times=2)),
    Scenario(18, [], [ONE], _fault(status(409, "Operation cannot be fulfilled on resourcequotas"), method="PATCH")),
    Scenario(19, [], [namespace("data"), config_map("x", "data")]),
    Scenario(25, [ONE, TWO], [ONE], _foreign),
    Scenario(29, [ONE, TWO], [ONE]),
    Scenario(43, [ONE], [NEW], _fault(status(500, "etcdserver: leader changed"), method="PATCH")),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[f"row_{s.row:02}" for s in SCENARIOS])
def test_row_45_check_mode_writes_nothing_and_foretells_the_run(scenario: Scenario) -> None:
    results = []
    for check in (True, False):
        with Server() as server:
            reach = {"host": server.url, "api_key": server.token}
            if scenario.before:
                assert not task(reach, scenario.before, wait=False).failed
            if scenario.fault:
                scenario.fault(server)
            server.log.clear()
            results.append(task(reach, scenario.after, check=check, wait=False))
            if check:
                assert [r.path for r in server.log if r.method != "GET" and not r.dry] == [], "not even a Lease"
    foretold, done = results
    assert not done.failed, done.msg
    assert foretold.actions == done.actions
    assert foretold["changed"] == done["changed"]
