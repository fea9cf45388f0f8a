"""Requests to one API server: raw JSON over one pool of connections, every failure retried by its class or not at all.

Retries happen here and nowhere above. What may be retried, and for how long, is the table POLICIES.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from . import errors, network
from .clock import Clock
from .connection import Connection, Transport, open_transport
from .deadline import Deadlines, Tracked
from .errors import ApiError, Class, Expired, PlatformError, Stopped
from .gate import Gate
from .objects import Object, get

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
_PARTIAL = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_BASE, _CAP = 0.25, 8.0  # seconds: the first wait's upper bound, and every wait's
_DEAF = 1.0  # seconds: Python may miss a signal that arrives in the moment in which a join begins, until it is over
_FORGET = 120.0  # seconds after which an old trouble says nothing about a new one

Objects = list[Object]
Item = TypeVar("Item")
Result = TypeVar("Result")


class Policy(NamedTuple):
    """How a class of error is retried.

    budget: which limit ends it (an attribute of Client, seconds); safe: it is certain that the request was not
    executed, so that any request may be sent again; tries: at most so many; everywhere: the trouble is the server's,
    not one collection's.
    """

    budget: str = "retry_timeout"
    safe: bool = False
    tries: int = 100
    everywhere: bool = False


POLICIES = {
    Class.THROTTLED: Policy(safe=True, everywhere=True),
    Class.SHUTTING_DOWN: Policy(safe=True, everywhere=True),
    Class.UNAVAILABLE: Policy(),
    Class.LOST: Policy(everywhere=True),
    Class.UNREACHABLE: Policy("connect_timeout", safe=True, everywhere=True),
    Class.WEBHOOK_UNAVAILABLE: Policy("webhook_timeout", safe=True),
    Class.STORE: Policy(everywhere=True),
    Class.QUOTA_RACE: Policy(safe=True),
    Class.SERVER_FAULT: Policy(tries=3),
}


class Answer(NamedTuple):
    """What the server said: HTTP status, headers, parsed JSON (or text where it is none), its Warning texts."""

    status: int
    headers: Mapping[str, str]
    data: Any
    warnings: list[str]


class Retry(NamedTuple):
    """One repeated request: the object, the HTTP status (0: no answer), the class of error, seconds waited."""

    object: str
    code: int
    reason: str
    waited: float
    message: str = ""

    def row(self) -> dict[str, Any]:
        """As it stands in a result."""
        return {"object": self.object, "code": self.code, "reason": self.reason, "waited": round(self.waited, 2)}


class Client:
    """One cluster. Safe for any number of threads; at most `connections` requests are under way at once.

    retry_timeout, connect_timeout, webhook_timeout: seconds during which a class of error is retried (POLICIES;
    connect_timeout holds for a server that has not answered yet, retry_timeout for one that was there);
    request_timeout: seconds for one request in all; deadline: a moment of the clock after which nothing is retried.
    retries, requests (by verb), warnings: what happened so far. stopping: set by `stop`, ends everything soon.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        connections: int = 16,
        retry_timeout: float = 120,
        connect_timeout: float = 30,
        webhook_timeout: float = 120,
        request_timeout: float = 60,
        clock: Clock | None = None,
        on_retry: Callable[[Retry], None] | None = None,
    ) -> None:
        self.connections = connections
        self.retry_timeout = retry_timeout
        self.connect_timeout = connect_timeout
        self.webhook_timeout = webhook_timeout
        self.request_timeout = request_timeout
        self.deadline: float | None = None
        self.clock = clock or Clock()
        self.on_retry = on_retry
        self.stopping = threading.Event()
        self.retries: list[dict[str, Any]] = []
        self.requests: Counter[str] = Counter()
        self.gate = Gate(connections)
        self._connection = connection
        self._deadlines = Deadlines()
        self._lock = threading.Lock()
        self._renewal = threading.Lock()
        self._lost_credentials: PlatformError | None = None
        self._met = False
        self._trouble: dict[tuple[str, Class], tuple[float, float]] = {}
        self._line = _Line(open_transport(connection, size=connections * 2))
        self._warnings: dict[str, None] = dict.fromkeys(self._line.transport.warnings)

    @property
    def server(self) -> str:
        """The API server's URL."""
        return self._line.transport.server

    @property
    def context(self) -> str:
        """The kubeconfig's context, `in-cluster`, or empty."""
        return self._line.transport.context

    @property
    def user(self) -> str:
        """The kubeconfig's user, or empty."""
        return self._line.transport.user

    @property
    def warnings(self) -> list[str]:
        """The server's warnings, each once, in the order they came."""
        return list(self._warnings)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout: float | None = None,
        about: str = "",
        patience: Mapping[Class, float] | None = None,
        verb: str = "",
        gzip: bool = False,
    ) -> Answer:
        """One request, repeated while its class of error allows it.

        about: the object as people call it, for `retries`; patience: seconds by class where the caller knows better
        than POLICIES (a kind whose CRD was just applied). Raises ApiError, Stopped.
        """
        call = _Call(
            method=method,
            target=f"{path}?{_encode_query(tuple(query.items()))}" if query else path,
            body=body if body is None or isinstance(body, bytes) else _encode(body),
            content_type=content_type if body is not None else "",
            accept=accept,
            gzip=gzip,
            timeout=timeout or self.request_timeout,
            about=about or path,
            path=path,
            again=_repeatable(method, content_type, body),
            verb=(verb or _verb(method, content_type)) + ("+dry-run" if query and "dryRun" in query else ""),
            patience=patience or {},
        )
        while True:
            line = self._credentials()
            outcome = self._exchange(line, call)
            if isinstance(outcome, Answer):
                self._well(call.path)
                return outcome
            if outcome.kind is Class.UNAUTHORIZED and not call.renewed and line.transport.renewable:
                call.renewed = True
                self._renew(line)
                self._note(call, outcome, 0.0)
                continue
            self._before_next(call, _masked(outcome, body, line.transport))

    def list(
        self,
        path: str,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        limit: int = 500,
        metadata_only: bool = False,
        **options: Any,
    ) -> tuple[Objects, str]:
        """All objects of a collection, each with apiVersion and kind, and the list's resourceVersion.

        A list that expires between two pages starts again; the third time it is read in one piece.
        """
        accept = f"{_PARTIAL},application/json" if metadata_only else "application/json"
        for pages in (limit, limit, 0):
            try:
                return self._pages(path, _selectors(label_selector, field_selector), pages, accept, options)
            except Expired:
                if not pages:
                    raise
        raise AssertionError

    def _pages(
        self, path: str, query: dict[str, str], limit: int, accept: str, options: dict[str, Any]
    ) -> tuple[Objects, str]:
        items: Objects = []
        if limit:
            query["limit"] = str(limit)
        while True:
            data = self.request("GET", path, query=query, accept=accept, verb="list", gzip=True, **options).data
            found = get(data, "items")
            items += _typed(found, data) if isinstance(found, list) else []
            query["continue"] = get(data, "metadata", "continue", default="")
            if not query["continue"]:
                return items, get(data, "metadata", "resourceVersion", default="")

    def watch(
        self,
        path: str,
        *,
        resource_version: str,
        timeout: int,
        label_selector: str | None = None,
        field_selector: str | None = None,
        opened: Callable[[Callable[[], None]], None] | None = None,
    ) -> Iterator[tuple[str, Object]]:
        """Events as (type, object), BOOKMARK included, until the server ends the watch after `timeout` seconds.

        opened: called once the watch stands, with a function that ends it from another thread.
        Raises Expired when it must be listed again, ApiError when the connection is lost. Only opening it is retried.
        """
        query = _selectors(label_selector, field_selector)
        query |= {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(timeout),
        }
        call = _Call(
            method="GET",
            target=f"{path}?{urlencode(query)}",
            accept="application/json",
            timeout=timeout + 15,
            about=path,
            path=path,
            verb="watch",
            stream=True,
        )
        while True:
            line = self._credentials()
            outcome = self._exchange(line, call)
            if not isinstance(outcome, ApiError):
                break
            if outcome.kind is Class.UNAUTHORIZED and not call.renewed and line.transport.renewable:
                call.renewed = True
                self._renew(line)
                continue
            self._before_next(call, outcome)
        if opened is not None:
            opened(call.timer.end)
        yield from self._events(outcome.data, call)

    def map(self, do: Callable[[Item], Result], items: Iterable[Item]) -> Sequence[Result | PlatformError]:
        """Does it for every item, at most `connections` at once; a PlatformError stands in its item's place.

        Any other exception, in here or in `do`, stops the client and is raised when all threads are back.
        """
        todo = list(items)
        results: list[Any] = [None] * len(todo)
        numbers = itertools.count()
        broken: list[BaseException] = []

        def work() -> None:
            while not broken and (number := next(numbers)) < len(todo):
                try:
                    self._check()
                    results[number] = do(todo[number])
                except PlatformError as error:
                    results[number] = error
                except BaseException as error:
                    broken.append(error)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(min(self.connections, len(todo)))]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(_DEAF)
        except BaseException:
            self.stop()
            for thread in threads:
                if thread.ident is not None:
                    thread.join(timeout=1)
            raise
        if broken:
            raise broken[0]
        return results

    def stop(self) -> None:
        """No new requests, those under way are cut, waits end. Not for signal handlers: raise there, stop outside."""
        self.stopping.set()
        self.gate.open()
        self._deadlines.abort()

    def close(self) -> None:
        """Ends threads and connections."""
        self._deadlines.close()
        self._line.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def transport(self) -> Transport:
        """The way to the server with credentials that hold, for what is no request (core/api/exec.py)."""
        return self._credentials().transport

    def _check(self) -> None:
        if self.stopping.is_set():
            raise Stopped("stopped before it was done")

    def _exchange(self, line: _Line, call: _Call) -> Answer | ApiError:
        """Sends it once. The gate is held while the server works on it, and not while we wait to try again."""
        self._check()
        ticket = None if call.stream else self.gate.enter()
        timer = self._deadlines.begin(call.timeout)
        outcome: Answer | ApiError | None = None
        try:
            with self._lock:
                self.requests[call.verb] += 1
            self._check()
            outcome = self._read(line.send(call, min(call.timeout, self.connect_timeout / 3)), call)
            self._met = True
        except line.errors as error:
            self._check()
            outcome = network.failure(
                error,
                server=self.server,
                proxy=line.transport.proxied_by,
                late=call.timeout if timer.cut or _is_timeout(error) else None,
            )
        finally:
            if not call.stream:
                self._deadlines.end(timer)
                self.gate.leave(ticket, _pressure(outcome))
            else:
                call.timer = timer
        return outcome

    def _read(self, response: Any, call: _Call) -> Answer | ApiError:
        headers = response.headers
        if call.stream and response.status < 300:
            return Answer(response.status, headers, response, [])
        if response.status >= 300:
            return errors.from_answer(response.status, headers, response.data)
        said = [_warning(text) for text in headers.getlist("Warning")] if "Warning" in headers else []
        for text in said:
            self._warnings.setdefault(text)
        if "json" not in headers.get("Content-Type", "json"):
            return Answer(response.status, headers, response.data.decode("utf-8", "replace"), said)
        try:
            return Answer(response.status, headers, json.loads(response.data) if response.data else None, said)
        except ValueError:
            return ApiError(f"the answer of {self.server} is cut off", kind=Class.LOST)

    def _events(self, response: Any, call: _Call) -> Iterator[tuple[str, Object]]:
        rest = b""
        try:
            while chunk := response.read1(1 << 16):
                *lines, rest = (rest + chunk).split(b"\n")
                for text in filter(None, lines):
                    event = json.loads(text)
                    if event["type"] == "ERROR":
                        raise errors.from_status(event["object"])
                    yield event["type"], event["object"]
        except (ValueError, KeyError, TypeError) as error:
            raise ApiError(f"the watch on {call.about} sent what is no event", kind=Class.LOST) from error
        except self._line.errors as error:
            self._check()
            raise network.failure(error, server=self.server) from None
        finally:
            if call.timer is not None:
                self._deadlines.end(call.timer)
            response.close()
        self._check()

    def _credentials(self) -> _Line:
        line = self._line
        if line.transport.expires is not None and line.transport.expires <= time.time():
            self._renew(line)
        return self._line

    def _renew(self, old: _Line) -> None:
        """Fetches credentials again, once for all threads that found the same ones wanting."""
        with self._renewal:
            if self._line is not old:
                return
            if self._lost_credentials is not None:
                raise self._lost_credentials
            try:
                new = open_transport(self._connection, size=self.connections * 2, renew=True)
            except PlatformError as error:
                self._lost_credentials = error
                raise
            if new.expires is not None and new.expires <= time.time():
                new.expires = None  # stale already: only the server's 401 can tell when it is over
            self._line = _Line(new, old)

    def _before_next(self, call: _Call, error: ApiError) -> None:
        """Waits until it may be tried again; raises the error if it may not."""
        policy = POLICIES.get(error.kind, Policy() if error.kind in call.patience else None)
        now = self.clock.now()
        if policy is None or not policy.everywhere:
            self._well("")
        if policy is None or not (call.again or policy.safe):
            raise error
        budget = call.patience.get(error.kind, self._limit(policy.budget))
        since = min(
            call.first.setdefault(error.kind, now),
            self._since("" if policy.everywhere else _collection(call.path), error.kind, now),
        )
        call.tries += 1
        wait = self.clock.jitter(min(_CAP, _BASE * 2 ** min(call.tries - 1, 10))) + (error.retry_after or 0.0)
        end = min(since + budget, self.deadline if self.deadline is not None else since + budget)
        if call.tries >= policy.tries or now + wait > end:
            if call.tries > 1 or now > since:
                error.message += f"; given up after {call.tries} tries in {now - call.began(now):.0f} s"
            raise error
        self._note(call, error, wait)
        self.clock.wait(self.stopping, wait)
        self._check()

    def _limit(self, budget: str) -> float:
        """A server that has answered once is only away, and worth the patience of all other troubles."""
        seconds: float = getattr(self, budget)
        return max(seconds, self.retry_timeout) if self._met and budget == "connect_timeout" else seconds

    def _note(self, call: _Call, error: ApiError, waited: float) -> None:
        retry = Retry(call.about, error.status, error.kind.value, waited, error.message)
        with self._lock:
            self.retries.append(retry.row())
        if self.on_retry is not None:
            self.on_retry(retry)

    def _since(self, scope: str, kind: Class, now: float) -> float:
        """Since when this trouble lasts, for all requests together: objects do not each have a budget of their own."""
        with self._lock:
            first, last = self._trouble.get((scope, kind), (now, now))
            if now - last > _FORGET:
                first = now
            self._trouble[scope, kind] = (first, now)
        return first

    def _well(self, path: str) -> None:
        """The server answers: troubles of the server are over, and those of this collection."""
        if self._trouble:
            scope = _collection(path)
            with self._lock:
                self._trouble = {key: since for key, since in self._trouble.items() if key[0] not in ("", scope)}


class _Call:
    """One request and what has been tried for it."""

    def __init__(
        self,
        *,
        method: str,
        target: str,
        accept: str,
        timeout: float,
        about: str,
        path: str,
        verb: str,
        body: bytes | None = None,
        content_type: str = "",
        gzip: bool = False,
        again: bool = True,
        stream: bool = False,
        patience: Mapping[Class, float] | None = None,
    ) -> None:
        self.method = method
        self.target = target
        self.body = body
        self.headers = (content_type, accept, gzip)
        self.timeout = timeout
        self.about = about
        self.path = path
        self.again = again
        self.verb = verb
        self.stream = stream
        self.patience = patience or {}
        self.tries = 0
        self.renewed = False
        self.first: dict[Class, float] = {}
        self.timer: Any = None

    def began(self, now: float) -> float:
        """When it first failed."""
        return min(self.first.values(), default=now)


class _Line:
    """A transport made ready to send: its host's pool, and the headers of each form of request built once."""

    def __init__(self, transport: Transport, old: _Line | None = None) -> None:
        self.transport: Transport = transport
        if old is not None and old.transport.tls == transport.tls:
            transport.pool = old.transport.pool
        manager = transport.pool
        self._pool = manager.connection_from_url(transport.server)
        if not issubclass(self._pool.ConnectionCls, Tracked):
            self._pool.ConnectionCls = type("Connection", (Tracked, self._pool.ConnectionCls), {})
        plain_proxy = manager.proxy is not None and transport.server.startswith("http:")
        self._prefix = transport.server if plain_proxy else re.sub(r"^\w+://[^/]*", "", transport.server)
        self._proxy_headers = list(manager.proxy_headers.items()) if plain_proxy else []
        self._headers: dict[tuple[str, str, bool], Any] = {}
        urllib3 = _urllib3()
        self._timeout = urllib3.Timeout
        self._header_type = urllib3.HTTPHeaderDict
        self.errors = (urllib3.exceptions.HTTPError, OSError, EOFError)

    def send(self, call: _Call, connect: float) -> Any:
        """The response, read to its end unless it is a stream. Redirects would leak the token: not followed."""
        return self._pool.request(
            call.method,
            self._prefix + call.target,
            body=call.body,
            headers=self._headers.get(call.headers) or self._build(call.headers),
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=self._timeout(connect=connect, read=call.timeout),
            preload_content=not call.stream,
        )

    def close(self) -> None:
        """Drops the idle connections; clearing the manager alone leaves them to the garbage collector."""
        self._pool.close()
        self.transport.pool.clear()

    def _build(self, form: tuple[str, str, bool]) -> Any:
        content_type, accept, gzip = form
        headers = self._header_type({"Accept": accept, "User-Agent": "groundwork.platform"})
        if content_type:
            headers["Content-Type"] = content_type
        if gzip:
            headers["Accept-Encoding"] = "gzip"
        for name, value in [*self.transport.headers, *self._proxy_headers]:
            headers.add(name, value)
        self._headers[form] = headers
        return headers


def _urllib3() -> Any:
    import urllib3

    return urllib3


def _encode(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=64)
def _encode_query(query: tuple[tuple[str, str], ...]) -> str:
    return urlencode(query)


def _verb(method: str, content_type: str) -> str:
    return "apply" if content_type == APPLY else _VERBS.get(method, method.lower())


def _repeatable(method: str, content_type: str, body: Any) -> bool:
    """Whether sending it twice does what sending it once does."""
    if method == "POST":
        return not get(body, "metadata", "generateName")
    if method == "DELETE":
        return bool(get(body, "preconditions", "uid"))
    return method != "PATCH" or content_type in (APPLY, MERGE)


def _collection(path: str) -> str:
    """`/apis/apps/v1/deployments` of any path to a Deployment: where a trouble that is not the server's belongs."""
    return re.sub(r"^((?:/apis/[^/]+|/api)/[^/]+)(?:/namespaces/[^/]+(?=/))?(/[^/]+)?.*", r"\1\2", path)


def _selectors(labels: str | None, fields: str | None) -> dict[str, str]:
    return {name: value for name, value in (("labelSelector", labels), ("fieldSelector", fields)) if value}


def _typed(items: list[Object], data: Object) -> list[Object]:
    """Items of a built-in kind's list lack apiVersion and kind: they are the list's."""
    kind = str(get(data, "kind", default=""))
    if kind.endswith("List") and kind != "PartialObjectMetadataList":
        for item in items:
            item.setdefault("apiVersion", data.get("apiVersion"))
            item.setdefault("kind", kind.removesuffix("List"))
    return items


def _warning(header: str) -> str:
    """The text of a Warning header, `299 - "text"`."""
    found = re.match(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"', header)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else header


def _pressure(outcome: Answer | ApiError | None) -> bool | None:
    """For the gate: whether the server was overloaded (True), did its work (False), or neither is known (None)."""
    if isinstance(outcome, Answer):
        return False
    return True if outcome is not None and outcome.status == 429 else None


def _masked(error: ApiError, body: Any, transport: Transport) -> ApiError:
    """Servers quote what they refuse; what they quote of a Secret stays out of every message."""
    hidden = list(transport.secrets)
    if isinstance(body, dict) and body.get("kind") == "Secret" and body.get("apiVersion") == "v1":
        return errors.mask(error, hidden + _leaves(body))
    for text in hidden:
        if text in error.message:
            error.message = error.message.replace(text, "***")
    return error


def _leaves(secret: Object) -> list[str]:
    import base64
    import binascii

    found = []
    for value in [*_values(secret.get("data")), *_values(secret.get("stringData"))]:
        found.append(value)
        try:
            found.append(base64.b64decode(value, validate=True).decode())
        except (binascii.Error, ValueError):
            continue
    return found


def _values(data: Any) -> list[str]:
    return [str(value) for value in data.values() if value not in (None, "")] if isinstance(data, dict) else []


def _is_timeout(error: BaseException) -> bool:
    return type(error).__name__ == "ReadTimeoutError"
