"""Words the engine's tests are told in: models, people, and what they do, one command each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Table, event, select

from engine import (
    SYSTEM,
    Actor,
    HistoricActivityQuery,
    HistoricInstanceQuery,
    JobQuery,
    ProcessEngine,
    ProcessInstance,
    TaskQuery,
    complete_task,
    deploy_resources,
    find_historic_activities,
    find_historic_instances,
    find_jobs,
    find_tasks,
    start_instance,
)
from engine import Job as JobView
from engine import Task as TaskView

HANNA = Actor("hanna", frozenset({"hr"}))
IVAR = Actor("ivar", frozenset({"it"}))
ANNA = Actor("anna", frozenset({"camunda-admin"}), administrator=True)
OWNER = Actor("olle", frozenset({"process-owner"}))

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="test">'
)


def bpmn(body: str, key: str = "p", *, attributes: str = "", beside: str = "") -> bytes:
    """A file with one executable process around `body`; `beside` stands before it: messages, signals, errors."""
    return (
        f'{_HEAD}{beside}<process id="{key}" isExecutable="true" {attributes}>{body}</process></definitions>'
    ).encode()


def flow(*ids: str) -> str:
    """Sequence flows from each to the next."""
    return "".join(
        f'<sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}"/>'
        for one, other in itertools.pairwise(ids)
    )


def user_task(id: str, attributes: str = 'camunda:candidateGroups="hr"', inside: str = "") -> str:
    return f'<userTask id="{id}" name="{id.capitalize()}" {attributes}>{inside}</userTask>'


START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'

#: start -> first (hr) -> second (it) -> end
TWO_TASKS = bpmn(
    START
    + user_task("first")
    + user_task("second", 'camunda:candidateGroups="it"')
    + END
    + flow("start", "first", "second", "end")
)


def parallel_tasks(width: int, key: str = "p") -> bytes:
    """`width` tasks of hr at once: t0, t1, ..."""
    tasks = [f"t{each}" for each in range(width)]
    return bpmn(
        START
        + END
        + '<parallelGateway id="fork"/><parallelGateway id="join"/>'
        + "".join(user_task(each) + flow("fork", each, "join") for each in tasks)
        + flow("start", "fork")
        + flow("join", "end"),
        key,
    )


def deploy(engine: ProcessEngine, source: bytes, name: str = "test", file: str = "test.bpmn") -> str:
    """The id of the (one) definition that came of it."""
    with engine.command(OWNER) as context:
        return deploy_resources(context, name, [(file, source)]).definitions[0].id


def start(
    engine: ProcessEngine,
    key: str = "p",
    variables: Mapping[str, Any] | None = None,
    actor: Actor = SYSTEM,
    **more: Any,
) -> ProcessInstance:
    with engine.command(actor) as context:
        return start_instance(context, key=key, variables=variables, **more)


def tasks(engine: ProcessEngine, actor: Actor = SYSTEM, **filters: Any) -> list[TaskView]:
    with engine.query(actor) as context:
        return find_tasks(context, TaskQuery(**filters))


def task(engine: ProcessEngine, activity_id: str, actor: Actor = SYSTEM) -> TaskView:
    (found,) = tasks(engine, actor, activity_id=activity_id)
    return found


def complete(
    engine: ProcessEngine, activity_id: str, actor: Actor = SYSTEM, variables: Mapping[str, Any] | None = None
) -> None:
    found = task(engine, activity_id)
    with engine.command(actor) as context:
        complete_task(context, found.id, variables)


def waiting(engine: ProcessEngine) -> list[str]:
    """The activity ids of all open tasks, sorted."""
    return sorted(each.activity_id for each in tasks(engine))


def jobs(engine: ProcessEngine, **filters: Any) -> list[JobView]:
    with engine.query(SYSTEM) as context:
        return find_jobs(context, JobQuery(**filters))


def history(engine: ProcessEngine, **filters: Any) -> dict[str, Any]:
    """Historic activity instances by activity id (the last of each)."""
    with engine.query(SYSTEM) as context:
        query = HistoricActivityQuery(sort=(("number", "asc"),), **filters)
        return {row.activity_id: row for row in find_historic_activities(context, query)}


def historic_instance(engine: ProcessEngine, instance_id: str) -> Any:
    with engine.query(SYSTEM) as context:
        (found,) = find_historic_instances(context, HistoricInstanceQuery(id=instance_id))
        return found


def rows(engine: ProcessEngine, table: Table) -> list[Any]:
    with engine.query(SYSTEM) as context:
        return list(context.connection.execute(select(table).order_by(*_in_order(table))))


@contextmanager
def counting(engine: ProcessEngine) -> Iterator[list[str]]:
    """The SQL statements that are executed meanwhile."""
    statements: list[str] = []

    def executed(*given: Any) -> None:
        statements.append(" ".join(given[2].split()))

    event.listen(engine.database.engine, "before_cursor_execute", executed)
    yield statements
    event.remove(engine.database.engine, "before_cursor_execute", executed)
    statements[:] = [each for each in statements if not each.startswith("BEGIN")]


def _in_order(table: Table) -> list[Any]:
    """Ids of things inside an instance do not sort; their numbers do."""
    number = [table.c.process_instance_id, table.c.number] if "number" in table.c else []
    return [*number, *table.primary_key.columns]
