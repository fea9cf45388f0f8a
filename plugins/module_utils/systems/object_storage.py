"""Object storage by the MinIO operator: the rows that say when its objects are ready. Pure."""

from __future__ import annotations

from ..core.readiness.rule import NOT_TRACKED, STORED, AllOf, Field, Not, Rule

RULES: dict[str, Rule] = {
    "minio.min.io/Tenant": Rule(
        generation=NOT_TRACKED,
        terminal=(
            Field(
                "status.currentState",
                "Statefulset not controlled by operator",
                "Another MinIO Tenant already exists in the namespace",
                "Different versions across MinIO Pools",
                "Pool Decommissioning Not Allowed",
            ),
        ),
        # Its reconcile returns an error and comes again: a corrected Secret is enough.
        retryable=(
            Field("status.currentState", "Tenant credentials are not set properly"),
            AllOf(Field("status.currentState", "Initialized"), Field("status.healthStatus", "red")),
        ),
        ready=(Field("status.currentState", "Initialized"), Not(Field("status.healthStatus", "red"))),
        warnings=(Field("status.healthStatus", "yellow", say="status.healthMessage"),),
        pods="v1.min.io/tenant={name}",
        source="minio/operator: pkg/controller/main-controller.go:97, 926, pkg/apis/minio.min.io/v2/types.go:500",
        note="Any other text is a step of the work or an error message: in progress.",
    ),
    "sts.min.io/PolicyBinding": Rule(generation=STORED, source="minio/operator: pkg/apis/sts.min.io/v1beta1/types.go"),
}
