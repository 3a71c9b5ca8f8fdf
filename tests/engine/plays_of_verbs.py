"""One way to call every verb of the engine that changes something, and what each leaves in the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import func, select, update

import engine as front
from engine import (
    Actor,
    CommandContext,
    Correlation,
    ExternalIdentity,
    ExternalTaskQuery,
    IdentityLink,
    IdentityPolicy,
    JobQuery,
    MigrationInstruction,
    MigrationPlan,
    Origin,
    ProcessEngine,
    Scope,
    Which,
)
from engine.database.tables import job, user_account, user_operation_log
from tests.engine.conftest import MONDAY
from tests.engine.guests import FACTS, JOINING
from tests.engine.play import END, START, bpmn, flow, user_task

ANNA = Actor("anna", frozenset({"camunda-admin", "hr"}), administrator=True)
AT_THE_DESK = Origin("page", "192.0.2.7", None, "request-1")

#: Something of everything that can be worked on.
EVERYTHING = bpmn(
    START
    + '<parallelGateway id="fork"/>'
    + user_task("work")
    + '<boundaryEvent id="late" attachedToRef="work" cancelActivity="false"><timerEventDefinition>'
    + "<timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>"
    + '<boundaryEvent id="wrong" attachedToRef="work"><errorEventDefinition errorRef="e"/></boundaryEvent>'
    + '<boundaryEvent id="more" attachedToRef="work" cancelActivity="false">'
    + '<escalationEventDefinition escalationRef="x"/></boundaryEvent>'
    + '<receiveTask id="wait" messageRef="m"/>'
    + '<intermediateCatchEvent id="hear"><signalEventDefinition signalRef="s"/></intermediateCatchEvent>'
    + '<serviceTask id="robot" camunda:type="external" camunda:topic="t"/>'
    + '<receiveTask id="plain"/>'
    + END
    + flow("start", "fork")
    + "".join(flow("fork", each, "end") for each in ("work", "wait", "hear", "robot", "plain"))
    + "".join(flow(each, "end") for each in ("late", "wrong", "more")),
    beside='<message id="m" name="arrived"/><signal id="s" name="rang"/>'
    '<error id="e" errorCode="E1"/><escalation id="x" escalationCode="X1"/>',
)
BY_CONDITION = bpmn(
    '<startEvent id="start"><conditionalEventDefinition><condition xsi:type="tFormalExpression">${n > 1}</condition>'
    "</conditionalEventDefinition></startEvent>" + END + flow("start", "end"),
    "met",
)


@dataclass(frozen=True)
class World:
    context: CommandContext
    instance: str
    task: str
    external: str
    job: str
    definition: str
    deployment: str
    numbers: dict[str, int] = field(default_factory=dict)


class Undo(Exception):
    pass


def _locked(world: World) -> str:
    front.lock(world.context, world.external, "w", 60_000)
    return world.external


def _mine(world: World) -> str:
    front.claim_task(world.context, world.task)
    return world.task


def _failed(world: World) -> str:
    values = {"retries": 0, "exception_message": "no", "exception_trace": "no"}
    world.context.connection.execute(update(job).where(job.c.id == world.job).values(values))
    return world.job


def _away(world: World) -> str:
    return front.set_absence(world.context, "anna", MONDAY.date(), MONDAY.date(), "hanna").id


def _migrate(world: World) -> None:
    target = front.deploy_resources(world.context, "again", [("p.bpmn", EVERYTHING)]).definitions[0].id
    names = ("work", "wait", "hear", "robot", "plain")
    plan = MigrationPlan(world.definition, target, tuple(MigrationInstruction(each, each) for each in names))
    front.migrate_instances(world.context, plan, [world.instance])


def _sheet(rows_: str) -> bytes:
    return rows_.encode()


def _invited(world: World) -> tuple[str, str, str]:
    """The journey, its invitation and the secret of the link."""
    front.deploy_resources(world.context, "joining", [("joining.bpmn", JOINING)])
    journey = front.start_instance(world.context, key="joining", variables=FACTS).id
    made, secret = front.invite_guest(world.context, journey)
    return journey, made.id, secret or ""


def _came_in(world: World) -> str:
    return front.open_guest_session(world.context, _invited(world)[2]).secret


ELSEWHERE = ExternalIdentity("https://login.example", "4711", name="anna")


def _disconnected(context: CommandContext) -> None:
    front.link_identity(context, ELSEWHERE)
    front.unlink_identity(context, "anna", ELSEWHERE.issuer, ELSEWHERE.subject)


def _first_administrator(context: CommandContext) -> None:
    context.connection.execute(update(user_account).values(active=False))
    front.create_first_administrator(context, front.make_set_up_link(context) or "", "first", "three grey herons")


def _administrator_at_command(context: CommandContext) -> None:
    context.connection.execute(update(user_account).values(active=False))
    front.create_administrator_at_command(context, "first", "three grey herons")


Play = Callable[[World, CommandContext], object]
#: Verb -> one way to call it that changes something.
PLAYS: dict[str, Play] = {
    "add_comment": lambda w, c: front.add_comment(c, w.instance, "hello", w.task),
    "add_identity_link": lambda w, c: front.add_identity_link(c, w.task, IdentityLink("candidate", None, "it")),
    "add_member": lambda w, c: front.add_member(c, "it", "hanna"),
    "assign_task": lambda w, c: front.assign_task(c, w.task, "hanna"),
    "broadcast_signal": lambda w, c: front.broadcast_signal(c, "rang"),
    "claim_task": lambda w, c: front.claim_task(c, w.task),
    "close_account": lambda w, c: front.close_account(c, "olle"),
    "close_guest_session": lambda w, c: front.close_guest_session(c, _came_in(w)),
    "close_session": lambda w, c: front.close_session(c, front.open_session(c, "anna").secret),
    "complete_external_task": lambda w, c: front.complete_external_task(c, _locked(w), "w", {}, {}),
    "complete_task": lambda w, c: front.complete_task(c, w.task),
    "correlate": lambda w, c: front.correlate(c, Correlation("arrived")),
    "create_administrator_at_command": lambda w, c: _administrator_at_command(c),
    "create_first_administrator": lambda w, c: _first_administrator(c),
    "create_api_token": lambda w, c: front.create_api_token(c, "robot", Scope.READ, 7),
    "create_group": lambda w, c: front.create_group(c, "new", "New"),
    "create_user": lambda w, c: front.create_user(c, "new"),
    "delegate_task": lambda w, c: front.delegate_task(c, _mine(w), "hanna"),
    "delete_deployment": lambda w, c: front.delete_deployment(c, w.deployment, cascade=True),
    "delete_draft": lambda w, c: front.delete_draft(c, front.save_draft(c, "d", "D", b"<x/>").key),
    "delete_group": lambda w, c: front.delete_group(c, "it"),
    "delete_identity_link": lambda w, c: front.delete_identity_link(c, w.task, IdentityLink("candidate", None, "hr")),
    "delete_instance": lambda w, c: front.delete_instance(c, w.instance, "a mistake"),
    "delete_job": lambda w, c: front.delete_job(c, w.job),
    "delete_user": lambda w, c: front.delete_user(c, "hanna"),
    "deliver_to": lambda w, c: front.deliver_to(c, "arrived", w.instance, w.numbers["wait"], {}),
    "deploy_resources": lambda w, c: front.deploy_resources(c, "x", [("x.bpmn", EVERYTHING)]),
    "end_absence": lambda w, c: front.end_absence(c, _away(w)),
    "erase_person": lambda w, c: front.erase_person(c, "olle"),
    "end_other_sessions": lambda w, c: front.end_other_sessions(c, ""),
    "end_session": lambda w, c: front.end_session(c, front.id_of_session(front.open_session(c, "anna").secret)),
    "evaluate_conditions": lambda w, c: front.evaluate_conditions(c, {"n": 2}),
    "fail_external_task": lambda w, c: front.fail_external_task(
        c, _locked(w), "w", message="no", details=None, retries=1, retry_timeout_ms=0, variables={}, local={}
    ),
    "import_departments": lambda w, c: front.import_departments(c, _sheet("id,name\nnew,New\n"), write=True),
    "import_people": lambda w, c: front.import_people(c, _sheet("id,first_name\nnew,Ny\n"), write=True),
    "invite_guest": lambda w, c: _invited(w),
    "link_identity": lambda w, c: front.link_identity(c, ELSEWHERE),
    "lock": lambda w, c: front.lock(c, w.external, "w", 1_000),
    "log_execution": lambda w, c: front.log_execution(c, w.job),
    "log_refused_sign_in": lambda w, c: front.log_refused_sign_in(c, "anna"),
    "migrate_instances": lambda w, c: _migrate(w),
    "modify_instance": lambda w, c: front.modify_instance(c, w.instance, [{"type": "cancel", "activityId": "plain"}]),
    "open_guest_session": lambda w, c: _came_in(w),
    "open_session": lambda w, c: front.open_session(c, "anna"),
    "person_of_identity": lambda w, c: front.person_of_identity(c, ELSEWHERE, IdentityPolicy(administrators=True)),
    "remove_member": lambda w, c: front.remove_member(c, "hr", "hanna"),
    "resolve_task": lambda w, c: front.resolve_task(c, _mine(w)),
    "retry_failure": lambda w, c: front.retry_failure(c, _failed(w)),
    "revoke_api_token": lambda w, c: front.revoke_api_token(c, front.create_api_token(c, "r", Scope.READ, 7)[0].id),
    "revoke_invitation": lambda w, c: front.revoke_invitation(c, *_invited(w)[:2]),
    "save_draft": lambda w, c: front.save_draft(c, "d", "D", b"<x/>"),
    "save_person": lambda w, c: front.save_person(
        c, replace(front.get_user(c, "hanna"), first_name="Hanne"), departments=(), roles=(), flows=()
    ),
    "set_absence": lambda w, c: _away(w),
    "set_departments": lambda w, c: front.set_departments(c, "hanna", ["it"]),
    "set_due_date": lambda w, c: front.set_due_date(c, w.job, MONDAY),
    "set_external_priority": lambda w, c: front.set_external_priority(c, w.external, 7),
    "set_external_retries": lambda w, c: front.set_external_retries(c, w.external, 7),
    "set_job_priority": lambda w, c: front.set_job_priority(c, w.job, 7),
    "set_language": lambda w, c: front.set_language(c, "hanna", "sv"),
    "set_members": lambda w, c: front.set_members(c, "hr", ["anna"]),
    "set_owned_flows": lambda w, c: front.set_owned_flows(c, "hanna", ["p"]),
    "set_password": lambda w, c: front.set_password(c, "hanna", "secret words"),
    "set_retention": lambda w, c: front.set_retention(c, 30, key="p"),
    "set_retries": lambda w, c: front.set_retries(c, w.job, 7),
    "set_roles": lambda w, c: front.set_roles(c, "hanna", ["process-owner"]),
    "set_variables": lambda w, c: front.set_variables(c, w.instance, {"x": 1}),
    "signal_to": lambda w, c: front.signal_to(c, "rang", w.instance, w.numbers["hear"], {}),
    "start_instance": lambda w, c: front.start_instance(c, key="p"),
    "submit_form": lambda w, c: front.submit_form(c, w.task, {}),
    "submit_start_form": lambda w, c: front.submit_start_form(c, w.definition, {}),
    "suspend_definition": lambda w, c: front.suspend_definition(c, suspended=True, key="p"),
    "suspend_instances": lambda w, c: front.suspend_instances(c, Which(instance_ids=(w.instance,)), suspended=True),
    "suspend_job": lambda w, c: front.suspend_job(c, w.job, suspended=True),
    "suspend_jobs": lambda w, c: front.suspend_jobs(c, Which(definition_key="p"), suspended=True),
    "throw_bpmn_error": lambda w, c: front.throw_bpmn_error(c, _locked(w), "w", "E9", None, {}),
    "throw_task_error": lambda w, c: front.throw_task_error(c, w.task, "E1", None, {}),
    "throw_task_escalation": lambda w, c: front.throw_task_escalation(c, w.task, "X1", {}),
    "trigger": lambda w, c: front.trigger(c, w.instance, w.numbers["plain"]),
    "unclaim_task": lambda w, c: front.unclaim_task(c, _mine(w)),
    "unlink_identity": lambda w, c: _disconnected(c),
    "unlock": lambda w, c: front.unlock(c, _locked(w)),
    "update_group": lambda w, c: front.update_group(c, replace(front.get_group(c, "hr"), name="Human")),
    "update_user": lambda w, c: front.update_user(c, replace(front.get_user(c, "hanna"), first_name="Hanne")),
}
#: What leaves no line, and why.
SILENT = {
    "announce_absences": "the engine tells people of what somebody has set, and that is in the log",
    "claim_key": "keeps the answer of a request whose command has its own line",
    "keep_answer": "the same",
    "execute_job": "runs as the engine; who asked for it has the line of log_execution",
    "run_due": "runs as the engine",
    "retry_failures": "a transaction of retry_failure each",
    "fetch_and_lock": "a lease that runs out by itself, taken thousands of times an hour; the report has a line",
    "extend_lock": "the same",
    "make_set_up_link": "the server makes it when it starts; what is made by it has its line",
    "mark_read": "says of the reader only that they have read",
    "note_session_use": "when a session was last used, beside the lines of what was done in it",
    "note_use": "when a token was last used, beside the line of what it was used for",
    "notify": "what the engine tells people of",
    "remember_device": "beside the line of the sign-in",
    "remember_pending": "a browser is on its way to the identity provider; its return is a sign-in, or a refusal",
    "take_pending": "the same",
}


def _world(context: CommandContext) -> World:
    (task,) = front.find_tasks(context, front.TaskQuery(activity_id="work"))
    (external,) = front.find_external_tasks(context, ExternalTaskQuery())
    (timer,) = front.find_jobs(context, JobQuery())
    definition = front.get_definition(context, task.definition_id)
    activities = front.find_historic_activities(context, front.HistoricActivityQuery())
    return World(
        context, task.process_instance_id, task.id, external.id, timer.id, definition.id, definition.deployment_id,
        {row.activity_id: row.number for row in activities},
    )  # fmt: skip


def played(engine: ProcessEngine, play: Play, actor: Actor = ANNA) -> list[Any]:
    """The lines that it leaves; all of it is undone."""
    found: list[Any] = []
    with pytest.raises(Undo), engine.command(actor, origin=AT_THE_DESK) as context:  # noqa: PT012  (undone at the end)
        world = _world(context)
        last = context.connection.execute(select(user_operation_log.c.id)).scalars().all()
        play(world, context)
        found = list(
            context.connection.execute(select(user_operation_log).where(user_operation_log.c.id > max(last, default=0)))
        )
        raise Undo
    return found


def lines_of(engine: ProcessEngine, verb: str) -> list[Any]:
    """Those that the verb itself leaves, and not what its play had to do before."""
    original, calls = getattr(front, verb), list[tuple[int, int]]()

    def counted(context: CommandContext, *given: Any, **more: Any) -> Any:
        before = _last_line(context)
        result = original(context, *given, **more)
        calls.append((before, _last_line(context)))
        return result

    with mock.patch.object(front, verb, counted):
        found = played(engine, PLAYS[verb])
    before, after = calls[-1]
    return [each for each in found if before < each.id <= after]


def _last_line(context: CommandContext) -> int:
    return int(context.connection.execute(select(func.coalesce(func.max(user_operation_log.c.id), 0))).scalar_one())
