"""The named places in the execution of a job where something may happen to the process that executes it.

They are found by the statements that the product sends, so that it needs no door for tests and the tests do not depend
on the names of its functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from engine import ProcessEngine

COUNTED = "the attempt is counted"
LOCKED = "the instance is locked, the fence stands"
FENCED = "the fence is down"
WRITTEN = "all is written, not committed"
COMMITTED = "all is committed, nobody knows"
POINTS = (COUNTED, LOCKED, FENCED, WRITTEN, COMMITTED)


def watch(engine: ProcessEngine, reached: Callable[[str], None]) -> None:
    """Calls `reached` at every point that this process comes to."""
    pool = engine.database.engine

    def before(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if is_fence(statement):
            reached(LOCKED)

    def after(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if is_fence(statement):
            conn.info["fenced"] = True
            reached(FENCED)
        elif statement.startswith("UPDATE job SET"):
            conn.info["counted"] = True

    def commit(conn: Any) -> None:
        conn.info["committed"] = True
        if "fenced" in conn.info:
            reached(WRITTEN)

    def checkin(connection: Any, record: Any) -> None:
        committed = record.info.pop("committed", False)
        fenced, counted = record.info.pop("fenced", False), record.info.pop("counted", False)
        if committed and fenced:
            reached(COMMITTED)
        elif committed and counted:
            reached(COUNTED)

    event.listen(pool, "before_cursor_execute", before)
    event.listen(pool, "after_cursor_execute", after)
    event.listen(pool, "commit", commit)
    event.listen(pool, "checkin", checkin)


def is_fence(statement: str) -> bool:
    return statement.startswith("DELETE FROM job WHERE job.id = ")
