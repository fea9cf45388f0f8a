"""Readiness rows of 3scale: the API manager and the capabilities it offers as objects.

Each kind has conditions of one meaning: Invalid (only a change of the spec helps), Failed and Orphan (tried again),
Ready or Synced (done), Waiting (a person approves) (3scale/3scale-operator: apis/capabilities/v1beta1).
"""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, AnyOf, Condition, Field, Not, Rule

_CAPABILITY = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("status.developerUserState", "suspended"), Field("status.state", "suspended")),
    asked=(Field("spec.suspended", True), Field("spec.suspend", True)),
    needs_user=(
        Condition("Waiting"),
        Field("status.developerUserState", "pending"),
        Field("status.accountState", "pending"),
    ),
    terminal=(Condition("Invalid"),),
    retryable=(Condition("Failed"), Condition("Orphan"), Condition("Ready", "False")),
    in_progress=(Condition("In-progress"),),
    ready=(AnyOf(Condition("Ready"), Condition("Synced")), Not(Condition("Synced", "False"))),
    source="3scale/3scale-operator: apis/capabilities/v1beta1/{activedoc,developeraccount,product,backend}_types.go",
)

# Its only condition starts as False: no failure until it says why.
_QUIET = Rule(
    generation=OBSERVED_IF_SET,
    needs_user=_CAPABILITY.needs_user,
    paused=_CAPABILITY.paused,
    asked=_CAPABILITY.asked,
    terminal=_CAPABILITY.terminal,
    retryable=(Condition("Failed"), Condition("Orphan"), Condition("Ready", "False", message="?*")),
    in_progress=_CAPABILITY.in_progress,
    ready=_CAPABILITY.ready,
    source=_CAPABILITY.source,
)

RULES: dict[str, Rule] = {
    "capabilities.3scale.net/*": _QUIET,
    "capabilities.3scale.net/Tenant": _CAPABILITY,
    "capabilities.3scale.net/ProxyConfigPromote": Rule(
        generation=FINAL,
        retryable=(Condition("Failed"),),
        in_progress=(Condition("In-progress"),),
        ready=(Condition("Ready"),),
        source="3scale/3scale-operator: apis/capabilities/v1beta1/proxyconfigpromote_types.go:33",
    ),
    "apps.3scale.net/APIManager": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Preflights", "False"),),
        ready=(Condition("Available"),),
        source="3scale/3scale-operator: apis/apps/v1alpha1/apimanager_types.go:152",
    ),
}
