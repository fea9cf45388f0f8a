"""Certificates by cert-manager: issuers, certificates, and the rows that say when its objects are ready. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.api.errors import PlatformError
from ..core.api.objects import Object
from ..core.builders import build, merged, present
from ..core.readiness.rule import CONDITIONS, FINAL, AllOf, Condition, Field, Not, Rule
from ..core.sets.guards import HoldsData
from ..core.sets.options import Options, Spec
from ..core.sets.values import duration

Row = Mapping[str, Any]

_NAME: dict[str, Any] = {"type": "str", "required": True}
_LIST: dict[str, Any] = {"type": "list", "elements": "str", "default": []}

_ACME: Spec = {
    "server": {"type": "str", "required": True},
    "email": _NAME,
    "key_secret": {"type": "str", "no_log": False},
    "http01": {
        "type": "dict",
        "options": {
            "ingress_class": {"type": "str"},
            "gateways": {
                "type": "list",
                "elements": "dict",
                "options": {"name": _NAME, "namespace": {"type": "str"}},
            },
        },
        "required_one_of": [("ingress_class", "gateways")],
        "mutually_exclusive": [("ingress_class", "gateways")],
    },
    "dns01": {"type": "dict"},
    "zones": _LIST,
}

_WAYS = ("acme", "ca_secret", "self_signed", "spec")

OPTIONS = Options(
    {
        "issuers": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": _NAME,
                "namespace": {"type": "str"},
                "acme": {"type": "dict", "options": _ACME, "required_one_of": [("http01", "dns01")]},
                "ca_secret": {"type": "str", "no_log": False},
                "self_signed": {"type": "bool"},
                "spec": {"type": "dict"},
            },
            "required_one_of": [_WAYS],
            "mutually_exclusive": [_WAYS],
        },
        "certificates": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": _NAME,
                "namespace": {"type": "str", "required": True},
                "secret": {"type": "str", "no_log": False},
                "dns_names": _LIST,
                "common_name": {"type": "str"},
                "issuer": {"type": "str", "required": True},
                "issuer_kind": {"type": "str", "choices": ["ClusterIssuer", "Issuer"], "default": "ClusterIssuer"},
                "duration": {"type": "str", "default": "2160h"},
                "renew_before": {"type": "str", "default": "720h"},
                "usages": {**_LIST, "default": ["digital signature", "key encipherment", "server auth"]},
                "ca": {"type": "bool", "default": False},
                "private_key": {
                    "type": "dict",
                    "no_log": False,
                    "apply_defaults": True,
                    "options": {
                        "algorithm": {"type": "str", "choices": ["ECDSA", "RSA", "Ed25519"], "default": "ECDSA"},
                        "size": {"type": "int"},
                    },
                },
                "extra_spec": {"type": "dict", "default": {}},
            },
        },
    },
    set_name="certificates",
)
_SERVERS = {
    "production": "https://acme-v02.api.letsencrypt.org/directory",
    "staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
}
_API = "cert-manager.io/v1"

_CERTIFICATE = Rule(
    generation=CONDITIONS,
    terminal=(
        AllOf(Condition("Ready", "False", reason="ConfigError"), Not(Condition("Issuing"))),
        # The next attempt comes after an hour at the earliest, then after two, four ...
        AllOf(
            Condition("Issuing", "False"),
            Field("status.lastFailureTime"),
            Not(Condition("Ready")),
        ),
        AllOf(
            Not(Condition("Issuing", "*")),
            Field("status.lastFailureTime"),
            Not(Condition("Ready")),
        ),
    ),
    in_progress=(Condition("Issuing"),),
    ready=(Condition("Ready"),),
    warnings=(Field("status.lastFailureTime"),),
    source="cert-manager: pkg/controller/certificates/issuing/issuing_controller.go:415, "
    "trigger/trigger_controller.go:286",
    note="Ready=False without lastFailureTime comes before the first Issuing; a failed renewal only warns.",
)
_ISSUER = Rule(
    generation=CONDITIONS,
    terminal=(Condition("Ready", "False", reason=("InvalidConfig", "InvalidURL", "InvalidSolver")),),
    retryable=(Condition("Ready", "False"),),
    ready=(Condition("Ready"),),
    source="cert-manager: pkg/issuer/acme/setup.go:46, pkg/issuer/ca/setup.go:32, pkg/issuer/vault/setup.go:36",
)
_REQUEST = Rule(
    generation=FINAL,
    terminal=(
        Condition("Ready", "False", reason=("Failed", "Denied")),
        Condition("Denied"),
        Condition("InvalidRequest"),
    ),
    ready=(Condition("Ready"),),
    source="cert-manager: pkg/apis/certmanager/v1/types_certificaterequest.go:25",
)
_ORDER = Rule(
    generation=FINAL,
    terminal=(Field("status.state", "invalid", "expired", "errored", say="status.reason"),),
    ready=(Field("status.state", "valid", say="status.reason"),),
    source="cert-manager: pkg/apis/acme/v1/types.go:225",
)

# certmanager.k8s.io was the group until 0.11; its conditions say the same.
RULES: dict[str, Rule] = {
    f"{group}/{kind}": rule
    for groups, kinds in (
        (
            ("cert-manager.io", "certmanager.k8s.io"),
            {
                "Certificate": _CERTIFICATE,
                "Issuer": _ISSUER,
                "ClusterIssuer": _ISSUER,
                "CertificateRequest": _REQUEST,
            },
        ),
        (("acme.cert-manager.io", "certmanager.k8s.io"), {"Order": _ORDER, "Challenge": _ORDER}),
    )
    for group in groups
    for kind, rule in kinds.items()
}

# The Secret with key and certificate stays when a Certificate goes; an Issuer is configuration.
HOLDS_DATA = [HoldsData(f"cert-manager.io/{kind}", "") for kind in ("Certificate", "Issuer", "ClusterIssuer")]


def certificates(*, issuers: Iterable[Row] = (), certificates: Iterable[Row] = ()) -> list[Object]:
    """Issuers and certificates, as one set. Raises PlatformError for what cert-manager would fight over or never do."""
    certificates = list(certificates)
    _one_each(certificates)
    return [_issuer(row) for row in issuers] + [_certificate(row) for row in certificates]


def _one_each(rows: Iterable[Row]) -> None:
    """Two certificates that write one Secret overwrite each other for ever."""
    owners: dict[tuple[str, str], str] = {}
    for row in rows:
        place = (row["namespace"], _secret(row))
        if place in owners:
            raise PlatformError(
                f"certificates {owners[place]} and {row['name']} both write Secret {'/'.join(place)}; give each its own"
            )
        owners[place] = row["name"]


def _secret(row: Row) -> str:
    return str(row.get("secret") or row["name"])


def _issuer(row: Row) -> Object:
    kind = "Issuer" if row.get("namespace") else "ClusterIssuer"
    return build(_API, kind, row["name"], row.get("namespace"), spec=_issuer_spec(row))


def _issuer_spec(row: Row) -> dict[str, Any]:
    if row.get("acme"):
        return {"acme": _acme(row["name"], row["acme"])}
    if row.get("ca_secret"):
        return {"ca": {"secretName": row["ca_secret"]}}
    return dict(row["spec"]) if row.get("spec") else {"selfSigned": {}}


def _acme(name: str, row: Row) -> dict[str, Any]:
    http01 = {"http01": _http01(row["http01"])} if row.get("http01") else {}
    dns01 = {"dns01": row["dns01"]} if row.get("dns01") else {}
    selector = {"selector": {"dnsZones": row["zones"]}} if row["zones"] else {}
    return {
        "server": _SERVERS.get(row["server"], row["server"]),
        "email": row["email"],
        "privateKeySecretRef": {"name": row.get("key_secret") or f"{name}-key"},
        "solvers": [{**way, **selector} for way in (http01, dns01) if way],
    }


def _http01(row: Row) -> dict[str, Any]:
    """By ingressClassName, since `class` writes the annotation that no controller reads any more."""
    if row.get("ingress_class"):
        return {"ingress": {"ingressClassName": row["ingress_class"]}}
    gateways = [present(kind="Gateway", name=each["name"], namespace=each.get("namespace")) for each in row["gateways"]]
    return {"gatewayHTTPRoute": {"parentRefs": gateways}}


def _certificate(row: Row) -> Object:
    lasts, early = duration(row["duration"]), duration(row["renew_before"])
    for given, read in ((row["duration"], lasts), (row["renew_before"], early)):
        if read is None:
            raise PlatformError(f"certificate {row['name']}: {given!r} is no duration; write hours, like 2160h")
    if lasts is not None and early is not None and early >= lasts:
        raise PlatformError(
            f"certificate {row['name']} lasts {row['duration']} and would be renewed {row['renew_before']} before its "
            "end, so always; renew_before must be shorter"
        )
    key = row["private_key"]
    spec = present(
        secretName=_secret(row),
        dnsNames=row["dns_names"],
        commonName=row.get("common_name"),
        issuerRef={"group": "cert-manager.io", "kind": row["issuer_kind"], "name": row["issuer"]},
        duration=row["duration"],
        renewBefore=row["renew_before"],
        usages=row["usages"],
        isCA=row["ca"],
        privateKey=present(algorithm=key["algorithm"], size=key.get("size"), rotationPolicy="Always"),
    )
    return build(_API, "Certificate", row["name"], row["namespace"], spec=merged(spec, row["extra_spec"]))
