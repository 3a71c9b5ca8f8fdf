"""Jobs that kill whoever runs them become incidents; nobody else's do."""

from __future__ import annotations

import os
import signal

from sqlalchemy import select, update

from engine import (
    SYSTEM,
    CommandContext,
    DelegateExecution,
    JobQuery,
    ProcessEngine,
    count_jobs,
    execute_job,
    run_due,
)
from engine.database.tables import incident, job
from tests.engine.play import END, START, bpmn, deploy, flow, start
from tests.faults import crowd
from tests.faults.crowd import Life
from tests.faults.finding import Finding, Stage, address, opened

MODEL = bpmn(
    START
    + '<serviceTask id="work" camunda:asyncBefore="true" camunda:delegateExpression="${work}"/>'
    + END
    + flow("start", "work", "end")
)
#: What one who claims many jobs at once claims.
BATCH = 10


def poison_jobs(stage: Stage) -> Finding:
    finding = Finding()
    poisoned, innocent = stage.size(3, 20), stage.size(12, 300)
    guilty, punished, kills = _played(stage, "tests.faults.poison:node", poisoned, innocent)
    finding.expect(guilty == poisoned, f"{guilty} of {poisoned} poison jobs are incidents")
    finding.lost = punished
    finding.figures = (
        f"{poisoned} poison jobs among {innocent} kill {kills} workers: {guilty} incidents, {punished} innocent"
    )
    _, punished, _ = _played(stage, "tests.faults.poison:batching", 10, 30)
    finding.expect(punished > 0, "claiming in batches punished nobody")
    finding.control = f"jobs claimed {BATCH} at a time, {punished} innocent of 30"
    return finding


def _played(stage: Stage, work: str, poisoned: int, innocent: int) -> tuple[int, int, int]:
    """Incidents of poison jobs, those of others, and deaths."""
    with stage.engine("sqlite") as engine:
        deploy(engine, MODEL)
        kinds = [True] * poisoned + [False] * innocent
        stage.random().shuffle(kinds)
        poison = {start(engine, variables={"poison": kind}).id: kind for kind in kinds}
        story = crowd.play(work, stage.home, 1, limit_s=stage.size(60, 240), url=address(engine))
        with engine.database.read() as connection:
            found = list(connection.execute(select(incident.c.process_instance_id)).scalars())
    return sum(poison[each] for each in found), sum(not poison[each] for each in found), story.kills


def work(context: CommandContext, execution: DelegateExecution) -> None:
    if execution.variables["poison"]:
        os.kill(os.getpid(), signal.SIGKILL)


def node(life: Life) -> None:
    with opened(life.config["url"], life.config["home"]) as engine:
        engine.register_handler("work", work)
        while _left(engine):
            run_due(engine)


def batching(life: Life) -> None:
    """The control: counts the attempt of ten jobs, then runs them."""
    with opened(life.config["url"], life.config["home"]) as engine:
        engine.register_handler("work", work)
        while _left(engine):
            with engine.database.write() as connection:
                waiting = select(job.c.id).where(job.c.retries > 0).order_by(job.c.created_at, job.c.id).limit(BATCH)
                batch = list(connection.execute(waiting).scalars())
                connection.execute(update(job).where(job.c.id.in_(batch)).values(attempts=job.c.attempts + 1))
            for each in batch:
                execute_job(engine, each)


def _left(engine: ProcessEngine) -> int:
    with engine.query(SYSTEM) as context:
        return count_jobs(context, JobQuery(with_retries_left=True))
