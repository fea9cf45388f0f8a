"""Objects and requests that fault tests use."""

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import APPLY, Answer, Client


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


def custom_definition(plural: str = "widgets", scope: str = "Namespaced", description: str = "") -> dict[str, Any]:
    kind = plural.rstrip("s").capitalize()
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "description": description}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.org"},
        "spec": {
            "group": "example.org",
            "scope": scope,
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}},
            ],
        },
    }


def custom(name: str, kind: str = "Widget", namespace: str = "default", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "example.org/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec or {"size": 1},
    }


def namespace(name: str, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, **metadata}}


def workload(name: str, kind: str = "Deployment", **spec: Any) -> dict[str, Any]:
    """A Deployment or StatefulSet of one container."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "example.org/app:1"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template, **spec},
    }
