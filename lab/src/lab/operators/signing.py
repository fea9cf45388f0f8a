"""Keys and certificates as a Certificate's spec (cert-manager.io/v1) asks for them."""

from __future__ import annotations

import datetime
import ipaddress
import re
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
Object = dict[str, Any]

LIFE = datetime.timedelta(days=90)  # cert-manager's own defaults: pkg/apis/certmanager/v1/const.go
USAGES = ["digital signature", "key encipherment"]
PURPOSES = {
    "server auth": ExtendedKeyUsageOID.SERVER_AUTH,
    "client auth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "code signing": ExtendedKeyUsageOID.CODE_SIGNING,
    "email protection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
}
KEY_USAGES = {  # usage -> as the library calls it
    "signing": "digital_signature",
    "digital signature": "digital_signature",
    "content commitment": "content_commitment",
    "key encipherment": "key_encipherment",
    "data encipherment": "data_encipherment",
    "key agreement": "key_agreement",
    "cert sign": "key_cert_sign",
    "crl sign": "crl_sign",
}
CURVES: dict[int, ec.EllipticCurve] = {256: ec.SECP256R1(), 384: ec.SECP384R1(), 521: ec.SECP521R1()}
UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
NAMES = {"organizations": NameOID.ORGANIZATION_NAME, "organizationalUnits": NameOID.ORGANIZATIONAL_UNIT_NAME}


@dataclass(frozen=True)
class Pair:
    """A certificate, its key, and the certificates between it and a root."""

    certificate: x509.Certificate
    key: Key
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> bytes:
        """The certificate and its chain."""
        return b"".join(pem(each) for each in (self.certificate, *self.chain))

    @property
    def is_root(self) -> bool:
        return self.certificate.issuer == self.certificate.subject


def pem(certificate: x509.Certificate) -> bytes:
    """One certificate."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: Key, encoding: str = "PKCS1") -> bytes:
    """A private key; `encoding` is a Certificate's `privateKey.encoding`."""
    traditional = encoding == "PKCS1" and not isinstance(key, ed25519.Ed25519PrivateKey)
    form = serialization.PrivateFormat.TraditionalOpenSSL if traditional else serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def load(certificates: bytes, key: bytes) -> Pair:
    """A pair out of `tls.crt` and `tls.key`. Raises ValueError when they are none."""
    first, *chain = x509.load_pem_x509_certificates(certificates)
    loaded = serialization.load_pem_private_key(key, None)
    if not isinstance(loaded, Key):
        raise ValueError("a key of a kind that signs no certificates")
    return Pair(first, loaded, tuple(chain))


def sign(spec: Object, signer: Pair | None = None) -> Pair:
    """A certificate as a spec asks for it, by a CA or by itself."""
    key = _key(spec.get("privateKey", {}))
    subject = _subject(spec)
    now = datetime.datetime.now(datetime.UTC)
    usages = set(spec.get("usages") or USAGES) | ({"cert sign"} if spec.get("isCA") else set())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer.certificate.subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + _life(spec))
        .add_extension(x509.BasicConstraints(ca=bool(spec.get("isCA")), path_length=None), critical=True)
        .add_extension(_key_usage(usages), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if signer:
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
        builder = builder.add_extension(above, critical=False)
    names = _names(spec)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=not list(subject))
    purposes = [oid for usage, oid in PURPOSES.items() if usage in usages]
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    signing = signer.key if signer else key
    certificate = builder.sign(signing, None if isinstance(signing, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    chain = (signer.certificate, *signer.chain) if signer and not signer.is_root else ()
    return Pair(certificate, key, chain)


def _key(asked: Object) -> Key:
    algorithm, size = asked.get("algorithm", "RSA"), asked.get("size")
    if algorithm == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == "ECDSA":
        return ec.generate_private_key(CURVES[size or 256])
    return rsa.generate_private_key(public_exponent=65537, key_size=size or 2048)


def _subject(spec: Object) -> x509.Name:
    common = spec.get("commonName")
    found = [x509.NameAttribute(NameOID.COMMON_NAME, common)] if common else []
    for field, oid in NAMES.items():
        found += [x509.NameAttribute(oid, each) for each in spec.get("subject", {}).get(field, [])]
    return x509.Name(found)


def _names(spec: Object) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in spec.get("dnsNames", [])]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in spec.get("ipAddresses", [])]
    names += [x509.UniformResourceIdentifier(uri) for uri in spec.get("uris", [])]
    return names + [x509.RFC822Name(address) for address in spec.get("emailAddresses", [])]


def _life(spec: Object) -> datetime.timedelta:
    return duration(spec["duration"]) if "duration" in spec else LIFE


def duration(text: str) -> datetime.timedelta:
    """A duration as Go writes it: 2160h, 1h30m0s."""
    return datetime.timedelta(seconds=sum(float(n) * UNITS[u] for n, u in re.findall(r"([\d.]+)([hms])", text)))


def _key_usage(usages: set[str]) -> x509.KeyUsage:
    wanted = {KEY_USAGES[usage] for usage in usages if usage in KEY_USAGES}
    every = {*KEY_USAGES.values(), "encipher_only", "decipher_only"}
    return x509.KeyUsage(**{name: name in wanted for name in every})
