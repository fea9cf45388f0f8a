"""Readiness rows of iam-manager: AWS roles made from objects, with one word for how that went."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Field, Rule

RULES: dict[str, Rule] = {
    "iammanager.keikoproj.io/Iamrole": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.state", "PolicyNotAllowed", "RoleNameNotAvailable", say="status.errorDescription"),),
        retryable=(Field("status.state", "Error", "RolesMaxLimitReached", say="status.errorDescription"),),
        ready=(Field("status.state", "Ready"),),
        source="keikoproj/iam-manager: api/v1alpha1/iamrole_types.go",
    ),
}
