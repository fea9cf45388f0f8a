"""Readiness rows of Rancher's tools: Fleet, K3s' Helm charts, system upgrades, provisioned clusters.

Wrangler's conditions give the reason of a trouble in the same condition, with status False or Unknown
(rancher/wrangler: pkg/genericcondition).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, AnyOf, Compare, Condition, Field, Not, Rule

_FLEET = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("spec.paused", True),),
    terminal=(Condition("Accepted", "False"), Condition("Stalled")),
    retryable=(
        Field("status.display.state", "ErrApplied", say="status.display.message"),
        Field("status.display.error", True, say="status.display.message"),
        Compare("status.summary.errApplied", ">", 0, say="{left} bundles in error"),
    ),
    ready=(
        Condition("Ready"),
        Compare("status.summary.ready", ">=", "status.summary.desiredReady", default=0),
    ),
    source="rancher/fleet: pkg/apis/fleet.cattle.io/v1alpha1/{gitrepo,bundle,cluster}_types.go",
)

RULES: dict[str, Rule] = {
    "fleet.cattle.io/GitRepo": _FLEET,
    "fleet.cattle.io/HelmOp": _FLEET,
    "fleet.cattle.io/Bundle": _FLEET,
    "fleet.cattle.io/ClusterGroup": _FLEET,
    "fleet.cattle.io/Cluster": _FLEET,
    "fleet.cattle.io/BundleDeployment": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True),),
        retryable=(Condition("Installed", "False"), Condition("Deployed", "False")),
        ready=(Condition("Deployed"), Condition("Ready"), Field("status.ready", True)),
        source="rancher/fleet: pkg/apis/fleet.cattle.io/v1alpha1/bundledeployment_types.go",
    ),
    "helm.cattle.io/HelmChart": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Failed"),),
        ready=(AnyOf(Condition("JobCreated"), Field("status.jobName")),),
        source="k3s-io/helm-controller: pkg/apis/helm.cattle.io/v1/types.go",
    ),
    "upgrade.cattle.io/Plan": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("Validated", "False"),),
        retryable=(Condition("LatestResolved", "False"), Condition("Complete", "False", reason="JobFailed")),
        ready=(Condition("LatestResolved"), Condition("Complete"), Not(Field("status.applying[]"))),
        source="rancher/system-upgrade-controller: pkg/apis/upgrade.cattle.io/v1/types.go",
    ),
    "provisioning.cattle.io/Cluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Reconciling", "False", reason="Error"),),
        ready=(Field("status.ready", True), Condition("Ready", optional=True)),
        source="rancher/rancher: pkg/apis/provisioning.cattle.io/v1/cluster.go",
    ),
}
