"""The sweep: every row in `job` that is due, or soon will be, and that nobody holds, is passed on again.

Whatever Procrastinate forgets, or a killed worker never finished, or a restored backup never knew, comes back this way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import String, cast, column, delete, func, literal, or_, select, table, text
from sqlalchemy.dialects.postgresql import JSONB

from engine.context import SYSTEM
from engine.database.tables import job
from engine.jobs import runnable
from engine.wakers.deferral import SOON

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

SWEEP_EVERY_S = 10.0
HEARTBEAT_S = 2.0
#: A worker that was silent for so long is dead, or so slow that somebody else may take its jobs: the fence keeps the
#: effect single.
STALLED_S = 10.0
#: Jobs to one sweep, so that one transaction stays short after a long outage.
MOST = 5_000
_ONE_AT_A_TIME = text("SELECT pg_try_advisory_xact_lock(:key)").bindparams(key=0x0D00_0002)

_waiting = table("procrastinate_jobs", column("status"), column("args", JSONB), column("worker_id"))
_status = cast(_waiting.c.status, String)  # an enum of Procrastinate's own
_workers = table("procrastinate_workers", column("id"), column("last_heartbeat"))


def sweep(engine: ProcessEngine) -> int:
    """How many jobs were passed on. One process sweeps at a time, for all; the others have nothing to do."""
    with engine.command(SYSTEM) as context:
        connection, columns = context.connection, job.c
        if not connection.execute(_ONE_AT_A_TIME).scalar_one():
            return 0
        silent = func.now() - func.make_interval(0, 0, 0, 0, 0, 0, STALLED_S)
        alive = select(_workers.c.id).where(_workers.c.last_heartbeat >= silent)
        connection.execute(
            delete(_waiting).where(
                _status == "doing",
                or_(_waiting.c.worker_id.is_(None), _waiting.c.worker_id.not_in(alive)),
            )
        )
        held = select(literal(1)).where(_waiting.c.args["job_id"].astext == columns.id, _status.in_(("todo", "doing")))
        unheld = (
            select(columns.id, columns.due_at, columns.priority)
            .where(runnable(), or_(columns.due_at.is_(None), columns.due_at <= context.now + SOON), ~held.exists())
            .order_by(columns.due_at.nulls_first(), columns.created_at)
            .limit(MOST)
        )
        rows = connection.execute(unheld).all()
        for row in rows:
            context.wake(row.id, row.due_at, row.priority)
        return len(rows)
