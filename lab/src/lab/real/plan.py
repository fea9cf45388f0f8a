"""The names and addresses of a cluster with real nodes; nothing here looks at the machine."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from ..cluster import Cluster

# Inside a cluster's namespaces, so that every cluster may use the same ones.
BRIDGE = "172.31.0.1"  # the control plane
BRIDGE_RANGE = "172.31.0.0/24"
PODS = "10.244.0.0/16"
SERVICES = "10.96.0.0/16"
SERVICE_OF_API = "10.96.0.1"
SERVICE_OF_DNS = "10.96.0.10"

LINKS = ipaddress.ip_network("198.19.0.0/16")  # RFC 2544: for benchmarks, routed nowhere; a /30 a cluster
MOST_NODES = 3


@dataclass(frozen=True)
class RealNode:
    """One real node of a cluster, counted from 1."""

    plan: Plan
    number: int

    @property
    def name(self) -> str:
        return f"real-{self.number}"

    @property
    def zone(self) -> str:
        return f"zone-{self.number}"

    @property
    def namespace(self) -> str:
        return f"{self.plan.prefix}{self.name}"

    @property
    def folder(self) -> Path:
        return self.plan.cluster.folder / self.name

    @property
    def address(self) -> str:
        return f"172.31.0.{10 + self.number}"

    @property
    def pods(self) -> str:
        return f"10.244.{self.number}.0/24"

    @property
    def port(self) -> str:
        """Its end of the cable on the hub's bridge."""
        return f"node{self.number}"

    @property
    def cgroup(self) -> str:
        return f"{self.plan.cgroup}/{self.name}"


@dataclass(frozen=True)
class Plan:
    """A cluster by name and folder: two users may each have a cluster of one name."""

    cluster: Cluster

    @property
    def identity(self) -> str:
        return hashlib.sha256(str(self.cluster.folder).encode()).hexdigest()[:8]

    @property
    def prefix(self) -> str:
        """What the names of its network namespaces begin with."""
        return f"lab-{self.cluster.name}-{self.identity}-"

    @property
    def hub(self) -> str:
        return f"{self.prefix}hub"

    @property
    def link(self) -> str:
        """The one interface it has on the machine; Linux allows 15 letters."""
        return f"lab{self.identity}"

    @property
    def cgroup(self) -> str:
        return f"groundwork-lab/{self.identity}"

    @property
    def first_link_range(self) -> int:
        """Which /30 to try first, so that a cluster mostly keeps its address from one `up` to the next."""
        return int(self.identity, 16) % (LINKS.num_addresses // 4)

    def nodes(self, count: int) -> list[RealNode]:
        return [RealNode(self, number + 1) for number in range(count)]


def link_addresses(index: int) -> tuple[str, str]:
    """The machine's and the hub's address of a /30."""
    first = index % (LINKS.num_addresses // 4) * 4
    return str(LINKS[first + 1]), str(LINKS[first + 2])
