"""Operators installed through the engine on a real API server: charts and manifests, hooks, shared definitions."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.context import Context
from ansible_collections.groundwork.platform.plugins.module_utils.sources import install, options
from support.lab import LabCluster

CHARTS = Path(__file__).parent / "charts"
CRDS = ("crontabs.everything.example.org", "hooked.everything.example.org")
Task = Callable[..., Context]
Install = Callable[..., dict[str, Any]]


@pytest.fixture
def operator(cluster: LabCluster, namespace: str, task: Task, program: str, tmp_path: Path) -> Any:
    """Installs the chart `everything` into the test's namespace; options and the context's modes as keywords."""
    chart = tmp_path / "everything"
    shutil.copytree(CHARTS / "everything", chart)
    # Cluster-wide names are the test's own, so that tests do not share definitions.
    for path in chart.rglob("*.*"):
        path.write_text(path.read_text().replace("everything.example.org", f"{namespace}.example.org"))

    def run(*, check: bool = False, values: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
        defaults = {name: row.get("default") for name, row in options.OPERATOR_INSTALL.spec.items()}
        source = {"chart": {"chart": str(chart), "helm": program, "values": values or {}}}
        settings = {**defaults, "name": "op", "namespace": namespace, "timeout": 60, **source, **given}
        context = task(check=check)
        result = install.install(context=context, **settings)
        return {**result, "warnings": context.warnings, "said": json.dumps(result)}

    yield run
    crds = [name for name in names(cluster, "crd") if name.endswith(f"{namespace}.example.org")]
    if crds:
        cluster.kubectl("delete", "crd", "--wait=false", *crds)
    for kind in ("clusterrole", "validatingwebhookconfiguration"):
        cluster.kubectl("delete", kind, f"{namespace}-op", "--ignore-not-found")


def names(cluster: LabCluster, kind: str, *arguments: str) -> list[str]:
    found = cluster.kubectl("get", kind, *arguments, "-o", "jsonpath={.items[*].metadata.name}")
    return sorted(found.split())


def actions(result: dict[str, Any]) -> dict[str, str]:
    return {f"{row['kind']} {row['name']}": row["action"] for row in result["objects"]}


def sentences(error: Exception) -> list[str]:
    """What a refusal asks to add to confirm."""
    return [part for part in str(error).split("'") if part.startswith(("delete ", "downgrade "))]


def versions(cluster: LabCluster, namespace: str) -> dict[str, str]:
    items = cluster.get("secrets,deployments,configmaps", "-n", namespace)["items"]
    return {f"{item['kind']} {item['metadata']['name']}": item["metadata"]["resourceVersion"] for item in items}


def test_a_chart_is_installed_with_its_hooks_and_a_second_run_writes_nothing(
    cluster: LabCluster, namespace: str, operator: Install
) -> None:
    first = operator()
    did = actions(first)
    assert first["sets"] == [f"{namespace}/op-crds", f"{namespace}/op"]
    assert first["chart"] == {"name": "everything", "version": "1.2.3"}
    assert {did[name] for name in ("Secret op-tls", "CronTab op", "Deployment op")} == {"created"}
    assert [name for name, action in did.items() if action == "ran"] == [
        "ServiceAccount op-hook",
        "Job op-before",
        "ConfigMap op-after",
    ]
    assert names(cluster, "serviceaccount", "-n", namespace) == ["default"], "hook-succeeded: deleted"
    assert "op-after" in names(cluster, "configmap", "-n", namespace), "the default policy keeps it until the next run"
    before = versions(cluster, namespace)

    with cluster.record(user_agent="groundwork") as requests:
        second = operator()
    assert second["changed"] is False, second["diff"]
    assert set(actions(second).values()) == {"unchanged"}
    assert [request["requestURI"] for request in requests.mutating] == []
    assert versions(cluster, namespace) == before


def test_an_upgrade_runs_the_hooks_again_prunes_what_is_gone_and_keeps_what_helm_keeps(
    cluster: LabCluster, namespace: str, operator: Install
) -> None:
    operator(values={"password": "given-once-1"})
    tls = cluster.get("secret", "-n", namespace, "op-tls")["data"]
    # The text around the made-up token stays; only `gone` changes what is rendered.
    result = operator(values={"password": "given-once-1", "gone": False})
    did = actions(result)
    assert did["ConfigMap op-gone"] == "deleted"
    assert did["Job op-before"] == "ran"
    assert cluster.get("secret", "-n", namespace, "op-tls")["data"] == tls
    env = cluster.get("deployment", "-n", namespace, "op")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {"name": "UPGRADE", "value": "true"} in env


def test_text_around_a_made_up_value_that_changes_is_refused_before_a_write(
    cluster: LabCluster, namespace: str, operator: Install
) -> None:
    operator()
    before = versions(cluster, namespace)
    with pytest.raises(PlatformError, match=r"Secret .*/op data.config mixes a value that the chart makes up"):
        operator(values={"level": "debug"})
    assert versions(cluster, namespace) == before


def test_check_mode_writes_nothing_and_says_which_hooks_would_run(
    cluster: LabCluster, namespace: str, operator: Install
) -> None:
    with cluster.record(user_agent="groundwork") as requests:
        result = operator(check=True)
    assert requests.mutating == []
    did = actions(result)
    assert did["Job op-before"] == "would run"
    assert did["CronTab op"] == "created"
    assert result["changed"] is True
    operator()
    again = operator(check=True)
    assert again["changed"] is False


def test_a_failing_hook_ends_the_task_and_nothing_was_installed(
    cluster: LabCluster, namespace: str, operator: Install
) -> None:
    stopped = threading.Event()

    def fail() -> None:
        """The hook's pod fails, as if its container had: the lab has no kubelet that could run it."""
        while not stopped.wait(0.2):
            pods = cluster.get("pods", "-n", namespace, "-l", "batch.kubernetes.io/job-name=op-before")["items"]
            for pod in pods:
                patch = {"status": {"phase": "Failed", "message": "migration failed"}}
                where = ("pod", "-n", namespace, pod["metadata"]["name"], "--subresource=status")
                cluster.kubectl("patch", *where, "--type=merge", "-p", json.dumps(patch), check=False)

    thread = threading.Thread(target=fail)
    thread.start()
    try:
        with pytest.raises(PlatformError) as caught:
            operator(patches=[{"target": {"kind": "Job"}, "merge": {"spec": {"template": {"spec": NOWHERE}}}}])
    finally:
        stopped.set()
        thread.join()
    message = str(caught.value)
    assert f"the hook batch/Job {namespace}/op-before (chart everything, templates/hooks.tpl:1) failed" in message
    assert message.endswith("Its pod wrote no log"), "a pod that never ran has none"
    assert names(cluster, "deployment", "-n", namespace) == []
    assert operator()["changed"] is True, "the next run starts the hook anew"


NOWHERE = {"nodeSelector": {"no": "such-node"}}


def test_a_definition_of_another_set_is_left_alone(cluster: LabCluster, namespace: str, operator: Install) -> None:
    operator()
    result = operator(name="second", set="second")
    crd = f"crontabs.{namespace}.example.org"
    assert f"CustomResourceDefinition {crd}" not in actions(result)
    assert f"CustomResourceDefinition {crd} belongs to set {namespace}/op-crds and is left alone" in result["warnings"]
    cluster.kubectl("delete", "clusterrole,validatingwebhookconfiguration", f"{namespace}-second")


def test_a_definition_does_not_go_back_unasked(
    cluster: LabCluster, namespace: str, operator: Install, tmp_path: Path
) -> None:
    operator()
    chart = tmp_path / "everything" / "Chart.yaml"
    chart.write_text(chart.read_text().replace("version: 1.2.3", "version: 1.2.2"))
    with pytest.raises(PlatformError, match=r"it would go back from 1\.2\.3 to 1\.2\.2") as caught:
        operator()
    assert len(sentences(caught.value)) == 2
    did = actions(operator(confirm=sentences(caught.value)))
    assert did[f"CustomResourceDefinition crontabs.{namespace}.example.org"] == "changed"


def test_absent_runs_the_farewell_and_leaves_definitions_until_they_are_named(
    cluster: LabCluster, namespace: str, operator: Install
) -> None:
    operator()
    with pytest.raises(PlatformError, match="refused") as caught:
        operator(state="absent")
    assert "op-farewell" not in names(cluster, "configmap", "-n", namespace), "refused before its hooks ran"
    result = operator(state="absent", confirm=sentences(caught.value))
    did = actions(result)
    assert did["ConfigMap op-farewell"] == "ran"
    assert did["Deployment op"] == "deleted"
    assert names(cluster, "deployment", "-n", namespace) == []
    assert "op-kept" in names(cluster, "configmap", "-n", namespace), "helm.sh/resource-policy: keep"
    assert any("remove_crds removes them too" in text for text in result["warnings"])
    assert operator(state="absent")["changed"] is False
    with pytest.raises(PlatformError, match="refused") as caught:
        operator(state="absent", remove_crds=True)
    did = actions(operator(state="absent", remove_crds=True, confirm=sentences(caught.value)))
    assert did[f"CustomResourceDefinition crontabs.{namespace}.example.org"] == "deleted"


def test_a_namespace_that_is_missing_is_made_when_asked(cluster: LabCluster, namespace: str, operator: Install) -> None:
    other = f"{namespace}-new"
    with pytest.raises(PlatformError, match=rf"namespaces? .*{other}.* (does not exist|not found)"):
        operator(namespace=other)
    result = operator(namespace=other, create_namespace=True)
    assert actions(result)[f"Namespace {other}"] == "created"
    assert operator(namespace=other, create_namespace=True)["changed"] is False
    cluster.kubectl("delete", "clusterrole,validatingwebhookconfiguration", f"{other}-op")
    cluster.kubectl("delete", "namespace", other, "--wait=false")


def test_manifests_are_installed_patched_and_pruned(
    cluster: LabCluster, namespace: str, operator: Install, tmp_path: Path
) -> None:
    path = tmp_path / "release.yaml"
    row = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"a": "1"}}
    path.write_text(json.dumps(row) + "\n---\n" + json.dumps({**row, "metadata": {"name": "two"}}))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    given = {"chart": None, "manifests": [{"path": str(path), "checksum": f"sha256:{digest}"}]}
    patch = {"target": {"name": "one"}, "merge": {"data": {"a": "2"}}}
    assert actions(operator(**given, patches=[patch])) == {"ConfigMap one": "created", "ConfigMap two": "created"}
    assert cluster.get("configmap", "-n", namespace, "one")["data"] == {"a": "2"}
    assert operator(**given, patches=[patch])["changed"] is False
    path.write_text(json.dumps(row))
    with pytest.raises(PlatformError, match="is not what it should be"):
        operator(**given)
    assert actions(operator(chart=None, manifests=[{"path": str(path)}]))["ConfigMap two"] == "deleted"


def test_what_the_server_refuses_names_template_and_line(
    cluster: LabCluster, namespace: str, operator: Install, tmp_path: Path
) -> None:
    template = tmp_path / "everything" / "templates" / "others.tpl"
    template.write_text(template.read_text().replace("rules: []", "rulez: []"))
    with pytest.raises(PlatformError) as caught:
        operator()
    message = str(caught.value)
    assert "rulez" in message
    assert "(from chart everything, templates/others.tpl:1)" in message
    assert names(cluster, "job", "-n", namespace) == [], "a set that is refused is refused before its hooks run"


def test_no_secret_value_is_said(
    cluster: LabCluster, namespace: str, operator: Install, program: str, tmp_path: Path
) -> None:
    chart = {"chart": str(tmp_path / "everything"), "helm": program, "secret_values": {"password": "canary-90ab"}}
    result = operator(chart=chart)
    assert "canary-90ab" not in result["said"]
