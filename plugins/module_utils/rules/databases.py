"""Readiness rows of databases that we do not render: MongoDB, Cassandra, Scylla, TiDB, Couchbase, MySQL and others."""

from __future__ import annotations

from ..core.readiness.rule import (
    FINAL,
    OBSERVED_IF_SET,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Each,
    Field,
    Not,
    Rule,
    Some,
)

_TRIPLE = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Degraded"),),
    in_progress=(Condition("Progressing"),),
    ready=(Condition("Available"),),
    source="scylladb/scylla-operator: pkg/api/scylla/v1alpha1/types_scylladbcluster.go",
)

_MONGODB = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Field("status.phase", "Failed", say="status.message"),),
    paused=(Field("status.phase", "Disabled", "Unsupported"),),
    ready=(Field("status.phase", "Running", say="status.message"),),
    source="mongodb/mongodb-kubernetes-operator: api/v1/mongodbcommunity_types.go; mongodb/mongodb-kubernetes",
)

_ATLAS = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field(("metadata", "annotations", "mongodb.com/atlas-reconciliation-policy"), "skip"),),
    retryable=(Some("status.conditions", Field("status", "False", say="message"), Field("reason")),),
    ready=(Condition("Ready"),),
    source="mongodb/mongodb-atlas-kubernetes: api/condition.go",
)

_TIDB = Rule(
    generation=OBSERVED_IF_SET,
    paused=(Field("spec.paused", True), Condition("Suspended")),
    ready=(AnyOf(Condition("Ready"), Condition("Available")), Condition("Synced", optional=True)),
    source="pingcap/tidb-operator v2: api/core/v1alpha1/common_types.go",
)

_TIDB_JOB = Rule(
    generation=FINAL,
    terminal=(Condition("Failed"), Condition("Invalid"), Field("status.phase", "Failed", "Invalid")),
    ready=(AnyOf(Condition("Complete"), Field("status.phase", "Complete")),),
    source="pingcap/tidb-operator: api/br/v1alpha1/types.go",
)

_DRUID = "status.druidNodeStatus"
_PHASED = ("Failed", "Error", "Unhealthy", "NotReady", "Abnormal")

RULES: dict[str, Rule] = {
    "mongodbcommunity.mongodb.com/MongoDBCommunity": _MONGODB,
    "mongodb.com/*": _MONGODB,
    "atlas.mongodb.com/*": _ATLAS,
    "cassandra.datastax.com/CassandraDatacenter": Rule(
        generation=OBSERVED_IF_SET,
        paused=(AllOf(Field("spec.stopped", True), Condition("Stopped")),),
        terminal=(Condition("Valid", "False"),),
        in_progress=(
            Condition("Updating"),
            Condition("ScalingUp"),
            Condition("ScalingDown"),
            Condition("ReplacingNodes"),
            Condition("RollingRestart"),
            Condition("ResizingVolumes"),
            Condition("Resuming"),
            Condition("Decommission"),
        ),
        ready=(
            Field("status.cassandraOperatorProgress", "Ready"),
            Condition("Ready"),
            Condition("Healthy", optional=True),
        ),
        pods="cassandra.datastax.com/datacenter={name}",
        source="k8ssandra/cass-operator: apis/cassandra/v1beta1/cassandradatacenter_types.go",
    ),
    "control.k8ssandra.io/CassandraTask": Rule(
        generation=FINAL,
        terminal=(Condition("Failed"),),
        ready=(Condition("Complete"),),
        source="k8ssandra/cass-operator: apis/control/v1alpha1/cassandratask_types.go",
    ),
    "k8ssandra.io/K8ssandraCluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.error", "?*"),),
        ready=(
            Condition("CassandraInitialized"),
            Each("status.datacenters[]", Field("cassandra.cassandraOperatorProgress", "Ready")),
            Not(Field("status.error", "?*")),
        ),
        source="k8ssandra/k8ssandra-operator: apis/k8ssandra/v1alpha1/k8ssandracluster_types.go",
    ),
    "scylla.scylladb.com/*": _TRIPLE,
    "core.pingcap.com/*": _TIDB,
    "br.pingcap.com/*": _TIDB_JOB,
    "pingcap.com/TidbCluster": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True),),
        ready=(Condition("Ready"),),
        pods="app.kubernetes.io/instance={name}",
        source="pingcap/tidb-operator v1: pkg/apis/pingcap/v1alpha1/types.go TidbClusterReady",
    ),
    "pingcap.com/Backup": _TIDB_JOB,
    "pingcap.com/Restore": _TIDB_JOB,
    "couchbase.com/CouchbaseCluster": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True), Field("spec.hibernate", True)),
        retryable=(Condition("Error"), Condition("ManageConfig", "False")),
        in_progress=(Condition("Scaling"), Condition("Upgrading"), Condition("Balanced", "False")),
        ready=(Condition("Available"), Condition("Balanced")),
        pods="couchbase_cluster={name}",
        source="Couchbase Autonomous Operator reference: CouchbaseCluster status conditions",
    ),
    "mysql.oracle.com/InnoDBCluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.cluster.status", "OFFLINE", "NO_QUORUM", "SPLIT_BRAIN", "INVALID", "*_UNCERTAIN"),),
        ready=(
            Field("status.cluster.status", "ONLINE"),
            Compare("status.cluster.onlineInstances", ">=", "spec.instances", default=1),
        ),
        pods="mysql.oracle.com/cluster={name}",
        source="mysql/mysql-operator: mysqloperator/controller/diagnose.py",
    ),
    "app.redislabs.com/RedisEnterpriseCluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.state", "Error", "Invalid", "ClusterRecovery*"),),
        ready=(Field("status.state", "Running"),),
        source="Redis Enterprise for Kubernetes API reference: ClusterState",
    ),
    "app.redislabs.com/RedisEnterpriseDatabase": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.status", "*error*", "*failed*"), Field("status.specStatus", "Invalid")),
        ready=(Field("status.status", "active"), Field("status.specStatus", "Valid", default="Valid")),
        source="Redis Enterprise for Kubernetes API reference: DatabaseStatus",
    ),
    "asdb.aerospike.com/AerospikeCluster": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("spec.paused", True),),
        retryable=(Field("status.phase", "Error"),),
        ready=(Field("status.phase", "Completed"),),
        source="aerospike/aerospike-kubernetes-operator: api/v1/aerospikecluster_types.go",
    ),
    "hazelcast.com/*": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.phase", "Failed", say="status.message"), Field("status.state", "Failed")),
        ready=(AnyOf(Field("status.phase", "Running"), Field("status.state", "Success")),),
        source="hazelcast/hazelcast-platform-operator: api/v1alpha1/hazelcast_types.go",
    ),
    "infinispan.org/Infinispan": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("PrelimChecksPassed", "False"),),
        in_progress=(Condition("Upgrade"), Condition("Stopping"), Condition("GracefulShutdown")),
        ready=(Condition("WellFormed"), Condition("CrossSiteViewFormed", optional=True)),
        source="infinispan/infinispan-operator: api/v1/infinispan_types.go",
    ),
    "arangodb.com/ArangoDeployment": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.phase", "Failed"),),
        ready=(Field("status.phase", "Running"), Condition("Ready"), Condition("UpToDate", optional=True)),
        source="arangodb/kube-arangodb: pkg/apis/deployment/v1/conditions.go",
    ),
    "crdb.cockroachlabs.com/CrdbCluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.clusterStatus", "Failed"),),
        ready=(Field("status.clusterStatus", "Finished"), Condition("Initialized")),
        source="cockroachdb/cockroach-operator: apis/v1alpha1/cluster_types.go",
    ),
    "dragonflydb.io/Dragonfly": Rule(
        generation=OBSERVED_IF_SET,
        in_progress=(Field("status.isRollingUpdate", True),),
        ready=(Field("status.phase", "Ready", "ready"),),
        pods="app.kubernetes.io/name=dragonfly,app={name}",
        source="dragonflydb/dragonfly-operator: internal/controller/util.go",
    ),
    "druid.apache.org/Druid": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field(f"{_DRUID}.druidNodeConditionType", "DruidNodeErrorState", say=f"{_DRUID}.reason"),),
        in_progress=(Field(f"{_DRUID}.druidNodeConditionType", "DruidNodeRollingUpdate"),),
        ready=(
            Field(f"{_DRUID}.druidNodeConditionType", "DruidClusterReady"),
            Field(f"{_DRUID}.druidNodeConditionStatus", "True"),
        ),
        pods="druid_cr={name}",
        source="datainfrahq/druid-operator: apis/druid/v1alpha1/druid_types.go",
    ),
    "kubedb.com/*": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("status.phase", "Halted"), Condition("Paused")),
        asked=(Field("spec.halted", True),),
        retryable=(Field("status.phase", "Critical", *_PHASED),),
        ready=(Field("status.phase", "Ready"),),
        source="kubedb/apimachinery: apis/kubedb/v1/types.go DatabasePhase",
    ),
    "apps.kubeblocks.io/*": Rule(
        generation=OBSERVED_IF_SET,
        paused=(Field("status.phase", "Stopped"),),
        asked=(Field("spec.componentSpecs[].stop", True), Field("spec.stop", True)),
        retryable=(Field("status.phase", *_PHASED, say="status.message"),),
        ready=(Field("status.phase", "Running", "Available"),),
        source="apecloud/kubeblocks: apis/apps/v1/cluster_types.go ClusterPhase",
    ),
    "operations.kubeblocks.io/OpsRequest": Rule(
        generation=FINAL,
        terminal=(Field("status.phase", "Failed", "Aborted", "Cancelled"),),
        ready=(Field("status.phase", "Succeed"),),
        source="apecloud/kubeblocks: apis/operations/v1alpha1/type.go OpsPhase",
    ),
    "opensearch.*/*": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.state", "ERROR", say="status.reason"),),
        ready=(Field("status.state", "CREATED", "IGNORED"),),
        warnings=(Field("status.state", "IGNORED"),),
        source="opensearch-project/opensearch-k8s-operator: opensearch-operator/api/v1/opensearchrole_types.go",
    ),
    "opensearch.*/OpenSearchCluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.health", "red"),),
        in_progress=(Field("status.componentsStatus[].status", "Pending", "InProgress", "Running"),),
        ready=(
            Field("status.phase", "RUNNING"),
            Field("status.initialized", True),
            Field("status.health", "green", "yellow", default="green"),
        ),
        pods="opster.io/opensearch-cluster={name}",
        source="opensearch-project/opensearch-k8s-operator: opensearch-operator/api/v1/opensearch_types.go",
    ),
}
