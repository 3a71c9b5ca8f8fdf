"""What a fault is played on, and what came of it."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psycopg

from engine import Clock, ProcessEngine, Settings, upgrade
from tests.conftest import postgres_database

#: Bounds every wait for something that must come by itself.
PATIENCE_S = 60.0
TEMPLATE = "onedoor_faults"


@dataclass
class Finding:
    """`figures` say what was done and seen, `control` what the same counting saw without the guard."""

    figures: str = ""
    control: str = ""
    lost: int = 0
    duplicated: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.wrong.append(what)

    @property
    def ok(self) -> bool:
        return not (self.wrong or self.lost or self.duplicated)

    def __str__(self) -> str:
        verdict = "ok" if self.ok else "FAILED: " + "; ".join(self.wrong or ["something was lost or came twice"])
        return f"{self.figures} (control: {self.control}) … {verdict}"


@dataclass(frozen=True)
class Stage:
    """`home` is an empty folder, `postgres` the address of a server's own database; `full` chooses the size."""

    home: Path
    postgres: str
    full: bool
    seed: int = 7

    def size(self, short: int, full: int) -> int:
        return full if self.full else short

    def random(self) -> random.Random:
        return random.Random(self.seed)

    @contextlib.contextmanager
    def database(self, dialect: str) -> Iterator[str]:
        """The address of a database with this release's schema and nothing in it."""
        if dialect == "sqlite":
            file = self.home / f"onedoor{len(list(self.home.glob('*.db')))}.db"
            upgrade(f"sqlite:///{file}")
            yield f"sqlite:///{file}"
        else:
            _make_template(self.postgres)
            with postgres_database(self.postgres, TEMPLATE) as url:
                yield url

    @contextlib.contextmanager
    def engine(self, dialect: str, clock: Clock | None = None) -> Iterator[ProcessEngine]:
        with self.database(dialect) as url, opened(url, self.home, clock) as engine:
            yield engine


@contextlib.contextmanager
def opened(url: str, home: Path, clock: Clock | None = None) -> Iterator[ProcessEngine]:
    engine = ProcessEngine(Settings(url, home), clock)
    try:
        yield engine
    finally:
        engine.close()


@cache
def _make_template(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    upgrade(server.replace("/postgres?", f"/{TEMPLATE}?"))


def address(engine: ProcessEngine) -> str:
    return engine.database.url.render_as_string(hide_password=False)


def until(holds: Callable[[], bool], seconds: float = PATIENCE_S) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
