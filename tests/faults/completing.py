"""Many people at one instance at once: each task is done by exactly one of them."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterator
from unittest import mock

from sqlalchemy import bindparam, func, select, update

from api.app import create_app
from engine import SYSTEM, ProcessEngine, create_user
from engine.database.tables import historic_process_instance, process_instance
from engine.task_queries import SELECTED
from engine.work import INSTANCE_COLUMNS
from tests.engine.play import deploy, parallel_tasks, start, tasks
from tests.faults.finding import Finding, Stage
from tests.faults.people import at_once
from tests.rest.client import Client

WIDTH, PEOPLE, TRIES = 8, 8, 3


def duplicate_completion(stage: Stage) -> Finding:
    """Every task of many instances with eight parallel ones is completed three times over HTTP, by eight people."""
    finding = Finding()
    instances = stage.size(3, 25)
    expected = Counter({204: instances * WIDTH, 404: instances * WIDTH * (TRIES - 1)})
    for dialect in ("sqlite", "postgresql"):
        with stage.engine(dialect) as engine:
            told = _everybody_tries(engine, stage, instances)
            finished = _finished(engine)
        finding.lost += instances - finished
        finding.duplicated += max(told[204] - expected[204], 0)
        finding.expect(told == expected, f"{dialect} answered {dict(told)}")
    finding.figures = (
        f"{instances * WIDTH * TRIES} tries on each database: exactly {told[204]} done, {told[404]} told that it is; "
        f"{finished} of {instances} instances finished"
    )
    with stage.engine("postgresql") as engine, without_lock():
        told = _everybody_tries(engine, stage, instances)
        unfinished = instances - _finished(engine)
    finding.expect(unfinished > 0, "without the lock every instance finished too")
    finding.control = f"no lock and no revision, {unfinished} of {instances} instances never finish"
    return finding


def _everybody_tries(engine: ProcessEngine, stage: Stage, instances: int) -> Counter[int]:
    """How often each status was answered."""
    with engine.command(SYSTEM) as context:
        create_user(context, "hanna", password="demo", first_name="Hanna", last_name="Berg", email="h@example.org")
    deploy(engine, parallel_tasks(WIDTH).replace(b'camunda:candidateGroups="hr"', b'camunda:candidateUsers="hanna"'))
    for _ in range(instances):
        start(engine)
    client = Client(create_app(engine), "hanna", "demo")
    client.get("/task/count")  # hashes the password once, and not eight times at the same moment
    dice = stage.random()
    tries: list[str] = []
    for _, tasks_of_one in itertools.groupby(_in_order(engine), key=lambda each: each[0]):
        together = [task_id for _, task_id in tasks_of_one] * TRIES
        dice.shuffle(together)
        tries += together  # those of one instance together, so that they meet
    return Counter(at_once(tries, lambda id: client.call("POST", f"/task/{id}/complete", json={}).status_code, PEOPLE))


def _in_order(engine: ProcessEngine) -> list[tuple[str, str]]:
    return sorted((each.process_instance_id, each.id) for each in tasks(engine))


def _finished(engine: ProcessEngine) -> int:
    with engine.database.read() as connection:
        columns = historic_process_instance.c
        return int(connection.execute(select(func.count()).where(columns.state == "COMPLETED")).scalar_one())


@contextlib.contextmanager
def without_lock() -> Iterator[None]:
    """The product without what holds two commands on one instance apart."""
    columns = process_instance.c
    store = (
        update(process_instance)
        .where(columns.id == bindparam("row_id"), columns.revision >= bindparam("row_revision"))
        .values(state=bindparam("state"), revision=bindparam("revision"))
    )
    with (
        mock.patch("engine.tasks.LOCKED", SELECTED.add_columns(*INSTANCE_COLUMNS)),
        mock.patch("engine.recording.STORE_INSTANCE", store),
    ):
        yield
