"""A renewal is late when cert-manager's own moment for it has passed by more than an attempt takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.procedures.certificate_renewals import overdue

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
GRACE = timedelta(minutes=15)


def certificate(**status: Any) -> dict[str, Any]:
    base = {"notAfter": "2026-07-12T12:00:00Z", "renewalTime": "2026-06-12T12:00:00Z"}
    metadata = {"name": "api", "namespace": "shop"}
    return {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata, "status": base | status}


@pytest.mark.parametrize(
    "status",
    [{"renewalTime": "2026-06-15T11:50:00Z"}, {"renewalTime": "2026-06-20T12:00:00Z"}, {"renewalTime": ""}],
    ids=["an attempt takes its time", "not yet", "not known"],
)
def test_in_time(status: dict[str, Any]) -> None:
    assert not overdue(certificate(**status), NOW, GRACE)


def test_late_says_how_late_how_long_it_lasts_and_what_was_tried() -> None:
    issuing = {"type": "Issuing", "status": "False", "message": "the order failed"}
    tried = {"conditions": [issuing], "lastFailureTime": "2026-06-15T08:00:00Z", "failedIssuanceAttempts": 4}
    assert overdue(certificate(**tried), NOW, GRACE) == (
        "cert-manager.io/Certificate shop/api should have been renewed 3 d ago and expires in 27 d: the order failed; "
        "4 failed attempts, the last at 2026-06-15T08:00:00Z. See whether cert-manager runs and its issuer is ready"
    )


def test_an_expired_one_is_told_also_where_nobody_said_when_it_is_renewed() -> None:
    gone = certificate(renewalTime="", notAfter="2026-06-15T09:30:00Z")
    assert "expired on 2026-06-15 09:30 UTC: no attempt is noted" in overdue(gone, NOW, GRACE)
