"""A comment may be for some departments; the others get it by no way."""

from __future__ import annotations

import pytest

from engine import (
    SYSTEM,
    Actor,
    InvalidInput,
    ProcessEngine,
    StandIn,
    add_comment,
    create_group,
    find_comments,
    get_journey,
    open_task,
    usual_departments,
)
from tests.engine.play import ANNA, END, HANNA, IVAR, OWNER, START, bpmn, deploy, flow, start, task, user_task

PAY = (
    '<extensionElements><camunda:formData><camunda:formField id="pay" type="string"><camunda:properties>'
    '<camunda:property id="confidential" value="hr,payroll"/></camunda:properties></camunda:formField>'
    '<camunda:formField id="bonus" type="string"><camunda:properties>'
    '<camunda:property id="confidential" value="hr"/></camunda:properties></camunda:formField>'
    "</camunda:formData></extensionElements>"
)
HIRING = bpmn(
    START
    + '<parallelGateway id="fork"/>'
    + user_task("agree", inside=PAY)
    + user_task("desk", 'camunda:candidateGroups="it"')
    + END
    + flow("start", "fork", "agree", "end")
    + flow("fork", "desk", "end"),
)
SUBSTITUTE = Actor("bo", stands_in_for=(StandIn("hanna", frozenset({"hr"})),))


@pytest.fixture
def journey(engine: ProcessEngine) -> str:
    deploy(engine, HIRING)
    return start(engine).id


def heard(engine: ProcessEngine, actor: Actor, journey: str) -> list[str]:
    """By every way that comments take."""
    with engine.query(actor) as context:
        said = [each.message for each in find_comments(context, journey)]
        told = [each.text for each in get_journey(context, journey).timeline if each.what == "Comment"]
        assert sorted(filter(None, told)) == sorted(said)
    return said


def test_a_comment_for_a_department_is_heard_by_its_members_and_who_wrote_it(
    engine: ProcessEngine, journey: str
) -> None:
    with engine.command(IVAR) as context:
        add_comment(context, journey, "for all")
        add_comment(context, journey, "for HR", departments=["hr"])
    everything = ["for all", "for HR"]
    for actor in (HANNA, IVAR, SUBSTITUTE):
        assert heard(engine, actor, journey) == everything, actor
    for actor in (ANNA, OWNER, Actor("nora", frozenset({"it"}))):
        assert heard(engine, actor, journey) == ["for all"], actor
    with engine.query(Actor("nora", frozenset({"it"}))) as context:
        assert [each.message for each in open_task(context, task(engine, "desk").id, "en").comments] == ["for all"]


def test_where_a_form_asks_for_something_confidential_those_who_may_know_all_of_it_are_told(
    engine: ProcessEngine, journey: str
) -> None:
    with engine.query(SYSTEM) as context:
        assert usual_departments(context, task(engine, "agree")) == ("hr",)
        assert usual_departments(context, task(engine, "desk")) == ()


def test_a_department_that_there_is_not_is_told_nothing(engine: ProcessEngine, journey: str) -> None:
    with engine.command(SYSTEM) as context:
        create_group(context, "h_", "Almost")
    for departments in (["nobody"], [f"d{each}" for each in range(21)]):
        with pytest.raises(InvalidInput), engine.command(HANNA) as context:
            add_comment(context, journey, "x", departments=departments)
    with engine.command(HANNA) as context:
        add_comment(context, journey, "x", departments=["hr"])
    # The wildcard of a pattern is no department's name.
    with engine.query(Actor("ola", frozenset({"h_", "it"}))) as context:
        assert find_comments(context, journey) == []
