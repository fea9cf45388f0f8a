"""Readiness rows of the PostgreSQL operators that we do not render: Crunchy, Zalando, StackGres, and small ones."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Compare, Condition, Each, Field, Rule

RULES: dict[str, Rule] = {
    # Each instance set counts for itself; there is no sum.
    "postgres-operator.crunchydata.com/PostgresCluster": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True), Field("spec.shutdown", True)),
        retryable=(Condition("Progressing", "False", reason="Invalid*"), Condition("PersistentVolumeResizeError")),
        in_progress=(Condition("PersistentVolumeResizing"),),
        ready=(
            Each(
                "status.instances",
                Compare("readyReplicas", ">=", "replicas", default=1),
                Compare("updatedReplicas", ">=", "replicas", default=1),
            ),
            Compare("#status.instances", ">=", "#spec.instances", default=1),
            Condition("PGBackRestRepoHostReady", optional=True),
            Condition("PGBackRestReplicaRepoReady", optional=True),
            Condition("ProxyAvailable", optional=True),
        ),
        pods="postgres-operator.crunchydata.com/cluster={name}",
        source="CrunchyData/postgres-operator: pkg/apis/.../v1beta1/postgrescluster_types.go",
    ),
    "postgres-operator.crunchydata.com/PGUpgrade": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Succeeded", "False"),),
        ready=(Condition("Succeeded"),),
        source="CrunchyData/postgres-operator: pkg/apis/.../v1beta1/pgupgrade_types.go",
    ),
    "acid.zalan.do/postgresql": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.PostgresClusterStatus", "Invalid"),),
        retryable=(Field("status.PostgresClusterStatus", "*Failed"),),
        ready=(Field("status.PostgresClusterStatus", "Running"),),
        pods="cluster-name={name}",
        source="zalando/postgres-operator: pkg/apis/acid.zalan.do/v1/const.go",
    ),
    "stackgres.io/SGCluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Failed"),),
        in_progress=(Condition("PendingRestart"), Condition("PendingUpgrade")),
        ready=(Condition("Bootstrapped"),),
        pods="stackgres.io/cluster-name={name}",
        source="ongres/stackgres: stackgres-k8s/src/common/.../ClusterStatusCondition.java",
    ),
    "db.movetokube.com/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.succeeded", False),),
        ready=(Field("status.succeeded", True),),
        source="movetokube/postgres-operator: api/v1alpha1/postgres_types.go",
    ),
}
