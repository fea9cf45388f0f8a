"""Readiness rows of Apache Solr's operator and of the ZooKeeper operator that it brings."""

from __future__ import annotations

from ..core.readiness.rule import FINAL, OBSERVED_IF_SET, Compare, Condition, Field, Rule

RULES: dict[str, Rule] = {
    "solr.apache.org/SolrCloud": Rule(
        generation=OBSERVED_IF_SET,
        ready=(
            Compare("status.readyReplicas", ">=", "spec.replicas", default=3, say="{left} of {right} nodes ready"),
            Compare("status.readyReplicas", ">=", "status.replicas", say="{left} of {right} nodes ready"),
            Compare("status.upToDateNodes", ">=", "status.replicas", say="{left} of {right} nodes up to date"),
        ),
        pods="solr-cloud={name}",
        source="apache/solr-operator: api/v1beta1/solrcloud_types.go (DefaultSolrReplicas 3)",
    ),
    "solr.apache.org/SolrBackup": Rule(
        generation=FINAL,
        terminal=(Field("status.successful", False),),
        ready=(Field("status.finished", True), Field("status.successful", True)),
        source="apache/solr-operator: api/v1beta1/solrbackup_types.go",
    ),
    "solr.apache.org/SolrPrometheusExporter": Rule(
        generation=OBSERVED_IF_SET,
        ready=(Field("status.ready", True),),
        source="apache/solr-operator: api/v1beta1/solrprometheusexporter_types.go",
    ),
    "zookeeper.pravega.io/ZookeeperCluster": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Condition("Error"),),
        in_progress=(Condition("Upgrading"),),
        ready=(
            Compare("status.readyReplicas", ">=", "spec.replicas", default=3),
            Compare("status.readyReplicas", "==", "status.replicas"),
        ),
        pods="app={name}",
        source="pravega/zookeeper-operator: api/v1beta1/status.go, zookeepercluster_types.go (default 3)",
    ),
}
