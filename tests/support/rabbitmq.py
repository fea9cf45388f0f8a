"""RabbitMQ of the lab's own image on real nodes."""

from __future__ import annotations

from typing import Any

IMAGE = "lab.local/rabbitmq:4.0.5"
KIND = "rabbitmqclusters.rabbitmq.com"


def manifest(name: str, namespace: str, replicas: int) -> dict[str, Any]:
    """A RabbitmqCluster of it, with the startup probe that the operator has for servers before 4.2.4."""
    resources = {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "256Mi"}}
    older = {"rabbitmq.com/legacy-startup-probe": "true"}
    return {
        "apiVersion": "rabbitmq.com/v1beta1",
        "kind": "RabbitmqCluster",
        "metadata": {"name": name, "namespace": namespace, "annotations": older},
        "spec": {"replicas": replicas, "image": IMAGE, "resources": resources},
    }
