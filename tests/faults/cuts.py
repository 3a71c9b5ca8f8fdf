"""Clients that hang up in the middle: the server keeps no thread, no file and no connection for them."""

from __future__ import annotations

import base64
import contextlib
import os
import random
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import psycopg

from api.cli.serve import THREADS
from tests.acceptance.server import Server, serving
from tests.faults.finding import Finding, Stage, until
from tests.faults.people import at_once

AUTHORIZATION = base64.b64encode(b"admin:demo").decode()
#: More than the server has threads; but those that are quick share a few, and the others come later.
WARM = 64
HELD = 20


def cut_connections(stage: Stage) -> Finding:
    """Connections that end after half a head, half a body, or before the answer is read; some with a reset."""
    finding = Finding()
    times = stage.size(60, 500)
    with (
        stage.database("postgresql") as url,
        mock.patch.dict(os.environ, ONEDOOR_DATABASE_URL=url),
        serving(stage.home, "--demo") as server,
    ):
        server.get("/engine-rest/task/count")
        most = _threads(server) + THREADS
        at_once(range(WARM), lambda _: server.get("/engine-rest/task/count"), WARM)
        most = max(most, _threads(server))
        dice = stage.random()
        at_once([dice.random() for _ in range(times)], lambda seed: _cut(server, seed), 16)
        until(lambda: _connections(server) == 0, 20)
        leaked = max(_threads(server) - most, 0), _connections(server), _transactions(url)
        finding.expect(leaked == (0, 0, 0), "something stayed")
        finding.expect(server.get("/engine-rest/task/count") == {"count": 0}, "the server does not answer properly")
        with _slow_bodies(server):
            seen = until(lambda: _connections(server) == HELD, 10)
        finding.expect(seen, f"{HELD} open connections were not seen")
    finding.figures = f"{times} cut: leaked threads {leaked[0]}, connections {leaked[1]}, transactions {leaked[2]}"
    finding.control = f"{HELD} that stay are seen as {HELD}"
    return finding


def _threads(server: Server) -> int:
    (worker,) = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return len(list(Path(f"/proc/{worker}/task").iterdir()))


def _connections(server: Server) -> int:
    """The server's ends of connections to its port that it has not closed: established, or only the client has."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{server.port:04X}") and row[3] in ("01", "08") for row in rows)


def _transactions(url: str) -> int:
    """Those that nobody works on and nobody has ended."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        ).fetchone()
    return int(found[0]) if found else 0


def _cut(server: Server, seed: float) -> None:
    dice = random.Random(seed)
    body = b'{"variables": {}}'
    head = (
        f"POST /engine-rest/task HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {AUTHORIZATION}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    whole = head + body
    sent = whole[: dice.choice([dice.randrange(1, len(head)), len(head) + 5, len(whole)])]
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent)
        if dice.random() < 0.5:  # close with a reset instead of a goodbye
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextlib.contextmanager
def _slow_bodies(server: Server) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for _ in range(HELD):
            held = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            held.sendall(b"POST /engine-rest/task HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx")
        yield
