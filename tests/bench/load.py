"""The objects that a bench applies: mixed built-in kinds over namespaces, a part of them changed or left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Object = dict[str, Any]
KINDS = 4  # ConfigMap, Service, Deployment, NetworkPolicy, in turn
NAMESPACES = 10
CHANGED = 100  # every so-manieth object is changed: 1 %
DROPPED = 10  # every so-manieth object is dropped: 10 %


def objects(count: int, prefix: str, *, changed: bool = False, dropped: bool = False) -> list[Object]:
    """`count` objects over ten namespaces named after `prefix`, the namespaces themselves beside them."""
    rows = [_object(number, f"{prefix}-{number % NAMESPACES}", changed) for number in range(count)]
    return rows if not dropped else [row for number, row in enumerate(rows) if number % DROPPED]


def namespaces(prefix: str) -> list[Object]:
    """The namespaces of `objects`."""
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{prefix}-{number}"}}
        for number in range(NAMESPACES)
    ]


def dropped(count: int, prefix: str) -> list[Object]:
    """What `objects(..., dropped=True)` leaves out."""
    return objects(count, prefix)[::DROPPED]


def write(path: Path, rows: list[Object]) -> Path:
    """As YAML documents; JSON is YAML, and the same bytes for every tool."""
    path.write_text("\n---\n".join(json.dumps(row, indent=1) for row in rows))
    return path


def _object(number: int, namespace: str, changed: bool) -> Object:
    name = f"bench-{number}"
    mark = "two" if changed and number % CHANGED == 1 else "one"
    meta = {"name": name, "namespace": namespace, "annotations": {"bench.example.com/mark": mark}}
    labels = {"app": name}
    port = {"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}
    container = {
        "name": "main",
        "image": "example.com/app:1.0.0",
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "128Mi"}},
        "env": [{"name": f"SETTING_{index}", "value": str(index)} for index in range(5)],
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    body = (
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {f"key-{index}": "value " * 10 for index in range(5)}},
        {"apiVersion": "v1", "kind": "Service", "spec": {"selector": labels, "ports": [port]}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "spec": {"podSelector": {"matchLabels": labels}, "policyTypes": ["Ingress"]},
        },
    )[number % KINDS]
    return body | {"metadata": meta}
