"""Jobs whose effects can be counted: each turn of a multi-instance is a job that writes one row, in the transaction
that ends it. A turn without a row is lost, one with two was done twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select

from engine import CommandContext, DelegateExecution, ProcessEngine
from engine.database.tables import job
from tests.engine.play import END, START, bpmn, deploy, flow, start, user_task

TURNS = 8
metadata = MetaData()
effect = Table(
    "fault_effect",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", String(64), nullable=False),
    Column("turn", Integer, nullable=False),
)

#: Eight jobs at once, then a task: the instance stays, and its revision with it.
MODEL = bpmn(
    START
    + '<serviceTask id="work" camunda:delegateExpression="${mark}"><multiInstanceLoopCharacteristics '
    + f'camunda:asyncBefore="true"><loopCardinality>{TURNS}</loopCardinality></multiInstanceLoopCharacteristics>'
    + "</serviceTask>"
    + user_task("after")
    + END
    + flow("start", "work", "after", "end")
)


def mark(context: CommandContext, execution: DelegateExecution) -> None:
    context.connection.execute(
        insert(effect).values(instance_id=execution.process_instance_id, turn=execution.variables["loopCounter"])
    )


def begin(engine: ProcessEngine, jobs: int) -> None:
    """Starts instances that together have so many jobs to do: a multiple of TURNS."""
    metadata.create_all(engine.database.engine)
    deploy(engine, MODEL)
    for _ in range(jobs // TURNS):
        start(engine)


def jobs_left(engine: ProcessEngine) -> bool:
    with engine.database.read() as connection:
        return connection.execute(select(job.c.id).limit(1)).first() is not None


@dataclass(frozen=True)
class Count:
    lost: int
    duplicated: int


def count(engine: ProcessEngine, jobs: int) -> Count:
    """Of so many jobs that were to be done once each."""
    with engine.database.read() as connection:
        found = Counter(tuple(row) for row in connection.execute(select(effect.c.instance_id, effect.c.turn)))
    return Count(lost=jobs - len(found), duplicated=found.total() - len(found))
