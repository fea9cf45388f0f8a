"""Fault rows of discovery: parts of the server that do not answer, kinds that are served late."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api import runfolder
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import Client
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import Discovery, GroupUnavailable
from support.server import Server
from support.store import Kind

METRICS = Kind("metrics.k8s.io", "v1beta1", "PodMetrics", "pods")


@pytest.mark.parametrize("aggregated", [True, False])
def test_row_10_one_api_group_that_does_not_answer_harms_no_other(
    server: Server, client: Client, aggregated: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("GROUNDWORK_RUN_FOLDER", f"{tmp_path}/run")
    server.aggregated = aggregated
    server.stale.add(("metrics.k8s.io", "v1beta1"))
    discovery = Discovery(client)
    assert discovery.resource("apps/v1", "Deployment").plural == "deployments"
    with pytest.raises(GroupUnavailable, match=r"metrics\.k8s\.io/v1beta1 does not answer"):
        discovery.resource("metrics.k8s.io/v1beta1", "PodMetrics")
    assert discovery.unavailable() == ["metrics.k8s.io/v1beta1"]
    assert runfolder.current().path is not None
    server.stale.clear()
    server.store.kinds["metrics.k8s.io", "pods"] = METRICS
    for later in (discovery, Discovery(client)):
        assert later.resource("metrics.k8s.io/v1beta1", "PodMetrics").plural == "pods", "not remembered as empty"
    assert discovery.unavailable() == []
