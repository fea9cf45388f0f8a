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

    @property
    def folder(self) -> Path:
        return paths.MODULES / self.module

    @property
    def version(self) -> str:
        """As go.mod pins it, `v1.36.3`."""
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
        parts = (self._text("go.mod"), self._text("go.sum"), self.link_flags, repr(sorted(self.programs.items())))
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
    )
}
CONTROL_PLANE = ("kubernetes", "etcd", "kwok")


def tool_of(program: str) -> Tool:
    """The tool that holds a program."""
    for tool in TOOLS.values():
        if program in tool.programs:
            return tool
    known = ", ".join(sorted(program for tool in TOOLS.values() for program in tool.programs))
    raise LabError(f"{program} is no program of the lab: choose one of {known}")
