"""Tells what went wrong as a Kubernetes Event about the resource, where people and readiness look for it."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from .engine import Client, PlatformError, build
from .marks import MANAGER, SIMULATED


def tell(client: Client, about: dict[str, Any], message: str) -> None:
    """A Warning `FailedCreate`. Without a namespace, or where it is refused, nobody is told."""
    metadata = about["metadata"]
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    namespace = metadata.get("namespace", "")
    event = build(
        "v1",
        "Event",
        f"{metadata['name']}.{uuid.uuid4().hex[:16]}",
        namespace,
        labels={SIMULATED: "true"},
        involvedObject={
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": metadata["name"],
            "namespace": namespace,
            "uid": metadata["uid"],
        },
        type="Warning",
        reason="FailedCreate",
        message=message[:1000],
        source={"component": MANAGER},
        firstTimestamp=now,
        lastTimestamp=now,
        count=1,
    )
    try:
        client.request("POST", f"/api/v1/namespaces/{namespace}/events", body=event)
    except PlatformError:
        return
