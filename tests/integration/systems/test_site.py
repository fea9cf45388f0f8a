"""The playbooks with the example inventory, as a user runs them: foretold, built, unchanged, verified, mended."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.lab import LabCluster, Requests
from support.playbook import BINARY, ROOT, environment

ROLES = ("storage", "addons", "tenancy", "certificates")
# The sets of the other tests of this cluster are in kube-system.
APART = {f"{role}_set_namespace": "default" for role in ROLES}


class Site:
    """Runs of the playbooks against one lab cluster."""

    def __init__(self, cluster: LabCluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder

    def run(self, playbook: str, *arguments: str, **variables: Any) -> tuple[str, Requests]:
        """The output of a run, one line's words kept together, and its requests."""
        command = [str(BINARY), "--inventory", "inventories/example", f"playbooks/{playbook}.yml"]
        command += [
            "--extra-vars",
            "@playbooks/vars/lab.yml",
            "--extra-vars",
            json.dumps(APART | variables),
            *arguments,
        ]
        surroundings = environment(self.folder, KUBECONFIG=str(self.cluster.kubeconfig))
        with self.cluster.record(user_agent="groundwork.platform") as requests:
            done = subprocess.run(
                command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=900, check=False
            )
        return " ".join((done.stdout + done.stderr).split()), requests

    def passes(self, playbook: str, *arguments: str, **variables: Any) -> tuple[str, Requests]:
        output, requests = self.run(playbook, *arguments, **variables)
        assert " failed=0 " in output, output
        return output, requests

    def fails(self, playbook: str, *arguments: str, **variables: Any) -> str:
        output, requests = self.run(playbook, *arguments, **variables)
        assert " failed=1 " in output, output
        assert "Traceback" not in output
        assert not requests.mutating, requests.words()
        return output


@pytest.fixture(scope="module")
def site(foundation: LabCluster, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(foundation, tmp_path_factory.mktemp("site"))


def changed(output: str) -> int:
    """The recap's number."""
    found = re.search(r"example : ok=\d+ changed=(\d+)", output)
    assert found, output
    return int(found[1])


def test_the_life_of_a_site(site: Site) -> None:
    """In one test, because each part needs the one before."""
    foretold, asked = site.passes("site", "--check", "--diff")
    assert not asked.mutating, asked.words()
    built, _ = site.passes("site")
    assert changed(built) == changed(foretold) == 3, "storage, tenancy and certificates; there are no add-ons"

    again, requests = site.passes("site")
    assert changed(again) == 0
    assert not requests.changing, requests.words()

    verified, requests = site.passes("verify")
    assert not requests.mutating, requests.words()
    assert changed(verified) == 0

    site.cluster.kubectl("delete", "resourcequota", "compute", "--namespace=shop")
    assert "default/tenancy differs" in site.fails("verify")
    mended, _ = site.passes("site", "--tags", "tenancy")
    assert changed(mended) == 1
    site.passes("verify")

    refused, _ = site.run("teardown")
    sentences = sorted(set(re.findall(r"'(delete Namespace \w+ \w+)'", refused)))
    assert len(sentences) == 2, refused
    site.passes("teardown", platform_confirm=sentences)
    empty, _ = site.passes("site", "--check")
    assert changed(empty) == 3


def test_another_cluster_is_refused(site: Site) -> None:
    more = [{"name": "elsewhere", "provisioner": "x.example.com"}]
    output = site.fails("site", "--tags", "storage", platform_cluster_uid="other-uid", storage_classes=more)
    assert "other-uid" in output


def test_a_typo_is_one_sentence(site: Site) -> None:
    output = site.fails("site", "--tags", "tenancy", tenancy_namespaces=[{"nmae": "shop", "team": "a"}])
    assert "nmae" in output
    assert "namespaces" in output


def test_a_role_is_left_out_visibly(site: Site) -> None:
    output, requests = site.passes("site", "--tags", "storage", storage_enabled=False)
    assert "skipping: [example]" in output
    assert not requests.changing, requests.words()
