"""A wire that is slow, and that can be cut: a proxy on loopback in front of PostgreSQL's socket."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit


class Wire:
    """Passes everything on, each way after `delay_s`; `cut` ends every connection there is."""

    def __init__(self, target: str, delay_s: float) -> None:
        self._target = target
        self._delay_s = delay_s
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self._lock:
            ended, self._sockets = self._sockets, []
        for each in ended:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._target)
                with self._lock:
                    self._sockets += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                time.sleep(self._delay_s)
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def slow_wire(url: str, delay_s: float) -> Iterator[tuple[str, Wire]]:
    """The address of the same database behind a slow wire, and the wire. `url` names a socket's folder as host."""
    parts = urlsplit(url)
    wire = Wire(f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432", delay_s)
    try:
        yield f"postgresql://{parts.username}@127.0.0.1:{wire.port}{parts.path}", wire
    finally:
        wire.close()
