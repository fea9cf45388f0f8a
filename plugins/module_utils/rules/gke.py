"""Readiness rows of Google Kubernetes Engine's own kinds."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Condition, Each, Field, Rule, Some
from ..core.readiness.silent import SILENT

_POLICY = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(
        Condition("Attached", "False"),
        Some("status.ancestors", Condition("Accepted", "False", at="conditions")),
    ),
    ready=(Condition("Attached"),),
    source="Google Kubernetes Engine Gateway API policies: status of GCPBackendPolicy",
)

RULES: dict[str, Rule] = {
    "networking.gke.io/ManagedCertificate": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.certificateStatus", "ProvisioningFailedPermanently"),),
        retryable=(
            Field("status.certificateStatus", "*Failed"),
            Some("status.domainStatus", Field("status", "Failed*")),
        ),
        ready=(
            Field("status.certificateStatus", "Active"),
            Each("status.domainStatus", Field("status", "Active"), at_least=0),
        ),
        source="GoogleCloudPlatform/gke-managed-certs: pkg/apis/networking.gke.io/v1/types.go",
    ),
    "networking.gke.io/FrontendConfig": SILENT,
    "cloud.google.com/BackendConfig": SILENT,
    "networking.gke.io/GCPBackendPolicy": _POLICY,
    "networking.gke.io/GCPGatewayPolicy": _POLICY,
    "networking.gke.io/HealthCheckPolicy": _POLICY,
    "net.gke.io/ServiceExport": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Exported", "False"),),
        ready=(Condition("Exported"),),
        source="Google Kubernetes Engine multi-cluster services: ServiceExport",
    ),
}
