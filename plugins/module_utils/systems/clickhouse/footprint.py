"""What the Altinity operator creates for a ClickHouseInstallation and a ClickHouseKeeperInstallation. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

from ...core import footprint as fp
from ...core.api.objects import Object, get
from ...core.builders import merged
from ...core.footprint import Footprint
from .words import KEEPER, SERVER, Family

_YES = ("yes", "true", "1", "on", "enabled")

# pkg/model/{chi,chk}/namer/patterns.go, pkg/model/common/creator/pdb.go, pkg/model/common/affinity. A StatefulSet, a
# Service and the claims of its templates for every host; the resource's own labels are copied.


def _footprint(family: Family, obj: Object) -> Footprint:
    """Every host, and the Service of all."""
    name = get(obj, "metadata", "name")
    app = {f"{family.group}/app": "chop", **family.pods(name)}
    labels = {**fp.labels_of(obj), **app}
    common = fp.service(obj, f"{family.service}-{name}", labels, selector=app, ports=family.ports)
    clusters = get(obj, "spec", "configuration", "clusters") or [{"name": "default"}]
    return Footprint((common, *(part for each in clusters for part in _cluster(family, obj, each, labels))))


def _cluster(family: Family, obj: Object, cluster: Object, labels: dict[str, str]) -> Iterator[Object]:
    name, own = get(obj, "metadata", "name"), str(cluster.get("name"))
    labels = {**labels, f"{family.group}/cluster": own}
    shards, replicas = _layout(cluster)
    for shard, replica in itertools.product(range(shards), range(replicas)):
        host = family.host(name, own, shard, replica)
        its = {**labels, f"{family.group}/shard": str(shard), f"{family.group}/replica": str(replica)}
        pod, claims = _pod(family, obj, its), _claims(family, obj)
        yield fp.service(obj, host, its, selector=its, ports=family.ports, headless=True)
        yield fp.stateful_set(obj, host, its, selector=its, replicas=1, pod=pod, claims=claims, serviceName=host)
    if str(cluster.get("pdbManaged", "yes")).lower() in _YES:
        most, budget = int(cluster.get("pdbMaxUnavailable") or 1), f"{family.prefix}-{name}-{own}"
        yield fp.budget(obj, budget, labels, selector=labels, maxUnavailable=most)


def _layout(cluster: Object) -> tuple[int, int]:
    """Shards and replicas: as counted, or as listed."""
    layout = cluster.get("layout") or {}
    shards, replicas = layout.get("shards") or [], layout.get("replicas") or []
    return int(layout.get("shardsCount") or len(shards) or 1), int(layout.get("replicasCount") or len(replicas) or 1)


def _template(obj: Object, kind: str, name: str | None) -> Object:
    """A template by name; only what is named is used."""
    found: Object = next(
        (each for each in get(obj, "spec", "templates", kind, default=[]) if each.get("name") == name), {}
    )
    return found


def _used(obj: Object) -> Object:
    found: Object = get(obj, "spec", "defaults", "templates", default={})
    return found


def _pod(family: Family, obj: Object, labels: dict[str, str]) -> Object:
    template = _template(obj, "podTemplates", _used(obj).get("podTemplate"))
    pod = dict(template.get("spec") or {})
    pod.setdefault("containers", [{"name": family.container, "image": family.image}])
    terms = [_apart(family, each, labels) for each in template.get("podDistribution") or ()]
    anti = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term for term in terms if term]}}
    return merged(pod, {"affinity": anti}) if any(terms) else pod


# What `scope` says that pods must share to be kept apart, as labels.
_SCOPES = {
    "Shard": ("app", "{prefix}", "cluster", "shard"),
    "Replica": ("app", "{prefix}", "cluster", "replica"),
    "Cluster": ("app", "{prefix}", "cluster"),
    "ClickHouseInstallation": ("app", "{prefix}"),
}


def _apart(family: Family, distribution: Object, labels: dict[str, str]) -> Object:
    """The anti-affinity of one row of podDistribution; of its types the one that we ask for."""
    if distribution.get("type") != "ClickHouseAntiAffinity":
        return {}
    words = _SCOPES.get(distribution.get("scope", ""), ("app", "{prefix}", "cluster"))
    keys = [f"{family.group}/{word.format(prefix=family.prefix)}" for word in words]
    select = {"matchLabels": {key: labels[key] for key in keys}}
    return {"labelSelector": select, "topologyKey": distribution.get("topologyKey") or "kubernetes.io/hostname"}


def _claims(family: Family, obj: Object) -> dict[str, Object]:
    """The claims of the data and log templates, and of those that the container mounts."""
    used, pod = _used(obj), _template(obj, "podTemplates", _used(obj).get("podTemplate"))
    mounts = [
        mount.get("name")
        for container in get(pod, "spec", "containers", default=[])
        for mount in container.get("volumeMounts") or ()
    ]
    names = [used.get("dataVolumeClaimTemplate"), used.get("logVolumeClaimTemplate"), *mounts]
    found = {name: _template(obj, "volumeClaimTemplates", name).get("spec") for name in names if name}
    return {name: spec for name, spec in found.items() if spec}


FOOTPRINTS: dict[str, fp.Function] = {family.key: partial(_footprint, family) for family in (SERVER, KEEPER)}
