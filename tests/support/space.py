"""A namespace of a test's own on the lab, and sets kept in it as a module would, their requests counted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils.core.api.clock import Clock
from support.lab import LabCluster, Requests
from support.task import Result, task


@dataclass
class Space:
    """A namespace on the lab, and sets kept in it as a module would."""

    cluster: LabCluster
    name: str

    def keep(self, *objects: dict[str, Any], **options: Any) -> Result:
        """One run of the engine; fails the test when the run fails."""
        result = self.attempt(*objects, **options)
        assert not result.failed, result.msg
        return result

    def attempt(self, *objects: dict[str, Any], **options: Any) -> Result:
        """One run of the engine, whatever comes of it."""
        given = {"namespace": self.name, "set": "test", "clock": Clock()} | options
        return task({"kubeconfig": str(self.cluster.kubeconfig)}, list(objects), **given)

    def counted(self, *objects: dict[str, Any], **options: Any) -> tuple[Result, Requests]:
        """One run and what it asked of the API server."""
        with self.cluster.record(user_agent="groundwork.platform") as requests:
            result = self.keep(*objects, **options)
        return result, requests

    def refused(self, *objects: dict[str, Any], **options: Any) -> str:
        """The message of a run that fails, and that writes nothing."""
        with self.cluster.record(user_agent="groundwork.platform") as requests:
            result = self.attempt(*objects, **options)
        assert result.failed, "it was not refused"
        assert not requests.mutating, requests.words()
        return result.msg

    def get(self, kind: str, name: str, *more: str) -> dict[str, Any]:
        """The live object, managedFields included."""
        found: dict[str, Any] = self.cluster.get("--namespace", self.name, kind, name, "--show-managed-fields", *more)
        return found

    def there(self, kind: str) -> list[str]:
        """The names of all objects of a kind, the cluster's own aside."""
        items = self.cluster.get("--namespace", self.name, kind)["items"]
        names = [item["metadata"]["name"] for item in items]
        return sorted(name for name in names if name not in ("kube-root-ca.crt", "default"))

    def kubectl(self, *arguments: str, **options: Any) -> str:
        return self.cluster.kubectl("--namespace", self.name, *arguments, **options)

    def merge(self, kind: str, name: str, change: dict[str, Any]) -> None:
        """A merge patch by kubectl, whose field manager is kubectl-patch."""
        self.kubectl("patch", kind, name, "--type=merge", "--patch", json.dumps(change))

    def config(self, name: str, **data: str) -> dict[str, Any]:
        return self.object("v1", "ConfigMap", name, data=data or {"key": "value"})

    def object(self, api_version: str, kind: str, name: str, **parts: Any) -> dict[str, Any]:
        return {
            "apiVersion": api_version,
            "kind": kind,
            "metadata": {"name": name, "namespace": self.name} | parts.pop("metadata", {}),
            **parts,
        }

    def deployment(self, name: str, replicas: int | None = 0, **container: Any) -> dict[str, Any]:
        spec: dict[str, Any] = {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "app", "image": "registry.example/app:1", **container}]},
            },
        }
        return self.object(
            "apps/v1", "Deployment", name, spec=spec | ({} if replicas is None else {"replicas": replicas})
        )
