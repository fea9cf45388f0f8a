"""Runs a command in a container through the API server: words in, exit code and what it printed out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from . import errors, network
from .client import Client
from .errors import ApiError, Class, PlatformError
from .objects import get

# Kubernetes' protocol (pkg/util/remotecommand): each message begins with the number of its stream.
_PROTOCOL = "v4.channel.k8s.io"
_STDIN, _STDOUT, _STDERR, _STATUS = range(4)
_PIECE = 1 << 15
_AT_LEAST = 0.001  # seconds; none at all would mean not to wait


class Outcome(NamedTuple):
    """How a command ended: exit code, what it printed, what it complained of."""

    code: int
    out: str
    err: str


def run(
    client: Client,
    namespace: str,
    pod: str,
    container: str,
    command: Sequence[str],
    *,
    stdin: str = "",
    timeout: float = 60,
) -> Outcome:
    """Runs a command in a running container and waits for its end. It takes the right to `create` `pods/exec`.

    The command stands in the API server's audit log, what goes to its stdin does not. Its stdin is never closed: a
    command that reads it must know how much to read. Raises ApiError (no such pod, no right, lost on the way).
    """
    query = [("container", container), ("stdout", "true"), ("stderr", "true"), *(("command", each) for each in command)]
    query += [("stdin", "true")] if stdin else []
    path = f"/api/v1/namespaces/{namespace}/pods/{pod}/exec?{urlencode(query)}"
    about = f"{command[0]} in pod {namespace}/{pod}"
    library = _library()
    ends = client.clock.now() + timeout
    socket = _open(library, client, path, timeout)
    printed: dict[int, bytes] = {_STDOUT: b"", _STDERR: b"", _STATUS: b""}
    try:
        data = stdin.encode()
        for begin in range(0, len(data), _PIECE):
            socket.send_binary(bytes([_STDIN]) + data[begin : begin + _PIECE])
        while not printed[_STATUS]:
            socket.settimeout(max(ends - client.clock.now(), _AT_LEAST))
            message = socket.recv()
            if not message:
                break
            stream, rest = message[0], message[1:]
            printed[stream] = printed.get(stream, b"") + rest
    except library.WebSocketTimeoutException as error:
        raise ApiError(f"{about} did not end in {timeout:g} s", kind=Class.LOST) from error
    except (library.WebSocketException, OSError) as error:
        raise network.failure(error, server=client.server) from None
    finally:
        socket.close(timeout=0)  # all is said, or the other side is not to be waited for
    return Outcome(_code(printed[_STATUS], about), _text(printed[_STDOUT]), _text(printed[_STDERR]))


def _open(library: Any, client: Client, path: str, timeout: float) -> Any:
    """The connection, made with the client's own credentials and certificates."""
    transport = client.transport()
    proxy = getattr(transport.pool, "proxy", None)
    through = {"http_proxy_host": proxy.host, "http_proxy_port": proxy.port, "proxy_type": "http"} if proxy else {}
    context = transport.pool.connection_pool_kw.get("ssl_context")
    try:
        return library.create_connection(
            f"ws{transport.server.removeprefix('http')}{path}",
            timeout=timeout,
            header=[f"{name}: {value}" for name, value in (*transport.headers, ("User-Agent", "groundwork.platform"))],
            sslopt={"context": context} if context else {},
            subprotocols=[_PROTOCOL],
            **through,
        )
    except library.WebSocketBadStatusException as error:
        raise errors.from_answer(error.status_code, _headers(error), _body(error)) from None
    except (library.WebSocketException, OSError) as error:
        raise network.failure(error, server=client.server) from None


def _library() -> Any:
    """`websocket-client`, which the package kubernetes brings."""
    try:
        import websocket
    except ImportError as error:
        raise PlatformError(f"the Python package websocket-client cannot be loaded ({error}); install it") from error
    return websocket


def _headers(error: Any) -> Mapping[str, str]:
    """As HTTP writes them; the library has them in small letters."""
    return {name.title(): value for name, value in (error.resp_headers or {}).items()}


def _body(error: Any) -> bytes:
    return error.resp_body or b""


def _code(status: bytes, about: str) -> int:
    """The exit code in the Status that ends every run."""
    try:
        said = json.loads(status)
    except ValueError:
        raise ApiError(f"{about} was cut off before its end", kind=Class.LOST) from None
    if said.get("status") == "Success":
        return 0
    for cause in get(said, "details", "causes", default=[]):
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    raise ApiError(f"{about} could not be run: {said.get('message', 'no reason was given')}", kind=Class.INVALID)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
