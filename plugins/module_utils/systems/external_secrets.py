"""Secrets by External Secrets and by Vault's operator: the rows that say when their objects are ready. Pure."""

from __future__ import annotations

from ..core import footprint as fp
from ..core.api.objects import Object, get
from ..core.footprint import Footprint
from ..core.readiness.rule import (
    CONDITIONS,
    NOT_TRACKED,
    STORED,
    AllOf,
    AnyOf,
    Condition,
    Field,
    Generation,
    Not,
    Rule,
    observed_at,
)

# "<generation>-<hash of labels and annotations>", written after success only (pkg/controllers/util/util.go:29).
# A secret that is made once, or never refreshed, is not looked at again: there the number stands still.
_SYNCED = Generation(
    "D",
    "status.syncedResourceVersion",
    prefix=True,
    unless=AnyOf(Field("spec.refreshPolicy", "CreatedOnce"), Field("spec.refreshInterval", "0", "0s", "0m*", "0h*")),
)
_GONE = ("SecretDeleted", "SecretMissing", "ResourceDeleted", "ResourceMissing")
_STORE = Rule(
    generation=NOT_TRACKED,
    terminal=(Condition("Ready", "False", reason="InvalidStoreConfiguration"),),
    retryable=(Condition("Ready", "False"),),
    ready=(Condition("Ready"),),
    warnings=(Condition("Ready", reason="ValidationUnknown"),),
    source="external-secrets: pkg/controllers/secretstore/common.go:175",
    note="InvalidProviderConfig is also what a provider that cannot be reached gives.",
)
_SPREAD = Rule(
    generation=NOT_TRACKED,
    retryable=(
        Condition("NotReady", last=True),
        Condition("PartiallyReady", last=True),
        Condition("Ready", "False", last=True),
    ),
    ready=(Condition("Ready", last=True),),
    source="external-secrets: pkg/controllers/clusterexternalsecret/util.go:29",
    note="Older versions append conditions: the last one counts.",
)
_SECRET = Rule(
    generation=observed_at("status.lastGeneration"),
    retryable=(Condition("SecretSynced", "False"), Condition("Healthy", "False"), Condition("Ready", "False")),
    # Versions before 0.10 write the number alone, after success.
    ready=tuple(Condition(c, optional=True) for c in ("SecretSynced", "Healthy", "Ready")),
    warnings=(Condition("RolloutRestart", "False"),),
    source="vault-secrets-operator: controllers/common.go:279, controllers/vaultstaticsecret_controller.go:316",
)
# Its conditions carry the generation that the bare field does not.
_INVALID = AllOf(Field("status.valid", False, say="status.error"), Condition("Ready", "*", optional=True))
_REFERENCE = Rule(
    generation=CONDITIONS,
    retryable=(_INVALID, Condition("Ready", "False")),
    ready=(Field("status.valid", True, say="status.error"), Condition("Ready", optional=True)),
    source="vault-secrets-operator: controllers/vaultconnection_controller.go:140, vaultauth_controller.go:170",
    note="A Vault that cannot be reached makes its connection invalid; the operator tries again.",
)

RULES: dict[str, Rule] = {
    "external-secrets.io/ExternalSecret": Rule(
        generation=_SYNCED,
        # Ready=True as well, but there is no Secret.
        retryable=(Condition("Ready", "False"), Condition("Ready", reason=_GONE)),
        ready=(Condition("Ready"),),
        source="external-secrets: pkg/controllers/externalsecret/externalsecret_controller.go:449, 523, 765",
    ),
    "external-secrets.io/PushSecret": Rule(
        generation=Generation("D", "status.syncedResourceVersion", prefix=True),
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"),),
        source="external-secrets: pkg/controllers/pushsecret/pushsecret_controller.go:366, 379",
    ),
    "external-secrets.io/SecretStore": _STORE,
    "external-secrets.io/ClusterSecretStore": _STORE,
    "external-secrets.io/ClusterExternalSecret": _SPREAD,
    "external-secrets.io/ClusterPushSecret": _SPREAD,
    "generators.external-secrets.io/*": Rule(generation=STORED, source="external-secrets: no status to wait for"),
    "secrets.hashicorp.com/VaultStaticSecret": _SECRET,
    "secrets.hashicorp.com/VaultDynamicSecret": _SECRET,
    "secrets.hashicorp.com/VaultPKISecret": _SECRET,
    "secrets.hashicorp.com/HCPVaultSecretsApp": Rule(
        generation=observed_at("status.lastGeneration"),
        source="vault-secrets-operator: controllers/hcpvaultsecretsapp_controller.go:289",
        note="Its status is written after a sync only.",
    ),
    "secrets.hashicorp.com/VaultConnection": _REFERENCE,
    "secrets.hashicorp.com/VaultAuth": _REFERENCE,
    "secrets.hashicorp.com/SecretTransformation": _REFERENCE,
    "secrets.hashicorp.com/VaultAuthGlobal": Rule(
        generation=NOT_TRACKED,
        retryable=(AllOf(Field("status.valid", False), Field("status.error")),),
        ready=(Field("status.valid", True, say="status.error"),),
        source="vault-secrets-operator: api/v1beta1/vaultauthglobal_types.go:53",
    ),
    "secrets.hashicorp.com/HCPAuth": Rule(
        generation=NOT_TRACKED,
        retryable=(Field("status.error", say="status.error"),),
        ready=(Field("status.valid", True), Not(Field("status.error"))),
        source="vault-secrets-operator: controllers/hcpauth_controller.go:68",
        note="status.valid is true even when the check failed; status.error tells.",
    ),
    "secrets.hashicorp.com/CSISecrets": Rule(
        generation=STORED, source="vault-secrets-operator: used by pods when they mount it"
    ),
}


def footprint(secret: Object) -> Footprint:
    """The Secret that an ExternalSecret keeps, with those of its keys that are named; none where it adds to one."""
    spec, name = secret.get("spec", {}), get(secret, "metadata", "name")
    target = spec.get("target") or {}
    if target.get("creationPolicy", "Owner") not in ("Owner", "Orphan"):
        return Footprint()
    keys = [str(each.get("secretKey")) for each in spec.get("data") or []]
    keys += list(get(target, "template", "data", default={}))
    type_ = get(target, "template", "type", default="Opaque")
    return Footprint((fp.secret(secret, target.get("name") or name, {}, *dict.fromkeys(keys), type_=type_),))


FOOTPRINTS: dict[str, fp.Function] = {
    "external-secrets.io/ExternalSecret": footprint,
    "external-secrets.io/SecretStore": fp.nothing,
    "external-secrets.io/ClusterSecretStore": fp.nothing,
}
