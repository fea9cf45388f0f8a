"""What the control plane of real nodes is told beyond what every lab cluster's is."""

from __future__ import annotations

from typing import Any

from ..cluster import Cluster
from . import network
from . import plan as plans
from .plan import Plan


def within(cluster: Cluster) -> list[str]:
    """How to start a program where a cluster's control plane is; nothing special without real nodes."""
    hub = Plan(cluster).hub
    return network.within(hub) if (network.FOLDER / hub).exists() else []


def address(cluster: Cluster) -> str:
    """Where this machine reaches the control plane."""
    return network.address(Plan(cluster)) if within(cluster) else "127.0.0.1"


def options(cluster: Cluster) -> dict[str, Any]:
    """kwokctl's options."""
    names = ["kubernetes.default.svc", plans.SERVICE_OF_API, plans.BRIDGE, address(cluster)]
    return {"kubeApiserverCertSANs": names}


def arguments(cluster: Cluster) -> dict[str, dict[str, str]]:
    """Component -> arguments. Nothing outside reaches the hub, so that all its addresses are no more than two."""
    pki = cluster.workdir / "pki"
    return {
        "kube-apiserver": {
            "bind-address": "0.0.0.0",  # noqa: S104
            "advertise-address": plans.BRIDGE,
            "enable-aggregator-routing": "true",  # straight to pods: there is no kube-proxy in the hub
            "kubelet-preferred-address-types": "InternalIP",
            "kubelet-client-certificate": str(pki / "admin.crt"),
            "kubelet-client-key": str(pki / "admin.key"),
            "requestheader-allowed-names": "kwok-admin",  # as kwokctl signs the API server's own certificate
            "requestheader-client-ca-file": str(pki / "ca.crt"),
            "requestheader-username-headers": "X-Remote-User",
            "requestheader-group-headers": "X-Remote-Group",
            "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        }
    }
