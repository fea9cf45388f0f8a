"""OLM's objects on a real API server with OLM's own CRDs; its catalog operator is simulated by this file."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import ApiError, PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.context import Context
from ansible_collections.groundwork.platform.plugins.module_utils.sources import install, options
from support.lab import LabCluster

from lab.crds import apply_crds

Task = Callable[..., Context]
Install = Callable[..., dict[str, Any]]
GROUP = "/apis/operators.coreos.com/v1alpha1"


class SimulatedCatalog:
    """Does what OLM's catalog operator does to one Subscription: offers a plan, carries out what is approved.

    path: the versions of the channel in their order; brings: what a plan installs beside its version; fails: plans do.
    """

    def __init__(self, context: Context, namespace: str) -> None:
        self.client, self.namespace = context.client, namespace
        self.path: list[str] = []
        self.brings: list[str] = []
        self.fails = False
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def end(self) -> None:
        self.stopped.set()
        self.thread.join()

    def _run(self) -> None:
        while not self.stopped.wait(0.1):
            try:
                self._subscription(self._get("subscriptions", "op"))
            except ApiError as error:
                if error.status not in (404, 409):  # not there yet, or written by the engine in this moment
                    raise

    def _subscription(self, live: dict[str, Any]) -> None:
        status = live.get("status") or {}
        installed = status.get("installedCSV")
        start = live["spec"]["startingCSV"] if installed is None else None
        after = self.path[self.path.index(installed) + 1 :] if installed in self.path else self.path
        offered = start if start in self.path else next(iter(after), None)
        if status.get("state") == "UpgradePending":
            self._plan(status)
        elif offered and offered != installed:
            self._offer(status, offered)
        elif installed and status.get("state") != "AtLatestKnown":
            self._status("subscriptions", "op", {**status, "state": "AtLatestKnown"})

    def _offer(self, status: dict[str, Any], csv: str) -> None:
        name = f"install-{csv.replace('.', '-')}"
        spec = {"approval": "Manual", "approved": False, "clusterServiceVersionNames": [csv, *self.brings]}
        self._create("InstallPlan", "installplans", name, spec)
        self._status("installplans", name, {"phase": "RequiresApproval", "catalogSources": []})
        ref = {"name": name, "namespace": self.namespace, "kind": "InstallPlan"}
        wanted = {"state": "UpgradePending", "currentCSV": csv, "installPlanRef": ref}
        self._status("subscriptions", "op", {**status, **wanted, "lastUpdated": "2026-01-01T00:00:00Z"})

    def _plan(self, status: dict[str, Any]) -> None:
        name, csv = status["installPlanRef"]["name"], status["currentCSV"]
        plan = self._get("installplans", name)
        if not plan["spec"]["approved"] or plan["status"]["phase"] == "Failed":
            return
        if self.fails:
            failed = {"phase": "Failed", "message": "Bundle unpacking failed: DeadlineExceeded", "catalogSources": []}
            self._status("installplans", name, failed)
            return
        self._create("ClusterServiceVersion", "clusterserviceversions", csv, CSV)
        self._status("installplans", name, {"phase": "Complete", "catalogSources": []})
        self._status("clusterserviceversions", csv, {"phase": "Installing"})
        at_latest = {**status, "state": "AtLatestKnown", "installedCSV": csv}
        self._status("subscriptions", "op", at_latest)
        self._status("clusterserviceversions", csv, {"phase": "Succeeded"})

    def _url(self, plural: str, name: str = "", part: str = "") -> str:
        tail = "".join(f"/{each}" for each in (name, part) if each)
        return f"{GROUP}/namespaces/{self.namespace}/{plural}{tail}"

    def _get(self, plural: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.request("GET", self._url(plural, name)).data
        return found

    def _create(self, kind: str, plural: str, name: str, spec: dict[str, Any]) -> None:
        body = {"apiVersion": "operators.coreos.com/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}
        self.client.request("POST", self._url(plural), body=body)

    def _status(self, plural: str, name: str, status: dict[str, Any]) -> None:
        self.client.request(
            "PATCH",
            self._url(plural, name, "status"),
            body={"status": status},
            content_type="application/merge-patch+json",
        )


CSV = {"displayName": "op", "install": {"strategy": "deployment", "spec": {"deployments": []}}}


@pytest.fixture(scope="module", autouse=True)
def definitions(cluster: LabCluster) -> None:
    """OLM's CRDs, out of operator-framework/api."""
    apply_crds(cluster.kubeconfig, ["olm"])


@pytest.fixture
def catalog(task: Task, namespace: str) -> Iterator[SimulatedCatalog]:
    simulated = SimulatedCatalog(task(), namespace)
    simulated.thread.start()
    yield simulated
    simulated.end()


@pytest.fixture
def operator(task: Task, namespace: str) -> Install:
    def run(csv: str = "op.v1", *, check: bool = False, also: tuple[str, ...] = (), **given: Any) -> dict[str, Any]:
        defaults = {name: row.get("default") for name, row in options.OPERATOR_INSTALL.spec.items()}
        wanted = {
            "package": "op", "csv": csv, "channel": "stable", "source": "catalog", "source_namespace": "olm",
            "also": list(also), "target_namespaces": [namespace], "config": None,
        }  # fmt: skip
        settings = {**defaults, "name": "op", "namespace": namespace, "timeout": 60, "subscription": wanted, **given}
        context = task(check=check)
        return {**install.install(context=context, **settings), "warnings": context.warnings}

    return run


def approved(cluster: LabCluster, namespace: str) -> list[str]:
    plans = cluster.get("installplans", "-n", namespace)["items"]
    return sorted(plan["metadata"]["name"] for plan in plans if plan["spec"]["approved"])


def actions(result: dict[str, Any]) -> dict[str, str]:
    return {f"{row['kind']} {row['name']}": row["action"] for row in result["objects"]}


def test_exactly_the_version_asked_for_is_installed_and_a_second_run_writes_nothing(
    cluster: LabCluster, namespace: str, catalog: SimulatedCatalog, operator: Install
) -> None:
    catalog.path = ["op.v1", "op.v2"]
    first = operator("op.v1")
    assert actions(first) == {
        "OperatorGroup op": "created",
        "Subscription op": "created",
        "InstallPlan install-op-v1": "approved",
    }
    assert cluster.get("csv", "-n", namespace, "op.v1")["status"]["phase"] == "Succeeded"
    offers = ("subscription.operators.coreos.com/op", "-n", namespace, "--timeout=60s")
    cluster.kubectl("wait", "--for=jsonpath={.status.currentCSV}=op.v2", *offers)
    catalog.end()  # its requests would be taken for the engine's
    with cluster.record(user_agent="groundwork") as requests:
        second = operator("op.v1")
    assert second["changed"] is False
    assert [request["requestURI"] for request in requests.mutating] == []
    assert second["warnings"] == [f"Subscription {namespace}/op: an upgrade to op.v2 waits for its approval"]
    assert approved(cluster, namespace) == ["install-op-v1"]


def test_an_upgrade_goes_version_by_version(
    cluster: LabCluster, namespace: str, catalog: SimulatedCatalog, operator: Install
) -> None:
    catalog.path = ["op.v1", "op.v2", "op.v3"]
    operator("op.v1")
    with pytest.raises(PlatformError, match=r"its channel offers op\.v2 next and not op\.v3; ask for op\.v2"):
        operator("op.v3")
    assert approved(cluster, namespace) == ["install-op-v1"]
    operator("op.v2")
    operator("op.v3")
    assert approved(cluster, namespace) == ["install-op-v1", "install-op-v2", "install-op-v3"]
    with pytest.raises(PlatformError, match=r"op\.v3 is installed, and its channel offers nothing after it"):
        operator("op.v2", status_grace=2)
    live = cluster.get("subscription.operators.coreos.com", "-n", namespace, "op")
    assert live["spec"]["startingCSV"] == "op.v3", "refused before anything was written"


def test_a_plan_that_brings_anything_else_is_left_unapproved(
    cluster: LabCluster, namespace: str, catalog: SimulatedCatalog, operator: Install
) -> None:
    catalog.path, catalog.brings = ["op.v1"], ["stranger.v7"]
    with pytest.raises(PlatformError, match=r"the install plan install-op-v1 installs stranger\.v7 as well"):
        operator("op.v1")
    assert approved(cluster, namespace) == []
    assert operator("op.v1", also=("stranger.v7",))["changed"] is True
    assert approved(cluster, namespace) == ["install-op-v1"]


def test_check_mode_approves_nothing(
    cluster: LabCluster, namespace: str, catalog: SimulatedCatalog, operator: Install
) -> None:
    catalog.path = ["op.v1", "op.v2"]
    result = operator("op.v1", check=True)
    assert actions(result)["ClusterServiceVersion op.v1"] == "would approve"
    assert cluster.get("subscriptions.operators.coreos.com", "-n", namespace)["items"] == []
    operator("op.v1")
    assert operator("op.v1", check=True)["changed"] is False
    assert actions(operator("op.v2", check=True))["ClusterServiceVersion op.v2"] == "would approve"
    assert approved(cluster, namespace) == ["install-op-v1"]


def test_a_plan_that_fails_is_quoted(
    cluster: LabCluster, namespace: str, catalog: SimulatedCatalog, operator: Install
) -> None:
    catalog.path, catalog.fails = ["op.v1"], True
    with pytest.raises(PlatformError, match=r"InstallPlan .*/install-op-v1 is not ready: .*DeadlineExceeded"):
        operator("op.v1")


def test_a_version_that_nobody_offers_ends_with_what_the_catalog_says(
    cluster: LabCluster, namespace: str, operator: Install
) -> None:
    with pytest.raises(PlatformError, match=r"Subscription .*/op is not ready"):
        operator("op.v9", timeout=3)


def test_absent_removes_subscription_and_version(
    cluster: LabCluster, namespace: str, catalog: SimulatedCatalog, operator: Install
) -> None:
    catalog.path = ["op.v1"]
    operator("op.v1")
    result = operator("op.v1", state="absent")
    assert actions(result) == {
        "OperatorGroup op": "deleted",
        "Subscription op": "deleted",
        "ClusterServiceVersion op.v1": "deleted",
    }
    assert json.loads(cluster.kubectl("get", "csv", "-n", namespace, "-o", "json"))["items"] == []
    assert operator("op.v1", state="absent")["changed"] is False
