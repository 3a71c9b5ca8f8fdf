"""`onedoor serve` says plainly why it does not start."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.acceptance.server import onedoor


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = onedoor(tmp_path, "serve", "--port", str(port))
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use. Choose another port" in done.stderr
    assert "Traceback" not in done.stderr
