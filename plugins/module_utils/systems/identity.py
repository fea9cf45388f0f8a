"""Identity by the Keycloak operator: the rows that say when its objects are ready. Pure."""

from __future__ import annotations

from ..core.readiness.rule import NOT_TRACKED, OBSERVED, OBSERVED_IF_SET, Condition, Not, Rule

_CLIENT = Rule(
    generation=OBSERVED,
    retryable=(Condition("HasErrors"),),
    ready=(Condition("HasErrors", "False"),),
    source="keycloak: operator KeycloakClientBaseController.java (KeycloakClientStatusAggregator)",
)

RULES: dict[str, Rule] = {
    "k8s.keycloak.org/Keycloak": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("HasErrors"),),
        in_progress=(Condition("RollingUpdate"),),
        ready=(Condition("Ready"), Not(Condition("HasErrors"))),
        # A warning is told in this message while its status stays False.
        warnings=(Condition("HasErrors", "*", message="*warning: *"),),
        pods="app=keycloak,app.kubernetes.io/instance={name}",
        source="keycloak: operator crds/v2beta1/deployment/KeycloakStatusAggregator.java",
    ),
    "k8s.keycloak.org/KeycloakRealmImport": Rule(
        generation=NOT_TRACKED,
        retryable=(Condition("HasErrors"),),
        in_progress=(Condition("Started"),),
        ready=(Condition("Done"),),
        pods="batch.kubernetes.io/job-name={name}",
        source="keycloak: operator crds/v2beta1/realmimport/KeycloakRealmImportStatusBuilder.java",
    ),
    "k8s.keycloak.org/KeycloakOIDCClient": _CLIENT,
    "k8s.keycloak.org/KeycloakSAMLClient": _CLIENT,
}
