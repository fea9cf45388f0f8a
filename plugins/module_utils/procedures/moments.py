"""Reads a point in time that a person gave to a procedure. Pure."""

from __future__ import annotations

from datetime import datetime

from ..core.api.errors import PlatformError


def moment(text: str) -> datetime:
    """A point in time that means the same to everybody. Raises PlatformError for one without a zone."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise PlatformError(
            f"{text!r} is no time: write it as 2026-11-19T14:30:00Z or 2026-11-19 15:30:00+01:00"
        ) from error
    if found.tzinfo is None:
        raise PlatformError(
            f"{text!r} has no time zone, and a server takes it for UTC: add Z, or an offset such as +01:00"
        )
    return found
