"""The generated rights of a site with data systems: enough for its run and no 403 in it, and asked of what it does.

On demand: a ServiceAccount that is bound to exactly the ClusterRole of playbooks/rights.yml runs production's site.yml.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.lab import LabCluster, Requests, bound_account
from support.rehearsal import rehearsed, run
from support.traceability import ALL_ROLES, hosts

ACCOUNT = "system:serviceaccount:default:runner"


def bound(cluster: LabCluster, host: str, folder: Path) -> dict[str, str]:
    """Writes the host's ClusterRole, binds it, and gives the connection of who holds it and nothing else."""
    written = run(folder, "rights", "production", [cluster], [host], platform_rights=str(folder))
    assert written.returncode == 0, written.stdout + written.stderr
    role = yaml.safe_load((folder / f"rights-{host}.yml").read_text())
    assert not any("*" in values for rule in role["rules"] for values in rule.values()), "no wildcards"
    path = folder / "kubeconfig"
    bound_account(cluster, role, "default", path)
    return {"platform_kubeconfig": str(path)}


def refused(requests: Requests) -> list[str]:
    """What the API server did not let the account do."""
    return [
        f"{request['verb']} {request['requestURI']}"
        for request in requests.all
        if request["responseStatus"]["code"] == 403
    ]


@pytest.mark.parametrize("host", ["research_lab_prod", "workflow_platform_prod", "data_vault_us_west_2"])
def test_a_site_with_data_is_built_with_the_generated_rights_alone(host: str, tmp_path: Path) -> None:
    with rehearsed("production", host, hosts()[host].custom_kinds(ALL_ROLES)) as cluster:
        overlay = bound(cluster, host, tmp_path)
        with cluster.record(user=ACCOUNT) as requests:
            done = run(tmp_path, "site", "production", [cluster], [host], **overlay)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        assert len(requests.mutating) > 100
        assert refused(requests) == []
        with cluster.record(user=ACCOUNT) as requests:
            done = run(tmp_path, "site", "production", [cluster], [host], **overlay)
        assert " changed=0 " in done.stdout, done.stdout[-4000:] + done.stderr
        assert refused(requests) == []
        assert not requests.changing, requests.words()
        for schema in hosts()[host].raw["clickhouse_schemas"]:
            steps_are_let_in(cluster, host, schema["name"], tmp_path, overlay)


def steps_are_let_in(cluster: LabCluster, host: str, name: str, folder: Path, overlay: dict[str, str]) -> None:
    """No kubelet runs here: the API server lets a schema's commands through, and then finds no node to run them."""
    [namespace] = {row["namespace"] for row in hosts()[host].given["clickhouse_clusters"] if row["name"] == name}
    cluster.apply(_server(name, namespace))
    cluster.kubectl("patch", "pod", "server", f"--namespace={namespace}", "--subresource=status", "--patch", _READY)
    trial = {"platform_rehearsal": False, "platform_environment": "trial"}
    with cluster.record(user=ACCOUNT) as requests:
        run(folder, "site", "production", [cluster], [host], "--tags=clickhouse", **overlay, **trial)
    commands = [request for request in requests.all if "/exec?" in request["requestURI"]]
    assert commands, requests.words()
    assert refused(requests) == []


# As the operator marks and Kubernetes judges it; written by hand.
_READY = json.dumps({"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}})


def _server(name: str, namespace: str) -> dict[str, Any]:
    labels = {"clickhouse.altinity.com/chi": name}
    confined = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    resources = {"cpu": "100m", "memory": "128Mi"}
    container = {
        "name": "clickhouse",
        "image": "server",
        "securityContext": confined,
        "resources": {"requests": resources, "limits": resources},
    }
    user = {"runAsNonRoot": True, "runAsUser": 101, "seccompProfile": {"type": "RuntimeDefault"}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "server", "namespace": namespace, "labels": labels},
        "spec": {"containers": [container], "securityContext": user, "nodeName": ""},
    }
