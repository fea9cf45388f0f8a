"""Every product of every environment on lab clusters of its hosts' shapes: production rehearsed, the others foretold.

On demand, since each takes minutes: `pytest tests/certify -k data_vault`.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

import pytest
from support.inventories import variables
from support.lab import lab
from support.playbook import BINARY, ROOT
from support.rehearsal import rehearsed, run

PRODUCTS = ("research_lab", "workflow_platform", "llmkg", "data_vault")


def hosts_of(inventory: str, product: str) -> list[str]:
    return [host for host in variables(inventory) if host.startswith(product)]


@pytest.mark.parametrize("product", PRODUCTS)
def test_production_is_rehearsed(product: str, tmp_path: Path) -> None:
    """Foretold, built, verified, run again without a write, a zone lost and healed; a product's regions at once."""
    hosts = hosts_of("production", product)
    command = [str(BINARY), "--inventory=inventories/production", "playbooks/rehearse.yml", f"--limit={product}"]
    command += [f"--extra-vars=rehearsal_folder={tmp_path}"]
    try:
        # The cache is the user's own: the lab that the playbook starts is in it.
        surroundings = os.environ | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
        done = subprocess.run(
            command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=1000, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        for host in hosts:
            assert "0 writes" in (tmp_path / f"rehearsal-{host}.html").read_text()
    finally:
        for host in hosts:
            lab("down", f"rehearse-{host.replace('_', '-')}")


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("inventory", ["staging", "development"])
def test_the_other_environments_are_foretold(inventory: str, product: str, tmp_path: Path) -> None:
    """Check mode finds nothing that the server would refuse, and writes nothing."""
    hosts = hosts_of(inventory, product)
    with contextlib.ExitStack() as stack:
        clusters = [stack.enter_context(rehearsed(inventory, host)) for host in hosts]
        with contextlib.ExitStack() as recorded:
            records = [recorded.enter_context(each.record(user_agent="groundwork.platform")) for each in clusters]
            done = run(tmp_path, "plan", inventory, clusters, hosts, platform_page="")
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        for record in records:
            assert record.all, "the audit log saw nothing of us"
            assert not record.mutating, record.words()
