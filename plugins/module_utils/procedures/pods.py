"""What a pod that a procedure started says of itself: not ready, still running, its tool's end. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, get
from ..core.readiness.matchers import holds


def unready(pod: Object | None) -> str:
    """Why a pod is not Ready. Raises PlatformError where it has ended."""
    phase = str(get(pod, "status", "phase", default="not there"))
    if phase in ("Failed", "Succeeded"):
        raise PlatformError(f"its pod ended: {phase} {get(pod, 'status', 'message', default='')}".strip())
    if holds(pod, "Ready"):
        return ""
    waiting = get(pod, "status", "containerStatuses", 0, "state", "waiting", "reason")
    return str(waiting or phase)


def running(pod: Object | None) -> str:
    """Why a pod has not ended."""
    phase = str(get(pod, "status", "phase", default="not there"))
    ended = get(pod, "status", "containerStatuses", 0, "state", "terminated") is not None
    return "" if ended or phase in ("Failed", "Succeeded") else phase


def done(name: str, what: str) -> Callable[[Object | None], str]:
    """Judges whether that ephemeral container has ended well. Raises PlatformError, in the words `what`, where not."""

    def judge(pod: Object | None) -> str:
        for each in get(pod, "status", "ephemeralContainerStatuses", default=[]):
            code = get(each, "state", "terminated", "exitCode") if each.get("name") == name else None
            if code:
                raise PlatformError(f"{what} in {get(pod, 'metadata', 'name')} (exit code {code})")
            if code == 0:
                return ""
        return "starting"

    return judge


def started(name: str) -> Callable[[Object | None], str]:
    """Judges whether that ephemeral container runs, or has ended."""

    def judge(pod: Object | None) -> str:
        for each in get(pod, "status", "ephemeralContainerStatuses", default=[]):
            if each.get("name") == name and not get(each, "state", "waiting"):
                return ""
        return "starting"

    return judge
