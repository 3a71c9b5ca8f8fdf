"""A house with one of everything: people in every role, two flows, two journeys, and a mark in whatever may be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import Client

from api.app import create_app
from engine import (
    SYSTEM,
    Actor,
    CommandContext,
    HistoricActivityQuery,
    ProcessEngine,
    Scope,
    Session,
    Settings,
    TaskQuery,
    TestClock,
    add_comment,
    add_member,
    create_api_token,
    create_group,
    create_user,
    deploy_resources,
    find_historic_activities,
    find_tasks,
    notify,
    open_session,
    read_session,
    run_due,
    save_draft,
    set_absence,
    set_owned_flows,
    set_roles,
    set_variables,
    start_instance,
    upgrade,
)
from engine.database.tables import (
    absence,
    api_token,
    deployment,
    external_task,
    incident,
    job,
    notification,
    process_definition,
    resource,
    task,
)
from engine.policy import ADMINISTRATORS, GUESTS, HEADS_OF_SERVICE, PROCESS_OWNERS
from tests.engine.play import END, START, bpmn, flow, user_task

MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
DEPARTMENTS = ("facilities", "hr", "security", "payroll", "hiring-manager")


@dataclass(frozen=True)
class Role:
    """One column of the table. `knows` are the things whose marks may be told to them."""

    name: str
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    knows: frozenset[str] = frozenset()


def _knows(*things: str) -> frozenset[str]:
    return frozenset(things)


JOURNEY = ("journey", "people", "flow")
ROLES = (
    Role("anonymous"),
    Role("guest", roles=(GUESTS,), knows=_knows("guest", "flow")),
    Role("outsider", ("payroll",), knows=_knows("people")),
    Role("waiting", ("security",), knows=_knows("people", "flow")),
    Role("facilities", ("facilities",), knows=_knows(*JOURNEY, "guest", "desk")),
    Role("hr", ("hr",), knows=_knows(*JOURNEY, "guest", "pay", "field", "token")),
    Role("starter", ("hiring-manager",), knows=_knows(*JOURNEY, "guest")),
    Role("subject", knows=_knows(*JOURNEY)),
    Role("owner", flows=("pay",), knows=_knows(*JOURNEY, "guest", "model", "field")),
    Role("other-owner", flows=("other", "drafted"), knows=_knows("people", "draft", "other")),
    Role("head", ("security",), (HEADS_OF_SERVICE,), knows=_knows(*JOURNEY, "guest")),
    Role("process-owner", roles=(PROCESS_OWNERS,), knows=_knows(*JOURNEY, "guest", "draft", "other", "model", "field")),
    Role(
        "administrator", roles=(ADMINISTRATORS,),
        # The log tells them that somebody has made a token, and how it is called.
        knows=_knows(*JOURNEY, "guest", "draft", "other", "model", "field", "token"),
    ),
)  # fmt: skip
#: The thing -> what is planted in it. No mark is part of another, and none stands in an address that is asked for.
MARKS: Mapping[str, str] = {
    "journey": "Zebrafinch",  # subject, business key, variable, comment, name of its task
    "guest": "Quagga",  # the same of the guest's journey
    "flow": "Okapi",  # the name of the flow, which names its starters
    "other": "Pangolin",  # the name of the other flow, which names starters too
    "model": "Axolotl",  # a condition in the file
    "field": "Tarsier",  # the name of a confidential field
    "pay": "7412345",  # its value
    "draft": "Narwhal",
    "people": "Kakapo",  # a colleague who has no part in anything
    "desk": "Wombat",  # what was told to facilities
    "token": "Aardvark",  # the name of somebody's token
}

FORM = (
    "<extensionElements><camunda:formData>"
    f'<camunda:formField id="{MARKS["field"]}" label="Pay" type="string"><camunda:properties>'
    '<camunda:property id="confidential" value="hr"/></camunda:properties></camunda:formField>'
    "</camunda:formData></extensionElements>"
)
PAY = bpmn(
    '<extensionElements><camunda:properties><camunda:property name="subject" value="${about}"/>'
    '<camunda:property name="subjectUser" value="whom"/></camunda:properties></extensionElements>'
    + START
    + '<parallelGateway id="fork"/>'
    + user_task("agree", 'camunda:candidateGroups="hr"', FORM)
    + user_task("desk", 'camunda:candidateGroups="facilities"')
    + '<boundaryEvent id="late" attachedToRef="desk" cancelActivity="false"><timerEventDefinition>'
    + "<timeDuration>P9D</timeDuration></timerEventDefinition></boundaryEvent>"
    + user_task("welcome", 'camunda:assignee="${whom}"')
    + '<serviceTask id="robot" camunda:type="external" camunda:topic="t"/>'
    + '<receiveTask id="hears" messageRef="m"/>'
    + '<serviceTask id="fails" camunda:asyncBefore="true" camunda:expression="${nothing}">'
    + "<extensionElements><camunda:failedJobRetryTimeCycle>R1/PT1S</camunda:failedJobRetryTimeCycle>"
    + "</extensionElements></serviceTask>"
    + user_task("badge", 'camunda:candidateGroups="security"')
    + END
    + flow("start", "fork")
    + "".join(flow("fork", each, "end") for each in ("agree", "welcome", "robot", "hears", "fails"))
    + flow("fork", "desk", "badge", "end")
    + flow("late", "end"),
    "pay",
    attributes=f'name="{MARKS["flow"]}" camunda:candidateStarterGroups="hiring-manager"',
    beside=f'<message id="m" name="arrived"/><!-- {MARKS["model"]} -->',
)
OTHER = bpmn(
    START + user_task("look", 'camunda:candidateUsers="nobody"') + END + flow("start", "look", "end"),
    "other",
    attributes=f'name="{MARKS["other"]}" camunda:candidateStarterUsers="nobody"',
)


@dataclass
class World:
    """`ids` fill the parts of addresses: by the beginning of the address, or by the part's name."""

    engine: ProcessEngine
    app: Flask
    guest_journey: str
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    def enter(self, user_id: str) -> None:
        client = self.app.test_client()
        client.set_cookie("language", "en")
        with self.engine.command(SYSTEM) as context:
            opened = open_session(context, user_id)
        self.clients[user_id], self.tokens[user_id], self.secrets[user_id] = client, opened.csrf_token, opened.secret


def guest_session(world: World) -> Any:
    """Sessions as they are read, a guest's with the journey that their link is for."""

    def read(context: CommandContext, secret: str) -> Session | None:
        found = read_session(context, secret)
        if found is None or found.actor.user_id != "guest":
            return found
        return replace(found, actor=replace(found.actor, only_journey=world.guest_journey))

    return read


@contextmanager
def nothing_stays(engine: ProcessEngine, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every command is undone when it has come to its good end: one house serves all requests."""

    class UndoneError(Exception): ...

    @contextmanager
    def undone(actor: Actor, **_: object) -> Iterator[CommandContext]:
        try:
            with engine.database.write() as connection:
                yield CommandContext(engine, connection, actor, engine.clock.now())
                raise UndoneError
        except UndoneError:
            pass

    with patch.context() as inside:
        inside.setattr(engine, "command", undone)
        yield


def build(folder: Path) -> World:
    url = f"sqlite:///{folder}/house.db"
    upgrade(url)
    engine = ProcessEngine(Settings(url, folder, test_clock=True), TestClock(MONDAY))
    _people(engine)
    journeys = [_journey(engine, whom, mark) for whom, mark in (("subject", "journey"), ("guest", "guest"))]
    run_due(engine)
    app = create_app(engine, scim_token="s" * 40)
    world = World(engine, app, journeys[1])
    _things(world, journeys[0])
    with engine.command(SYSTEM) as context:
        deploy_resources(context, "pay", [("pay.bpmn", PAY)])
    for role in ROLES:
        if role.name != "anonymous":
            world.enter(role.name)
    world.enter("stranger")
    world.clients["anonymous"], world.tokens["anonymous"] = app.test_client(), ""
    return world


def _people(engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        for each in DEPARTMENTS:
            create_group(context, each, each.title())
        for role in ROLES:
            create_user(context, role.name, first_name=role.name.title())
            set_roles(context, role.name, role.roles)
            set_owned_flows(context, role.name, role.flows)
            for group in role.groups:
                add_member(context, group, role.name)
        create_user(context, "colleague", first_name=MARKS["people"])
        create_user(context, "stranger")
        add_member(context, "payroll", "stranger")
        deploy_resources(context, "pay", [("pay.bpmn", PAY)])
        deploy_resources(context, "other", [("other.bpmn", OTHER)])
        save_draft(context, "drafted", MARKS["draft"], OTHER)


def _journey(engine: ProcessEngine, whom: str, mark: str) -> str:
    told = MARKS[mark]
    with engine.command(Actor("starter", frozenset({"hiring-manager"}))) as context:
        given = {"about": told, "whom": whom, "room": told, MARKS["field"]: MARKS["pay"]}
        instance = start_instance(context, key="pay", variables=given, business_key=told)
        add_comment(context, instance.id, told)
        changed = task.c.process_instance_id == instance.id
        context.connection.execute(task.update().where(changed).values(description=told))
    return instance.id


def _things(world: World, journey: str) -> None:
    engine, ids = world.engine, world.ids
    with engine.command(SYSTEM) as context:
        notify(context, group_id="facilities", message={"en": MARKS["desk"]}, process_instance_id=journey)
        set_absence(context, "facilities", date(2027, 4, 1), date(2027, 4, 9), "colleague")
    with engine.query(SYSTEM) as context:
        (found,) = find_tasks(context, TaskQuery(process_instance_id=journey, activity_id="desk"))
        (hears,) = find_historic_activities(
            context, HistoricActivityQuery(process_instance_id=journey, activity_id="hears")
        )
    with engine.command(SYSTEM) as context:
        ids["comment_id"] = add_comment(context, journey, MARKS["journey"], found.id).id
        for number in (found.number, hears.number):
            set_variables(context, journey, {"room": MARKS["journey"]}, number=number, local=True)
    with engine.command(Actor("hr", frozenset({"hr"}))) as context:
        create_api_token(context, MARKS["token"], Scope.READ, days=9)

    with engine.database.read() as connection:

        def one(column: Any, *conditions: Any) -> str:
            return str(connection.execute(select(column).where(*conditions).limit(1)).scalar_one())

        ids |= {
            "journey": journey,
            "task": found.id,
            "execution": hears.id,
            "activity": f"hears:{hears.id}",
            "external-task": one(external_task.c.id, external_task.c.process_instance_id == journey),
            "job": one(job.c.id, job.c.process_instance_id == journey, job.c.activity_id == "fails"),
            "incident": one(incident.c.id, incident.c.process_instance_id == journey),
            "definition": one(
                process_definition.c.id, process_definition.c.key == "pay", process_definition.c.version == 1
            ),
            "deployment": one(deployment.c.id, deployment.c.name == "pay"),
            "notification": one(notification.c.id),
            "absence": one(absence.c.id),
            "token": one(api_token.c.id),
            "variable": f"{journey}:room",
        }
        ids["resource_id"] = one(resource.c.id, resource.c.deployment_id == ids["deployment"])
