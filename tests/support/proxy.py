"""A proxy before a real API server that misbehaves on demand: the scripted server's faults, the real one's answers."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import yaml
from support.server import Exchange, Request, Response, Server

_PASSED = ("Content-Type", "Retry-After", "Warning", "Connection")


class Proxy(Server):
    """Speaks HTTP to its clients and TLS to the API server, as the kubeconfig's user."""

    def __init__(self, kubeconfig: Path) -> None:
        super().__init__()
        config = yaml.safe_load(kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self._host = urlsplit(cluster["server"]).netloc
        self._context = ssl.create_default_context(cadata=_text(cluster, "certificate-authority"))
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for part in ("client-certificate", "client-key"):
                paths.append(Path(folder) / part)
                paths[-1].write_text(_text(user, part))
            self._context.load_cert_chain(*paths)
        self._mine = threading.local()

    def answer(self, request: Request) -> Response:
        response = self._ask(request)
        headers = {name: value for name in _PASSED if (value := response.getheader(name))}
        return Response(response.status, response.read(), headers)

    def watch(self, exchange: Exchange, request: Request) -> None:
        response = self._ask(request)
        if response.status != 200:
            exchange.send(Response(response.status, response.read(), {"Content-Type": "application/json"}))
            return
        exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        while data := response.read1(65536):
            exchange.raw(b"%x\r\n%s\r\n" % (len(data), data))
        exchange.raw(b"0\r\n\r\n")

    def _ask(self, request: Request) -> http.client.HTTPResponse:
        """One request to the real server, over a connection of this thread; an error of it is one of ours."""
        line = getattr(self._mine, "line", None)
        if line is None:
            line = self._mine.line = http.client.HTTPSConnection(self._host, context=self._context, timeout=60)
        target = request.path + (f"?{urlencode(request.query)}" if request.query else "")
        headers = {
            name: request.headers[name] for name in ("Accept", "Content-Type", "User-Agent") if name in request.headers
        }
        body = None if request.body is None else json.dumps(request.body)
        try:
            line.request(request.method, target, body=body, headers=headers)
            response: http.client.HTTPResponse = line.getresponse()
        except (OSError, http.client.HTTPException) as error:
            line.close()
            raise ConnectionResetError from error
        return response


def _text(part: dict[str, str], name: str) -> str:
    if f"{name}-data" in part:
        return base64.b64decode(part[f"{name}-data"]).decode()
    return Path(part[name]).read_text()
