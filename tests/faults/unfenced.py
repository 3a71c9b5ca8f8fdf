"""The controls of job execution: the same jobs, done as one would without a fence."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from engine import ProcessEngine
from engine.database.tables import job
from tests.faults.crowd import Life
from tests.faults.effects import effect, jobs_left
from tests.faults.finding import opened

BETWEEN = "between the effect and the end of the job"


def worker(life: Life) -> None:
    """Two transactions to a job. `config["first"]`: the effect comes first (a death in between does it twice), or the
    end of the job (a death in between loses it)."""
    reached = life.dying()
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


def _effect(engine: ProcessEngine, job_id: str, instance_id: str, number: int) -> None:
    with engine.database.write() as connection:
        connection.execute(insert(effect).values(instance_id=instance_id, turn=number))


def _end(engine: ProcessEngine, job_id: str, instance_id: str, number: int) -> None:
    with engine.database.write() as connection:
        connection.execute(delete(job).where(job.c.id == job_id))
