"""The artifact as users run it: built, installed alone, its playbooks by their names, its example on a lab cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.artifact import install, run
from support.lab import LabCluster, lab, started
from support.rehearsal import DEFINITIONS


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("artifact"))


def play(collection: Path, cluster: LabCluster, name: str) -> str:
    """One playbook by its name, from a folder where nothing of the checkout is in reach; its words in one line."""
    elsewhere = collection.parents[2]
    (elsewhere / "ansible.cfg").touch()
    environment = {
        "ANSIBLE_COLLECTIONS_PATH": str(elsewhere),
        "ANSIBLE_CONFIG": str(elsewhere / "ansible.cfg"),
        "KUBECONFIG": str(cluster.kubeconfig),
        "XDG_CACHE_HOME": str(elsewhere / "cache"),
    }
    arguments = ("-i", str(collection / "inventories/example"), "-e", f"@{collection / 'playbooks/vars/lab.yml'}")
    return " ".join(
        run("ansible-playbook", f"groundwork.platform.{name}", *arguments, cwd=elsewhere, **environment).split()
    )


def test_the_example_is_foretold_built_verified_and_left_alone(collection: Path) -> None:
    with started("artifact") as cluster:
        lab("crds", "apply", *DEFINITIONS, "--cluster", cluster.name)
        assert "page" in play(collection, cluster, "plan")
        assert "created" in play(collection, cluster, "site")
        assert "no set orphaned" in play(collection, cluster, "verify")
        with cluster.record(user_agent="groundwork.platform") as again:
            play(collection, cluster, "site")
        assert again.all, "the audit log saw nothing of us"
        assert not again.changing, again.words()
