"""Readiness rows of Crossplane: packages, compositions, composites, and the resources that providers manage.

Managed resources, claims and composites follow one convention: Synced tells whether the last reconcile worked, Ready
whether the thing exists and can be used (crossplane/crossplane-runtime: apis/common/v1/condition.go). Upjet providers
add LastAsyncOperation for what the cloud said later (crossplane/upjet: pkg/controller/conditions.go).
"""

from __future__ import annotations

from ..core.readiness.rule import (
    OBSERVED_IF_SET,
    AllOf,
    Annotation,
    AnyOf,
    Condition,
    Field,
    Not,
    Rule,
)
from ..core.readiness.silent import SILENT

_PAUSED = (Annotation("crossplane.io/paused", "true"), Condition("Synced", "False", reason="ReconcilePaused"))

_MANAGED = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    retryable=(Condition("Synced", "False"), Condition("LastAsyncOperation", "False")),
    in_progress=(Condition("AsyncOperation", "False", reason="Ongoing"),),
    ready=(Condition("Synced"), Condition("Ready")),
    source="crossplane/crossplane-runtime: apis/common/v1/condition.go",
)

# Installed is False for good only with a broken package; while it unpacks both are False or Unknown.
_PACKAGE = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    needs_user=(
        AllOf(
            Field("spec.revisionActivationPolicy", "Manual"),
            Condition("Installed", "False", reason="InactivePackageRevision"),
        ),
    ),
    retryable=(
        Condition("Healthy", "False", reason="UnhealthyPackageRevision"),
        Condition("Installed", "False", but_reason=("InactivePackageRevision", "UnpackingPackage")),
    ),
    ready=(Condition("Installed"), Condition("Healthy")),
    source="crossplane/crossplane: apis/pkg/v1/conditions.go",
)

_REVISION = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    retryable=(
        Condition("Healthy", "False"),
        Condition("RevisionHealthy", "False"),
        Condition("RuntimeHealthy", "False"),
    ),
    ready=(
        AnyOf(Condition("Healthy"), Condition("RevisionHealthy")),
        Condition("RuntimeHealthy", optional=True),
    ),
    source="crossplane/crossplane: apis/pkg/v1/conditions.go",
)

_USAGE = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    ready=(Condition("Ready"),),
    source="crossplane/crossplane: apis/protection/v1beta1/conditions.go",
)

RULES: dict[str, Rule] = {
    "*.crossplane.io/*": _MANAGED,
    "*.upbound.io/*": _MANAGED,
    "*.crossplane.io/*ProviderConfig": SILENT,
    "*.upbound.io/*ProviderConfig": SILENT,
    "*.crossplane.io/*ProviderConfigUsage": SILENT,
    "*.upbound.io/*ProviderConfigUsage": SILENT,
    "*.crossplane.io/StoreConfig": SILENT,
    "*.upbound.io/StoreConfig": SILENT,
    "pkg.crossplane.io/Provider": _PACKAGE,
    "pkg.crossplane.io/Configuration": _PACKAGE,
    "pkg.crossplane.io/Function": _PACKAGE,
    "pkg.crossplane.io/ProviderRevision": _REVISION,
    "pkg.crossplane.io/ConfigurationRevision": _REVISION,
    "pkg.crossplane.io/FunctionRevision": _REVISION,
    "pkg.crossplane.io/Lock": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Resolved", "False"),),
        ready=(Condition("Resolved", optional=True), *SILENT.ready),
        source="crossplane/crossplane: apis/pkg/v1beta1/lock.go",
    ),
    "pkg.crossplane.io/DeploymentRuntimeConfig": SILENT,
    "pkg.crossplane.io/ControllerConfig": SILENT,
    "pkg.crossplane.io/ImageConfig": SILENT,
    "apiextensions.crossplane.io/CompositeResourceDefinition": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        ready=(Condition("Established"), Condition("Offered", optional=True)),
        source="crossplane/crossplane: apis/apiextensions/v1/conditions.go",
    ),
    "apiextensions.crossplane.io/Composition": SILENT,
    "apiextensions.crossplane.io/EnvironmentConfig": SILENT,
    "apiextensions.crossplane.io/CompositionRevision": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("ValidPipeline", "False"),),
        ready=(Condition("ValidPipeline", optional=True), *SILENT.ready),
        source="crossplane/crossplane: apis/apiextensions/v1/conditions.go",
    ),
    "apiextensions.crossplane.io/ManagedResourceDefinition": Rule(
        generation=OBSERVED_IF_SET,
        paused=(*_PAUSED, Condition("Established", "False", reason="InactiveManagedResource")),
        ready=(Condition("Established"),),
        source="crossplane/crossplane: apis/apiextensions/v1alpha1/conditions.go",
    ),
    "apiextensions.crossplane.io/ManagedResourceActivationPolicy": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        retryable=(Condition("Healthy", "False"),),
        ready=(Condition("Healthy"),),
        source="crossplane/crossplane: apis/apiextensions/v1alpha1/conditions.go",
    ),
    "apiextensions.crossplane.io/Usage": _USAGE,
    "protection.crossplane.io/*": _USAGE,
    "ops.crossplane.io/Operation": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        terminal=(Condition("Succeeded", "False", reason="PipelineError"),),
        ready=(Condition("Succeeded"),),
        source="crossplane/crossplane: apis/ops/v1alpha1/conditions.go",
    ),
    "ops.crossplane.io/CronOperation": Rule(
        generation=OBSERVED_IF_SET,
        paused=(*_PAUSED, Condition("Scheduling", "False", reason="SchedulePaused")),
        terminal=(Condition("Scheduling", "False", reason="ScheduleInvalid"),),
        ready=(Condition("Scheduling"),),
        source="crossplane/crossplane: apis/ops/v1alpha1/conditions.go",
    ),
    "ops.crossplane.io/WatchOperation": Rule(
        generation=OBSERVED_IF_SET,
        paused=(*_PAUSED, Condition("Watching", "False", reason="WatchPaused")),
        retryable=(Condition("Watching", "False"),),
        ready=(Condition("Watching"),),
        source="crossplane/crossplane: apis/ops/v1alpha1/conditions.go",
    ),
    # The package manager before Crossplane 1.0 kept its conditions one level down.
    "stacks.crossplane.io/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Synced", "False", at="status.conditionedStatus.conditions"),),
        ready=(
            Condition("Ready", at="status.conditionedStatus.conditions"),
            Not(Condition("Synced", ("False", "Unknown"), at="status.conditionedStatus.conditions")),
        ),
        source="crossplane/crossplane v0.10: apis/stacks/v1alpha1/types.go",
    ),
}
