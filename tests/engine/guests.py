"""A flow with a guest in it, and what people do with guests, one command each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine import (
    SYSTEM,
    Actor,
    GuestSession,
    Invitation,
    ProcessEngine,
    TaskQuery,
    find_tasks,
    invite_guest,
    link_holds,
    open_guest_session,
    read_guest_session,
    start_instance,
    submit_form,
)
from engine.database.metadata import metadata
from tests.engine.play import END, bpmn, flow, user_task

MINE = 'camunda:assignee="${execution.getVariable(\'newcomer\')}" camunda:candidateGroups="newcomers"'
PROPERTIES = "".join(
    f'<camunda:property name="{name}" value="{value}"/>'
    for name, value in (
        ("subject", "${name}"), ("anchor", "firstDay"), ("subjectUser", "newcomer"), ("guestMail", "mail"),
        ("guestInvitedBy", "hr"), ("guestShows", "desk, salary"), ("guestContact", "manager"),
    )
)  # fmt: skip
ASKED = (
    '<extensionElements><camunda:formData><camunda:formField id="desk" type="string"/>'
    '<camunda:formField id="secretNote" type="string"/>'
    '<camunda:formField id="salary" type="long"><camunda:properties><camunda:property id="confidential" value="hr"/>'
    "</camunda:properties></camunda:formField></camunda:formData></extensionElements>"
)
#: start -> (form and tools at once) -> login -> end; form and login are the newcomer's, tools it's.
JOINING = bpmn(
    f"<extensionElements><camunda:properties>{PROPERTIES}</camunda:properties></extensionElements>"
    f'<startEvent id="start">{ASKED}</startEvent>'
    '<parallelGateway id="fork"/><parallelGateway id="join"/>'
    + user_task("form", MINE)
    + user_task("tools", 'camunda:candidateGroups="it"')
    + user_task("login", MINE)
    + END
    + flow("start", "fork", "form", "join", "login", "end")
    + flow("fork", "tools", "join"),
    "joining",
)
STARTER = Actor("maria", frozenset({"managers"}))
FACTS = {"name": "Astrid Lund", "mail": "astrid@example.org", "firstDay": "2027-03-15", "desk": "4 B",
         "secretNote": "hush", "salary": 41_000, "manager": "maria"}  # fmt: skip


def begin(engine: ProcessEngine, **more: Any) -> str:
    with engine.command(STARTER) as context:
        return start_instance(context, key="joining", variables={**FACTS, **more}).id


def invite(engine: ProcessEngine, journey: str, by: Actor = STARTER, **more: Any) -> tuple[Invitation, str]:
    with engine.command(by) as context:
        made, secret = invite_guest(context, journey, **more)
    return made, secret or ""


def come_in(engine: ProcessEngine, secret: str) -> tuple[GuestSession, str]:
    with engine.command(SYSTEM) as context:
        opened = open_guest_session(context, secret)
    session = session_of(engine, opened.secret)
    assert session is not None
    return session, opened.secret


def session_of(engine: ProcessEngine, cookie: str) -> GuestSession | None:
    with engine.query(SYSTEM) as context:
        return read_guest_session(context, cookie)


def holds(engine: ProcessEngine, secret: str) -> bool:
    with engine.query(SYSTEM) as context:
        return link_holds(context, secret)


def mine(engine: ProcessEngine, actor: Actor) -> list[str]:
    with engine.query(actor) as context:
        return [each.activity_id for each in find_tasks(context, TaskQuery())]


def finish(engine: ProcessEngine, actor: Actor, activity_id: str) -> None:
    with engine.command(actor) as context:
        (task,) = find_tasks(context, TaskQuery(activity_id=activity_id))
        submit_form(context, task.id, {})


def everything(engine: ProcessEngine) -> str:
    """Every row of every table, as text."""
    with engine.database.read() as connection:
        return "\n".join(
            str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))
        )


def rows(engine: ProcessEngine, table: str) -> list[Any]:
    with engine.database.read() as connection:
        return list(connection.execute(select(metadata.tables[table])))
