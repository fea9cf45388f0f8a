"""The overlay of several clusters says to each host what is its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment
from lab.cluster import Cluster
from lab.errors import LabError

from lab import overlay, paths


@pytest.fixture
def clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Cluster]:
    monkeypatch.setattr(paths, "state", lambda: tmp_path)
    found = [Cluster(name) for name in ("west", "east", "bare")]
    for cluster in found:
        cluster.folder.mkdir()
        (cluster.folder / "facts.json").write_text('{"asked": {}}')
    for cluster in found[:2]:
        values = {"platform_context": f"lab-{cluster.name}", "storage_operators": []}
        overlay._save(overlay.path(cluster), {cluster.name: "inventories/x"}, values)
        (cluster.folder / "host.json").write_text(
            json.dumps({"host": f"host_{cluster.name}", "inventory": "inventories/x"})
        )
    return found


def test_each_host_reads_its_own(clusters: list[Cluster]) -> None:
    together = yaml.safe_load(overlay.several(clusters[:2]).read_text())
    template = Environment().from_string(together["platform_context"])
    assert template.render(inventory_hostname="host_east") == "lab-east"
    assert template.render(inventory_hostname="host_west") == "lab-west"
    assert together["storage_operators"] == []
    assert together["platform_rehearsal"] is True


def test_a_cluster_of_another_shape_has_none(clusters: list[Cluster]) -> None:
    with pytest.raises(LabError, match="bare has no inventory's shape"):
        overlay.several(clusters)
