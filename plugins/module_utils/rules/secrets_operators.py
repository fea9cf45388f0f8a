"""Readiness rows of operators that make Secrets: Sealed Secrets, 1Password, Bitwarden, Doppler, Infisical, SOPS."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Field, Rule

RULES: dict[str, Rule] = {
    "bitnami.com/SealedSecret": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Synced", "False"),),
        ready=(Condition("Synced"),),
        source="bitnami-labs/sealed-secrets: pkg/apis/sealedsecrets/v1alpha1/types.go",
    ),
    "onepassword.com/OnePasswordItem": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Ready", "False"),),
        ready=(Condition("Ready"),),
        source="1Password/onepassword-operator: api/v1/onepassworditem_types.go",
    ),
    "k8s.bitwarden.com/BitwardenSecret": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("FailedSync"),),
        ready=(Condition("SuccessfulSync"),),
        source="bitwarden/sm-kubernetes: api/v1/bitwardensecret_types.go",
    ),
    "secrets.doppler.com/DopplerSecret": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("secrets.doppler.com/SecretSyncReady", "False"),),
        ready=(Condition("secrets.doppler.com/SecretSyncReady"),),
        source="DopplerHQ/kubernetes-operator: controllers/dopplersecret_controller.go",
    ),
    "secrets.infisical.com/InfisicalSecret": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("secrets.infisical.com/ReadyToSyncSecrets", "False"),),
        ready=(Condition("secrets.infisical.com/ReadyToSyncSecrets"),),
        source="Infisical/infisical: k8-operator/controllers/infisicalsecret/conditions.go",
    ),
    "isindir.github.com/SopsSecret": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.suspend", True),),
        retryable=(Field("status.message", "*rror*", "*ailed*"),),
        ready=(Field("status.message", "Healthy"),),
        source="isindir/sops-secrets-operator: internal/controllers/sopssecret_controller.go",
    ),
    "vault.banzaicloud.com/Vault": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Healthy", "False"),),
        ready=(Condition("Healthy"), Field("status.leader")),
        source="bank-vaults/vault-operator: pkg/apis/vault/v1alpha1/vault_types.go",
    ),
}
