"""The controls of job execution: the same jobs, done as one would without a fence."""

from __future__ import annotations

import time

from sqlalchemy import delete, func, insert, or_, select, update

from engine import ProcessEngine
from engine.database.tables import job
from tests.faults.crowd import Life
from tests.faults.effects import effect, jobs_left
from tests.faults.finding import opened

TAKEN = "the job is taken"
LEASE_S = 0.5
BETWEEN = "between the effect and the end of the job"


def worker(life: Life) -> None:
    """Two transactions to a job. `config["first"]`: the effect comes first (a death in between does it twice), or the
    end of the job (a death in between loses it)."""
    reached = life.reached()
    with opened(life.config["url"], life.config["home"]) as engine:
        while jobs_left(engine):
            with engine.database.read() as connection:
                row = connection.execute(select(job).order_by(job.c.id).limit(1)).first()
            if row is None:
                return
            acts = [_effect, _end] if life.config["first"] == "effect" else [_end, _effect]
            acts[0](engine, row.id, row.process_instance_id, row.number)
            reached(BETWEEN)
            acts[1](engine, row.id, row.process_instance_id, row.number)


def leasing(life: Life) -> None:
    """Takes a job for LEASE_S, as long as it believes itself to be alive, and then does it in one transaction; but
    nobody asks in there whether it still has it."""
    reached = life.reached()
    with opened(life.config["url"], life.config["home"]) as engine:
        while jobs_left(engine):
            with engine.database.write() as connection:
                now = func.clock_timestamp()
                free = (
                    select(job)
                    .where(or_(job.c.due_at.is_(None), job.c.due_at <= now))
                    .order_by(job.c.id)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
                row = connection.execute(free).first()
                if row is not None:
                    until = now + func.make_interval(0, 0, 0, 0, 0, 0, LEASE_S)
                    connection.execute(update(job).where(job.c.id == row.id).values(due_at=until))
            if row is None:
                time.sleep(0.05)
                continue
            reached(TAKEN)
            with engine.database.write() as connection:
                connection.execute(insert(effect).values(instance_id=row.process_instance_id, turn=row.number))
                connection.execute(delete(job).where(job.c.id == row.id))


def _effect(engine: ProcessEngine, job_id: str, instance_id: str, number: int) -> None:
    with engine.database.write() as connection:
        connection.execute(insert(effect).values(instance_id=instance_id, turn=number))


def _end(engine: ProcessEngine, job_id: str, instance_id: str, number: int) -> None:
    with engine.database.write() as connection:
        connection.execute(delete(job).where(job.c.id == job_id))
