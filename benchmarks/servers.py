"""Servers in processes of their own, what they cost, and clients that keep them busy."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 60.0
_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    body: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """What a crowd saw: milliseconds of each request, sorted; the whole time in seconds; the server's CPU in
    milliseconds for each request."""

    milliseconds: list[float]
    seconds: float
    cpu_ms: float

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds

    def percentile(self, share: float) -> float:
        return self.milliseconds[min(int(len(self.milliseconds) * share), len(self.milliseconds) - 1)]


def together(loads: Iterable[Load]) -> Load:
    """Several rounds as one."""
    rounds = list(loads)
    requests = sum(len(each.milliseconds) for each in rounds)
    return Load(
        sorted(taken for each in rounds for taken in each.milliseconds),
        sum(each.seconds for each in rounds),
        sum(each.cpu_ms * len(each.milliseconds) for each in rounds) / requests,
    )


class Server:
    """A process that serves on a port of its own until `stop`."""

    def __init__(self, arguments: Callable[[int], list[str]], environment: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, *arguments(self.port)], env=surroundings(environment), start_new_session=True
        )
        while not self._answers():
            if self._process.poll() is not None or time.perf_counter() - began > PATIENCE_S:
                raise RuntimeError(f"the server did not answer: {arguments(self.port)}")
            time.sleep(0.01)
        self.seconds_to_answer = time.perf_counter() - began

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask(Request("GET", "/health/ready"))[0] == 200
        return False

    def ask(self, request: Request, connection: http.client.HTTPConnection | None = None) -> tuple[int, bytes]:
        channel = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        channel.request(request.method, request.path, request.body, dict(request.headers))
        answer = channel.getresponse()
        content = answer.status, answer.read()
        if connection is None:
            channel.close()
        return content

    def cpu_ms(self) -> float:
        """Of the process and its workers, so far; 0 where there is no /proc."""
        return sum(_cpu_ms(pid) for pid in _with_children(self._process.pid))

    def resident_bytes(self) -> int:
        """Memory of the process and its workers; 0 where there is no /proc."""
        return resident_bytes(self._process.pid)

    def stop(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(PATIENCE_S)

    def under_load(self, requests: Iterable[Request], clients: int, pause_s: float = 0.0) -> Load:
        """All requests, each once, by so many clients at once, who rest for `pause_s` after each. RuntimeError for an
        answer of 400 or more."""
        waiting = iter(requests)
        lock, taken, failed = threading.Lock(), list[float](), list[str]()

        def client() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
            with contextlib.closing(connection):
                while not failed:
                    with lock:
                        request = next(waiting, None)
                    if request is None:
                        return
                    began = time.perf_counter()
                    status, content = self.ask(request, connection)
                    taken.append((time.perf_counter() - began) * 1000)
                    time.sleep(pause_s)
                    if status >= 400:
                        failed.append(f"{request.method} {request.path}: {status} {content[:200]!r}")

        cpu, began = self.cpu_ms(), time.perf_counter()
        crowd = [threading.Thread(target=client) for _ in range(clients)]
        for each in crowd:
            each.start()
        for each in crowd:
            each.join()
        seconds = time.perf_counter() - began
        if failed:
            raise RuntimeError(failed[0])
        return Load(sorted(taken), seconds, (self.cpu_ms() - cpu) / len(taken))


def surroundings(chosen: dict[str, str]) -> dict[str, str]:
    """The environment of a process of Onedoor with these settings."""
    return {**os.environ, **chosen}


def resident_bytes(pid: int) -> int:
    """Memory of a process and its children; 0 where there is no /proc."""
    found = 0
    for each in _with_children(pid):
        with contextlib.suppress(OSError):
            found += int(Path(f"/proc/{each}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return found


@contextlib.contextmanager
def serving(arguments: Callable[[int], list[str]], environment: dict[str, str]) -> Iterator[Server]:
    server = Server(arguments, environment)
    try:
        yield server
    finally:
        server.stop()


def _cpu_ms(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * _TICK_MS
    return 0.0


def _with_children(pid: int) -> list[int]:
    found = [pid]
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += _with_children(int(child))
    return found
