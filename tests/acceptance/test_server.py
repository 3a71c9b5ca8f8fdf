"""`onedoor serve` says plainly why it does not start."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path

from tests.acceptance.server import onedoor, serving


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = onedoor(tmp_path, "serve", "--port", str(port))
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use. Choose another port" in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_on_this_machine_is_taken_for_a_proxy_that_was_not_named(tmp_path: Path) -> None:
    """gunicorn would believe whoever connects from it, which behind a proxy is everybody."""
    said = {
        "X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on", "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil", "Forwarded": "host=evil.example;proto=https", "SCRIPT_NAME": "/evil",
        "PATH_INFO": "/health/live", "X-Original-URL": "/health/live", "X-Rewrite-URL": "/health/live",
        "X-HTTP-Method-Override": "DELETE",
    }  # fmt: skip
    with serving(tmp_path) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", "/.well-known/camunda-automation-platform/webapps", headers=said)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.request("GET", "/tasks", headers=said)
        sent_on = connection.getresponse()
        connection.close()
    assert (answer.status, answer.headers.get("Strict-Transport-Security")) == (200, None)
    assert f'"adminUrl":"{server.url}/admin"' in body
    assert (sent_on.status, sent_on.headers["Location"]) == (302, "/sign-in?next=%2Ftasks")
