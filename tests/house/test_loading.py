"""What a server loads and makes before its first answer: things are counted, no clock is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

from engine import upgrade
from tests.acceptance.server import free_port
from tests.house.tree import ROOT

#: Each takes a hundredth to a third of a second, and is for the other database, for a door that most houses leave
#: closed, for models of another dialect, for another command, or for what is done now and then.
NOT_AT_THE_START = frozenset(
    (
        "SpiffWorkflow", "alembic", "authlib", "cryptography", "email_validator", "holidays", "procrastinate",
        "psycopg", "requests", "rich", "scim2_models", "sqlalchemy.dialects.postgresql", "sqlalchemy.orm", "zxcvbn",
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a server on SQLite has taken."""
    home = tmp_path_factory.mktemp("home")
    upgrade(f"sqlite:///{home / 'onedoor.db'}")
    done = subprocess.run(
        [sys.executable, "-m", "tests.house.first_answer", "serve", "--port", str(free_port())],
        cwd=ROOT,
        env={**os.environ, "ONEDOOR_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["status"] == 200
    return found


def test_what_a_server_may_never_need_is_not_loaded(taken: dict[str, Any]) -> None:
    loaded = set(taken["modules"])
    assert loaded >= {"apscheduler", "sqlalchemy.dialects.sqlite", "api.pages.tasks", "api.rest.task"}, "a whole server"
    assert loaded & NOT_AT_THE_START == set()


@pytest.mark.parametrize("name", sorted(NOT_AT_THE_START))
def test_what_is_not_loaded_is_there_to_be_loaded(name: str) -> None:
    assert find_spec(name) is not None


def test_validators_are_made_when_they_are_used(taken: dict[str, Any]) -> None:
    models, made = taken["validators"]
    assert models > 100
    assert made == 0


def test_a_route_learns_to_make_addresses_when_it_is_asked(taken: dict[str, Any]) -> None:
    assert taken["routes"] > 300
    assert taken["builders"] == 0
    assert taken["builders after an address"] > 0


def test_no_garbage_is_looked_for_among_what_is_loaded(taken: dict[str, Any]) -> None:
    assert taken["frozen"] > 50_000
    assert taken["full collections"] == 0
    assert taken["collects"]
