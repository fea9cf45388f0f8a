"""Readiness rows of Elastic Cloud on Kubernetes.

Health and phase are written apart: health comes from the stack's own API, phase from the reconciler; both and the node
count have to agree (elastic/cloud-on-k8s: pkg/apis/elasticsearch/v1/status.go:20-53, pkg/apis/common/v1/common.go:23).
"""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, AllOf, Annotation, AnyOf, Compare, Field, Not, Rule

_PAUSED = (
    Annotation("eck.k8s.elastic.co/managed", "false"),
    Annotation("common.k8s.elastic.co/pause", "true"),
)
_RED = Field("status.health", "red")
_GREEN = Field("status.health", "green")
_UNASSOCIATED = (
    Not(Field("status.associationStatus", "Pending", "Failed", "Unknown")),
    Not(Field("status.elasticsearchAssociationStatus", "Pending", "Failed", "Unknown")),
    Not(Field("status.kibanaAssociationStatus", "Pending", "Failed", "Unknown")),
    Not(Field("status.fleetServerAssociationStatus", "Pending", "Failed", "Unknown")),
    Not(Field("status.elasticsearchAssociationsStatus[]", "Pending", "Failed", "Unknown")),
)

_COUNTED = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    retryable=(_RED,),
    ready=(
        _GREEN,
        Compare("status.availableNodes", ">=", "spec.count", default=1),
        *_UNASSOCIATED,
    ),
    source="elastic/cloud-on-k8s: pkg/apis/common/v1/common.go:23-46",
)

_EXPECTED = Rule(
    generation=OBSERVED_IF_SET,
    paused=_PAUSED,
    retryable=(_RED,),
    ready=(
        _GREEN,
        Compare("status.availableNodes", ">=", "status.expectedNodes"),
        *_UNASSOCIATED,
    ),
    source="elastic/cloud-on-k8s: pkg/apis/beat/v1beta1/beat_types.go:122-163",
)

_POLICY = Rule(
    generation=OBSERVED_IF_SET,
    terminal=(Field("status.phase", "Invalid", "Conflict"),),
    retryable=(Field("status.phase", "Error"),),
    ready=(Field("status.phase", "Ready"), Compare("status.ready", ">=", "status.resources", default=0)),
    source="elastic/cloud-on-k8s: pkg/apis/stackconfigpolicy/v1alpha1/stackconfigpolicy_types.go:267",
)

RULES: dict[str, Rule] = {
    "elasticsearch.k8s.elastic.co/Elasticsearch": Rule(
        generation=OBSERVED_IF_SET,
        paused=_PAUSED,
        terminal=(Field("status.phase", "Invalid"),),
        retryable=(_RED, Field("status.phase", "Stalled")),
        ready=(
            Field("status.phase", "Ready"),
            # One node has nowhere to put replicas and stays yellow.
            AnyOf(_GREEN, AllOf(Field("status.health", "yellow"), Compare("spec.nodeSets[].count", "==", 1))),
            Compare("status.availableNodes", ">=", "spec.nodeSets[].count", default=1),
        ),
        pods="elasticsearch.k8s.elastic.co/cluster-name={name}",
        source="elastic/cloud-on-k8s: pkg/apis/elasticsearch/v1/status.go:20-88",
    ),
    "kibana.k8s.elastic.co/Kibana": _COUNTED,
    "apm.k8s.elastic.co/ApmServer": _COUNTED,
    "enterprisesearch.k8s.elastic.co/EnterpriseSearch": _COUNTED,
    "maps.k8s.elastic.co/ElasticMapsServer": _COUNTED,
    "packageregistry.k8s.elastic.co/PackageRegistry": _COUNTED,
    "agent.k8s.elastic.co/Agent": _EXPECTED,
    "beat.k8s.elastic.co/Beat": _EXPECTED,
    "logstash.k8s.elastic.co/Logstash": _EXPECTED,
    "stackconfigpolicy.k8s.elastic.co/StackConfigPolicy": _POLICY,
    "autoops.k8s.elastic.co/AutoOpsAgentPolicy": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Field("status.phase", "Invalid"),),
        retryable=(Field("status.phase", "Error"),),
        ready=(Field("status.phase", "Ready"),),
        source="elastic/cloud-on-k8s: pkg/apis/autoops/v1alpha1/autoopsagentpolicy_types.go:172",
    ),
}
