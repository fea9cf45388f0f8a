"""What kwokctl is told: binaries, loopback, production's timers, and the strict judge's settings."""

from __future__ import annotations

from typing import Any

import yaml

from . import build, paths
from .shape import SIMULATED
from .tools import TOOLS

# Kubernetes' own defaults, set by name because kwokctl's differ (nodes would be missed after 200 s only).
PRODUCTION = {
    "lease_seconds": 40,  # kubelet's node lease, renewed every quarter of it
    "monitor_period_seconds": 5,
    "grace_seconds": 50,
    "toleration_seconds": 300,
    "eviction_rate": 0.1,  # nodes of one zone a second
}
FAST = {
    "lease_seconds": 8,
    "monitor_period_seconds": 1,
    "grace_seconds": 8,
    "toleration_seconds": 10,
    "eviction_rate": 10,
}

OVERRIDDEN = ("manage-all-nodes", "bind-address")  # arguments that kwokctl sets itself

AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}


def timers(fast: bool) -> dict[str, float]:
    """The node and eviction timers of a cluster, in seconds (eviction_rate: nodes a second)."""
    return dict(FAST if fast else PRODUCTION)


def environment() -> dict[str, str]:
    """The versions that kwokctl would otherwise guess."""
    return {
        "KWOK_KUBE_VERSION": TOOLS["kubernetes"].version,
        "KWOK_ETCD_VERSION": TOOLS["etcd"].version.removeprefix("v"),
    }


def kwokctl(
    *,
    fast: bool,
    ports: dict[str, int],
    audit_policy: str,
    more_options: dict[str, Any] | None = None,
    more_arguments: dict[str, dict[str, str]] | None = None,
) -> str:
    """kwokctl's configuration as YAML. `ports` by kwokctl's names; an empty audit policy means no audit log.

    `more_arguments`: component -> argument -> value, beside or in place of the lab's own.
    """
    seconds = timers(fast)
    options: dict[str, Any] = {
        "runtime": "binary",
        "bindAddress": "127.0.0.1",  # its default is every interface, etcd without authentication included
        "kubeApiserverBinary": str(build.program("kube-apiserver")),
        "kubeControllerManagerBinary": str(build.program("kube-controller-manager")),
        "kubeSchedulerBinary": str(build.program("kube-scheduler")),
        "kubectlBinary": str(build.program("kubectl")),
        "etcdBinary": str(build.program("etcd")),
        "kwokControllerBinary": str(build.program("kwok")),
        "kubeAuthorization": True,
        "kubeAdmission": True,
        "heartbeatFactor": 1,  # its default of 5 stretches the three that follow
        "nodeLeaseDurationSeconds": int(seconds["lease_seconds"]),
        "kubeControllerManagerNodeMonitorPeriodMilliseconds": int(seconds["monitor_period_seconds"] * 1000),
        "kubeControllerManagerNodeMonitorGracePeriodMilliseconds": int(seconds["grace_seconds"] * 1000),
    }
    options |= ports
    if audit_policy:
        options["kubeAuditPolicy"] = audit_policy
    options |= more_options or {}
    extra = _extra(seconds)
    for name, arguments in (more_arguments or {}).items():
        extra[name] = extra.get(name, {}) | arguments
    configuration = {
        "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
        "kind": "KwokctlConfiguration",
        "options": options,
        "componentsPatches": [
            {"name": name, "extraArgs": [_argument(key, value) for key, value in arguments.items()]}
            for name, arguments in extra.items()
        ],
    }
    return "---\n".join([yaml.safe_dump(configuration, sort_keys=False), *_stages()])


def _stages() -> list[str]:
    """The behaviour of simulated nodes and pods; given any stage, kwokctl leaves out its own."""
    return [path.read_text() for path in sorted(paths.STAGES.glob("*.yaml"))]


def _argument(key: str, value: str) -> dict[str, Any]:
    """kwokctl drops an argument that says to override one it does not have."""
    return {"key": key, "value": value} | ({"override": True} if key in OVERRIDDEN else {})


def _extra(seconds: dict[str, float]) -> dict[str, dict[str, str]]:
    toleration = f"{seconds['toleration_seconds']:.0f}"
    return {
        "etcd": {"unsafe-no-fsync": "true"},  # the lab's data need not outlive a power cut; a kill it does outlive
        "kube-apiserver": {
            "service-cluster-ip-range": "10.96.0.0/16",  # kwokctl leaves the default of 254 addresses
            "default-not-ready-toleration-seconds": toleration,
            "default-unreachable-toleration-seconds": toleration,
            "audit-log-maxsize": "1024",
        },
        # There is one of each; on a busy machine it would lose its election to nobody, and end.
        "kube-scheduler": {"leader-elect": "false"},
        "kube-controller-manager": {
            "leader-elect": "false",
            "use-service-account-credentials": "true",  # each controller under its own RBAC roles, as kubeadm has it
            "node-eviction-rate": f"{seconds['eviction_rate']:g}",
        },
        # By label: the API server tells kwok when a node has left. A dropped annotation it never notices.
        "kwok-controller": {"manage-all-nodes": "false", "manage-nodes-with-label-selector": f"{SIMULATED}=true"},
    }
