"""Where the data lies and how commands open it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.oidc.settings import read_oidc
from engine import (
    DatabaseUnusable,
    Origin,
    ProcessEngine,
    Settings,
    prepare,
    read_outgoing,
    read_retention,
    read_secret,
    read_session_idle,
)

#: Who may run the command has the database: nobody signs in here.
AT_THE_COMMAND = Origin("cli")


def home() -> Path:
    """ONEDOOR_HOME, made if it is not there; readable by its owner alone."""
    path = Path(os.environ.get("ONEDOOR_HOME") or ".onedoor").expanduser().resolve()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def settings() -> Settings:
    """Of the database in the home, or the one that ONEDOOR_DATABASE_URL names. ONEDOOR_EXECUTOR is the executor of what
    is deployed without saying by which: native or spiff; ONEDOOR_HISTORY_DAYS how long finished journeys are kept whose
    flow does not say."""
    place = home()
    url = read_secret(os.environ, "ONEDOOR_DATABASE_URL") or f"sqlite:///{place / 'onedoor.db'}"
    return Settings(
        database_url=url,
        home=place,
        executor=os.environ.get("ONEDOOR_EXECUTOR") or "native",
        outgoing=read_outgoing(os.environ),
        session_idle=read_session_idle(os.environ.get("ONEDOOR_SESSION_IDLE_MINUTES")),
        history_days=read_retention(os.environ.get("ONEDOOR_HISTORY_DAYS")),
        addresses_open_accounts=read_oidc(os.environ) is not None,
    )


@contextmanager
def known_people() -> Iterator[ProcessEngine | None]:
    """An engine to look people up in, closed at the end; None where there is no database yet, or none that this release
    can read. Nothing is made or brought up to date."""
    url = read_secret(os.environ, "ONEDOOR_DATABASE_URL")
    place = Path(os.environ.get("ONEDOOR_HOME") or ".onedoor").expanduser().resolve()
    file = place / "onedoor.db"
    try:
        engine = ProcessEngine(Settings(url or f"sqlite:///{file}", place)) if url or file.exists() else None
    except DatabaseUnusable:
        engine = None
    try:
        yield engine
    finally:
        if engine is not None:
            engine.close()


@contextmanager
def opened(chosen: Settings) -> Iterator[ProcessEngine]:
    """An engine on a database of this release, set up if it is empty; closed at the end. DatabaseUnusable for an older
    one: `onedoor db upgrade` comes first."""
    prepare(chosen.database_url)
    engine = ProcessEngine(chosen)
    try:
        yield engine
    finally:
        engine.close()
