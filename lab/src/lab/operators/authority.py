"""Simulated cert-manager: signs the Certificates there are with real keys, once, and writes what cert-manager would.

What it leaves out: ACME, Vault, approval, renewal. The Secrets and the conditions are as the real one writes them
(cert-manager.io/v1: Certificate Ready, Issuer Ready), and carry the annotation `lab.groundwork.platform/simulated`.
"""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..cluster import Cluster
from ..errors import LabError
from ..kubectl import get, kubectl

GROUP = "cert-manager.io/"
SIMULATED = "lab.groundwork.platform/simulated"
LIFE = datetime.timedelta(days=90)  # cert-manager's own default
PURPOSES = {"server auth": ExtendedKeyUsageOID.SERVER_AUTH, "client auth": ExtendedKeyUsageOID.CLIENT_AUTH}

Object = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def issue(cluster: Cluster) -> list[str]:
    """Signs each Certificate whose Secret is missing; their names. A CA comes before what it signs."""
    issued = []
    certificates = get(cluster, "certificates.cert-manager.io", "--all-namespaces")
    for certificate in sorted(certificates, key=lambda each: not each["spec"].get("isCA")):
        namespace, secret = certificate["metadata"]["namespace"], certificate["spec"]["secretName"]
        there = kubectl(cluster, "get", "secret", secret, "-n", namespace, "--ignore-not-found", "-o", "name")
        if not there.strip():
            _issue(cluster, certificate)
            issued.append(f"{namespace}/{certificate['metadata']['name']}")
        _ready(cluster, certificate, "Certificate is up to date and has not expired")
    for kind in ("issuers", "clusterissuers"):
        for issuer in get(cluster, f"{kind}.cert-manager.io", "--all-namespaces"):
            _ready(cluster, issuer, "Signing CA verified")
    return issued


def _issue(cluster: Cluster, certificate: Object) -> None:
    spec, namespace = certificate["spec"], certificate["metadata"]["namespace"]
    signer = _signer(cluster, spec["issuerRef"], namespace)
    pair = sign(spec, signer)
    authority = signer.pem if signer else pair.pem
    data = {"tls.crt": pair.pem, "tls.key": pair.key_pem, "ca.crt": authority}
    template = spec.get("secretTemplate", {})
    name = certificate["metadata"]["name"]
    annotations = {"cert-manager.io/certificate-name": name, SIMULATED: "true"} | template.get("annotations", {})
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {
            "name": spec["secretName"],
            "namespace": namespace,
            "annotations": annotations,
            "labels": template.get("labels", {}),
        },
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }
    kubectl(cluster, "create", "--filename=-", stdin=json.dumps(secret))


def _signer(cluster: Cluster, reference: Object, namespace: str) -> Pair | None:
    """The CA that an issuer names; None for one whose certificates sign themselves."""
    kind = reference.get("kind", "Issuer").lower()
    where = () if kind == "clusterissuer" else ("--namespace", namespace)
    (issuer,) = get(cluster, f"{kind}.cert-manager.io", reference["name"], *where)
    if "ca" not in issuer["spec"]:
        if "selfSigned" in issuer["spec"]:
            return None
        raise LabError(
            f"the simulated cert-manager knows issuers of the kinds selfSigned and ca, and {reference['name']} is "
            "neither: make it one of them on a lab cluster"
        )
    holder = "cert-manager" if kind == "clusterissuer" else namespace
    (secret,) = get(cluster, "secret", issuer["spec"]["ca"]["secretName"], "--namespace", holder)
    key = serialization.load_pem_private_key(base64.b64decode(secret["data"]["tls.key"]), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise LabError(f"the CA of issuer {reference['name']} has no elliptic curve key: let the lab make it")
    return Pair(x509.load_pem_x509_certificate(base64.b64decode(secret["data"]["tls.crt"])), key)


def sign(spec: Object, signer: Pair | None) -> Pair:
    """A certificate as a Certificate's spec asks for it, by a CA or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    common = spec.get("commonName")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)] if common else [])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.certificate.subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=bool(spec.get("isCA")), path_length=None), critical=True)
    )
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in spec.get("dnsNames", [])]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in spec.get("ipAddresses", [])]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=not common)
    purposes = [PURPOSES[usage] for usage in spec.get("usages", []) if usage in PURPOSES]
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return Pair(builder.sign(signer.key if signer else key, hashes.SHA256()), key)


def _ready(cluster: Cluster, target: Object, message: str) -> None:
    metadata = target["metadata"]
    condition = {
        "type": "Ready",
        "status": "True",
        "reason": "Ready" if target["kind"] == "Certificate" else "KeyPairVerified",
        "message": message,
        "lastTransitionTime": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "observedGeneration": metadata["generation"],
    }
    where = ("--namespace", metadata["namespace"]) if "namespace" in metadata else ()
    patch = json.dumps({"status": {"conditions": [condition]}})
    name = f"{target['kind'].lower()}s.cert-manager.io/{metadata['name']}"
    kubectl(cluster, "patch", name, *where, "--subresource=status", "--type=merge", f"--patch={patch}")
