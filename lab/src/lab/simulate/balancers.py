"""Simulated load balancers: an address of a documentation network for every Service that asks for one."""

from __future__ import annotations

import ipaddress
from typing import Any

from .engine import MERGE, ApiError, Client, get
from .follow import DELETED
from .marks import MANAGER, SIMULATED

Object = dict[str, Any]
_NETWORK = ipaddress.ip_network("198.18.0.0/16")  # RFC 2544: nobody routes it


class Balancers:
    """Answers Services of type LoadBalancer that have no address yet."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._given: dict[str, str] = {}

    def take(self, event: str, service: Object) -> None:
        """News of a Service."""
        metadata = service["metadata"]
        if event == DELETED:
            self._given.pop(metadata["uid"], None)
            return
        there = [each.get("ip") for each in get(service, "status", "loadBalancer", "ingress") or []]
        if get(service, "spec", "type") != "LoadBalancer" or metadata.get("deletionTimestamp") or there:
            if there and there[0]:
                self._given[metadata["uid"]] = there[0]
            return
        path = f"/api/v1/namespaces/{metadata['namespace']}/services/{metadata['name']}"
        body = {"status": {"loadBalancer": {"ingress": [{"ip": self._address(metadata["uid"])}]}}}
        mark = {"metadata": {"annotations": {SIMULATED: "true"}}}
        try:
            for target, patch in ((path, mark), (f"{path}/status", body)):
                query = {"fieldManager": MANAGER}
                self._client.request("PATCH", target, query=query, body=patch, content_type=MERGE)
        except ApiError as error:
            if error.status != 404:
                raise

    def _address(self, uid: str) -> str:
        if uid not in self._given:
            taken = set(self._given.values())
            self._given[uid] = next(str(each) for each in _NETWORK.hosts() if str(each) not in taken)
        return self._given[uid]
