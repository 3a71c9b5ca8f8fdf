"""What went wrong may quote a confidential value: it is told to those who may know the value, and to nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import (
    SYSTEM,
    Actor,
    ExpressionFailed,
    ExternalTaskQuery,
    FailureQuery,
    IncidentQuery,
    JobQuery,
    ProcessEngine,
    TestClock,
    Topic,
    complete_task,
    count_failures,
    fail_external_task,
    failure_trace,
    failures_by_message,
    fetch_and_lock,
    find_external_tasks,
    find_failures,
    find_incidents,
    find_jobs,
    get_job,
    run_due,
)
from engine.policy.confidentiality import UNTOLD
from tests.engine.play import ANNA, END, IVAR, OWNER, START, bpmn, deploy, flow, start, task, user_task
from tests.engine.test_confidentiality import EVA, field, form, submit

SECRET = "8000-1-90210"
PAYING_OWNER = Actor("petra", frozenset({"process-owner", "payroll"}))
TELL = START + user_task("tell", 'camunda:candidateGroups="payroll"', form(field("bank", "payroll")))
LATER = 'camunda:asyncBefore="true"'


def journey(engine: ProcessEngine, middle: str, *path: str) -> str:
    """In which somebody of payroll has told the bank account; the id of its instance."""
    deploy(engine, bpmn(TELL + middle + END + flow("start", "tell", *path, "end"), "bank"))
    instance = start(engine, "bank")
    submit(engine, "tell", EVA, bank=SECRET)
    return instance.id


def failing(more: str = "") -> str:
    """A gateway whose condition cannot be worked out; the message says over which value."""
    return (
        f'<exclusiveGateway id="which" {more}/><endEvent id="aside"/>'
        '<sequenceFlow id="a" sourceRef="which" targetRef="aside"><conditionExpression '
        'xsi:type="tFormalExpression">${bank.foo}</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="which_end" sourceRef="which" targetRef="end"><conditionExpression '
        'xsi:type="tFormalExpression">${bank.foo}</conditionExpression></sequenceFlow>'
    )


def given_up(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, bpmn(TELL + failing(LATER) + END + flow("start", "tell", "which"), "bank"))
    start(engine, "bank")
    submit(engine, "tell", EVA, bank=SECRET)
    for _ in range(3):
        clock.advance(timedelta(hours=1))
        run_due(engine)


def words(engine: ProcessEngine, actor: Actor) -> list[Any]:
    """Every word about what failed that somebody can read."""
    with engine.query(actor) as context:
        failures = find_failures(context, FailureQuery())
        jobs, tasks = find_jobs(context, JobQuery()), find_external_tasks(context, ExternalTaskQuery())
        return [
            *(each.message for each in failures),
            *(failure_trace(context, each.id) for each in failures),
            *(message for message, _ in failures_by_message(context)),
            *(each.exception_message for each in jobs),
            *(get_job(context, each.id).exception_message for each in jobs),
            *(get_job(context, each.id).exception_trace for each in jobs),
            *(each.exception_trace for each in jobs),
            *(each.error_message for each in tasks),
            *(each.error_details for each in tasks),
            *(each.message for each in find_incidents(context, IncidentQuery())),
        ]


def test_a_failed_job_tells_its_message_to_the_department_only(engine: ProcessEngine, clock: TestClock) -> None:
    given_up(engine, clock)
    for actor in (OWNER, ANNA):
        assert words(engine, actor) == [UNTOLD] * 8
    for actor in (PAYING_OWNER, SYSTEM):
        assert [SECRET in each for each in words(engine, actor)] == [True] * 8


def test_no_message_can_be_guessed(engine: ProcessEngine, clock: TestClock) -> None:
    given_up(engine, clock)
    with engine.query(SYSTEM) as context:
        (message,) = (each.message for each in find_failures(context, FailureQuery()))
    for actor, number in ((OWNER, 0), (PAYING_OWNER, 1)):
        with engine.query(actor) as context:
            assert count_failures(context, FailureQuery(message=message)) == number
            assert len(find_incidents(context, IncidentQuery(message=message))) == number


def test_an_external_task_that_failed_tells_the_department_only(engine: ProcessEngine) -> None:
    work = '<serviceTask id="pay" camunda:type="external" camunda:topic="pay"/>'
    journey(engine, work, "pay")
    with engine.command(SYSTEM) as context:
        (locked,) = fetch_and_lock(context, "worker", [Topic("pay", 1_000)], 1)
        fail_external_task(
            context, locked.id, "worker", message=f"no account {SECRET}", details=f"at {SECRET}", retries=0,
            retry_timeout_ms=0, variables={}, local={},
        )  # fmt: skip
    assert words(engine, OWNER) == [UNTOLD] * 6
    assert [SECRET in each for each in words(engine, PAYING_OWNER)] == [True] * 6


@pytest.mark.parametrize("actor", [IVAR, OWNER, ANNA], ids=["member", "owner", "administrator"])
def test_who_completes_a_task_reads_no_value_in_the_refusal(engine: ProcessEngine, actor: Actor) -> None:
    work = user_task("work", 'camunda:candidateGroups="it,process-owner,payroll"')
    deploy(engine, bpmn(TELL + work + failing() + END + flow("start", "tell", "work", "which"), "bank"))
    start(engine, "bank")
    submit(engine, "tell", EVA, bank=SECRET)
    found = task(engine, "work")
    with pytest.raises(ExpressionFailed, match="confidential") as refused, engine.command(actor) as context:
        complete_task(context, found.id)
    assert SECRET not in str(refused.value)
    assert refused.value.element_id == "which"
    assert refused.value.__cause__ is None
    with pytest.raises(ExpressionFailed, match=SECRET), engine.command(EVA) as context:
        complete_task(context, found.id)


def test_where_nothing_is_confidential_everybody_concerned_reads_what_went_wrong(engine: ProcessEngine) -> None:
    work = user_task("work", 'camunda:candidateGroups="it"')
    deploy(engine, bpmn(START + work + failing() + END + flow("start", "work", "which"), "open"))
    start(engine, "open", {"bank": "plain"})
    found = task(engine, "work")
    with pytest.raises(ExpressionFailed, match="plain"), engine.command(IVAR) as context:
        complete_task(context, found.id)
