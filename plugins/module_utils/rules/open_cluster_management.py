"""Readiness rows of Open Cluster Management: policies, managed clusters, work, placements and add-ons.

A policy is as compliant as the clusters it is placed on: NonCompliant with remediationAction enforce is worked on, with
inform it stays until a person acts; both are not ready (governance-policy-propagator: api/v1/policy_types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Absent, AnyOf, Condition, Each, Field, Rule
from ..core.readiness.silent import SILENT

_POLICY = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("spec.disabled", True),),
    retryable=(
        Field("status.compliant", "NonCompliant"),
        Field("status.status[].compliant", "NonCompliant"),
    ),
    in_progress=(
        Field("status.compliant", "Pending"),
        Field("status.status[].compliant", "Pending"),
    ),
    ready=(
        Field("status.compliant", "Compliant"),
        AnyOf(Absent("status.status"), Each("status.status", Field("compliant", "Compliant"))),
    ),
    source="open-cluster-management-io/governance-policy-propagator: api/v1/policy_types.go",
)

# One controller a kind: these report compliance per template, there is no list of clusters.
_TEMPLATE = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("spec.disabled", True),),
    retryable=(Field("status.compliant", "NonCompliant"),),
    ready=(Field("status.compliant", "Compliant"),),
    source="open-cluster-management-io/config-policy-controller: api/v1/configurationpolicy_types.go",
)

_APPLIED = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Applied", "False"), Condition("Degraded")),
    in_progress=(Condition("Progressing"),),
    ready=(Condition("Applied"), Condition("Available", optional=True)),
    source="open-cluster-management-io/api: work/v1/types.go, operator/v1/types_clustermanager.go",
)

RULES: dict[str, Rule] = {
    "policy.open-cluster-management.io/*": _TEMPLATE,
    "policy.open-cluster-management.io/Policy": _POLICY,
    "policy.open-cluster-management.io/PolicySet": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.compliant", "NonCompliant", say="status.statusMessage"),),
        ready=(Field("status.compliant", "Compliant"),),
        source="open-cluster-management-io/governance-policy-propagator: api/v1beta1/policyset_types.go",
    ),
    "policy.open-cluster-management.io/PlacementBinding": SILENT,
    "policy.open-cluster-management.io/PolicyAutomation": SILENT,
    "cluster.open-cluster-management.io/ManagedCluster": Rule(
        generation=OBSERVED_IF_SET,
        needs_user=(Condition("HubAcceptedManagedCluster", "False"), Condition("HubDeniedManagedCluster")),
        retryable=(
            Condition("ManagedClusterConditionAvailable", "False"),
            Condition("ManagedClusterJoined", "False"),
        ),
        ready=(
            Condition("HubAcceptedManagedCluster"),
            Condition("ManagedClusterJoined"),
            Condition("ManagedClusterConditionAvailable"),
        ),
        source="open-cluster-management-io/api: cluster/v1/types.go",
    ),
    "cluster.open-cluster-management.io/Placement": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("PlacementMisconfigured"),),
        retryable=(Condition("PlacementSatisfied", "False"),),
        ready=(Condition("PlacementSatisfied"),),
        source="open-cluster-management-io/api: cluster/v1beta1/types_placement.go",
    ),
    "cluster.open-cluster-management.io/ManagedClusterSetBinding": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Bound", "False"),),
        ready=(Condition("Bound"),),
        source="open-cluster-management-io/api: cluster/v1beta2/types_managedclustersetbinding.go",
    ),
    "work.open-cluster-management.io/*": _APPLIED,
    "operator.open-cluster-management.io/ClusterManager": _APPLIED,
    "operator.open-cluster-management.io/Klusterlet": _APPLIED,
    "operator.open-cluster-management.io/MultiClusterHub": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("status.phase", "Paused"),),
        retryable=(Field("status.phase", "Error"),),
        ready=(Field("status.phase", "Running"),),
        source="stolostron/multiclusterhub-operator: api/v1/multiclusterhub_types.go",
    ),
    "multicluster.openshift.io/MultiClusterEngine": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("status.phase", "Paused"),),
        retryable=(Field("status.phase", "Error"),),
        ready=(Field("status.phase", "Available"),),
        source="stolostron/backplane-operator: api/v1/multiclusterengine_types.go",
    ),
    "addon.open-cluster-management.io/ManagedClusterAddOn": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Available", "False"), Condition("Degraded"), Condition("ManifestApplied", "False")),
        ready=(Condition("Available"),),
        source="open-cluster-management-io/api: addon/v1alpha1/types_managedclusteraddon.go",
    ),
}
