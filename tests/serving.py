"""A real `onedoor serve` in a process of its own, on loopback."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

#: Seconds that a server may take until it answers, and until it has stopped.
STARTS_WITHIN = 30
STOPS_WITHIN = 15


@dataclass(frozen=True)
class Server:
    """`url` without a slash at its end."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """SIGKILL, as when the machine loses power: no handler runs, nothing is written any more."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOPS_WITHIN)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                self.kill()


@contextlib.contextmanager
def served(home: Path, *options: str, port: int | None = None, **environment: str) -> Iterator[Server]:
    """Serves the data in `home` (`served(tmp_path, "--demo")`) until the end of the block. Call it again with the same
    home for a restart. Fails with the server's own words if it does not answer."""
    home.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    log = home / "server.log"
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(port), *options]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, "ONEDOOR_HOME": str(home), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait_until_it_answers(server)
        yield server
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_it_answers(server: Server) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and server.process.poll() is None:
        try:
            with urlopen(f"{server.url}/healthz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.05)  # polling another process, bounded by STARTS_WITHIN
    server.kill()
    raise AssertionError(f"the server does not answer; it said:\n{server.log.read_text(errors='replace')}")
