"""PostgreSQL of whole products on real nodes: production's inventory, scaled to one machine, by site.yml."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.evidence import drill as evidences
from support import postgres
from support.inventories import variables
from support.lab import LabCluster, Requests, lab
from support.playbook import BINARY, ROOT, environment

pytestmark = pytest.mark.certify

HOSTS = {"research_lab": "research_lab_prod", "data_vault": "data_vault_us_west_2"}
OVERLAY = "playbooks/vars/scaled_to_a_lab.yml"


@pytest.fixture(params=HOSTS)
def product(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def cluster(product: str, real_cluster: Callable[..., Any]) -> Iterator[LabCluster]:
    with real_cluster(product.replace("_", "-"), "--nodes", "3") as running:
        lab("operator", "install", "barman-cloud", "--cluster", running.name)
        lab("image", "load", "pgbouncer", "--cluster", running.name)
        lab("crds", "apply", "observability", "--cluster", running.name)
        yield running


class Site:
    """Runs of site.yml for one host of production."""

    def __init__(self, cluster: LabCluster, host: str, folder: Path) -> None:
        self.cluster, self.host, self.folder = cluster, host, folder
        self.steps: list[dict[str, Any]] = []
        home = cluster.get("namespace", "kube-system")
        self._where = {
            "platform_kubeconfig": str(cluster.kubeconfig),
            "platform_context": f"lab-{cluster.name}",
            "platform_cluster_uid": home["metadata"]["uid"],
        }

    def run(self, tags: str) -> Requests:
        command = [str(BINARY), "--inventory=inventories/production", "playbooks/site.yml", f"--limit={self.host}"]
        command += [f"--tags={tags}", f"--extra-vars=@{OVERLAY}", f"--extra-vars={json.dumps(self._where)}"]
        began = datetime.now(UTC).timestamp()
        with self.cluster.record(user_agent="groundwork.platform") as requests:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment(self.folder),
                capture_output=True,
                text=True,
                timeout=800,
                check=False,
            )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        told = f"{len(requests.all)} requests, {len(requests.mutating)} writes"
        seconds = datetime.now(UTC).timestamp() - began
        self.steps.append(
            {"name": f"site.yml --tags {tags}", "state": "done", "told": told, "started": began, "seconds": seconds}
        )
        return requests


def test_a_products_postgres_is_brought_up_and_a_second_run_writes_nothing(
    cluster: LabCluster, product: str, tmp_path: Path, evidence: str, told: Callable[[str], None]
) -> None:
    host, began = HOSTS[product], datetime.now(UTC)
    (row,) = variables("production")[host]["postgres_clusters"]
    site = Site(cluster, host, tmp_path)
    site.run("tenancy")
    keys = cluster.get("secret", "-n", "s3", "s3-keys")["data"]
    metadata = {"name": "s3-keys", "namespace": row["namespace"]}
    cluster.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": keys})
    built = site.run("tenancy,postgres")
    again = site.run("tenancy,postgres")
    assert built.mutating
    assert not again.mutating, again.words()
    database = postgres.Postgres(cluster, row["name"], metadata["namespace"])
    assert database.instances_ready() == row["instances"] == 3
    told("; ".join(f"{each['name']}: {each['told']}, {each['seconds']:.0f} s" for each in site.steps))
    made = cluster.get("clusters.postgresql.cnpg.io", "-n", row["namespace"], row["name"])
    before = {"image": made["status"]["image"], "synchronous": made["spec"]["postgresql"]["synchronous"]}
    kept = evidences.record(
        what=f"PostgreSQL of {product}, production's inventory scaled to a lab",
        cluster=f"{row['namespace']}/{row['name']}", host=host, began=began, before=before, steps=site.steps, wrong=[],
        measured={"rpo_seconds": None, "rto_seconds": None, "writes_of_the_second_run": len(again.mutating)},
        options={"kind": "site"}, profile={}, remarks=[f"Overlay {OVERLAY}."],
    )  # fmt: skip
    evidences.keep(kept, evidence)
