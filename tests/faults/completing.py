"""Many people at one instance at once: each task is done by exactly one of them."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterator
from unittest import mock

from sqlalchemy import bindparam, func, select, update

from api.app import create_app
from engine import SYSTEM, CommandContext, ProcessEngine, create_user
from engine.database.fixed import Fixed
from engine.database.tables import historic_process_instance, process_instance, task, user_operation_log
from engine.queries import Statement
from engine.task_queries import SELECTED
from engine.work import INSTANCE_COLUMNS
from tests.engine.play import deploy, parallel_tasks, start, tasks
from tests.faults.finding import Finding, Stage
from tests.faults.people import at_once
from tests.rest.client import Client

WIDTH, PEOPLE = 8, 8
TRIES, REPLAYS = 3, 4


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


def idempotent_replay(stage: Stage) -> Finding:
    """Every completion is sent four times with one key, by eight people at once: one effect, one answer."""
    finding = Finding()
    instances = stage.size(3, 25)
    expected = instances * WIDTH
    for dialect in ("sqlite", "postgresql"):
        with stage.engine(dialect) as engine:
            answers = _answers(engine, stage, instances, keys=True)
            effects, finished = _effects(engine), _finished(engine)
        finding.lost += expected - effects
        finding.duplicated += max(effects - expected, 0)
        finding.expect(set(answers) == {(204, "")}, f"{dialect} answered {dict(answers)}")
        finding.expect(finished == instances, f"{dialect}: {finished} of {instances} instances finished")
    finding.figures = f"{answers.total()} identical answers on each database, {effects} effects"
    with stage.engine("sqlite") as engine:
        answers = _answers(engine, stage, instances, keys=False)
    finding.expect(len(answers) > 1, "without keys the answers are the same too")
    finding.control = f"without keys {answers.total() - answers[204, '']} answers differ"
    return finding


def _answers(engine: ProcessEngine, stage: Stage, instances: int, *, keys: bool) -> Counter[tuple[int, str]]:
    """How often each status and body was answered."""
    client = _hanna(engine, instances)

    def send(task_id: str) -> tuple[int, str]:
        headers = {"Idempotency-Key": f"complete {task_id}"} if keys else {}
        answer = client.call("POST", f"/task/{task_id}/complete", json={}, headers=headers)
        return answer.status_code, answer.text if answer.status_code == 204 else "another"

    return Counter(at_once(_together(engine, stage, REPLAYS), send, PEOPLE))


def _effects(engine: ProcessEngine) -> int:
    """Ends of tasks in the history, and times that somebody is held to have completed one: the same, once each."""
    with engine.database.read() as connection:
        log = user_operation_log.c
        return int(connection.execute(select(func.count()).where(log.operation == "Complete")).scalar_one())


def _everybody_tries(engine: ProcessEngine, stage: Stage, instances: int) -> Counter[int]:
    """How often each status was answered."""
    client = _hanna(engine, instances)

    def complete(task_id: str) -> int:
        return client.call("POST", f"/task/{task_id}/complete", json={}).status_code

    tries = _together(engine, stage, TRIES)
    return Counter(at_once(tries, complete, PEOPLE))


def _hanna(engine: ProcessEngine, instances: int) -> Client:
    """Who may complete every task of so many instances."""
    with engine.command(SYSTEM) as context:
        create_user(context, "hanna", password="demo", first_name="Hanna", last_name="Berg", email="h@example.org")
    deploy(engine, parallel_tasks(WIDTH).replace(b'camunda:candidateGroups="hr"', b'camunda:candidateUsers="hanna"'))
    for _ in range(instances):
        start(engine)
    client = Client(create_app(engine), "hanna", "demo")
    client.get("/task/count")  # hashes the password once, and not eight times at the same moment
    return client


def _together(engine: ProcessEngine, stage: Stage, times: int) -> list[str]:
    """The ids of all tasks, each so many times; those of one instance together, so that they meet."""
    dice = stage.random()
    found: list[str] = []
    for _, tasks_of_one in itertools.groupby(_in_order(engine), key=lambda each: each[0]):
        together = [task_id for _, task_id in tasks_of_one] * times
        dice.shuffle(together)
        found += together
    return found


def _in_order(engine: ProcessEngine) -> list[tuple[str, str]]:
    return sorted((each.process_instance_id, each.id) for each in tasks(engine))


def _finished(engine: ProcessEngine) -> int:
    with engine.database.read() as connection:
        columns = historic_process_instance.c
        return int(connection.execute(select(func.count()).where(columns.state == "COMPLETED")).scalar_one())


@contextlib.contextmanager
def without_lock() -> Iterator[None]:
    """The product without what holds two commands on one instance apart."""

    def unlocked(context: CommandContext) -> Statement:
        return SELECTED.add_columns(*INSTANCE_COLUMNS).where(task.c.id == bindparam("wanted"))

    columns = process_instance.c
    store = (
        update(process_instance)
        .where(columns.id == bindparam("row_id"), columns.revision >= bindparam("row_revision"))
        .values(state=bindparam("state"), revision=bindparam("revision"))
    )
    with (
        mock.patch("engine.tasks._locking", unlocked),
        mock.patch("engine.recording.STORE_INSTANCE", Fixed(store)),
    ):
        yield
