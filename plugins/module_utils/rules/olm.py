"""Readiness rows of the Operator Lifecycle Manager, both generations.

A Subscription sums up in status.state; what stands in its way are conditions whose True is bad (operator-framework/api:
pkg/operators/v1alpha1/subscription_types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, AllOf, AnyOf, Condition, Field, Not, Rule
from ..core.readiness.silent import SILENT

_APPROVAL = AllOf(Condition("InstallPlanPending", reason="RequiresApproval"), Not(Condition("BundleUnpacking")))

RULES: dict[str, Rule] = {
    "operators.coreos.com/Subscription": Rule(
        generation=OBSERVED_IF_SET,
        needs_user=(AllOf(_APPROVAL, Not(Field("status.installedCSV"))),),
        retryable=(
            Condition("CatalogSourcesUnhealthy"),
            Condition("ResolutionFailed"),
            Condition("InstallPlanFailed"),
            Condition("BundleUnpackFailed"),
            Field("status.state", "UpgradeFailed"),
        ),
        in_progress=(Condition("BundleUnpacking"),),
        # With manual approval the installed version goes on working while a newer one waits.
        ready=(
            Field("status.installedCSV"),
            AnyOf(
                AllOf(Field("status.state", "AtLatestKnown"), Not(Condition("InstallPlanPending"))),
                AllOf(
                    Field("status.state", "UpgradePending", "UpgradeAvailable"),
                    Field("spec.installPlanApproval", "Manual"),
                    _APPROVAL,
                ),
            ),
        ),
        warnings=(_APPROVAL,),
        source="operator-framework/api: pkg/operators/v1alpha1/subscription_types.go",
    ),
    "operators.coreos.com/InstallPlan": Rule(
        generation=FINAL,
        needs_user=(Field("status.phase", "RequiresApproval"),),
        terminal=(Field("status.phase", "Failed", say="status.message"),),
        ready=(Field("status.phase", "Complete"),),
        source="operator-framework/api: pkg/operators/v1alpha1/installplan_types.go",
    ),
    "operators.coreos.com/ClusterServiceVersion": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.phase", "Failed", say="status.message"),),
        ready=(Field("status.phase", "Succeeded"),),
        source="operator-framework/api: pkg/operators/v1alpha1/clusterserviceversion_types.go",
    ),
    "operators.coreos.com/CatalogSource": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.reason", "SpecInvalidError", "InvalidIntervalError", say="status.message"),),
        retryable=(
            Field("status.reason", "RegistryServerError", "ConfigMapError", say="status.message"),
            Field("status.connectionState.lastObservedState", "TRANSIENT_FAILURE"),
        ),
        ready=(Field("status.connectionState.lastObservedState", "READY"),),
        source="operator-framework/api: pkg/operators/v1alpha1/catalogsource_types.go",
    ),
    "operators.coreos.com/OperatorGroup": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("MultipleOperatorGroup"),),
        retryable=(Condition("OperatorGroupServiceAccount"),),
        ready=(Field("status.lastUpdated"),),
        source="operator-framework/api: pkg/operators/v1/operatorgroup_types.go",
    ),
    "operators.coreos.com/OperatorCondition": SILENT,
    "operators.coreos.com/OLMConfig": SILENT,
    "operators.coreos.com/Operator": SILENT,
    "olm.operatorframework.io/ClusterExtension": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("Progressing", "False", reason="Blocked"),),
        retryable=(
            Condition("Installed", "False", reason="Failed"),
            Condition("Progressing", reason="Retrying"),
        ),
        ready=(Condition("Installed"), Condition("Progressing", reason="Succeeded")),
        warnings=(Condition("Deprecated"),),
        source="operator-framework/operator-controller: api/v1/clusterextension_types.go",
    ),
    "olm.operatorframework.io/ClusterCatalog": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.availabilityMode", "Unavailable"),),
        terminal=(Condition("Progressing", "False", reason="Blocked"),),
        retryable=(AllOf(Condition("Progressing", reason="Retrying"), Condition("Serving", "False")),),
        ready=(Condition("Serving"),),
        source="operator-framework/operator-controller: api/v1/clustercatalog_types.go",
    ),
}
