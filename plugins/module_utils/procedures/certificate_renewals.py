"""Finds certificates whose renewal is overdue: cert-manager said when, and it was not done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ..core.api.objects import Object, get, ref
from ..core.readiness.matchers import conditions
from ..core.sets.context import Context
from ..core.sets.ending import Failure
from ..core.sets.options import Spec
from . import reach

# An attempt may take its time; one that failed is repeated after an hour at the earliest.
OPTIONS: Spec = {"grace": {"type": "int", "default": 900}}


def verify(*, context: Context, grace: int) -> dict[str, Any]:
    """A row for every Certificate of the cluster that was issued. Raises Failure naming those that are overdue.

    grace: seconds that a renewal may take. One LIST, and the API server's clock.
    """
    now = reach.server_time(context)
    path = context.discovery.path(context.discovery.find("cert-manager.io", "Certificate"))
    found = context.client.list(path)[0]
    rows = [_row(each, now, timedelta(seconds=grace)) for each in found if get(each, "status", "notAfter")]
    result = {"changed": False, "certificates": rows}
    late = [row["message"] for row in rows if row["message"]]
    if late:
        raise Failure("; ".join(late), result)
    context.say(f"certificates  {len(rows)} issued, no renewal overdue")
    return result


def _row(certificate: Object, now: datetime, grace: timedelta) -> dict[str, Any]:
    status = certificate["status"]
    return {
        "namespace": certificate["metadata"]["namespace"],
        "name": certificate["metadata"]["name"],
        "not_after": status["notAfter"],
        "renewal_time": status.get("renewalTime", ""),
        "message": overdue(certificate, now, grace),
    }


def overdue(certificate: Object, now: datetime, grace: timedelta) -> str:
    """Why a certificate's renewal is late, in one sentence; empty where it is not.

    status.renewalTime is when cert-manager renews: notAfter less spec.renewBefore, or two thirds of its life
    (cert-manager pkg/util/pki/renewaltime.go).
    """
    end = _moment(certificate["status"]["notAfter"])
    due = _moment(certificate["status"].get("renewalTime", "")) or end
    if due is None or end is None or now < due + grace:
        return ""
    ends = f"expired on {end:%Y-%m-%d %H:%M} UTC" if end <= now else f"expires in {_words(end - now)}"
    return (
        f"{ref(certificate)} should have been renewed {_words(now - due)} ago and {ends}: {_why(certificate)}. "
        "See whether cert-manager runs and its issuer is ready"
    )


def _why(certificate: Object) -> str:
    """What cert-manager says of its attempts (status.conditions[Issuing], lastFailureTime, failedIssuanceAttempts)."""
    told = [str(each.get("message") or "") for each in conditions(certificate) if each.get("type") == "Issuing"]
    failed = get(certificate, "status", "lastFailureTime", default="")
    attempts = get(certificate, "status", "failedIssuanceAttempts", default=1)
    told += [f"{attempts} failed attempts, the last at {failed}"] if failed else []
    return "; ".join(filter(None, told)) or "no attempt is noted"


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    except ValueError:
        return None


def _words(time: timedelta) -> str:
    days, hours = time.days, time.seconds // 3600
    return f"{days} d" if days else f"{hours} h" if hours else f"{time.seconds // 60} min"
