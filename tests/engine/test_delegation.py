"""Tasks handed to somebody for a while; tasks that end in an error or an escalation."""

from __future__ import annotations

import pytest

from engine import (
    SYSTEM,
    Actor,
    Conflict,
    ExecutionFailed,
    InvalidInput,
    NotFound,
    OperationQuery,
    ProcessEngine,
    claim_task,
    complete_task,
    delegate_task,
    find_operations,
    get_variables,
    resolve_task,
    throw_task_error,
    throw_task_escalation,
)
from tests.engine.play import END, HANNA, IVAR, START, TWO_TASKS, bpmn, deploy, flow, start, task, user_task, waiting

NORA = Actor("nora", frozenset({"it"}))


def test_a_delegated_task_comes_back_to_its_owner_with_what_was_found_out(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine)
    found = task(engine, "first")
    with engine.command(HANNA) as context:
        claim_task(context, found.id)
        delegate_task(context, found.id, "ivar")
    handed = task(engine, "first")
    assert (handed.assignee, handed.owner, handed.delegation_state) == ("ivar", "hanna", "PENDING")
    with pytest.raises(Conflict, match="is delegated"), engine.command(IVAR) as context:
        complete_task(context, found.id)
    with engine.command(IVAR) as context:
        resolve_task(context, found.id, {"checked": True})
    back = task(engine, "first")
    assert (back.assignee, back.owner, back.delegation_state) == ("hanna", "hanna", "RESOLVED")
    with engine.query(SYSTEM) as context:
        assert get_variables(context, instance.id) == {"checked": True}
        said = [
            each.operation
            for each in find_operations(context, OperationQuery(process_instance_id=instance.id, oldest_first=True))
        ]
    assert {"Delegate", "Resolve"} <= set(said)
    with engine.command(HANNA) as context:
        complete_task(context, found.id)
    assert waiting(engine) == ["second"]


def test_a_task_delegated_further_still_comes_back_to_its_first_owner(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    found = task(engine, "first")
    with engine.command(HANNA) as context:
        claim_task(context, found.id)
        delegate_task(context, found.id, "ivar")
    with engine.command(IVAR) as context:
        delegate_task(context, found.id, "nora")
    with engine.command(NORA) as context:
        resolve_task(context, found.id)
    assert task(engine, "first").assignee == "hanna"


def test_a_delegate_must_be_named_and_the_task_ones_own(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    found = task(engine, "first")
    with pytest.raises(InvalidInput, match="userId is missing"), engine.command(HANNA) as context:
        delegate_task(context, found.id, None)
    with pytest.raises(NotFound), engine.command(IVAR) as context:
        delegate_task(context, found.id, "ivar")


CATCHING = bpmn(
    START + user_task("ask")
    + '<boundaryEvent id="wrong" attachedToRef="ask"><errorEventDefinition errorRef="e"/></boundaryEvent>'
    '<boundaryEvent id="help" attachedToRef="ask" cancelActivity="false"><escalationEventDefinition escalationRef="x"/>'
    "</boundaryEvent>" + user_task("mend") + user_task("assist") + END
    + flow("start", "ask", "end") + flow("wrong", "mend") + flow("help", "assist"),
    beside='<error id="e" errorCode="E1"/><escalation id="x" escalationCode="X1"/>',
)  # fmt: skip


def test_an_error_of_a_task_is_caught_by_its_code_or_ends_its_branch(engine: ProcessEngine) -> None:
    deploy(engine, CATCHING)
    one = start(engine)
    with engine.command(HANNA) as context:
        throw_task_error(context, task(engine, "ask").id, "E1", "broken", {"why": "torn"})
    assert waiting(engine) == ["mend"]
    with engine.query(SYSTEM) as context:
        assert get_variables(context, one.id) == {"why": "torn"}
    start(engine)
    with engine.command(HANNA) as context:
        throw_task_error(context, task(engine, "ask").id, "other", None, {})
    assert waiting(engine) == ["mend"]
    start(engine)
    with pytest.raises(InvalidInput, match="errorCode"), engine.command(HANNA) as context:
        throw_task_error(context, task(engine, "ask").id, "", None, {})


def test_an_escalation_of_a_task_must_be_caught(engine: ProcessEngine) -> None:
    deploy(engine, CATCHING)
    start(engine)
    found = task(engine, "ask")
    with engine.command(HANNA) as context:
        throw_task_escalation(context, found.id, "X1", {"level": 2})
    assert waiting(engine) == ["ask", "assist"]
    with pytest.raises(ExecutionFailed, match="nothing catches"), engine.command(HANNA) as context:
        throw_task_escalation(context, found.id, "other", {"level": 3})
    with pytest.raises(InvalidInput, match="escalationCode"), engine.command(HANNA) as context:
        throw_task_escalation(context, found.id, None, {})
    assert waiting(engine) == ["ask", "assist"]
