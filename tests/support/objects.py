"""Objects and requests that fault tests use."""

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils.core.client import APPLY, Answer, Client


def config_map(name: str, namespace: str = "default", **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data or {"key": "value"},
    }


def secret(name: str, namespace: str = "default", **data: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "stringData": data,
    }


def apply(client: Client, obj: dict[str, Any], **options: Any) -> Answer:
    """One server-side apply of a ConfigMap or Secret, straight through the client."""
    plural = {"ConfigMap": "configmaps", "Secret": "secrets"}[obj["kind"]]
    meta = obj["metadata"]
    return client.request(
        "PATCH",
        f"/api/v1/namespaces/{meta['namespace']}/{plural}/{meta['name']}",
        query={"fieldManager": "groundwork", "fieldValidation": "Strict"},
        body=obj,
        content_type=APPLY,
        about=f"{obj['kind']} {meta['namespace']}/{meta['name']}",
        **options,
    )
