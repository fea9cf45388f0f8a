"""Every way a request can fail, told apart once: which class of error it is and what the server said."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from .objects import get


class PlatformError(Exception):
    """One clear sentence for a person: what, where, why, what to do. Base of everything the engine raises."""


class Stopped(PlatformError):
    """The run was asked to stop before this was done."""


class UnknownKind(PlatformError):
    """The server does not serve this kind."""


class Class(enum.Enum):
    """The classes of error; the value is the word that results and progress show."""

    THROTTLED = "throttled"
    SHUTTING_DOWN = "server shutting down"
    UNAVAILABLE = "unavailable"
    LOST = "connection lost"
    UNREACHABLE = "unreachable"
    TLS = "TLS"
    PROXY = "proxy"
    WEBHOOK_UNAVAILABLE = "webhook unavailable"
    WEBHOOK_DENIED = "webhook denied"
    SCHEMA = "not in the schema"
    STORE = "etcd unavailable"
    TOO_LARGE = "too large"
    SERVER_FAULT = "server fault"
    MANAGER_CONFLICT = "field manager conflict"
    QUOTA_RACE = "quota race"
    PRECONDITION = "precondition failed"
    ALREADY_EXISTS = "already exists"
    IMMUTABLE = "immutable field"
    INVALID = "invalid"
    NAMESPACE_TERMINATING = "namespace terminating"
    DEPENDENCY_MISSING = "dependency missing"
    FORBIDDEN = "forbidden"
    UNAUTHORIZED = "unauthorized"
    NAMESPACE_MISSING = "namespace missing"
    UNSERVED = "kind not served"
    NOT_FOUND = "not found"
    EXPIRED = "expired"
    UNSUPPORTED = "unsupported"
    BAD_REQUEST = "bad request"


# The way to the server is closed: no object's fault, and no matter of waiting once the client gave up.
NO_WAY = (Class.UNREACHABLE, Class.TLS, Class.PROXY)


class _Row(NamedTuple):
    """One way to recognise a class: every field that is set must match."""

    kind: Class
    status: tuple[int, ...]
    message: str = ""
    cause: str = ""
    reason: str = ""
    header: str = ""


_WEBHOOK = r"failed calling (?:admission )?webhook|conversion webhook for .* failed"
_TYPED = (
    r"failed to create typed patch object|field not declared in schema|expected (?:list|map|string|numeric|boolean)"
    r"|failed to convert new object|unable to convert unstructured object"
)
_STORE = r"etcdserver: (?:leader changed|request timed out|no leader)|raft proposal dropped|raft: stopped"
_IMMUTABLE = (
    r"field is immutable|is immutable|immutable field|may not change once set|updates to .* spec for fields other than"
    r"|spec is immutable after creation|pod updates may not change fields other than|cannot change roleRef"
    r"|may not be changed|may not be unset once set|cannot be changed once set"
)
_DEPENDENCY = r"no PriorityClass with name|error looking up service account|serviceaccount \"[^\"]*\" not found"

# The first row that matches decides. Texts are those of kube-apiserver, apimachinery and etcd (readiness.md 3.1).
_ROWS = (
    _Row(Class.SHUTTING_DOWN, (429, 503), header="connection: close"),
    _Row(Class.THROTTLED, (429,)),
    _Row(Class.WEBHOOK_DENIED, (400, 403, 409, 422, 500), message=r"admission webhook \".*\" denied the request"),
    _Row(Class.WEBHOOK_UNAVAILABLE, (500, 502, 503, 504), message=_WEBHOOK),
    _Row(Class.SHUTTING_DOWN, (503,), header="retry-after"),
    _Row(Class.UNAVAILABLE, (503,)),
    _Row(Class.SCHEMA, (500,), message=_TYPED + r"|duplicate entries for key"),
    _Row(Class.TOO_LARGE, (413,)),
    _Row(Class.TOO_LARGE, (500, 422, 400), message=r"request is too large|trying to send message larger than max"),
    _Row(Class.STORE, (500, 504), message=_STORE),
    _Row(Class.SERVER_FAULT, (500, 502, 504)),
    _Row(Class.MANAGER_CONFLICT, (409,), cause="FieldManagerConflict"),
    _Row(Class.QUOTA_RACE, (409,), message=r"[Oo]peration cannot be fulfilled on resourcequotas"),
    _Row(Class.ALREADY_EXISTS, (409,), reason="AlreadyExists"),
    _Row(Class.PRECONDITION, (409, 412)),
    _Row(Class.IMMUTABLE, (422,), message=_IMMUTABLE),
    _Row(Class.INVALID, (422,)),
    _Row(Class.NAMESPACE_TERMINATING, (403,), cause="NamespaceTerminating"),
    _Row(Class.DEPENDENCY_MISSING, (403,), message=_DEPENDENCY),
    _Row(Class.FORBIDDEN, (403,)),
    _Row(Class.UNAUTHORIZED, (401,)),
    _Row(Class.NAMESPACE_MISSING, (404,), message=r"namespaces \"[^\"]*\" not found"),
    _Row(Class.UNSERVED, (404,), message=r"could not find the requested resource|404 page not found"),
    _Row(Class.NOT_FOUND, (404,)),
    _Row(Class.EXPIRED, (410,)),
    _Row(Class.SCHEMA, (400,), message=r"strict decoding|" + _TYPED),
    _Row(Class.UNSUPPORTED, (405, 406, 415)),
    _Row(Class.BAD_REQUEST, tuple(range(400, 500))),
)


class Cause(NamedTuple):
    """One cause of a Status: `spec.replicas`, `FieldValueInvalid`, `Invalid value: ...`."""

    field: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class Conflict(NamedTuple):
    """A field that another manager owns, and the version it wrote it with."""

    field: str
    manager: str
    api_version: str


class ApiError(PlatformError):
    """What the server answered, or how the way to it failed (status 0).

    status: HTTP status; reason and message: the server's words; causes: `Cause`s; retry_after: seconds or None;
    kind: `Class`; details: the Status' own details.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        reason: str = "",
        causes: Iterable[Cause] = (),
        retry_after: float | None = None,
        kind: Class = Class.SERVER_FAULT,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.causes = list(causes)
        self.retry_after = retry_after
        self.kind = kind
        self.details = dict(details or {})

    def __str__(self) -> str:
        said = f" ({self.status} {self.reason})".replace(" )", ")") if self.status else ""
        return f"{self.message.rstrip('.')}{said}"


class Expired(ApiError):
    """The list or watch cannot go on from where it was (410): list again."""


def classify(
    status: int,
    *,
    reason: str = "",
    message: str = "",
    causes: Iterable[Cause] = (),
    headers: Mapping[str, str] | None = None,
) -> Class:
    """The class of an HTTP answer of 400 and above."""
    said = {f"{name.lower()}: {value.lower()}" for name, value in (headers or {}).items()}
    said |= {name.lower() for name in headers or {}}
    reasons = {cause.reason for cause in causes}
    for row in _ROWS:
        if (
            status in row.status
            and (not row.cause or row.cause in reasons)
            and (not row.reason or row.reason == reason)
            and (not row.header or row.header in said)
            and (not row.message or re.search(row.message, message))
        ):
            return row.kind
    return Class.SERVER_FAULT


def from_answer(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """The error of an answer. Only a JSON Status is read as one: 429 is plain text, proxies send HTML."""
    said = _status_of(body) if "json" in headers.get("Content-Type", "") else {}
    return from_status(said, headers=headers, status=status, text=body)


def from_status(
    said: Mapping[str, Any], *, headers: Mapping[str, str] | None = None, status: int = 0, text: bytes = b""
) -> ApiError:
    """The error of a Status object, as an answer or as the object of a watch's ERROR event."""
    headers = headers or {}
    status = status or _number(said.get("code")) or 500
    reason = str(said.get("reason") or "")
    message = str(said.get("message") or "") or _first_line(text) or f"the server answered {status} without a word"
    raw = get(said, "details", "causes")
    causes = [
        Cause(str(get(c, "field", default="")), str(get(c, "reason", default="")), str(get(c, "message", default="")))
        for c in (raw if isinstance(raw, list) else [])
    ]
    kind = classify(status, reason=reason, message=message, causes=causes, headers=headers)
    after = _retry_after(headers.get("Retry-After", ""))
    if after is None:
        after = _number(get(said, "details", "retryAfterSeconds"))
    details = said.get("details")
    error = Expired if kind is Class.EXPIRED else ApiError
    return error(
        message,
        status=status,
        reason=reason,
        causes=causes,
        retry_after=after,
        kind=kind,
        details=details if isinstance(details, dict) else None,
    )


def conflicts(error: ApiError) -> list[Conflict]:
    """The fields of a server-side apply conflict with who owns them.

    The texts are apimachinery's: `conflict with "kubectl" with subresource "status" using apps/v1 at 2026-...`.
    """
    found = []
    for cause in error.causes:
        if cause.reason == "FieldManagerConflict":
            who = re.search(r'conflict with "((?:[^"\\]|\\.)*)"', cause.message)
            using = re.search(r" using (\S+)", cause.message)
            found.append(Conflict(cause.field, who[1] if who else "", using[1] if using else ""))
    return found


def mask(error: ApiError, values: Iterable[str]) -> ApiError:
    """The error without these values and without what the server echoes of an object that holds secrets."""

    def clean(text: str) -> str:
        for value in sorted(filter(None, values), key=len, reverse=True):
            text = text.replace(value, "***")
        text = re.sub(r'(Invalid value: )("(?:[^"\\]|\\.)*"|\S+?)(?=: |$)', r"\1***", text)
        return re.sub(r"(value\w*\{).*?\}", r"\1***}", text)

    values = list(values)
    error.message = clean(error.message)
    error.causes = [Cause(c.field, c.reason, clean(c.message)) for c in error.causes]
    error.details.pop("causes", None)
    error.args = (error.message,)
    return error


def _status_of(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _first_line(text: bytes) -> str:
    words = re.sub(r"<[^>]*>", " ", text[:2000].decode("utf-8", "replace"))
    return " ".join(words.split())[:200]


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _retry_after(value: str) -> float | None:
    """Seconds, from either form of the header (RFC 9110 10.2.3)."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max(0.0, (then - datetime.now(UTC)).total_seconds())
