"""An empty house tells whoever started it how to begin."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from pathlib import Path

from tests.acceptance.server import Server, onedoor, serving

GOOD = "four small green boats"


def printed(server: Server) -> list[str]:
    return re.findall(r"(http://\S+/set-up/\S+)", (server.home / "server.log").read_text())


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_restart_prints_a_new_link_and_an_administrator_ends_it(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        (first,) = printed(server)
        assert first.startswith(server.url)
        assert status(first) == 200
        server.kill()
        server.start()
        _, second = printed(server)
        assert (status(first), status(second)) == (404, 200)
        said = onedoor(tmp_path, "user", "create-admin", "--id", "anna", "--first-name", "Anna", "--last-name", "Ek",
                       "--email", "", "--password", GOOD)  # fmt: skip
        assert said.returncode == 0, said.stderr
        assert status(second) == 404
        server.kill()
        server.start()
        assert len(printed(server)) == 2
    again = onedoor(tmp_path, "user", "create-admin", "--id", "eve", "--first-name", "", "--last-name", "",
                    "--email", "", "--password", GOOD)  # fmt: skip
    assert "There is an administrator already" in again.stderr
    weak = onedoor(tmp_path, "user", "add", "eve", "--password", "password12")
    assert "among the first" in weak.stderr
