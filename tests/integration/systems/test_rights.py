"""The rights that a run needs: generated from the inventory, enough for the whole site, and missed before any write."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.lab import LabCluster, bound_account
from support.playbook import BINARY, ROOT, environment

ROLES = ("storage", "addons", "tenancy", "certificates")
# A home of their own for these sets: those of the other tests of this cluster are elsewhere.
HOME = "rights-home"


class Runner:
    """A ServiceAccount that runs the example site with a ClusterRole and nothing else."""

    def __init__(self, cluster: LabCluster, folder: Path) -> None:
        self.cluster, self.folder = cluster, folder
        self.kubeconfig = folder / "kubeconfig"

    def variables(self) -> dict[str, Any]:
        overlay = yaml.safe_load((ROOT / "playbooks/vars/lab.yml").read_text())
        given = yaml.safe_load((ROOT / "inventories/example/hosts.yml").read_text())["platform"]["hosts"]["example"]
        text = json.dumps({key: given[key] for key in given if key.startswith(ROLES)})
        for name in ("shop", "data", "standard", "self-signed"):
            text = text.replace(f'"{name}"', f'"rights-{name}"')
        return {**overlay, **json.loads(text), **{f"{role}_set_namespace": HOME for role in ROLES}}

    def play(self, playbook: str, kubeconfig: Path, **more: Any) -> tuple[str, Any]:
        command = [str(BINARY), "--inventory=inventories/example", f"playbooks/{playbook}.yml"]
        command += ["--extra-vars", json.dumps(self.variables() | more)]
        surroundings = environment(self.folder, KUBECONFIG=str(kubeconfig))
        with self.cluster.record(user_agent="groundwork.platform") as requests:
            done = subprocess.run(
                command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=900, check=False
            )
        return " ".join((done.stdout + done.stderr).split()), requests

    def allow(self, role: dict[str, Any]) -> None:
        """Binds the ClusterRole to the ServiceAccount, and gives it a kubeconfig."""
        bound_account(self.cluster, role, HOME, self.kubeconfig)


def without(role: dict[str, Any], resource: str, verb: str) -> dict[str, Any]:
    """The ClusterRole with one verb fewer on one resource."""
    rules = []
    for rule in role["rules"]:
        rest = [name for name in rule["resources"] if name != resource]
        rules += [{**rule, "resources": rest}] if rest else []
        if resource in rule["resources"]:
            rules.append({**rule, "resources": [resource], "verbs": [each for each in rule["verbs"] if each != verb]})
    return {**role, "rules": rules}


@pytest.fixture(scope="module")
def runner(foundation: LabCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    foundation.kubectl("create", "namespace", HOME)
    yield Runner(foundation, tmp_path_factory.mktemp("rights"))
    foundation.kubectl("delete", "namespace", HOME)


def test_the_generated_rights_are_enough_and_each_is_missed_before_a_write(runner: Runner) -> None:
    written, _ = runner.play("rights", runner.cluster.kubeconfig, platform_rights=str(runner.folder))
    assert " failed=0 " in written, written
    role = yaml.safe_load((runner.folder / "rights-example.yml").read_text())
    assert not any("*" in values for rule in role["rules"] for values in rule.values()), "no wildcards"

    runner.allow(without(role, "resourcequotas", "delete"))
    refused, requests = runner.play("site", runner.kubeconfig)
    user = f"system:serviceaccount:{HOME}:runner"
    assert f"{user} may not delete resourcequotas in rights-shop, which the run needs; nothing was written" in refused
    assert not requests.changing, requests.words()

    runner.allow(role)
    built, requests = runner.play("site", runner.kubeconfig)
    assert " failed=0 " in built, built
    assert len(requests.mutating) > 10
    assert [r for r in requests.all if r["responseStatus"]["code"] == 403] == [], requests.words()
    again, requests = runner.play("site", runner.kubeconfig)
    assert re.search(r"example : ok=\d+ changed=0 ", again), again
    assert not requests.changing, requests.words()


def test_the_resources_are_those_that_the_server_has(postgres_kinds: LabCluster, foundation: LabCluster) -> None:
    """The plural of a kind is guessed; what the server calls it decides."""
    from ansible_collections.groundwork.platform.plugins.module_utils.core.rights import plural
    from ansible_collections.groundwork.platform.plugins.module_utils.site_rights import KINDS, RUNBOOKS
    from support.traceability import hosts

    lines = [line.split() for line in foundation.kubectl("api-resources", "--no-headers").splitlines()]
    known = {(line[-1], line[0]) for line in lines}
    groups = {line[-3].rpartition("/")[0] for line in lines}
    kinds = {identity[1] for host in hosts().values() for identity in host.identities(ROLES)}
    data = [key.rpartition("/") for keys in KINDS.values() for key in keys]
    kinds |= {kind for group, _, kind in data if group in groups}
    assert "ScheduledBackup" in kinds
    assert {(kind, plural(kind)) for kind in kinds} <= known

    served = {
        f"{prefix}{resource['name']}"
        for prefix, path in (("", "/api/v1"), ("postgresql.cnpg.io/", "/apis/postgresql.cnpg.io/v1"))
        for resource in json.loads(foundation.kubectl("get", "--raw", path))["resources"]
    }
    assert set(RUNBOOKS["postgres"]) <= served
