"""The programs the lab runs, and the Go module that pins each of them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from . import paths
from .errors import LabError

VERSION = "k8s.io/component-base/version"


@dataclass(frozen=True)
class Tool:
    """A group of programs built together from one pinned module."""

    name: str
    module: str  # folder under tools/ with go.mod and go.sum
    source: str  # the Go module whose version is the tool's
    programs: dict[str, str]  # program -> Go package
    ldflags: str = "-s -w"  # {version}, {major} and {minor} are filled in
    tags: str = ""
    own: str = ""  # the version of a program whose source lies beside its go.mod

    @property
    def folder(self) -> Path:
        return paths.MODULES / self.module

    @property
    def version(self) -> str:
        """As go.mod pins it, `v1.36.3`."""
        if self.own:
            return self.own
        found = re.search(rf"^\s*(?:require )?{re.escape(self.source)} (v\S+)", self._text("go.mod"), re.MULTILINE)
        if not found:
            raise LabError(f"{self.folder / 'go.mod'} does not require {self.source}: restore it from version control")
        return found[1]

    @property
    def link_flags(self) -> str:
        major, minor, _ = self.version.removeprefix("v").split(".", 2)
        return self.ldflags.format(version=self.version, major=major, minor=minor)

    @property
    def entry(self) -> str:
        """The cache entry's name: changes with everything that decides what is built."""
        parts: tuple[str, ...] = (
            self._text("go.mod"),
            self._text("go.sum"),
            self.link_flags,
            repr(sorted(self.programs.items())),
        )
        parts += tuple(self._text(path.name) for path in sorted(self.folder.glob("*.go")))
        parts += (self.tags,) if self.tags else ()
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return f"{self.name}-{self.version}-{digest[:12]}"

    def _text(self, name: str) -> str:
        try:
            return (self.folder / name).read_text()
        except FileNotFoundError:
            raise LabError(f"{self.folder / name} is missing: restore it from version control") from None


def _kubernetes(name: str, *programs: str) -> Tool:
    return Tool(
        name=name,
        module="kubernetes",
        source="k8s.io/kubernetes",
        programs={program: f"k8s.io/kubernetes/cmd/{program}" for program in programs},
        ldflags=f"-s -w -X {VERSION}.gitVersion={{version}} -X {VERSION}.gitMajor={{major}} "
        f"-X {VERSION}.gitMinor={{minor}}",
    )


def _one(program: str, source: str, package: str = "", module: str = "", tags: str = "") -> Tool:
    """A module of which one program is built, called like the tool."""
    return Tool(program, module or program, source, {program: f"{source}/{package}".rstrip("/")}, tags=tags)


TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        _kubernetes("kubernetes", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"),
        _kubernetes("kubernetes-node", "kubelet", "kube-proxy"),
        Tool("etcd", "etcd", "go.etcd.io/etcd/server/v3", {"etcd": "go.etcd.io/etcd/server/v3"}),
        Tool(
            "kwok",
            "kwok",
            "sigs.k8s.io/kwok",
            {"kwok": "sigs.k8s.io/kwok/cmd/kwok", "kwokctl": "sigs.k8s.io/kwok/cmd/kwokctl"},
        ),
        Tool(
            "etcdctl",
            "etcdctl",
            "go.etcd.io/etcd/etcdctl/v3",
            {"etcdctl": "go.etcd.io/etcd/etcdctl/v3", "etcdutl": "go.etcd.io/etcd/etcdutl/v3"},
        ),
        Tool("helm", "helm", "helm.sh/helm/v4", {"helm": "helm.sh/helm/v4/cmd/helm"}),
        # What runs on real nodes, and in their pods.
        Tool(
            "containerd",
            "containerd",
            "github.com/containerd/containerd/v2",
            {
                name: f"github.com/containerd/containerd/v2/cmd/{name}"
                for name in ("containerd", "containerd-shim-runc-v2", "ctr")
            },
            tags="no_btrfs,no_zfs,no_devmapper",
        ),
        Tool("pause", "pause", "", {"pause": "lab/pause"}, own="v1.0.0"),
        _one("coredns", "github.com/coredns/coredns"),
        _one("local-path-provisioner", "github.com/rancher/local-path-provisioner", module="local-path"),
        _one("metrics-server", "sigs.k8s.io/metrics-server", "cmd/metrics-server"),
        _one("cnpg-manager", "github.com/cloudnative-pg/cloudnative-pg", "cmd/manager", module="cnpg"),
        _one("barman-manager", "github.com/cloudnative-pg/plugin-barman-cloud", "cmd/manager", module="barman"),
        _one("minio", "github.com/minio/minio"),
        _one("rabbitmq-operator", "github.com/rabbitmq/cluster-operator/v2", "cmd", module="rabbitmq"),
        _one(
            "rabbitmq-topology-operator",
            "github.com/rabbitmq/messaging-topology-operator",
            "cmd",
            module="rabbitmq-topology",
        ),
        Tool(
            "prometheus-operator",
            "prometheus-operator",
            "github.com/prometheus-operator/prometheus-operator",
            {
                "prometheus-operator": "github.com/prometheus-operator/prometheus-operator/cmd/operator",
                "prometheus-config-reloader": "github.com/prometheus-operator/prometheus-operator/"
                "cmd/prometheus-config-reloader",
            },
        ),
        _one(
            "prometheus",
            "github.com/prometheus/prometheus",
            "cmd/prometheus",
            tags="remove_all_sd,enable_kubernetes_sd",  # without the clients of every cloud
        ),
        _one("alertmanager", "github.com/prometheus/alertmanager", "cmd/alertmanager"),  # later ones lack their pages
    )
}
NODE = ("kubernetes-node", "containerd", "pause")
CONTROL_PLANE = ("kubernetes", "etcd", "kwok")


def tool_of(program: str) -> Tool:
    """The tool that holds a program."""
    for tool in TOOLS.values():
        if program in tool.programs:
            return tool
    known = ", ".join(sorted(program for tool in TOOLS.values() for program in tool.programs))
    raise LabError(f"{program} is no program of the lab: choose one of {known}")
