"""Certificates by cert-manager: the rows that say when its objects are ready. Pure."""

from __future__ import annotations

from ..core.readiness import CONDITIONS, FINAL, AllOf, Condition, Field, Not, Rule

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
_ACME = Rule(
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
        (("acme.cert-manager.io", "certmanager.k8s.io"), {"Order": _ACME, "Challenge": _ACME}),
    )
    for group in groups
    for kind, rule in kinds.items()
}
