"""One server to one SQLite file: its clock, its waker and its writer lock live in one process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from sqlalchemy import make_url

from engine.errors import DatabaseUnusable


def hold(database_url: str) -> IO[str] | None:
    """Takes the file's server lock, to be kept open as long as the server runs. None for PostgreSQL, which needs none.

    Raises DatabaseUnusable if another server holds it; the lock dies with its process, however that ends.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    file = Path(f"{url.database}.server").open("a+")  # noqa: SIM115  (held for the life of the server)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise DatabaseUnusable(
            f"Another Onedoor server (process {holder}) serves {url.database}. Stop it first, choose another "
            "ONEDOOR_HOME, or run several servers on PostgreSQL with ONEDOOR_DATABASE_URL."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def require_unheld(database_url: str) -> None:
    """Raises DatabaseUnusable if a server holds the file now. For a clear word before a server is set up."""
    held = hold(database_url)
    if held is not None:
        held.close()
