"""Checks that what an inventory names is there, and that addresses, clusters and providers are not mixed. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator
from typing import Any

from .core.api.errors import PlatformError
from .inventory_demands import Cluster, Violation

Found = Iterator[Violation]
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# There without being kept by tenancy: the cluster's own, and those that add-ons bring.
_GIVEN_NAMESPACES = {"default", "kube-system", "kube-public", "metallb-system"}
_GIVEN_PRIORITIES = {"system-cluster-critical", "system-node-critical"}
# Names of networks that lie in the provider's virtual network, unlike those of pods and Services.
_CLOUD = {"nodes", "public", "private", "database"}
# A provider's own drivers; any other, such as Rook's, goes with every provider.
_DRIVERS = {
    "aws": {"ebs.csi.aws.com", "efs.csi.aws.com", "fsx.csi.aws.com"},
    "azure": {"disk.csi.azure.com", "file.csi.azure.com", "blob.csi.azure.com"},
    "gcp": {"pd.csi.storage.gke.io", "filestore.csi.storage.gke.io"},
}


def namespaces(cluster: Cluster) -> Found:
    """Every namespace that something is put into, or that a flow names, is kept by tenancy."""
    known = {*cluster.namespaces, *_GIVEN_NAMESPACES}
    for path, name in _used_namespaces(cluster):
        yield from _known(path, "namespace", name, known, "X-12")


def _used_namespaces(cluster: Cluster) -> Iterator[tuple[str, str]]:
    for demand in cluster.demands:
        yield demand.path, demand.namespace
    for scaler in cluster.scalers:
        yield scaler.path, scaler.namespace
    for row in cluster.rows("certificates_certificates"):
        yield f"certificates_certificates[{row.get('name')}]", str(row.get("namespace"))
    for row in cluster.rows("tenancy_endpoints"):
        names = row.get("namespaces") or ()
        for name in [names] if isinstance(names, str) else names:
            yield f"tenancy_endpoints[{row.get('name')}]", str(name)
    for purpose, name in cluster.mapping("platform_namespaces").items():
        yield f"platform_namespaces.{purpose}", str(name)


def classes(cluster: Cluster) -> Found:
    """Every storage class and every priority class that is named is in the catalogue."""
    storage = _named(cluster, "storage_classes")
    priorities = _named(cluster, "tenancy_priority_classes") | _GIVEN_PRIORITIES
    if cluster.variables.get("platform_storage_class"):
        yield from _known(
            "platform_storage_class", "storage class", cluster.variables["platform_storage_class"], storage, "X-18"
        )
    for demand in cluster.demands:
        for claim in demand.claims:
            yield from _known(claim.path, "storage class", claim.storage_class, storage, "X-18")
        if "priority_class" in demand.row:
            yield from _known(demand.path, "priority class", str(demand.row["priority_class"]), priorities, "X-37")


def _named(cluster: Cluster, variable: str) -> set[str]:
    rows = cluster.rows(variable)
    return {str(name) for row in rows for name in (row.get("name"), *(row.get("aliases") or ()))}


def issuers(cluster: Cluster) -> Found:
    """Every issuer that a certificate names is there."""
    known = {str(row.get("name")) for row in cluster.rows("certificates_issuers")}
    for row in cluster.rows("certificates_certificates"):
        path = f"certificates_certificates[{row.get('name')}]"
        yield from _known(path, "issuer", str(row.get("issuer")), known, "S0-82")


def pools(cluster: Cluster) -> Found:
    """Everything names a pool that is there: otherwise it lands where no toleration is needed."""
    for demand in cluster.demands:
        if not demand.pools:
            yield Violation(demand.path, "names no node pool", "D1-05")
        for name in demand.pools:
            yield from _known(demand.path, "node pool", name, cluster.pools, "X-21")


def pool_scheme(cluster: Cluster) -> Found:
    """A pool's label and taint `workload` are its name, its zones are the cluster's; spot only for who asks for it."""
    zones = set(cluster.variables.get("platform_zones") or ())
    for name, pool in cluster.pools.items():
        path = f"platform_node_pools[{name}]"
        taints = {str(taint.get("key")): taint.get("value") for taint in pool.get("taints") or ()}
        if (pool.get("labels") or {}).get("workload") != name:
            yield Violation(path, f"needs the label workload: {name}", "X-21")
        if taints.get("workload", name) != name:
            yield Violation(path, f"has the taint workload={taints['workload']}, not workload={name}", "X-21")
        for zone in pool.get("zones") or ():
            yield from _known(path, "zone", zone, zones, "X-21")
        if pool.get("spot") and not taints:
            yield Violation(path, "is spot and has no taint: CoreDNS and operators would land on it", "D3-04")
    if cluster.pools and not any(not pool.get("spot") and not pool.get("taints") for pool in cluster.pools.values()):
        yield Violation("platform_node_pools", "has no pool on demand without a taint: CoreDNS finds no node", "D3-04")


def drivers(cluster: Cluster) -> Found:
    """Storage drivers are those of the cluster's one provider."""
    provider = cluster.variables.get("platform_provider", "")
    for row in cluster.rows("storage_classes"):
        for owner, names in _DRIVERS.items():
            if row.get("provisioner") in names and owner != provider:
                yield Violation(
                    f"storage_classes[{row.get('name')}]", f"has {owner}'s driver {row['provisioner']}, the cluster's "
                    f"platform_provider is {provider or 'not given'}", "X-40",
                )  # fmt: skip


def networks(cluster: Cluster) -> Found:
    """A cluster's networks are disjoint; those of the cloud lie inside of `vpc`, where one is given."""
    given = _networks(cluster)
    vpcs = [network for name, network in given if name == "vpc"]
    for index, (name, one) in enumerate(given):
        path = f"platform_networks.{name}"
        for other_name, other in given[index + 1 :]:
            inside = (name == "vpc" and other_name in _CLOUD) or (other_name == "vpc" and name in _CLOUD)
            if not inside and one.overlaps(other):
                yield Violation(path, f"{one} overlaps {other_name} {other}", "X-23")
        if name in _CLOUD and vpcs and not any(_lies_in(one, vpc) for vpc in vpcs):
            yield Violation(path, f"{one} lies outside of vpc {', '.join(map(str, vpcs))}", "X-23")


def networks_between(clusters: list[Cluster], judged: Collection[str]) -> Found:
    """No two clusters share addresses: they are routed to each other, or will be. Subnets are covered by their vpc."""
    given = [
        (cluster.host, name, network)
        for cluster in clusters
        for name, network in _networks(cluster)
        if name not in _CLOUD or "vpc" not in cluster.mapping("platform_networks")
    ]
    for index, (host, name, one) in enumerate(given):
        for other_host, other_name, other in given[index + 1 :]:
            if host != other_host and {host, other_host} & set(judged) and one.overlaps(other):
                words = f"{one} overlaps {other_name} {other} of {other_host}"
                yield Violation(f"{host}: platform_networks.{name}", words, "X-23")


def identities(clusters: list[Cluster], judged: Collection[str]) -> Found:
    """Where there are several clusters, each host pins its own, and no two the same.

    Only those that are judged: a rehearsal pins its one cluster by an extra variable, which all hosts then have.
    """
    seen: dict[str, str] = {}
    several = sum(1 for cluster in clusters if cluster.variables) > 1
    for cluster in clusters:
        path, uid = f"{cluster.host}: platform_cluster_uid", str(cluster.variables.get("platform_cluster_uid") or "")
        if cluster.host not in judged:
            continue
        if not uid and several:
            yield Violation(path, "is missing: any cluster would be taken for this one", "U01")
        elif uid in seen:
            yield Violation(path, f"{uid} is also that of {seen[uid]}", "U01")
        if uid:
            seen.setdefault(uid, cluster.host)


def _networks(cluster: Cluster) -> list[tuple[str, _Network]]:
    found = []
    for name, cidrs in cluster.mapping("platform_networks").items():
        for cidr in [cidrs] if isinstance(cidrs, str) else cidrs:
            try:
                found.append((str(name), ipaddress.ip_network(str(cidr))))
            except ValueError as error:
                raise PlatformError(f"platform_networks.{name}: {error}; write it like 10.0.0.0/16") from error
    return found


def _lies_in(inner: Any, outer: Any) -> bool:
    return bool(inner.version == outer.version and inner.subnet_of(outer))


def _known(path: str, what: str, name: str, known: Collection[str], requirement: str) -> Found:
    if name not in known:
        there = ", ".join(sorted(known)) or "none"
        yield Violation(
            path, f"names the {what} {name or '(empty)'}, which is not there; there are {there}", requirement
        )


CHECKS = (namespaces, classes, issuers, pools, pool_scheme, drivers, networks)
ACROSS = (networks_between, identities)
