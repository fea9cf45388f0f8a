"""Readiness rows of object buckets claimed through Kubernetes: lib-bucket-provisioner (Rook, NooBaa) and COSI."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, Field, Rule
from ..core.readiness.silent import SILENT

_COSI = "kubernetes-sigs/container-object-storage-interface: client/apis/objectstorage/v1alpha1"

RULES: dict[str, Rule] = {
    "objectbucket.io/ObjectBucketClaim": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.phase", "Failed"),),
        ready=(Field("status.phase", "Bound"),),
        source="kube-object-storage/lib-bucket-provisioner: pkg/apis/objectbucket.io/v1alpha1",
    ),
    "objectbucket.io/ObjectBucket": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.phase", "Failed"),),
        ready=(Field("status.phase", "Bound"),),
        source="kube-object-storage/lib-bucket-provisioner: pkg/apis/objectbucket.io/v1alpha1/objectbucket_types.go",
    ),
    "objectstorage.k8s.io/BucketClaim": Rule(
        generation=OBSERVED_IF_SET, ready=(Field("status.bucketReady", True),), source=_COSI
    ),
    "objectstorage.k8s.io/Bucket": Rule(
        generation=OBSERVED_IF_SET, ready=(Field("status.bucketReady", True),), source=_COSI
    ),
    "objectstorage.k8s.io/BucketAccess": Rule(
        generation=OBSERVED_IF_SET, ready=(Field("status.accessGranted", True),), source=_COSI
    ),
    "objectstorage.k8s.io/*Class": SILENT,
}
