"""A scripted API server, simulated: it speaks discovery, apply, list and watch over HTTP(S), and misbehaves on demand.

`Server.fault` takes what to do with matching requests; everything else is answered from the store.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import yaml
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.connection import Connection
from support.certificates import Pair
from support.store import Refused, Store, Watched

MUTATING = {"POST", "PUT", "PATCH", "DELETE"}


class Request(NamedTuple):
    """One request as it came, and when, and over which connection."""

    method: str
    path: str
    query: dict[str, str]
    headers: Any
    body: Any
    connection: int
    at: float

    @property
    def dry(self) -> bool:
        return "dryRun" in self.query

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Response(NamedTuple):
    """What to answer."""

    status: int
    body: bytes
    headers: dict[str, str]


Action = Callable[["Exchange"], None]


class Fault:
    """What to do with requests that match: `skip` are let through first, then `times` are treated."""

    def __init__(
        self,
        action: Action,
        *,
        method: str = "",
        path: str = "",
        times: int = 1,
        skip: int = 0,
        when: Callable[[Request], bool] | None = None,
    ) -> None:
        self.action = action
        self.method = method
        self.path = re.compile(path)
        self.times = times
        self.skip = skip
        self.when = when
        self.hits = 0

    def takes(self, request: Request) -> bool:
        if self.times <= 0 or (self.method and request.method not in self.method.split("|")):
            return False
        if not self.path.search(request.path) or (self.when and not self.when(request)):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        self.hits += 1
        return True


FOREVER = 1 << 30


class Server:
    """Listens on a free port of this machine while used as a context."""

    def __init__(self, *, certificate: Pair | None = None, client_ca: str = "") -> None:
        self.store = Store()
        self.log: list[Request] = []
        self.faults: list[Fault] = []
        self.stale: set[tuple[str, str]] = set()
        self.aggregated = True
        self.token = "token-of-the-test"
        self.stopped = threading.Event()
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._handler = _handler(self)
        self._listener = _Listener(("127.0.0.1", 0), self._handler)
        self._tls: ssl.SSLContext | None = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*certificate)
            if client_ca:
                self._tls.verify_mode = ssl.CERT_REQUIRED
                self._tls.load_verify_locations(client_ca)
        self._listener.tls = self._tls

    def __enter__(self) -> Server:
        self._listen()
        return self

    def _listen(self) -> None:
        threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def leave(self) -> None:
        """Goes away with all connections."""
        self._listener.shutdown()
        self._listener.server_close()
        self._listener.end_all()

    def restart(self, seconds: float, *, certificate: Pair | None = None) -> None:
        """Goes away, and comes back on the same port after that time, perhaps as another one; returns at once."""
        port = self.port

        def act() -> None:
            self.leave()
            time.sleep(seconds)
            if certificate and self._tls:
                self._tls.load_cert_chain(*certificate)
            self._listener = _Listener(("127.0.0.1", port), self._handler)
            self._listener.tls = self._tls
            self._listen()

        threading.Thread(target=act, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        with self.store.changed:
            self.store.changed.notify_all()
        self.leave()

    @property
    def port(self) -> int:
        return self._listener.server_address[1]

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def open_connections(self) -> int:
        return len(self._listener.sockets)

    def idle(self, seconds: float = 5) -> bool:
        """Whether all connections are gone; waits for it that long."""
        until = time.monotonic() + seconds
        while self._listener.sockets and time.monotonic() < until:
            time.sleep(0.005)
        return not self._listener.sockets

    def connection(self, **options: Any) -> Connection:
        """Options to reach it."""
        return Connection(**{"host": self.url, "api_key": self.token, **options})

    def kubeconfig(
        self, path: Path, *, user: dict[str, Any] | None = None, cluster: dict[str, Any] | None = None
    ) -> str:
        """Writes a kubeconfig with one context, `test`."""
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "clusters": [{"name": "test", "cluster": {"server": self.url, **(cluster or {})}}],
            "users": [{"name": "test", "user": {"token": self.token} if user is None else user}],
        }
        path.write_text(yaml.safe_dump(config))
        return str(path)

    def fault(self, action: Action, **match: Any) -> Fault:
        """From now on; the first fault that takes a request treats it."""
        fault = Fault(action, **match)
        self.faults.append(fault)
        return fault

    def seen(self, method: str = "", path: str = "") -> list[Request]:
        """The requests so far."""
        return [r for r in self.log if method in ("", r.method) and re.search(path, r.path)]

    @property
    def writes(self) -> list[Request]:
        """Requests that could change something, Leases and dry runs aside."""
        return [r for r in self.log if r.method in MUTATING and not r.dry and "/leases" not in r.path]

    @property
    def counts(self) -> Counter[str]:
        """Requests by method, dry runs, watches and Leases by themselves."""
        return Counter(_count(request) for request in self.log)

    def answer(self, request: Request) -> Response:
        """What the store says."""
        return _answer(self, request)

    def watch(self, exchange: Exchange, request: Request) -> None:
        """The store's events."""
        _watch(self, exchange, request)

    def find(self, request: Request) -> Fault | None:
        with self._lock:
            self.log.append(request)
            return next((fault for fault in self.faults if fault.takes(request)), None)

    def entered(self, by: int) -> None:
        with self._lock:
            self._at_once += by
            self.most_at_once = max(self.most_at_once, self._at_once)


class Exchange:
    """One request being answered, with the ways to answer it badly."""

    def __init__(self, server: Server, handler: Any, request: Request) -> None:
        self.server = server
        self.request = request
        self._handler = handler

    def serve(self) -> Response:
        """What the store says; writes are done."""
        return self.server.answer(self.request)

    def send(self, response: Response) -> None:
        self._handler.send_response(response.status)
        for name, value in response.headers.items():
            self._handler.send_header(name, value)
        self._handler.send_header("Content-Length", str(len(response.body)))
        if response.headers.get("Connection") == "close":
            self._handler.close_connection = True
        self._handler.end_headers()
        self._handler.wfile.write(response.body)

    def raw(self, data: bytes) -> None:
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def watch(self) -> None:
        """The store's events, as long as the client asked for."""
        self.server.watch(self, self.request)

    def reset(self) -> None:
        """The connection goes away at once, as if the machine had."""
        linger = struct.pack("ii", 1, 0)
        sock = self._handler.connection
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._handler.close_connection = True
        self._handler.wfile = _Sink()
        self.server._listener.cut(sock)

    def close(self) -> None:
        self._handler.close_connection = True

    def upgrade(self) -> None:
        """From here on the connection is a WebSocket of Kubernetes' remote commands."""
        key = self.request.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest()).decode()
        protocol = self.request.headers["Sec-WebSocket-Protocol"]
        self.raw(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n".encode()
        )
        self.close()

    def message(self, stream: int, data: bytes) -> None:
        """A message of one of a command's streams (RFC 6455 5.2: the last and only frame, binary, not masked)."""
        self.raw(_frame(_BINARY, bytes([stream]) + data))

    def close_frame(self) -> None:
        """The end as RFC 6455 has it: code 1000."""
        self.raw(_frame(_CLOSE, (1000).to_bytes(2)))

    def received(self, stream: int, size: int) -> bytes:
        """What the client sent to a stream, once it is so many bytes."""
        found = b""
        while len(found) < size:
            data = _unmasked(self._handler.rfile)
            assert data[0] == stream
            found += data[1:]
        return found


def status(
    code: int,
    message: str = "",
    *,
    reason: str = "",
    causes: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
    details: dict[str, Any] | None = None,
) -> Action:
    """Answers a Status."""
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": {**(details or {}), **({"causes": causes} if causes else {})},
        "code": code,
    }
    return lambda exchange: exchange.send(_json(code, body, headers))


def text(code: int, body: str, content_type: str = "text/plain; charset=utf-8", **headers: str) -> Action:
    """Answers plain text, as the server's filters and proxies do."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda exchange: exchange.send(Response(code, body.encode(), {"Content-Type": content_type, **named}))


def throttled(after: int = 1, **headers: str) -> Action:
    """429 as priority and fairness sends it."""
    return text(429, "Too many requests, please try again later.\n", Retry_After=str(after), **headers)


def answers(body: Any, code: int = 200, headers: dict[str, str] | None = None) -> Action:
    """Answers an object."""
    return lambda exchange: exchange.send(_json(code, body, headers))


def reset(*, served: bool = False) -> Action:
    """Resets the connection, before or after the request was executed."""

    def act(exchange: Exchange) -> None:
        if served:
            exchange.serve()
        exchange.reset()

    return act


def cut(*, chunked: bool = False) -> Action:
    """Half of the answer, then the end of the connection."""

    def act(exchange: Exchange) -> None:
        response = exchange.serve()
        half = response.body[: len(response.body) // 2]
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(response.body)}"
        exchange.raw(f"HTTP/1.1 {response.status} OK\r\nContent-Type: application/json\r\n{length}\r\n\r\n".encode())
        exchange.raw(b"%x\r\n%s\r\n" % (len(half), half) if chunked else half)
        exchange.close()

    return act


def hang(seconds: float = 3600) -> Action:
    """No answer for that long, with the connection left open; then its end."""

    def act(exchange: Exchange) -> None:
        exchange.server.stopped.wait(seconds)
        exchange.close()

    return act


def drip(interval: float, count: int) -> Action:
    """An answer of so many bytes, one at a time."""

    def act(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % count)
        for _ in range(count):
            exchange.server.stopped.wait(interval)
            exchange.raw(b" ")

    return act


def close_after() -> Action:
    """Answers well, then closes the connection without having said so."""

    def act(exchange: Exchange) -> None:
        exchange.send(exchange.serve())
        exchange.close()

    return act


def then(first: Callable[[Exchange], Any], *, close: bool = False) -> Action:
    """Does something on the way, then answers as the store does."""

    def act(exchange: Exchange) -> None:
        first(exchange)
        if "watch" in exchange.request.query:
            exchange.watch()
        else:
            exchange.send(exchange.serve())

    return act


def events(*sent: dict[str, Any], hold: bool = False) -> Action:
    """A watch that sends these events and ends, or stays silent after them until its time is over."""

    def act(exchange: Exchange) -> None:
        _start_stream(exchange)
        for event in sent:
            _chunk(exchange, event)
        if hold:
            exchange.server.stopped.wait(float(exchange.request.query.get("timeoutSeconds", "1")))
        exchange.raw(b"0\r\n\r\n")

    return act


_BINARY, _CLOSE = 2, 8


def _frame(opcode: int, data: bytes) -> bytes:
    length = bytes([len(data)]) if len(data) < 126 else bytes([126]) + len(data).to_bytes(2)
    return bytes([0x80 | opcode]) + length + data


def _unmasked(stream: Any) -> bytes:
    """The data of a client's frame, which is always masked."""
    size = stream.read(2)[1] & 0x7F
    if size >= 126:
        size = int.from_bytes(stream.read(2 if size == 126 else 8))
    mask, data = stream.read(4), stream.read(size)
    return bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))


def _json(code: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(code, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})


def _count(request: Request) -> str:
    if "/leases" in request.path:
        return "lease"
    if "watch" in request.query:
        return "watch"
    return f"{request.method} dry" if request.dry else request.method


def _answer(server: Server, request: Request) -> Response:
    try:
        code, body = _route(server, request)
    except Refused as refusal:
        return _json(refusal.code, refusal.status)
    return _json(code, body)


def _route(server: Server, request: Request) -> tuple[int, Any]:
    if request.path in ("/api", "/apis"):
        return 200, _discovery(server, core=request.path == "/api")
    found = re.fullmatch(r"/(?:api|apis/([^/]+))/([^/]+)", request.path)
    if found:
        return 200, _resources(server, found[1] or "", found[2])
    if request.path == "/version":
        return 200, {"major": "1", "minor": "36", "gitVersion": "v1.36.3"}
    group, plural, namespace, name, part = _parts(request.path)
    if (group, plural) not in server.store.kinds:
        raise Refused(404, "NotFound", "the server could not find the requested resource")
    return _object(server, request, (group, plural, namespace, name), part)


def _parts(path: str) -> tuple[str, str, str, str, str]:
    found = re.fullmatch(
        r"/(?:api|apis/(?P<group>[^/]+))/[^/]+(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<plural>[^/]+)"
        r"(?:/(?P<name>[^/]+))?(?:/(?P<part>[^/]+))?",
        path,
    )
    if not found:
        raise Refused(404, "NotFound", "the server could not find the requested resource")
    return (
        found["group"] or "",
        found["plural"],
        unquote(found["namespace"] or ""),
        unquote(found["name"] or ""),
        found["part"] or "",
    )


def _object(server: Server, request: Request, key: tuple[str, str, str, str], part: str) -> tuple[int, Any]:
    store, dry = server.store, request.dry
    manager = request.query.get("fieldManager", "unknown")
    if request.method == "GET":
        return 200, store.get(key) if key[3] else _listed(server, request, key)
    if request.method == "POST":
        name = (request.body.get("metadata") or {}).get("name", "")
        return 201, store.create((*key[:3], name), request.body, manager, dry)
    if request.method == "PUT":
        return 200, store.replace(key, request.body, manager, dry)
    if request.method == "PATCH":
        return _patch(server, request, key, manager)
    if request.method == "DELETE":
        return 200, store.delete(key, request.body or {}, dry)
    raise Refused(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def _patch(server: Server, request: Request, key: tuple[str, str, str, str], manager: str) -> tuple[int, Any]:
    if "apply" not in request.headers["Content-Type"]:
        return 200, server.store.merge(key, request.body, manager, request.dry)
    force = request.query.get("force") == "true"
    return server.store.apply(key, request.body, manager, force=force, dry=request.dry)


def _listed(server: Server, request: Request, key: tuple[str, str, str, str]) -> dict[str, Any]:
    kind = server.store.kinds[key[0], key[1]]
    with server.store.changed:
        items = server.store.list(
            *key[:3], request.query.get("labelSelector", ""), request.query.get("fieldSelector", "")
        )
        meta: dict[str, Any] = {"resourceVersion": str(server.store.version)}
    start, size = int(request.query.get("continue") or 0), int(request.query.get("limit") or 0)
    if size and start + size < len(items):
        meta["continue"] = str(start + size)
    items = items[start : start + size] if size else items
    if "PartialObjectMetadataList" in request.headers.get("Accept", ""):
        items = [
            {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": i["metadata"]} for i in items
        ]
        return {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": meta, "items": items}
    if kind.group in ("", "apps", "batch"):
        items = [{name: value for name, value in item.items() if name not in ("apiVersion", "kind")} for item in items]
    return {"apiVersion": kind.api_version, "kind": f"{kind.kind}List", "metadata": meta, "items": items}


def _discovery(server: Server, *, core: bool) -> dict[str, Any]:
    groups: dict[str, dict[str, list[Any]]] = {}
    for kind in server.store.kinds.values():
        if (kind.group == "") is core:
            groups.setdefault(kind.group, {}).setdefault(kind.version, []).append(kind)
    for group, version in server.stale:
        groups.setdefault(group, {})[version] = []
    if not server.aggregated:
        if core:
            return {"kind": "APIVersions", "versions": list(groups[""])}
        listed = [
            {"name": name, "versions": [{"groupVersion": f"{name}/{v}", "version": v} for v in versions]}
            for name, versions in groups.items()
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": [
            {
                "metadata": {"name": name},
                "versions": [_version(server, name, v, kinds) for v, kinds in versions.items()],
            }
            for name, versions in groups.items()
        ],
    }


def _version(server: Server, group: str, version: str, kinds: list[Any]) -> dict[str, Any]:
    stale = (group, version) in server.stale
    entries = [
        {
            "resource": kind.plural,
            "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "singularResource": kind.kind.lower(),
            "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
        }
        for kind in kinds
    ]
    return {
        "version": version,
        "freshness": "Stale" if stale else "Current",
        **({} if stale else {"resources": entries}),
    }


def _resources(server: Server, group: str, version: str) -> dict[str, Any]:
    if (group, version) in server.stale:
        raise Refused(503, "ServiceUnavailable", "service unavailable")
    kinds = [kind for kind in server.store.kinds.values() if (kind.group, kind.version) == (group, version)]
    if not kinds:
        raise Refused(404, "NotFound", "the server could not find the requested resource")
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    return {
        "kind": "APIResourceList",
        "groupVersion": f"{group}/{version}" if group else version,
        "resources": [{"name": k.plural, "kind": k.kind, "namespaced": k.namespaced, "verbs": verbs} for k in kinds],
    }


def _start_stream(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")


def _chunk(exchange: Exchange, event: dict[str, Any]) -> None:
    line = json.dumps(event).encode() + b"\n"
    exchange.raw(b"%x\r\n%s\r\n" % (len(line), line))


def _watch(server: Server, exchange: Exchange, request: Request) -> None:
    group, plural, namespace, _, _ = _parts(request.path)
    query = request.query
    if (group, plural) not in server.store.kinds:
        exchange.send(server.answer(request))
        return
    until = time.monotonic() + float(query.get("timeoutSeconds", "60"))
    since = int(query.get("resourceVersion") or server.store.version)
    _start_stream(exchange)
    wanted = Watched(group, plural, namespace, query.get("labelSelector", ""), query.get("fieldSelector", ""))
    follow = server.store.follow(wanted, since, until)
    for event in follow:
        if server.stopped.is_set():
            return
        if event is not None:
            _chunk(exchange, event)
    exchange.raw(b"0\r\n\r\n")


class _Sink:
    """Takes what is written after the connection is gone."""

    closed = False

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        return None

    def close(self) -> None:
        self.closed = True


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        self.sockets: set[Any] = set()
        self.tls: ssl.SSLContext | None = None
        super().__init__(*arguments)

    def finish_request(self, request: Any, client_address: Any) -> None:
        try:
            if self.tls:
                request.settimeout(5)
                request = self.tls.wrap_socket(request, server_side=True)
                request.settimeout(None)
            self.sockets.add(request)
            super().finish_request(request, client_address)
        except OSError:
            pass
        finally:
            self.cut(request)
            self.sockets.discard(request)

    def cut(self, sock: Any) -> None:
        try:
            if isinstance(sock, ssl.SSLSocket):
                plain = socket.socket(fileno=sock.detach())
                plain.close()
            else:
                sock.close()
        except OSError:
            pass

    def end_all(self) -> None:
        for sock in list(self.sockets):
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is no error of the server."""


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    numbers = itertools.count(1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            self.number = next(numbers)

        def answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size) if size else b""
            url = urlsplit(self.path)
            request = Request(
                self.command,
                url.path,
                {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()},
                self.headers,
                json.loads(body) if body else None,
                self.number,
                time.monotonic(),
            )
            exchange = Exchange(server, self, request)
            fault = server.find(request)
            server.entered(1)
            try:
                if fault:
                    fault.action(exchange)
                elif "watch" in request.query:
                    exchange.watch()
                else:
                    exchange.send(exchange.serve())
                self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError, ValueError):
                self.close_connection = True
            finally:
                server.entered(-1)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, *_: Any) -> None:
            """The log is `Server.log`."""

    return Handler
