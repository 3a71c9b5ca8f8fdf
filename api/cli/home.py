"""Where the data lies and how commands open it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine import ProcessEngine, Settings, upgrade


def home() -> Path:
    """ONEDOOR_HOME, made if it is not there; readable by its owner alone."""
    path = Path(os.environ.get("ONEDOOR_HOME") or ".onedoor").expanduser().resolve()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def settings() -> Settings:
    """Of the database in the home, or the one that ONEDOOR_DATABASE_URL names. ONEDOOR_EXECUTOR is the executor of what
    is deployed without saying by which: native or spiff."""
    place = home()
    url = os.environ.get("ONEDOOR_DATABASE_URL") or f"sqlite:///{place / 'onedoor.db'}"
    return Settings(database_url=url, home=place, executor=os.environ.get("ONEDOOR_EXECUTOR") or "native")


@contextmanager
def opened(chosen: Settings) -> Iterator[ProcessEngine]:
    """An engine on an up-to-date database, closed at the end."""
    upgrade(chosen.database_url)
    engine = ProcessEngine(chosen)
    try:
        yield engine
    finally:
        engine.close()
