"""What cert-manager would do next about its objects, as objects to apply; simulated and pure.

Reasons, messages, labels and annotations are cert-manager's own (v1.21: pkg/issuer/*/setup.go,
internal/controller/certificates/policies, pkg/apis/certmanager/v1/types.go). Left out: ACME's and Vault's own proof of
who asks, approval, renewal.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import signing
from .signing import Pair

API = "cert-manager.io/v1"
HOME = "cert-manager"  # where a ClusterIssuer's Secrets are
KEPT = "controller.cert-manager.io/fao"  # the label of Secrets that cert-manager keeps
OURS = ("Ready", "Issuing")
SIMULATED = "lab.groundwork.platform/simulated"
ISSUED_FOR = "lab.groundwork.platform/issued-for"  # annotation: the digest of the spec
RENEW = 1 / 3  # of its life before its end

Object = dict[str, Any]
Place = tuple[str, str]  # namespace, name
READY = {  # kind of issuer -> reason, message
    "selfSigned": ("IsReady", ""),
    "ca": ("KeyPairVerified", "Signing CA verified"),
    "acme": ("ACMEAccountRegistered", "The ACME account was registered with the ACME server"),
    "vault": ("VaultVerified", "Vault verified"),
    "venafi": ("VenafiReady", "Venafi issuer started"),
}


@dataclass
class World:
    """What there is, by namespace and name; issuers by kind too."""

    authority: Pair  # signs in place of every CA outside the cluster
    issuers: dict[tuple[str, str, str], Object] = field(default_factory=dict)
    certificates: dict[Place, Object] = field(default_factory=dict)
    secrets: dict[Place, Object] = field(default_factory=dict)


def statuses(world: World) -> list[Object]:
    """Issuers and Certificates whose status is not as it should be, with that status."""
    wanted = [(each, _issuer(world, each)) for each in world.issuers.values()]
    wanted += [(each, _certificate(world, each)) for each in world.certificates.values()]
    return [_with(each, status) for each, status in wanted if not _is_so(each, status)]


def secrets(world: World) -> list[Object]:
    """The Secrets of Certificates whose issuer is ready and which have none, or one for another spec."""
    return [_secret(world, each) for each in world.certificates.values() if _due(world, each) and _able(world, each)]


def _issuer(world: World, issuer: Object) -> Object:
    kind = next((kind for kind in READY if kind in issuer["spec"]), "")
    if not kind:
        return {"conditions": [_condition(issuer, "Ready", "False", "InvalidConfig", "no issuer is configured")]}
    if kind == "ca" and _ca(world, issuer) is None:
        said = f'Error getting keypair for CA issuer: secrets "{issuer["spec"]["ca"]["secretName"]}" not found'
        return {"conditions": [_condition(issuer, "Ready", "False", "ErrGetKeyPair", said)]}
    return {"conditions": [_condition(issuer, "Ready", "True", *READY[kind])]}


def _certificate(world: World, certificate: Object) -> Object:
    if _due(world, certificate):
        said = ("DoesNotExist", "Issuing certificate as Secret does not exist")
        return {
            "conditions": [
                _condition(certificate, "Ready", "False", *said),
                _condition(certificate, "Issuing", "True", *said),
            ]
        }
    said = ("Ready", "Certificate is up to date and has not expired")
    issued = _pair(world.secrets[_place(certificate)])
    if issued is None:
        return {"conditions": [_condition(certificate, "Ready", "False", "InvalidKeyPair", "Secret holds no key pair")]}
    start, end = issued.certificate.not_valid_before_utc, issued.certificate.not_valid_after_utc
    early = certificate["spec"].get("renewBefore")
    renewal = end - (signing.duration(early) if early else (end - start) * RENEW)
    return {
        "conditions": [_condition(certificate, "Ready", "True", *said)],
        "notBefore": _time(start),
        "notAfter": _time(end),
        "renewalTime": _time(renewal),
        "revision": certificate.get("status", {}).get("revision", 1),
    }


def _due(world: World, certificate: Object) -> bool:
    there = world.secrets.get(_place(certificate))
    return there is None or there["metadata"].get("annotations", {}).get(ISSUED_FOR) != _digest(certificate)


def _able(world: World, certificate: Object) -> bool:
    issuer = _issuer_of(world, certificate)
    return issuer is not None and _issuer(world, issuer)["conditions"][0]["status"] == "True"


def _issuer_of(world: World, certificate: Object) -> Object | None:
    reference = certificate["spec"]["issuerRef"]
    kind = reference.get("kind", "Issuer")
    namespace = "" if kind == "ClusterIssuer" else certificate["metadata"]["namespace"]
    return world.issuers.get((kind, namespace, reference["name"]))


def _ca(world: World, issuer: Object) -> Pair | None:
    namespace = issuer["metadata"].get("namespace", HOME)
    there = world.secrets.get((namespace, issuer["spec"]["ca"]["secretName"]))
    return _pair(there) if there else None


def _pair(secret: Object) -> Pair | None:
    try:
        return signing.load(*(base64.b64decode(secret["data"][key]) for key in ("tls.crt", "tls.key")))
    except (KeyError, ValueError):
        return None


def _secret(world: World, certificate: Object) -> Object:
    spec, metadata = certificate["spec"], certificate["metadata"]
    issuer = _issuer_of(world, certificate) or {"spec": {}}
    kind = issuer["spec"]
    signer = None if "selfSigned" in kind else _ca(world, issuer) if "ca" in kind else world.authority
    issued = signing.sign(spec, signer)
    encoding = spec.get("privateKey", {}).get("encoding", "PKCS1")
    data = {"tls.crt": issued.pem, "tls.key": signing.key_pem(issued.key, encoding)}
    if "acme" not in kind:  # which does not say who its root is
        root = signer.chain[-1] if signer and signer.chain else signer.certificate if signer else issued.certificate
        data["ca.crt"] = signing.pem(root)
    template = spec.get("secretTemplate", {})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {
            "name": spec["secretName"],
            "namespace": metadata["namespace"],
            "labels": {KEPT: "true"} | template.get("labels", {}),
            "annotations": dict(_annotations(certificate)) | template.get("annotations", {}),
        },
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }


def _annotations(certificate: Object) -> Iterator[Place]:
    spec = certificate["spec"]
    yield SIMULATED, "true"
    yield ISSUED_FOR, _digest(certificate)
    yield "cert-manager.io/certificate-name", certificate["metadata"]["name"]
    yield "cert-manager.io/common-name", spec.get("commonName", "")
    yield "cert-manager.io/alt-names", ",".join(spec.get("dnsNames", []))
    yield "cert-manager.io/ip-sans", ",".join(spec.get("ipAddresses", []))
    yield "cert-manager.io/uri-sans", ",".join(spec.get("uris", []))
    yield "cert-manager.io/issuer-name", spec["issuerRef"]["name"]
    yield "cert-manager.io/issuer-kind", spec["issuerRef"].get("kind", "Issuer")
    yield "cert-manager.io/issuer-group", spec["issuerRef"].get("group", "")


def _digest(certificate: Object) -> str:
    """Changes with what makes cert-manager issue anew, and not with when it renews."""
    spec = {key: value for key, value in certificate["spec"].items() if key not in ("renewBefore", "secretTemplate")}
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:16]


def _place(certificate: Object) -> Place:
    return certificate["metadata"]["namespace"], certificate["spec"]["secretName"]


def _condition(target: Object, kind: str, status: str, reason: str, message: str) -> Object:
    """A condition; its time is that of the one before when it says the same."""
    content = {"type": kind, "status": status, "reason": reason, "message": message}
    content["observedGeneration"] = target["metadata"]["generation"]
    since = {(each["type"], each["status"]): each for each in target.get("status", {}).get("conditions", [])}
    time = since.get((kind, status), {}).get("lastTransitionTime")
    return content | {"lastTransitionTime": time or _time(datetime.datetime.now(datetime.UTC))}


def _time(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_so(target: Object, status: Object) -> bool:
    there = target.get("status", {})
    return all(_sorted(there.get(key)) == _sorted(value) for key, value in status.items())


def _sorted(value: Any) -> Any:
    """Our conditions in one order; an empty message is not stored."""
    if not isinstance(value, list):
        return value
    rows = [{key: each for key, each in row.items() if each != ""} for row in value if row["type"] in OURS]
    return sorted(rows, key=lambda row: str(row["type"]))


def _with(target: Object, status: Object) -> Object:
    metadata = {key: target["metadata"][key] for key in ("name", "namespace") if key in target["metadata"]}
    return {"apiVersion": API, "kind": target["kind"], "metadata": metadata, "status": status}
