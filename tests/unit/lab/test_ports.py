"""Two clusters are never promised the same port, and none is promised one that is taken."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from lab.cluster import Cluster
from lab.errors import LabError

from lab import ports


@pytest.fixture
def clusters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Cluster, Cluster]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("one", "two"):
        Cluster(name).folder.mkdir(parents=True)
    return Cluster("one"), Cluster("two")


def test_each_has_ports_of_its_own_before_anybody_listens(clusters: tuple[Cluster, Cluster]) -> None:
    one, two = (ports.choose(cluster, 0) for cluster in clusters)
    assert set(one) == set(two) == set(ports.NAMES)
    assert len({*one.values(), *two.values()}) == 2 * len(ports.NAMES)


def test_a_taken_port_is_left_out_and_a_wanted_one_is_the_api_servers(clusters: tuple[Cluster, Cluster]) -> None:
    first = min(ports.choose(clusters[0], 0).values())
    (clusters[0].folder / ports.FILE).unlink()
    with socket.create_server(("127.0.0.1", first)):
        chosen = ports.choose(clusters[1], first + 3)
        assert ports.complaint(first) == "Address already in use"
    assert chosen.pop(ports.API_SERVER) == first + 3
    assert not {first, first + 3} & set(chosen.values())


def test_no_ports_left_is_a_sentence(clusters: tuple[Cluster, Cluster], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "RANGE", range(30000, 30003))
    with pytest.raises(LabError, match="fewer than 6 ports of 30000 to 30002 are free"):
        ports.choose(clusters[0], 0)
