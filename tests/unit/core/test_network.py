"""What the exceptions of sockets, TLS and urllib3 mean, however deep urllib3 hides them."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl

import pytest
import urllib3
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import Class
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.network import failure


def nested(cause: BaseException) -> BaseException:
    """As urllib3 raises it: a protocol error around the cause."""
    error = urllib3.exceptions.ProtocolError("Connection aborted.", cause)
    error.__cause__ = cause
    return error


def alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] (_ssl.c:1)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("cause", "expected", "words"),
    [
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), Class.LOST, "was lost: Connection reset"),
        (http.client.RemoteDisconnected("Remote end closed connection"), Class.LOST, "Remote end closed"),
        (http.client.IncompleteRead(b"x"), Class.LOST, "was lost"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), Class.LOST, "EOF occurred"),
        (socket.gaierror(-2, "Name or service not known"), Class.UNREACHABLE, "the name cannot be resolved"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), Class.UNREACHABLE, "connection refused"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), Class.UNREACHABLE, "no route to host"),
        (urllib3.exceptions.ConnectTimeoutError(None, "timed out"), Class.UNREACHABLE, "no answer to the attempt"),
        (OSError("Tunnel connection failed: 407 Proxy Authentication Required"), Class.PROXY, "407"),
        (OSError("Tunnel connection failed: 503 Service Unavailable"), Class.UNREACHABLE, "503"),
        (alert("SSLV3_ALERT_CERTIFICATE_EXPIRED"), Class.TLS, "refused our client certificate"),
        (alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"), Class.TLS, "refused our client certificate"),
        (alert("TLSV1_ALERT_DECODE_ERROR"), Class.LOST, "was lost: "),
        (alert("WRONG_VERSION_NUMBER"), Class.TLS, "does not speak TLS"),
    ],
)
@pytest.mark.parametrize("wrap", [False, True])
def test_causes(cause: BaseException, expected: Class, words: str, wrap: bool) -> None:
    error = failure(nested(cause) if wrap else cause, server="https://api:6443")
    assert error.kind is expected
    assert words in str(error)
    assert "https://api:6443" in str(error)
    assert "0x" not in str(error)


def test_what_was_cut_says_after_how_long() -> None:
    error = failure(OSError("whatever"), server="https://api:6443", late=60)
    assert (error.kind, str(error)) == (Class.LOST, "https://api:6443 did not answer completely in 60 s")
