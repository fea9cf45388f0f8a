"""Readiness rows of Percona's operators (XtraDB, MySQL, MongoDB, PostgreSQL) and their backups and restores.

One word in status.state for the cluster, the same words for each part; observedGeneration beside it, but the parts
may lag (percona/percona-xtradb-cluster-operator: pkg/apis/pxc/v1/pxc_types.go AppState*).
"""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, Compare, Field, Not, Rule

_CLUSTER = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("status.state", "paused"),),
    asked=(Field("spec.pause", True),),
    retryable=(Field("status.state", "error", say="status.message[]"),),
    ready=(
        Field("status.state", "ready"),
        Not(Field("status.replsets[].status", "error", "initializing", "stopping")),
        Compare("status.ready", ">=", "status.size", default=0),
    ),
    pods="app.kubernetes.io/instance={name}",
    source="percona/percona-xtradb-cluster-operator: pkg/apis/pxc/v1/pxc_types.go; percona-server-mongodb-operator",
)

_ONCE = Rule(
    generation=FINAL,
    terminal=(Field("status.state", "Failed", "error", "rejected", "Error", say="status.error"),),
    ready=(Field("status.state", "Succeeded", "ready", "Ready"),),
    source="percona/percona-xtradb-cluster-operator: pkg/apis/pxc/v1/pxc_backup_types.go",
)

RULES: dict[str, Rule] = {
    "pxc.percona.com/PerconaXtraDBCluster": _CLUSTER,
    "psmdb.percona.com/PerconaServerMongoDB": _CLUSTER,
    "ps.percona.com/PerconaServerMySQL": _CLUSTER,
    "pgv2.percona.com/PerconaPGCluster": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("status.state", "paused"),),
        asked=(Field("spec.pause", True),),
        ready=(
            Field("status.state", "ready"),
            Compare("status.postgres.ready", ">=", "status.postgres.size", default=0),
        ),
        pods="postgres-operator.crunchydata.com/cluster={name}",
        source="percona/percona-postgresql-operator: pkg/apis/pgv2.percona.com/v2/perconapgcluster_types.go",
    ),
    "*.percona.com/Percona*Backup": _ONCE,
    "*.percona.com/Percona*Restore": _ONCE,
}
