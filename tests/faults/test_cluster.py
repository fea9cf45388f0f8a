"""The wrong cluster is refused before anything else, at the cost of one request a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.cluster import MARK
from support.module import module
from support.objects import config_map
from support.server import Server, status

Keep = Callable[..., Any]
HOME = "/api/v1/namespaces/kube-system"


def mark(server: Server, name: str) -> None:
    home = server.store.read("namespaces", "", "kube-system")
    assert home
    server.store.put({**home, "metadata": {**home["metadata"], "annotations": {MARK: name}}})


@pytest.mark.parametrize("check", [False, True])
def test_another_cluster_is_refused_where_nothing_would_change(server: Server, keep: Keep, check: bool) -> None:
    keep([config_map("one")])
    before = len(server.log)
    result = keep([config_map("one")], check=check, cluster_uid="another")
    assert "cluster_uid pins another" in result.msg
    assert [r.path for r in server.log[before:]] == [HOME]


def test_labs_and_real_clusters_are_kept_apart(server: Server, keep: Keep) -> None:
    assert "is no lab cluster" in keep([config_map("one")], lab="required").msg
    assert not keep([config_map("one")], lab="refused").failed
    mark(server, "trial")
    assert "is the lab cluster trial" in keep([config_map("two")], lab="refused").msg
    assert not keep([config_map("two")], lab="required").failed


def test_tasks_of_a_run_ask_once(server: Server, keep: Keep, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("GROUNDWORK_RUN_FOLDER", str(folder))
    home = server.store.read("namespaces", "", "kube-system")
    assert home
    for name in ("one", "two"):
        assert not keep([config_map(name)], cluster_uid=home["metadata"]["uid"]).failed
    assert len(server.seen("GET", HOME)) == 1
    assert "pins another" in keep([config_map("three")], cluster_uid="another").msg


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("generated_secret", {"namespace": "default", "name": "s", "keys": [{"name": "password"}]}),
        ("wait_ready", {"objects": [{"api_version": "v1", "kind": "Namespace", "name": "default"}]}),
    ],
)
def test_modules_without_a_set_check_it_too(server: Server, name: str, options: dict[str, Any], tmp_path: Path) -> None:
    place = SimpleNamespace(kubeconfig=server.kubeconfig(tmp_path / "config"))
    assert "pins another" in module(place, name, cluster_uid="another", **options).msg
    assert [r.path for r in server.log] == [HOME]


def test_who_may_not_tell_is_told_so(server: Server, keep: Keep) -> None:
    server.fault(status(403, "namespaces is forbidden", reason="Forbidden"), method="GET", path=HOME)
    message = keep([config_map("one")], cluster_uid="some").msg
    assert "cannot tell which cluster" in message
    assert "leave out cluster_uid" in message
