"""Backups by Velero: the rows that say when its objects are ready. Pure."""

from __future__ import annotations

from ..core.readiness.rule import FINAL, NOT_TRACKED, Field, Not, Rule


def _run(done: str, *failed: str, say: str, source: str) -> Rule:
    """One piece of work that ends."""
    return Rule(
        generation=FINAL,
        terminal=(Field("status.phase", *failed, say=say),),
        ready=(Field("status.phase", done),),
        source=source,
    )


_MOVED = _run(
    "Completed",
    "Failed",
    "Canceled",
    say="status.message",
    source="velero: pkg/apis/velero/v1/pod_volume_backup_types.go:71, v2alpha1/data_upload_types.go:93",
)

RULES: dict[str, Rule] = {
    "velero.io/BackupStorageLocation": Rule(
        generation=NOT_TRACKED,
        retryable=(Field("status.phase", "Unavailable", say="status.message"),),
        ready=(Field("status.phase", "Available"),),
        source="velero: pkg/apis/velero/v1/backupstoragelocation_types.go:169",
    ),
    "velero.io/VolumeSnapshotLocation": Rule(
        generation=NOT_TRACKED,
        retryable=(Field("status.phase", "Unavailable"),),
        ready=(Not(Field("status.phase", "Unavailable")),),
        source="velero: pkg/apis/velero/v1/volume_snapshot_location_type.go:79",
        note="Velero writes no phase today: ready once stored.",
    ),
    "velero.io/BackupRepository": Rule(
        generation=NOT_TRACKED,
        retryable=(Field("status.phase", "NotReady", say="status.message"),),
        ready=(Field("status.phase", "Ready"),),
        source="velero: pkg/apis/velero/v1/backup_repository_types.go:56",
    ),
    "velero.io/Schedule": Rule(
        generation=NOT_TRACKED,
        paused=(Field("spec.paused", True),),
        terminal=(Field("status.phase", "FailedValidation", say="status.validationErrors"),),
        ready=(Field("status.phase", "Enabled"),),
        source="velero: pkg/apis/velero/v1/schedule_types.go:62",
    ),
    "velero.io/Backup": _run(
        "Completed",
        "FailedValidation",
        "Failed",
        "PartiallyFailed",
        say="status.failureReason",
        source="velero: pkg/apis/velero/v1/backup_types.go:297",
    ),
    "velero.io/Restore": _run(
        "Completed",
        "FailedValidation",
        "Failed",
        "PartiallyFailed",
        say="status.failureReason",
        source="velero: pkg/apis/velero/v1/restore_types.go:262",
    ),
    **dict.fromkeys(
        (f"velero.io/{kind}" for kind in ("PodVolumeBackup", "PodVolumeRestore", "DataUpload", "DataDownload")), _MOVED
    ),
    **dict.fromkeys(
        (f"velero.io/{kind}" for kind in ("DeleteBackupRequest", "DownloadRequest", "ServerStatusRequest")),
        Rule(
            generation=FINAL,
            ready=(Field("status.phase", "Processed"),),
            warnings=(Field("status.errors[]"),),
            source="velero: pkg/apis/velero/v1/delete_backup_request_types.go:32",
        ),
    ),
}
