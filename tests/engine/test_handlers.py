"""The handlers that Onedoor ships."""

from __future__ import annotations

import pytest

from engine import ExecutionFailed, ProcessEngine, find_notifications
from tests.engine.play import END, HANNA, IVAR, START, bpmn, deploy, flow, start


def notifying(*inputs: tuple[str, str]) -> bytes:
    given = "".join(f'<camunda:inputParameter name="{name}">{value}</camunda:inputParameter>' for name, value in inputs)
    return bpmn(
        START
        + '<serviceTask id="tell" camunda:delegateExpression="${notify}"><extensionElements><camunda:inputOutput>'
        + f"{given}</camunda:inputOutput></extensionElements></serviceTask>"
        + END
        + flow("start", "tell", "end")
    )


def test_notify_tells_a_department_in_every_language_that_is_given(engine: ProcessEngine) -> None:
    deploy(engine, notifying(("department", "hr"), ("message", "${who} starts"), ("message:sv", "${who} börjar")))
    start(engine, variables={"who": "Nora"})
    with engine.query(HANNA) as context:
        (found,) = find_notifications(context)
        assert found.message == {"en": "Nora starts", "sv": "Nora börjar"}
    with engine.query(IVAR) as context:
        assert find_notifications(context) == []


def test_notify_tells_one_person_in_the_one_language_there_is(engine: ProcessEngine) -> None:
    deploy(engine, notifying(("recipient", "ivar"), ("message", "Ready")))
    start(engine)
    with engine.query(IVAR) as context:
        (found,) = find_notifications(context)
        assert found.message == {"en": "Ready"}


def test_notify_without_anybody_to_tell_is_refused(engine: ProcessEngine) -> None:
    deploy(engine, notifying(("message", "Ready")))
    with pytest.raises(ExecutionFailed, match="recipient"):
        start(engine)
