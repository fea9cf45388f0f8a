"""Readiness rows of Gardener: shoots, seeds, and the extension objects that its controllers pass on.

lastOperation tells the last reconcile, conditions tell health since; a condition has a fourth status, Progressing:
broken, but not yet for long enough to say so (gardener/gardener: pkg/apis/core/v1beta1/types_common.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Annotation, AnyOf, Condition, Field, Not, Rule, Some
from ..core.readiness.silent import SILENT

_OPERATION = (
    Field("status.lastOperation.state", "Failed", say="status.lastOperation.description"),
    Field("status.lastOperation.state", "Error", "Aborted", say="status.lastOperation.description"),
)
_CONDITION = Some("status.conditions", Field("status", "False", say="message"))
_ALL_TRUE = Not(Some("status.conditions", Field("status", "False", "Unknown", "Progressing", say="message")))

_OBJECT = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Annotation("gardener.cloud/ignore", "true"),),
    terminal=_OPERATION[:1],
    retryable=(*_OPERATION[1:], _CONDITION),
    ready=(
        Field("status.lastOperation.state", "Succeeded", say="status.lastOperation.description"),
        _ALL_TRUE,
    ),
    source="gardener/gardener: pkg/apis/core/v1beta1/types_common.go LastOperationState*",
)

RULES: dict[str, Rule] = {
    "core.gardener.cloud/Shoot": Rule(
        generation=OBSERVED_IF_SET,
        paused=(
            Annotation("shoot.gardener.cloud/ignore", "true"),
            Field("status.hibernated", True),
        ),
        asked=(Field("spec.hibernation.enabled", True),),
        terminal=_OPERATION[:1],
        retryable=(*_OPERATION[1:], _CONDITION),
        ready=(
            Field("status.lastOperation.state", "Succeeded", say="status.lastOperation.description"),
            Not(Field("status.lastErrors[].description")),
            Condition("APIServerAvailable"),
            Condition("ControlPlaneHealthy"),
            _ALL_TRUE,
        ),
        source="gardener/gardener: pkg/apis/core/v1beta1/types_shoot.go",
    ),
    "core.gardener.cloud/Seed": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(_CONDITION,),
        ready=(
            Condition("GardenletReady"),
            _ALL_TRUE,
        ),
        source="gardener/gardener: pkg/apis/core/v1beta1/types_seed.go",
    ),
    "core.gardener.cloud/BackupBucket": _OBJECT,
    "core.gardener.cloud/BackupEntry": _OBJECT,
    "core.gardener.cloud/ControllerInstallation": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Valid", "False"), Condition("Healthy", "False")),
        in_progress=(Condition("Progressing"),),
        ready=(Condition("Installed"), Condition("Healthy")),
        source="gardener/gardener: pkg/apis/core/v1beta1/types_controllerinstallation.go",
    ),
    "core.gardener.cloud/*": SILENT,
    "extensions.gardener.cloud/*": _OBJECT,
    "operator.gardener.cloud/Garden": _OBJECT,
    "operator.gardener.cloud/Extension": _OBJECT,
    "seedmanagement.gardener.cloud/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(_CONDITION,),
        ready=(AnyOf(Condition("SeedRegistered"), Condition("GardenletReconciled")), _ALL_TRUE),
        source="gardener/gardener: pkg/apis/seedmanagement/v1alpha1/types_managedseed.go",
    ),
    "resources.gardener.cloud/ManagedResource": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Annotation("resources.gardener.cloud/ignore", "true"),),
        retryable=(Condition("ResourcesApplied", "False"), Condition("ResourcesHealthy", "False")),
        in_progress=(Condition("ResourcesProgressing"),),
        ready=(Condition("ResourcesApplied"), Condition("ResourcesHealthy")),
        source="gardener/gardener: pkg/apis/resources/v1alpha1/types_managedresource.go",
    ),
    "druid.gardener.cloud/Etcd": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Annotation("druid.gardener.cloud/suspend-etcd-spec-reconcile"),),
        terminal=(Field("status.lastOperation.state", "Error", say="status.lastOperation.description"),),
        ready=(Field("status.ready", True), Condition("AllMembersReady"), Condition("Ready")),
        source="gardener/etcd-druid: api/core/v1alpha1/etcd.go",
    ),
}
