"""A real `onedoor serve` in a process of its own, and a REST client for it."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ONEDOOR = [sys.executable, "-c", "from api.cli import main; main()"]
PASSWORD = "demo"
#: Bounds every wait; a machine that is busy with other tests is slow to answer.
PATIENCE_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "ONEDOOR_HOME": str(home), "PYTHONUNBUFFERED": "1"}


def onedoor(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [*ONEDOOR, *arguments], env=environment(home), capture_output=True, text=True, timeout=120, check=False
    )


def until(what: str, holds: Callable[[], Any]) -> Any:
    """The first true value, asked again and again for a bounded time."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {PATIENCE_S:.0f} s")


class Answer(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Server:
    """One home, served, killed and served again. `command` is serve or worker; `launcher` what runs `onedoor`."""

    def __init__(
        self,
        home: Path,
        command: str = "serve",
        *options: str,
        launcher: Sequence[str] = ONEDOOR,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home
        self.port = free_port()
        self.environment = {**environment(home), **(variables or {})}
        self._command = [*launcher, command, *options]
        if command == "serve":
            self._command += ["--port", str(self.port)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the process that was started; its one child serves."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self.launch()
        self.await_answer()

    def launch(self) -> None:
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def await_answer(self) -> None:
        until("the server's first answer", self._answers)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError((self.home / "server.log").read_text())
        with contextlib.suppress(OSError, Answer):
            return bool(self.get("/health/ready", user=None)["status"] == "ok")
        return False

    def kill(self) -> None:
        """kill -9, the worker too: nobody gets to say goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def signal(self, number: signal.Signals) -> None:
        """To the process that was started, and no other."""
        assert self._process is not None
        self._process.send_signal(number)

    def ended(self) -> int:
        """The exit status, once it has ended."""
        assert self._process is not None
        return self._process.wait(timeout=PATIENCE_S)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)
            self._process.wait(timeout=PATIENCE_S)

    # ------------------------------------------------------------ REST

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str | None = "admin",
        raw: tuple[bytes, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        headers = {"Accept": "application/json", **(headers or {})}
        if user is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
        data = None
        if raw is not None:
            data, headers["Content-Type"] = raw
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            content = error.read()
            raise Answer(error.code, json.loads(content) if content else None) from None
        except http.client.HTTPException as error:
            raise ConnectionError("The server was gone in the middle of its answer.") from error
        return json.loads(content) if content else None

    def get(self, path: str, *, user: str | None = "admin") -> Any:
        return self.call("GET", path, user=user)

    def post(self, path: str, body: Any = None, *, user: str | None = "admin") -> Any:
        return self.call("POST", path, {} if body is None else body, user=user)

    def deploy(self, name: str, content: bytes, *, user: str = "admin") -> Any:
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="data"; filename="{name}"\r\n\r\n'
        data = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self.call(
            "POST", "/engine-rest/deployment/create", user=user, raw=(data, f"multipart/form-data; boundary={boundary}")
        )


@contextlib.contextmanager
def serving(home: Path, *options: str) -> Iterator[Server]:
    server = Server(home, "serve", *options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
