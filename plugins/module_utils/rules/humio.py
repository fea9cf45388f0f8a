"""Readiness rows of the Humio (LogScale) operator: a word in status.state, the same few for every kind.

NotFound means the object was not found in Humio, and will be made (humio/humio-operator: api/v1alpha1/*_types.go).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Field, Rule

RULES: dict[str, Rule] = {
    "core.humio.com/*": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.state", "ConfigError", say="status.message"),),
        retryable=(Field("status.state", "FailedInstall", "PartialInstall", "Error", say="status.message"),),
        ready=(Field("status.state", "Exists", "Installed", "Active", "Ready", "Running", "Enabled", "Collecting"),),
        source="humio/humio-operator: api/v1alpha1/humioaction_types.go:26-32",
    ),
    "core.humio.com/HumioCluster": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.state", "ConfigError", say="status.message"),),
        ready=(Field("status.state", "Running", say="status.message"),),
        pods="app.kubernetes.io/instance={name}",
        source="humio/humio-operator: api/v1alpha1/humiocluster_types.go:29-37",
    ),
}
