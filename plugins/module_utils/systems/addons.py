"""Cluster add-ons: the addresses that MetalLB hands out and the names that external-dns publishes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object
from ..core.builders import build, present, texts
from ..core.sets.guards import HoldsData
from ..core.sets.options import Options

Row = Mapping[str, Any]

_NAME: dict[str, Any] = {"type": "str", "required": True}
_TEXTS: dict[str, Any] = {"type": "list", "elements": "str", "required": True}

OPTIONS = Options(
    {
        "address_pools": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": _NAME,
                "namespace": {"type": "str", "default": "metallb-system"},
                "addresses": _TEXTS,
                "advertise": {"type": "str", "choices": ["l2", "bgp", "none"], "default": "l2"},
                "auto_assign": {"type": "bool", "default": True},
            },
        },
        "dns_records": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": _NAME,
                "namespace": {"type": "str", "default": "kube-system"},
                "dns_name": _NAME,
                "type": {"type": "str", "choices": ["A", "AAAA", "CNAME", "TXT"], "default": "A"},
                "targets": _TEXTS,
                "ttl": {"type": "int", "default": 60},
                "identifier": {"type": "str"},
                "policy": {"type": "dict", "default": {}},
            },
        },
    },
    set_name="addons",
)

# Configuration, written anew from the inventory: nothing is lost with it.
HOLDS_DATA = [
    HoldsData(kind, "")
    for kind in (
        "metallb.io/IPAddressPool",
        "metallb.io/L2Advertisement",
        "metallb.io/BGPAdvertisement",
        "externaldns.k8s.io/DNSEndpoint",
    )
]
_ADVERTISEMENT = {"l2": "L2Advertisement", "bgp": "BGPAdvertisement"}


def addons(*, address_pools: Iterable[Row] = (), dns_records: Iterable[Row] = ()) -> list[Object]:
    """Address pools with their advertisements, and DNS records, as one set. Raises PlatformError."""
    return [each for row in address_pools for each in _pool(row)] + [_record(row) for row in dns_records]


def _pool(row: Row) -> list[Object]:
    name, namespace = row["name"], row["namespace"]
    spec = {"addresses": row["addresses"], "autoAssign": row["auto_assign"]}
    pool = build("metallb.io/v1beta1", "IPAddressPool", name, namespace, spec=spec)
    if row["advertise"] == "none":
        return [pool]
    kind = _ADVERTISEMENT[row["advertise"]]
    return [pool, build("metallb.io/v1beta1", kind, name, namespace, spec={"ipAddressPools": [name]})]


def _record(row: Row) -> Object:
    """One record set. With a routing policy it is one of several of a name, which only the identifier tells apart."""
    if row["policy"] and not row.get("identifier"):
        raise PlatformError(
            f"DNS record {row['name']} has a policy and no identifier; without one the records of "
            f"{row['dns_name']} in other regions overwrite it"
        )
    endpoint = present(
        dnsName=row["dns_name"],
        recordType=row["type"],
        targets=row["targets"],
        recordTTL=row["ttl"],
        setIdentifier=row.get("identifier"),
        providerSpecific=[{"name": key, "value": value} for key, value in texts(row["policy"]).items()],
    )
    spec = {"endpoints": [endpoint]}
    return build("externaldns.k8s.io/v1alpha1", "DNSEndpoint", row["name"], row["namespace"], spec=spec)
