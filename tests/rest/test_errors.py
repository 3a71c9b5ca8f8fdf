"""Errors leave the engine by one file, and look as each API promises."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable

import pytest
from flask import Flask

import engine as engine_front
from api.errors import CONTRACT, contract_answer, own_answer
from bpmn import Problem, Severity, UnreadableModel
from engine import (
    BudgetExceeded,
    EngineError,
    ExecutionFailed,
    FormRefused,
    InvalidInput,
    MismatchingMessageCorrelation,
    ModelRefused,
    NotFound,
    OptimisticLocking,
    TaskAlreadyClaimed,
)
from tests.rest import models
from tests.rest.client import Client

PROBLEM = Problem("rule", Severity.ERROR, "gate", 7, "The gateway has no way out.", "Draw one.")
WARNING = Problem("rule", Severity.WARNING, "task", 9, "The task has no name.", "Name it.")


def every_engine_error() -> list[type[Exception]]:
    return [
        each
        for name in engine_front.__all__
        if inspect.isclass(each := getattr(engine_front, name)) and issubclass(each, EngineError)
    ]


def test_every_class_of_the_error_tree_is_mapped_by_its_own_name() -> None:
    tree = every_engine_error()
    assert len(tree) > 10
    assert [each.__name__ for each in [*tree, UnreadableModel] if each not in CONTRACT] == []


@pytest.mark.parametrize(
    ("error", "status", "type_", "code"),
    [
        (InvalidInput("no"), 400, "InvalidRequestException", None),
        (NotFound("task", "x"), 404, "InvalidRequestException", None),
        (TaskAlreadyClaimed("t", "hanna"), 500, "TaskAlreadyClaimedException", 0),
        (OptimisticLocking(), 500, "OptimisticLockingException", 1),
        (MismatchingMessageCorrelation("Cannot correlate message 'm'"), 400, "RestException", None),
        (ExecutionFailed("it broke", "task"), 500, "ProcessEngineException", 0),
        (BudgetExceeded("too much"), 500, "ProcessEngineException", 0),
        (FormRefused([]), 400, "FormFieldValidatorException", 0),
    ],
)
def test_an_error_has_the_contracts_status_type_and_code(
    app: Flask, error: Exception, status: int, type_: str, code: int | None
) -> None:
    with app.test_request_context("/engine-rest/task"):
        answer = contract_answer(error)
    assert answer.status_code == status
    assert answer.get_json()["type"] == type_
    assert answer.get_json()["code"] == code
    assert answer.content_type == "application/json"


def test_a_refused_model_names_each_problem_under_its_resource(app: Flask) -> None:
    with app.test_request_context("/engine-rest/deployment/create"):
        body = contract_answer(ModelRefused("flow.bpmn", [PROBLEM, WARNING])).get_json()
    assert body["type"] == "ParseException"
    assert body["message"].startswith("ENGINE-09005 Could not parse BPMN process. Errors: ")
    assert "Draw one." in body["message"]
    assert "line 7" in body["message"]
    details = body["details"]["flow.bpmn"]
    assert [each["mainElementId"] for each in details["errors"]] == ["gate"]
    assert [each["line"] for each in details["warnings"]] == [9]
    assert set(details["errors"][0]) == {"message", "line", "column", "mainElementId", "elementIds"}


def test_what_nobody_foresaw_is_told_to_the_log_and_not_to_the_client(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    for answer_with in (contract_answer, own_answer):
        caplog.clear()
        with app.test_request_context("/engine-rest/task"), caplog.at_level(logging.ERROR):
            answer = answer_with(RuntimeError("the password is hunter2"))
        assert answer.status_code == 500
        assert "hunter2" not in answer.get_data(as_text=True)
        assert "hunter2" in caplog.text


def test_our_own_api_answers_conflicts_with_409_and_broken_models_with_422(app: Flask) -> None:
    with app.test_request_context("/api/v1/journeys"):
        assert own_answer(OptimisticLocking()).status_code == 409
        assert own_answer(ExecutionFailed("it broke")).status_code == 422
        assert own_answer(NotFound("journey", "x")).status_code == 404
        assert own_answer(ModelRefused("flow.bpmn", [PROBLEM])).status_code == 400
        assert own_answer(EngineError("?")).status_code == 500


def test_unknown_things_are_told_in_camundas_words(admin: Client) -> None:
    expected = {
        "/process-definition/key/none": "No matching process definition with key: none and no tenant-id",
        "/process-definition/none": "No matching definition with id none",
        "/process-instance/none": "Process instance with id none does not exist",
        "/task/none": "No matching task with id none",
    }
    for path, message in expected.items():
        answer = admin.call("GET", path, status=404)
        assert answer.json["message"] == message
    answer = admin.call("POST", "/task/none/complete", json={}, status=404)
    assert answer.json["message"] == "Cannot find task with id none: task is null"


def test_a_path_that_is_not_there_answers_in_the_shape_of_its_room(admin: Client) -> None:
    assert set(admin.call("GET", "/unheard-of", status=404).json) == {"type", "message", "code"}
    answer = admin.call("GET", "/unheard-of", at="/api/v1", status=404)
    assert answer.content_type == "application/problem+json"
    assert set(admin.call("PATCH", "/task", status=405).json) == {"type", "message", "code"}


def test_claiming_what_somebody_holds_is_a_500_of_its_own_type(
    admin: Client, somebody: Callable[[str], Client]
) -> None:
    admin.deploy(models.TWO_TASKS)
    admin.start()
    task = admin.task("first")
    admin.post(f"/task/{task['id']}/claim", {"userId": "hanna"}, status=204)
    answer = admin.call("POST", f"/task/{task['id']}/claim", json={"userId": "admin"}, status=500)
    assert answer.json["type"] == "TaskAlreadyClaimedException"


def test_a_message_that_nobody_waits_for_is_told_in_camundas_words(admin: Client) -> None:
    answer = admin.call("POST", "/message", json={"messageName": "M"}, status=400)
    assert answer.json["type"] == "RestException"
    assert answer.json["message"] == (
        "org.camunda.bpm.engine.MismatchingMessageCorrelationException: Cannot correlate message 'M': "
        "No process definition or execution matches the parameters"
    )
