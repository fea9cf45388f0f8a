"""What a connection that failed means: from the exceptions of sockets, TLS and urllib3 to a class of error."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator

from .errors import ApiError, Class

_NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
# RFC 8446 6.2. Other alerts (decode_error of an overloaded server, internal_error) say nothing of the certificate.
_OUR_CERTIFICATE = re.compile(r"CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE", re.IGNORECASE)
_NOT_TLS = re.compile(r"WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER|UNKNOWN_PROTOCOL", re.IGNORECASE)


def failure(error: BaseException, *, server: str, proxy: str = "", late: float | None = None) -> ApiError:
    """The error of a request that got no answer. late: the seconds after which it was cut, if it was."""
    if late is not None:
        return ApiError(f"{server} did not answer completely in {late:g} s", kind=Class.LOST)
    chain = list(_chain(error))
    through = f" through the proxy {proxy}" if proxy else ""
    for find in (_proxy, _certificate, _unreachable):
        found = find(chain, server, through)
        if found is not None:
            return ApiError(found[1], kind=found[0])
    words = next((_words(e) for e in reversed(chain) if isinstance(e, OSError | EOFError)), _words(chain[0]))
    return ApiError(f"the connection to {server}{through} was lost: {words}", kind=Class.LOST)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it says it came from; urllib3 hides causes in `reason` and in its arguments."""
    seen: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        item = queue.pop(0)
        if isinstance(item, BaseException) and all(item is not other for other in seen):
            seen.append(item)
            yield item
            queue += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]


def _proxy(chain: list[BaseException], server: str, through: str) -> tuple[Class, str] | None:
    for error in chain:
        refused = re.search(r"Tunnel connection failed: (\d+) ?(.*)", str(error))
        if refused and isinstance(error, OSError):
            kind = Class.UNREACHABLE if refused[1].startswith("5") else Class.PROXY
            return (
                kind,
                f"cannot reach {server}: the proxy refused the tunnel{through}: {refused[1]} {refused[2]}".strip(),
            )
    return None


def _certificate(chain: list[BaseException], server: str, through: str) -> tuple[Class, str] | None:
    for error in chain:
        if isinstance(error, ssl.SSLCertVerificationError):
            return Class.TLS, f"the certificate of {server} is not trusted: {error.verify_message or _words(error)}"
        if type(error).__name__ == "CertificateError":
            return Class.TLS, f"the certificate of {server} is not trusted: {_words(error)}"
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            said = str(error.reason or error)
            if _NOT_TLS.search(said):
                return Class.TLS, f"{server} does not speak TLS{through}: {said}"
            if _OUR_CERTIFICATE.search(said):
                plain = said.lower().replace("_", " ")
                return Class.TLS, f"{server} refused our client certificate: {plain}"
    return None


def _unreachable(chain: list[BaseException], server: str, through: str) -> tuple[Class, str] | None:
    for error in chain:
        if isinstance(error, socket.gaierror):
            return Class.UNREACHABLE, f"cannot reach {server}{through}: the name cannot be resolved ({error.strerror})"
        if isinstance(error, ConnectionRefusedError) or (isinstance(error, OSError) and error.errno in _NO_WAY):
            return Class.UNREACHABLE, f"cannot reach {server}{through}: {(error.strerror or 'no way').lower()}"
        if type(error).__name__ == "ConnectTimeoutError":
            return Class.UNREACHABLE, f"cannot reach {server}{through}: no answer to the attempt to connect"
    return None


def _words(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return re.sub(r"<[^>]*object at 0x[0-9a-f]+>:? ?|\(?HTTPS?Connection(?:Pool)?\([^)]*\):? ?", "", str(text))[
        :200
    ].strip()
