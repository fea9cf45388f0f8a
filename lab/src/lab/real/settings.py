"""The settings of a node's programs: containerd, CNI, kubelet, kube-proxy."""

from __future__ import annotations

import json
from typing import Any

import yaml

from .. import config
from . import plan as plans
from .plan import RealNode

HOME = "/run/node"  # the node's folder as its own mount namespace shows it: short enough for a socket's path
SOCKET = "/run/containerd/containerd.sock"
PAUSE = "lab.local/pause:1"
ZONE = "topology.kubernetes.io/zone"

CONTAINERD = f"""\
version = 3
root = '{HOME}/containerd'
state = '/run/containerd-state'
disabled_plugins = ['io.containerd.nri.v1.nri', 'io.containerd.internal.v1.tracing']

[grpc]
address = '{SOCKET}'

[plugins.'io.containerd.internal.v1.opt']
path = '{HOME}/opt'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '{PAUSE}'

[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['/usr/lib/cni']
conf_dir = '{HOME}/cni'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'
"""


def files(node: RealNode, kubeconfig: dict[str, Any], authority: str, *, fast: bool) -> dict[str, str]:
    """File below the node's folder -> content. `authority`: the cluster's CA certificate, PEM."""
    return {
        "containerd.toml": CONTAINERD,
        "cni/10-lab.conflist": json.dumps(_cni(node)),
        "kubelet.yaml": yaml.safe_dump(_kubelet(node, fast)),
        "kube-proxy.yaml": yaml.safe_dump(_proxy(node)),
        "kubeconfig": yaml.safe_dump(kubeconfig),
        "ca.crt": authority,
        "resolv.conf": "",  # nobody to ask outside the cluster
    }


def programs(node: RealNode) -> list[list[str]]:
    """What the node's first process runs, in this order; the first says when it is ready."""
    kubelet = [
        "kubelet",
        f"--config={HOME}/kubelet.yaml",
        f"--kubeconfig={HOME}/kubeconfig",
        f"--root-dir={HOME}/kubelet",
        f"--cert-dir={HOME}/kubelet/pki",
        f"--hostname-override={node.name}",
        f"--node-ip={node.address}",
        f"--node-labels={ZONE}={node.zone}",
    ]
    return [
        ["containerd", f"--config={HOME}/containerd.toml"],
        kubelet,
        ["kube-proxy", f"--config={HOME}/kube-proxy.yaml", f"--hostname-override={node.name}"],
    ]


def _cni(node: RealNode) -> dict[str, Any]:
    ipam = {
        "type": "host-local",
        "dataDir": "/run/cni",  # forgotten with the node's pods
        "ranges": [[{"subnet": node.pods}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "hairpinMode": True, "ipam": ipam}
    return {"cniVersion": "1.0.0", "name": "lab", "plugins": [bridge]}


def _kubelet(node: RealNode, fast: bool) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node.address,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{HOME}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{node.cgroup}",
        "failCgroupV1": False,
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "clusterDNS": [plans.SERVICE_OF_DNS],
        "clusterDomain": "cluster.local",
        "resolvConf": f"{HOME}/resolv.conf",
        "nodeLeaseDurationSeconds": int(config.timers(fast)["lease_seconds"]),
        "failSwapOn": False,
        "enforceNodeAllocatable": [],
        "localStorageCapacityIsolation": False,
        "evictionHard": {"memory.available": "100Mi"},  # not by the machine's own disk
        "imageGCHighThresholdPercent": 100,  # an image removed could not be pulled again
        "podLogsDir": "/var/log/pods",
        "volumePluginDir": f"{HOME}/volume-plugins",
    }


def _proxy(node: RealNode) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "bindAddress": node.address,
        "clusterCIDR": plans.PODS,
        "clientConnection": {"kubeconfig": f"{HOME}/kubeconfig"},
        "conntrack": {"maxPerCore": 0},  # the machine's own limit stays
    }
