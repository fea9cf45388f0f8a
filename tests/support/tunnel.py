"""An HTTP proxy for tests: CONNECT, allowed or refused, and a count of the tunnels."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from typing import Any


class Tunnel:
    """Listens while used as a context. refuse: the status line's rest with which every CONNECT is refused."""

    def __init__(self, refuse: str = "") -> None:
        self.asked: list[str] = []
        tunnel = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                target = self.rfile.readline().split()[1].decode()
                tunnel.asked.append(target)
                while self.rfile.readline().strip():
                    pass
                if refuse:
                    self.wfile.write(f"HTTP/1.1 {refuse}\r\nContent-Length: 0\r\n\r\n".encode())
                    return
                host, _, port = target.rpartition(":")
                with socket.create_connection((host, int(port))) as server:
                    self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    _join(self.connection, server)

        self._listener = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._listener.daemon_threads = True
        self._listener.block_on_close = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    def __enter__(self) -> Tunnel:
        threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()


def _join(one: Any, other: Any) -> None:
    back = threading.Thread(target=_copy, args=(other, one), daemon=True)
    back.start()
    _copy(one, other)
    back.join()


def _copy(source: Any, sink: Any) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
