"""Every product of every environment on lab clusters of its hosts' shapes: production rehearsed, the others foretold.

On demand, since each takes minutes: `pytest tests/certify -k data_vault`.
"""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest
from support.inventories import variables
from support.playbook import BINARY, ROOT, environment
from support.rehearsal import rehearsed, run

PRODUCTS = ("research_lab", "workflow_platform", "llmkg", "data_vault")


@pytest.mark.parametrize("product", PRODUCTS)
def test_production_is_rehearsed(product: str, tmp_path: Path) -> None:
    """Foretold, built, verified, run again without a write, a zone lost and healed; a product's regions at once."""
    command = [str(BINARY), "--inventory=inventories/production", "playbooks/rehearse.yml", f"--limit={product}"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, timeout=3000, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("inventory", ["staging", "development"])
def test_the_other_environments_are_foretold(inventory: str, product: str, tmp_path: Path) -> None:
    """Check mode finds nothing that the server would refuse, and writes nothing."""
    hosts = [host for host in variables(inventory) if host.startswith(product)]
    with contextlib.ExitStack() as stack:
        clusters = [stack.enter_context(rehearsed(inventory, host)) for host in hosts]
        with contextlib.ExitStack() as recorded:
            records = [recorded.enter_context(each.record(user_agent="groundwork.platform")) for each in clusters]
            done = run(tmp_path, "plan", inventory, clusters, hosts, platform_page="")
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        for record in records:
            assert record.all, "the audit log saw nothing of us"
            assert not record.mutating, record.words()
