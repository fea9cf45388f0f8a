"""The playbooks as a user runs them: refused before anything is touched, foretold exactly, verified, orphans named."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.lab import LabCluster, Requests, lab
from support.playbook import BINARY, ROOT, environment

HOST = "research_lab_prod"
# No operator runs, so that nothing of theirs is waited for.
FOUNDATION = ("storage", "addons", "certificates")
DATA = ("postgres", "clickhouse", "kafka", "redis")
ODD = {"name": "x", "namespace": "data", "instances": 1, "resources": {"requests": {"cpu": "4 cores"}}}


class Site:
    """Runs of the playbooks for production's research_lab_prod against one lab cluster."""

    def __init__(self, cluster: LabCluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder
        home = cluster.get("namespace", "kube-system")
        self.overlay = {
            "platform_rehearsal": True,
            "platform_kubeconfig": str(cluster.kubeconfig),
            "platform_context": f"lab-{cluster.name}",
            "platform_cluster_uid": home["metadata"]["uid"],
            **{f"{role}_operators": [] for role in (*FOUNDATION, *DATA)},
            **{f"{role}_wait": False for role in ("certificates", *DATA)},
        }

    def run(self, *playbooks: str, inventory: str = "inventories/production", **variables: Any) -> tuple[str, Requests]:
        """The output of one process, a line's words kept together, and its requests."""
        limit = [] if inventory.endswith("example") else ["--limit", HOST]
        command = [str(BINARY), "--inventory", inventory, *limit, *playbooks]
        command += ["--extra-vars", json.dumps(self.overlay | variables)]
        with self.cluster.record(user_agent="groundwork.platform") as requests:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment(self.folder),
                capture_output=True,
                text=True,
                timeout=900,
                check=False,
            )
        return " ".join((done.stdout + done.stderr).split()), requests

    def play(self, name: str, plays: list[dict[str, Any]]) -> str:
        """The path of a playbook of the test's own."""
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump(plays))
        return str(path)


@pytest.fixture(scope="module")
def site(cluster: LabCluster, tmp_path_factory: pytest.TempPathFactory) -> Site:
    lab("crds", "apply", "certificates", "network", "backup", "observability", *DATA, "--cluster", cluster.name)
    return Site(cluster, tmp_path_factory.mktemp("site"))


def refused(output: str, requests: Requests) -> str:
    """The output of a run that ended before it changed anything, in sentences."""
    assert " failed=1 " in output, output
    assert "Traceback" not in output
    assert not requests.mutating, requests.words()
    return output


def test_what_the_plan_foretells_is_what_the_first_run_does(site: Site) -> None:
    page = site.folder / "plan.html"
    both = [
        {"import_playbook": str(ROOT / "playbooks" / name)}
        for name in ("plan.yml", "foundation.yml", "data.yml", "recap.yml")
    ]
    both[-1]["vars"] = {"platform_phase": "first run"}
    ending = {
        "hosts": "platform", "connection": "local", "gather_facts": False,
        "vars_files": [str(ROOT / "playbooks/vars/platform.yml")],
        "tasks": [{
            "name": "The page", "groundwork.platform.site_report": {
                "kubeconfig": str(site.cluster.kubeconfig), "dest": str(site.folder / "report.html")}
        }],
    }  # fmt: skip
    output, _ = site.run(site.play("both", [*both, ending]), platform_page=str(page))
    assert " failed=0 " in output, output
    report = (site.folder / "report.html").read_text()
    foretold = re.search(r"\b(\d{3})/\1\b", report)
    assert foretold, "each object as the plan foretold"
    assert "http" not in report.replace("https://127.0.0.1", "").replace("http://www.w3.org", ""), "needs no network"
    for words in ("kube-system/tenancy", "judged: schema", "judged: server", "NetworkPolicy"):
        assert words in page.read_text()

    again, requests = site.run("playbooks/site.yml")
    assert f"{foretold[1]} unchanged" in again, again
    assert not requests.changing, requests.words()


def test_verify_names_orphans_drift_and_what_is_gone_at_once(site: Site) -> None:
    verified, requests = site.run("playbooks/verify.yml")
    assert "no set orphaned" in verified, verified
    assert not requests.mutating, requests.words()

    stray = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "left-over", "namespace": "default"}}
    labels = {"product": "research-lab", "environment": "production"}
    task = {"set": "left-over", "namespace": "default", "set_labels": labels, "objects": [stray]}
    task["kubeconfig"] = str(site.cluster.kubeconfig)
    plays = [{"hosts": "platform", "connection": "local", "gather_facts": False,
              "tasks": [{"groundwork.platform.apply": task}]}]  # fmt: skip
    site.run(site.play("stray", plays))
    site.cluster.kubectl("delete", "resourcequota", "compute-quota", "--namespace=llm-research-lab-prod")
    output = refused(*site.run("playbooks/verify.yml"))
    assert "set default/left-over is orphaned" in output
    assert "compute-quota (missing)" in output
    assert "orphaned: set default/left-over" in site.run("playbooks/plan.yml", platform_page="")[0]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"tenancy_scraper": "promtheus"}, "promtheus"),
        ({"postgres_clusters": [ODD]}, "must be a quantity"),
        ({"platform_kubeconfig": "/nowhere/kubeconfig"}, "the kubeconfig /nowhere/kubeconfig does not exist"),
        ({"platform_cluster_uid": "another"}, "and cluster_uid pins another"),
        ({"platform_rehearsal": False}, "is the lab cluster"),
    ],
    ids=["typo", "quantity", "no kubeconfig", "wrong cluster", "no overlay"],
)
def test_a_mistake_is_a_sentence(site: Site, variables: dict[str, Any], words: str) -> None:
    assert words in refused(*site.run("playbooks/site.yml", **variables))


def test_a_cluster_that_is_gone_drops_out_alone(site: Site) -> None:
    hosts = {"platform": {"hosts": {
        "here": {"platform_networks": {}, "platform_cluster_uid": site.overlay["platform_cluster_uid"]},
        "gone": {"platform_networks": {}, "platform_cluster_uid": "of one that is gone"},
    }}}  # fmt: skip
    lost = yaml.safe_load(site.cluster.kubeconfig.read_text())
    lost["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    (site.folder / "gone").write_text(yaml.safe_dump(lost))
    common = {"ansible_connection": "local", "platform_provider": "onprem", "platform_product": "alone",
              "storage_classes": [{"name": "alone", "provisioner": "x.example.com"}],
              "storage_set_namespace": "default", "tenancy_enabled": False, "addons_enabled": False,
              "certificates_enabled": False}  # fmt: skip
    hosts["platform"]["hosts"]["here"] |= common | {"platform_kubeconfig": str(site.cluster.kubeconfig)}
    hosts["platform"]["hosts"]["gone"] |= common | {"platform_kubeconfig": str(site.folder / "gone")}
    inventory = site.folder / "two.yml"
    inventory.write_text(yaml.safe_dump(hosts))
    command = [str(BINARY), "--inventory", str(inventory), "playbooks/site.yml"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(site.folder), capture_output=True, text=True, timeout=900, check=False
    )
    output = done.stdout + done.stderr
    assert "Traceback" not in output
    recap = {line.split()[0]: line for line in output.splitlines() if "failed=" in line}
    assert "failed=1" in recap["gone"], output
    assert "failed=0" in recap["here"], output
    assert "changed=1" in recap["here"], output
