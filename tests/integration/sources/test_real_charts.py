"""Charts of real projects, out of their Go modules, through their whole life: installed, run again, removed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.sets.context import Context
from ansible_collections.groundwork.platform.plugins.module_utils.sources import install, options
from support import modules
from support.lab import LabCluster, started

Task = Callable[..., Context]
Install = Callable[..., dict[str, Any]]

# name: module, chart in it, values, hooks that run at the first installation
CHARTS: dict[str, tuple[str, str, dict[str, Any], list[str]]] = {
    "istio-base": ("istio.io/istio", "manifests/charts/base", {"global": {"istioNamespace": "real-istio-base"}}, []),
    "istiod": (
        "istio.io/istio",
        "manifests/charts/istio-control/istio-discovery",
        {"global": {"istioNamespace": "real-istiod"}, "autoscaleEnabled": False},
        [],
    ),
    "istio-ingress": (
        "istio.io/istio",
        "manifests/charts/gateway",
        {"service": {"type": "ClusterIP"}, "autoscaling": {"enabled": False}},
        [],
    ),
    "ingress-nginx": (
        "k8s.io/ingress-nginx",
        "charts/ingress-nginx",
        {"controller": {"service": {"type": "ClusterIP"}}},
        [
            "ServiceAccount ingress-nginx-admission",
            "ClusterRole ingress-nginx-admission",
            "ClusterRoleBinding ingress-nginx-admission",
            "Role ingress-nginx-admission",
            "RoleBinding ingress-nginx-admission",
            "Job ingress-nginx-admission-create",
            "ServiceAccount ingress-nginx-admission",
            "ClusterRole ingress-nginx-admission",
            "ClusterRoleBinding ingress-nginx-admission",
            "Role ingress-nginx-admission",
            "RoleBinding ingress-nginx-admission",
            "Job ingress-nginx-admission-patch",
        ],
    ),
    "external-secrets": (
        "github.com/external-secrets/external-secrets",
        "deploy/charts/external-secrets",
        {"installCRDs": False},
        [],
    ),
    "kyverno": ("github.com/kyverno/kyverno", "charts/kyverno", {}, []),
    "cert-manager": (
        "github.com/cert-manager/cert-manager",
        "deploy/charts/cert-manager",
        {"crds": {"enabled": True, "keep": False}},
        [
            "ServiceAccount cert-manager-startupapicheck",
            "Role cert-manager-startupapicheck:create-cert",
            "RoleBinding cert-manager-startupapicheck:create-cert",
            "Job cert-manager-startupapicheck",
        ],
    ),
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[LabCluster]:
    """A cluster of this file's own: the charts bring definitions that other tests apply by other ways."""
    with started("charts") as running:
        yield running


@pytest.fixture
def operator(task: Task, program: str) -> Install:
    """Installs something real; without a keyword for it, everything as by default."""

    def run(**given: Any) -> dict[str, Any]:
        defaults = {name: row.get("default") for name, row in options.OPERATOR_INSTALL.spec.items()}
        chart = given.pop("chart", None)
        source = {"chart": {"chart": str(chart), "helm": program, "values": given.pop("values", {})}} if chart else {}
        context = task()
        settings = {**defaults, "timeout": 120, "create_namespace": True, **source, **given}
        return {**install.install(context=context, **settings), "warnings": context.warnings}

    return run


@pytest.fixture
def chart(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path, dict[str, Any], list[str]]]:
    """A copy of a real chart. Dependencies that its module does not hold are off by default, and taken out here."""
    name = request.param
    module, path, values, hooks = CHARTS[name]
    copy = tmp_path / name
    shutil.copytree(modules.folder(module) / path, copy, copy_function=shutil.copyfile)
    for folder in (copy, *copy.rglob("*")):
        folder.chmod(0o755)
    about = yaml.safe_load((copy / "Chart.yaml").read_text())
    there = {each.name for each in (copy / "charts").glob("*")}
    about["dependencies"] = [each for each in about.get("dependencies", []) if each["name"] in there]
    (copy / "Chart.yaml").write_text(yaml.safe_dump(about))
    (copy / "Chart.lock").unlink(missing_ok=True)
    return name, copy, values, hooks


def remove(operator: Install, cluster: LabCluster, **given: Any) -> None:
    """Removes all of it; each refusal's sentences are given back to it.

    Of definitions only cert-manager's six: the server takes a second or more for each.
    """
    crds = given["name"] == "cert-manager"
    confirm: list[str] = []
    for _ in range(5):
        try:
            operator(**given, state="absent", remove_crds=crds, confirm=confirm)
            break
        except PlatformError as error:
            sentences = [part for part in str(error).split("'") if part.startswith("delete ")]
            if not sentences:
                raise
            confirm += sentences
    else:
        raise AssertionError("refused again and again")
    if crds:
        assert cluster.kubectl("get", "namespace", given["namespace"], "--ignore-not-found") == ""
        assert "cert-manager.io" not in cluster.kubectl("get", "crd", "-o", "name")
    else:
        cluster.kubectl("delete", "namespace", given["namespace"], "--wait=false")


@pytest.mark.parametrize("chart", CHARTS, indirect=True)
def test_a_real_chart_lives_its_whole_life(
    cluster: LabCluster, operator: Install, chart: tuple[str, Path, dict[str, Any], list[str]]
) -> None:
    name, path, values, hooks = chart
    given = {"name": name, "namespace": f"real-{name}", "chart": path, "values": values}
    try:
        first = operator(**given)
        ran = [f"{row['kind']} {row['name']}" for row in first["objects"] if row["action"] == "ran"]
        assert ran == hooks
        assert first["changed"] is True
        with cluster.record(user_agent="groundwork") as requests:
            second = operator(**given)
        assert [f"{r['kind']} {r['name']}" for r in second["objects"] if r["action"] != "unchanged"] == []
        assert second["changed"] is False
        assert [request["requestURI"] for request in requests.mutating] == []
    finally:
        remove(operator, cluster, **given)


def test_definitions_out_of_release_manifests(cluster: LabCluster, operator: Install) -> None:
    bundle = modules.folder("github.com/external-secrets/external-secrets") / "deploy/crds/bundle.yaml"
    given = {"name": "eso", "namespace": "real-eso", "version": "1.3.2", "manifests": [{"path": str(bundle)}]}
    try:
        first = operator(**given)
        kinds = {row["kind"] for row in first["objects"]}
        assert kinds == {"CustomResourceDefinition", "Namespace"}
        assert len(first["objects"]) > 20
        assert operator(**given)["changed"] is False
        with pytest.raises(PlatformError, match=r"it would go back from 1\.3\.2 to 1\.3\.1"):
            operator(**{**given, "version": "1.3.1"})
    finally:
        cluster.kubectl("delete", "namespace", given["namespace"], "--wait=false")
