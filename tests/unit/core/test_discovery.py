"""Kinds are found in two requests, from definitions, and with a helpful word when they are not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import Discovery
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import UnknownKind
from support.server import Server

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.org"},
    "spec": {
        "group": "example.org",
        "scope": "Cluster",
        "names": {"kind": "Widget", "plural": "widgets"},
        "versions": [{"name": "v1", "served": True, "subresources": {"status": {}}}, {"name": "v0", "served": False}],
    },
}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.connection()) as running:
        yield running


def test_two_requests_for_everything(server: Server, client: Client) -> None:
    discovery = Discovery(client)
    deployments = discovery.resource("apps/v1", "Deployment")
    namespaces = discovery.resource("v1", "Namespace")
    assert discovery.path(deployments, "data", "web", "scale") == "/apis/apps/v1/namespaces/data/deployments/web/scale"
    assert discovery.path(deployments) == "/apis/apps/v1/deployments"
    assert discovery.path(namespaces, "data", "data") == "/api/v1/namespaces/data"
    assert discovery.find("apps", "Deployment") == deployments
    assert [r.path for r in server.log] == ["/api", "/apis"]


@pytest.mark.parametrize(
    ("api_version", "kind", "words"),
    [
        ("apps/v1", "Deploymnt", r"did you mean Deployment\?"),
        ("extensions/v1beta1", "Deployment", "it serves apps/v1 Deployment"),
        ("example.org/v1", "Widget", "install its CustomResourceDefinition first"),
    ],
)
def test_unknown_kinds_are_asked_for_once_more(
    server: Server, client: Client, api_version: str, kind: str, words: str
) -> None:
    discovery = Discovery(client)
    for _ in range(2):
        with pytest.raises(UnknownKind, match=words):
            discovery.resource(api_version, kind)
    assert len(server.log) <= 4


def test_a_definition_is_enough(server: Server, client: Client) -> None:
    discovery = Discovery(client)
    discovery.learn([CRD])
    widget = discovery.resource("example.org/v1", "Widget")
    assert (widget.plural, widget.namespaced, widget.subresources) == ("widgets", False, ("status",))
    assert server.log == []
    with pytest.raises(UnknownKind):
        discovery.resource("example.org/v0", "Widget")
    assert discovery.crd("example.org", "Widget") == CRD
    discovery.learn([{"kind": "CustomResourceDefinition", "spec": {"versions": None}}])


def test_later_tasks_of_a_run_ask_nothing(
    server: Server, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDWORK_RUN_FOLDER", str(tmp_path / "run"))
    first = Discovery(client)
    first.resource("apps/v1", "Deployment")
    first.learn([CRD])
    later = Discovery(client)
    assert later.resource("apps/v1", "Deployment") == first.resource("apps/v1", "Deployment")
    assert later.resource("example.org/v1", "Widget").plural == "widgets"
    assert len(server.log) == 2
    later.forget()
    Discovery(client).resource("apps/v1", "Deployment")
    assert len(server.log) == 4


def test_servers_without_aggregated_discovery(server: Server, client: Client) -> None:
    server.aggregated = False
    discovery = Discovery(client)
    assert discovery.resource("apps/v1", "Deployment").plural == "deployments"
    assert discovery.find("batch", "Job").plural == "jobs"
    assert [r.path for r in server.log] == ["/api", "/apis", "/apis/apps/v1", "/apis/batch/v1"]
