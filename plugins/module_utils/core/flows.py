"""Turns a dependency graph (who talks to whom on which port) into NetworkPolicies on both sides of every edge."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .api.errors import PlatformError
from .api.objects import Object
from .builders import addresses, network_policy, pods_in, port

ALL, DNS = "all", "dns"


@dataclass(frozen=True)
class Endpoint:
    """Pods in namespaces, or networks outside of the cluster; where they listen, where they are scraped."""

    name: str
    namespaces: tuple[str, ...] = ()
    pods: Mapping[str, Any] = field(default_factory=dict)
    cidrs: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.namespaces) == bool(self.cidrs):
            raise PlatformError(f"endpoint {self.name} needs namespaces (pods) or cidrs (networks), and not both")

    def peers(self) -> list[dict[str, Any]]:
        """What stands in a policy's `from` or `to`."""
        if self.cidrs:
            return [addresses(cidr, self.excepted) for cidr in self.cidrs]
        return [pods_in(self.namespaces, self.pods)]


@dataclass(frozen=True)
class Flow:
    """Edges from each to each; without ports on those where the other side listens."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    ports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Graph:
    """The graph of a cluster. `managed` are all namespaces that we keep, `closed` those with default deny."""

    managed: Collection[str]
    closed: Collection[str]
    endpoints: Mapping[str, Endpoint]
    edges: Mapping[tuple[str, str], tuple[str, ...]]

    def policies(self) -> list[Object]:
        """Default deny and DNS in every closed namespace, then the policies of every edge."""
        baseline = [policy for name in self.closed for policy in self._baseline(name)]
        return baseline + [policy for edge, ports in self.edges.items() for policy in self._edge(*edge, ports)]

    def _baseline(self, namespace: str) -> list[Object]:
        dns = {"to": self.endpoints[DNS].peers(), "ports": [port(each) for each in self.endpoints[DNS].ports]}
        return [
            network_policy(name="default-deny-all", namespace=namespace, ingress=[], egress=[]),
            network_policy(name="allow-dns", namespace=namespace, egress=[dns]),
        ]

    def _edge(self, source: str, target: str, ports: Iterable[str]) -> list[Object]:
        """A policy where the connection arrives and one where it starts, in closed namespaces only.

        In an open namespace an allowing policy would be the first, and so shut out everything else.
        """
        one, other = self.endpoints[source], self.endpoints[target]
        name, through = f"allow-{source}-to-{target}", [port(each) for each in ports]
        arriving = [{"from": one.peers(), "ports": through}]
        leaving = [{"to": other.peers(), "ports": through}]
        return [
            network_policy(name=name, namespace=each, pods=other.pods, ingress=arriving)
            for each in other.namespaces
            if each in self.closed
        ] + [
            network_policy(name=f"{name}-egress", namespace=each, pods=one.pods, egress=leaving)
            for each in one.namespaces
            if each in self.closed
        ]


def graph(
    *,
    managed: Collection[str],
    closed: Collection[str],
    endpoints: Iterable[Endpoint] = (),
    flows: Iterable[Flow] = (),
    scraper: str | None = None,
) -> Graph:
    """The graph, checked. Raises PlatformError for names that no endpoint has, and for edges without a port."""
    known = {DNS: Endpoint(DNS, ("kube-system",), {"k8s-app": "kube-dns"}, ports=("53/UDP", "53/TCP"))}
    known |= {ALL: Endpoint(ALL, tuple(managed))} if managed else {}
    given = list(endpoints)
    _unique(each.name for each in given)
    known |= {each.name: each for each in given}
    flows = [*flows, *_scraped(scraper, given)]
    return Graph(managed, closed, known, _edges(flows, known))


def _unique(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise PlatformError(f"endpoint {name} is given twice; one name stands for one endpoint")
        seen.add(name)


def _scraped(scraper: str | None, endpoints: Iterable[Endpoint]) -> list[Flow]:
    return [Flow((scraper,), (each.name,), each.metrics) for each in endpoints if scraper and each.metrics]


def _edges(flows: Iterable[Flow], known: Mapping[str, Endpoint]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Every edge once, with all ports that flows give it, in the order in which they come."""
    edges: dict[tuple[str, str], tuple[str, ...]] = {}
    for flow in flows:
        _all_known((*flow.sources, *flow.targets), known)
        for source in flow.sources:
            for target in flow.targets:
                ports = flow.ports or known[target].ports
                if not ports:
                    raise PlatformError(
                        f"the flow from {source} to {target} has no port; say where {target} listens, or give the flow "
                        "ports"
                    )
                before = edges.get((source, target), ())
                edges[source, target] = before + tuple(each for each in ports if each not in before)
    return edges


def _all_known(names: Iterable[str], known: Mapping[str, Endpoint]) -> None:
    for name in names:
        if name not in known:
            raise PlatformError(f"a flow names {name!r}, which is no endpoint; there are {', '.join(sorted(known))}")
