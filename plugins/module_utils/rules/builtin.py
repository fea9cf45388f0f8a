"""Readiness of the kinds that every cluster has: Kubernetes' own, and Gateway API."""

from __future__ import annotations

from ..core.readiness.matchers import Matcher, Path
from ..core.readiness.rule import (
    CONDITIONS,
    FINAL,
    NOT_TRACKED,
    OBSERVED,
    STORED,
    Absent,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Each,
    EachRef,
    Field,
    Not,
    Repeats,
    Rule,
    Some,
    Told,
)

_ON_DELETE = Field("spec.updateStrategy.type", "OnDelete")


def _where_set(path: Path, op: str, right: str, default: int = 1, say: str = "") -> Matcher:
    return AnyOf(Absent(path), Compare(path, op, right, default=default, say=say))


_PARTITION = "spec.updateStrategy.rollingUpdate.partition"
_SAME_REVISION = AnyOf(
    Absent("status.updateRevision"), Compare("status.currentRevision", "==", "status.updateRevision", text=True)
)
# updatedReplicas counts towards the newest revision; old controllers leave it out once a rollout has ended.
_STATEFUL_UPDATED = AnyOf(
    Compare(
        "status.updatedReplicas", ">=", "spec.replicas", default=1, minus=_PARTITION, say="{left} of {right} updated"
    ),
    AllOf(
        Absent("status.updatedReplicas"),
        Compare("status.currentReplicas", ">=", "spec.replicas", default=1, say="{left} of {right} current"),
        _SAME_REVISION,
    ),
)

_HPA_V1 = ("metadata", "annotations", "autoscaling.alpha.kubernetes.io/conditions")


def _hpa(type_: str, status: str = "True", reason: str | tuple[str, ...] = ()) -> Matcher:
    return AnyOf(Condition(type_, status, reason=reason), Condition(type_, status, reason=reason, at=_HPA_V1))


def _waiting(*reasons: str, but: tuple[str, ...] = ()) -> Matcher:
    waits = Field("state.waiting.reason", *reasons, say="state.waiting.message")
    clause = AllOf(waits, Not(Field("state.waiting.reason", *but))) if but else waits
    return AnyOf(Some("status.containerStatuses", clause), Some("status.initContainerStatuses", clause))


_UNPULLABLE = ("CreateContainerConfigError", "InvalidImageName")
_NOT_YET = ("Pending", "NotReconciled", "Waiting")


def _attached(*refused: str) -> Matcher:
    """A listener, route or policy that its controller refuses for now."""
    accepted = Condition("Accepted", "False", but_reason=_NOT_YET, at="conditions")
    return AnyOf(accepted, *(Condition(r, "False", at="conditions") for r in refused))


_ACCEPTED = Condition("Accepted", at="conditions")
_RESOLVED = Not(Condition("ResolvedRefs", "False", at="conditions"))
_PROGRAMMED = Condition("Programmed", optional=True, at="conditions")

_GATEWAY = Rule(
    generation=CONDITIONS,
    retryable=(
        Condition("Accepted", "False", but_reason=_NOT_YET),
        Condition("ResolvedRefs", "False"),
        Some("status.listeners", _attached("ResolvedRefs")),
        Some("status.listeners", Condition("Conflicted", at="conditions")),
    ),
    ready=(
        Condition("Accepted"),
        Condition("Programmed"),
        Not(Condition("ResolvedRefs", "False")),
        Each(
            "status.listeners",
            Condition("Accepted", optional=True, at="conditions"),
            _PROGRAMMED,
            _RESOLVED,
            at_least=0,
        ),
    ),
    source="gateway-api: apis/v1/gateway_types.go",
)
_ROUTE = Rule(
    generation=CONDITIONS,
    retryable=(Some("status.parents", _attached("ResolvedRefs")),),
    ready=(EachRef("spec.parentRefs", "status.parents", "parentRef", _ACCEPTED, _RESOLVED, _PROGRAMMED),),
    warnings=(Some("status.parents", Condition("PartiallyInvalid", at="conditions")),),
    source="gateway-api: apis/v1/shared_types.go",
    note="Every parent that the spec names must have reported.",
)
_POLICY = Rule(
    generation=CONDITIONS,
    retryable=(Some("status.ancestors", _attached("ResolvedRefs")),),
    ready=(Each("status.ancestors", _ACCEPTED, _RESOLVED),),
    source="gateway-api: apis/v1/policy_types.go",
)

_WORKLOADS = {
    "apps/Deployment": Rule(
        generation=OBSERVED,
        paused=(Field("spec.paused", True),),
        terminal=(Condition("Progressing", "*", reason="ProgressDeadlineExceeded"),),
        retryable=(Condition("ReplicaFailure"), Condition("Progressing", "False", reason="ReplicaSetCreateError")),
        ready=(
            Compare("status.updatedReplicas", ">=", "spec.replicas", default=1, say="{left} of {right} updated"),
            Compare("status.replicas", "==", "spec.replicas", default=1, say="{left} replicas, wanted {right}"),
            Compare(
                "status.replicas",
                "<=",
                "status.updatedReplicas",
                default=0,
                say="{left} replicas, only {right} of them of the new revision",
            ),
            Compare(
                "status.availableReplicas",
                ">=",
                "status.updatedReplicas",
                default=0,
                say="{left} of {right} available",
            ),
            Condition("Progressing", reason="NewReplicaSetAvailable", optional=True),
            Condition("Available", optional=True),
        ),
        pods="spec.selector",
        source="kubernetes: pkg/controller/deployment/progress.go",
        note="Zero replicas are ready.",
    ),
    "apps/StatefulSet": Rule(
        generation=OBSERVED,
        ready=(
            Compare("status.readyReplicas", ">=", "spec.replicas", default=1, say="{left} of {right} ready"),
            Compare("status.replicas", "==", "spec.replicas", default=1, say="{left} pods, wanted {right}"),
            AnyOf(_ON_DELETE, _STATEFUL_UPDATED),
            AnyOf(_ON_DELETE, Compare(_PARTITION, ">", 0, default=0), _SAME_REVISION),
        ),
        warnings=(AllOf(_ON_DELETE, Not(_STATEFUL_UPDATED)),),
        pods="spec.selector",
        source="kubernetes: pkg/controller/statefulset/stateful_set_utils.go",
        note="With a partition, only the ordinals from it on must be updated; with OnDelete none, which is told.",
    ),
    "apps/DaemonSet": Rule(
        generation=OBSERVED,
        ready=(
            AnyOf(
                _ON_DELETE,
                Compare(
                    "status.updatedNumberScheduled",
                    ">=",
                    "status.desiredNumberScheduled",
                    say="{left} of {right} updated",
                ),
            ),
            # numberUnavailable is left out of the JSON when 0, like numberAvailable: only an explicit 0 says "none".
            AnyOf(
                Compare(
                    "status.numberAvailable", ">=", "status.desiredNumberScheduled", say="{left} of {right} available"
                ),
                AllOf(Absent("status.numberAvailable"), Field("status.numberUnavailable", 0)),
            ),
            _where_set("status.numberReady", ">=", "status.desiredNumberScheduled", say="{left} of {right} ready"),
            _where_set(
                "status.currentNumberScheduled",
                ">=",
                "status.desiredNumberScheduled",
                say="{left} of {right} scheduled",
            ),
        ),
        warnings=(
            AllOf(
                _ON_DELETE, Compare("status.updatedNumberScheduled", "<", "status.desiredNumberScheduled", default=0)
            ),
        ),
        pods="spec.selector",
        source="kubernetes: pkg/controller/daemon/daemon_controller.go",
        note="No node to run on is ready.",
    ),
    "apps/ReplicaSet": Rule(
        generation=OBSERVED,
        retryable=(Condition("ReplicaFailure"),),
        ready=(
            Compare("status.availableReplicas", ">=", "spec.replicas", default=1, say="{left} of {right} available"),
            Compare("status.replicas", "==", "spec.replicas", default=1, say="{left} pods, wanted {right}"),
            _where_set("status.readyReplicas", ">=", "spec.replicas", say="{left} of {right} ready"),
            _where_set("status.fullyLabeledReplicas", ">=", "spec.replicas", say="{left} of {right} labelled"),
        ),
        pods="spec.selector",
        source="kubernetes: pkg/controller/replicaset/replica_set_utils.go",
    ),
    "ReplicationController": Rule(
        generation=OBSERVED,
        retryable=(Condition("ReplicaFailure"),),
        ready=(
            Compare("status.availableReplicas", ">=", "spec.replicas", default=1, say="{left} of {right} available"),
            Compare("status.replicas", "==", "spec.replicas", default=1, say="{left} pods, wanted {right}"),
        ),
        pods="spec.selector",
        source="kubernetes: pkg/controller/replication",
    ),
    "batch/Job": Rule(
        generation=FINAL,
        paused=(AllOf(Field("spec.suspend", True), Not(Condition("Complete")), Not(Condition("Failed"))),),
        terminal=(Condition("Failed"),),
        in_progress=(AllOf(Condition("FailureTarget"), Not(Condition("Failed"))),),
        ready=(Condition("Complete"),),
        pods="spec.selector",
        source="kubernetes: pkg/controller/job/job_controller.go",
        note="A Job is ready when it has completed; its template cannot change, so its end is final.",
    ),
    "batch/CronJob": Rule(
        generation=FINAL,
        paused=(Field("spec.suspend", True),),
        warnings=(
            AllOf(
                Compare(
                    "status.lastScheduleTime",
                    ">",
                    "status.lastSuccessfulTime",
                    text=True,
                    say="last scheduled {left}, last succeeded {right}",
                ),
                Absent("status.active"),
            ),
        ),
        source="kubernetes: pkg/controller/cronjob",
        note="Ready once stored: when its next run comes is no matter of the apply.",
    ),
    "Pod": Rule(
        generation=FINAL,
        terminal=(Field("status.phase", "Failed", say="status.message"), _waiting(*_UNPULLABLE)),
        retryable=(
            _waiting("*BackOff", "Err*", "*Error", but=_UNPULLABLE),
            Some("status.containerStatuses", Compare("state.terminated.exitCode", "!=", 0, left_default=None)),
            Condition("PodScheduled", "False", reason="Unschedulable"),
        ),
        ready=(
            AnyOf(
                AllOf(
                    Condition("Ready"),
                    Field("status.phase", "Running"),
                    Field("spec.restartPolicy", "Always", default="Always"),
                ),
                Field("status.phase", "Succeeded"),
            ),
        ),
        source="kubernetes: pkg/kubelet/status/generate.go",
        note="With restartPolicy Never or OnFailure it is ready when it has succeeded.",
    ),
}

_NETWORK = {
    "Service": Rule(
        generation=FINAL,
        ready=(
            AnyOf(
                Field("status.loadBalancer.ingress"),
                Not(Field("spec.type", "LoadBalancer")),
                Field("spec.externalIPs"),
            ),
        ),
        source="kubernetes: staging/src/k8s.io/cloud-provider/controllers/service",
        note="Only a LoadBalancer waits: for its address.",
    ),
    "networking.k8s.io/Ingress": Rule(
        generation=FINAL,
        ready=(Field("status.loadBalancer.ingress"),),
        unverified=(Absent("status.loadBalancer.ingress"),),
        source="kubernetes: staging/src/k8s.io/api/networking/v1/types.go",
        note="Some controllers publish no address: after status_grace it is taken for ready, with a warning.",
    ),
    "gateway.networking.k8s.io/GatewayClass": Rule(
        generation=CONDITIONS,
        terminal=(Condition("Accepted", "False", but_reason=_NOT_YET),),
        ready=(Condition("Accepted"),),
        warnings=(Condition("SupportedVersion", "False"),),
        source="gateway-api: apis/v1/gatewayclass_types.go",
    ),
    "gateway.networking.k8s.io/Gateway": _GATEWAY,
    "gateway.networking.*k8s.io/*ListenerSet": _GATEWAY,
    "gateway.networking.k8s.io/*Route": _ROUTE,
    "gateway.networking.*k8s.io/*Policy": _POLICY,
}

_STORAGE = {
    "PersistentVolumeClaim": Rule(
        generation=FINAL,
        terminal=(Field("status.phase", "Lost"),),
        ready=(Field("status.phase", "Bound"),),
        unverified=(Told("WaitForFirstConsumer"),),
        warnings=(Condition("FileSystemResizePending"), Condition("Resizing")),
        source="kubernetes: pkg/controller/volume/persistentvolume",
        note="Where the class binds on first use and no pod uses it yet, it is taken for ready, with a warning.",
    ),
    "PersistentVolume": Rule(
        generation=FINAL,
        retryable=(Field("status.phase", "Failed", say="status.message"),),
        ready=(Field("status.phase", "Available", "Bound", "Released"),),
        source="kubernetes: staging/src/k8s.io/api/core/v1/types.go",
    ),
}

_CLUSTER = {
    "Namespace": Rule(
        generation=FINAL,
        ready=(Field("status.phase", "Active"),),
        source="kubernetes: pkg/controller/namespace/deletion",
    ),
    "ResourceQuota": Rule(
        generation=FINAL,
        ready=(Repeats("status.hard", "spec.hard"),),
        source="kubernetes: pkg/controller/resourcequota, plugin/pkg/admission/resourcequota",
        note="Admission holds pods to status.hard: a quota whose controller has not answered lets everything in.",
    ),
    "Node": Rule(
        generation=FINAL,
        ready=(Condition("Ready"),),
        warnings=(Field("spec.unschedulable", True), Condition("*Pressure")),
        source="kubernetes: pkg/kubelet/nodestatus",
    ),
    "autoscaling/HorizontalPodAutoscaler": Rule(
        generation=NOT_TRACKED,
        terminal=(_hpa("ScalingActive", "False", "InvalidSelector"),),
        retryable=(
            _hpa("AbleToScale", "False", ("FailedGetScale", "FailedUpdateScale")),
            _hpa("ScalingActive", "False", ("FailedGet*Metric", "FailedComputeMetricsReplicas", "InvalidMetric*")),
        ),
        ready=(AnyOf(_hpa("AbleToScale"), _hpa("ScalingLimited")),),
        source="kubernetes: pkg/controller/podautoscaler/horizontal.go",
        note="autoscaling/v1 keeps the conditions in an annotation. Zero replicas (ScalingDisabled) are ready.",
    ),
    "policy/PodDisruptionBudget": Rule(
        generation=OBSERVED,
        retryable=(Condition("DisruptionAllowed", "False", but_reason="InsufficientPods"),),
        ready=(
            AnyOf(Condition("DisruptionAllowed"), Condition("DisruptionAllowed", "False", reason="InsufficientPods")),
        ),
        source="kubernetes: pkg/controller/disruption/disruption.go",
        note="A budget that allows nothing because too few pods run is a working budget.",
    ),
    # Its conditions speak of its names, which stay: no change makes them old.
    "apiextensions.k8s.io/CustomResourceDefinition": Rule(
        generation=FINAL,
        terminal=(Condition("NamesAccepted", "False"), Condition("NonStructuralSchema")),
        retryable=(AllOf(Condition("Established", "False", but_reason="Installing"), Not(Condition("Terminating"))),),
        in_progress=(Condition("Terminating"),),
        ready=(Condition("Established"), Condition("NamesAccepted")),
        source="kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/controller",
        note="The engine then also waits until discovery lists it.",
    ),
    "apiregistration.k8s.io/APIService": Rule(
        generation=NOT_TRACKED,
        ready=(Condition("Available"),),
        source="kubernetes: staging/src/k8s.io/kube-aggregator/pkg/controllers/status",
    ),
    "certificates.k8s.io/CertificateSigningRequest": Rule(
        generation=FINAL,
        terminal=(Condition("Denied"), Condition("Failed")),
        ready=(Condition("Approved"), Field("status.certificate")),
        source="kubernetes: staging/src/k8s.io/api/certificates/v1/types.go",
    ),
}

# Their controllers, if any, say nothing that an apply could wait for.
_STORED = (
    "ConfigMap", "Endpoints", "Event", "LimitRange", "PodTemplate", "Secret", "ServiceAccount",
    "admissionregistration.k8s.io/*", "apps/ControllerRevision", "coordination.k8s.io/*", "discovery.k8s.io/*",
    "events.k8s.io/*", "gateway.networking.k8s.io/ReferenceGrant", "networking.k8s.io/IngressClass",
    "networking.k8s.io/NetworkPolicy", "node.k8s.io/*", "rbac.authorization.k8s.io/*", "scheduling.k8s.io/*",
    "snapshot.storage.k8s.io/VolumeSnapshotClass", "storage.k8s.io/*",
)  # fmt: skip

RULES: dict[str, Rule] = {
    **_WORKLOADS,
    **_NETWORK,
    **_STORAGE,
    **_CLUSTER,
    **dict.fromkeys(_STORED, Rule(generation=STORED, source="kubernetes: no status to wait for")),
}
RULES["extensions/Ingress"] = RULES["networking.k8s.io/Ingress"]
