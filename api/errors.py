"""Every error to HTTP, in this one file. Two shapes: that of the Camunda 7 REST API, and problem+json for our own.

What is not known to be safe to show is not shown: the log has it, under the request's id.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Response, g, jsonify
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from api.dto import Dto
from api.openapi import InvalidRequest
from bpmn import Problem, Severity, UnreadableModel
from engine import (
    BudgetExceeded,
    Conflict,
    DatabaseUnusable,
    DeliveryFailed,
    EngineError,
    ExecutionFailed,
    ExpressionFailed,
    FormRefused,
    IdempotencyKeyReused,
    InstanceCannotMigrate,
    InvalidInput,
    MigrationPlanRefused,
    MismatchingMessageCorrelation,
    ModelRefused,
    NotAllowed,
    NotFound,
    OptimisticLocking,
    RevisionChanged,
    SignInRefused,
    Suspended,
    TaskAlreadyClaimed,
    TooBusy,
    public_id,
)

log = logging.getLogger(__name__)

#: Error class -> HTTP status, name in the Camunda 7 contract, code there. The nearest class up the tree counts.
CONTRACT: dict[type[Exception], tuple[int, str, int | None]] = {
    EngineError: (500, "ProcessEngineException", 0),
    InvalidInput: (400, "InvalidRequestException", None),
    ModelRefused: (400, "ParseException", 0),
    UnreadableModel: (400, "ParseException", 0),
    FormRefused: (400, "FormFieldValidatorException", 0),
    MigrationPlanRefused: (400, "MigrationPlanValidationException", None),
    InstanceCannotMigrate: (400, "MigratingProcessInstanceValidationException", None),
    MismatchingMessageCorrelation: (400, "RestException", None),
    IdempotencyKeyReused: (422, "InvalidRequestException", None),
    NotFound: (404, "InvalidRequestException", None),
    NotAllowed: (403, "AuthorizationException", None),
    SignInRefused: (403, "AuthorizationException", None),
    Conflict: (400, "RestException", None),
    TaskAlreadyClaimed: (500, "TaskAlreadyClaimedException", 0),
    OptimisticLocking: (500, "OptimisticLockingException", 1),
    RevisionChanged: (412, "OptimisticLockingException", 1),
    Suspended: (500, "SuspendedEntityInteractionException", 0),
    ExecutionFailed: (500, "ProcessEngineException", 0),
    ExpressionFailed: (500, "ProcessEngineException", 0),
    BudgetExceeded: (500, "ProcessEngineException", 0),
    TooBusy: (503, "ProcessEngineException", 0),
    DeliveryFailed: (502, "ProcessEngineException", 0),
    DatabaseUnusable: (503, "ProcessEngineException", 0),
    InvalidRequest: (400, "InvalidRequestException", None),
}

#: Where our own API answers otherwise: conflicts are 409, what a model did wrong is 422.
OWN_STATUS: dict[type[Exception], int] = {
    Conflict: 409,
    TaskAlreadyClaimed: 409,
    OptimisticLocking: 409,
    RevisionChanged: 412,
    Suspended: 409,
    ExecutionFailed: 422,
    ExpressionFailed: 422,
    BudgetExceeded: 422,
    TooBusy: 503,
    EngineError: 500,
}

_PARSE_PREFIX = "ENGINE-09005 Could not parse BPMN process. Errors: "
_CORRELATION_PREFIX = "org.camunda.bpm.engine.MismatchingMessageCorrelationException: "


class ContractErrorDto(Dto):
    """`{"type": ..., "message": ..., "code": ...}`: always an object, always with these keys."""

    type: str
    message: str
    code: int | None = None


class ProblemDto(Dto):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    request_id: str | None = None


def nearest(error: Exception) -> tuple[int, str, int | None] | None:
    return next((CONTRACT[each] for each in type(error).__mro__ if each in CONTRACT), None)


def contract_answer(error: Exception) -> Response:
    """The answer of /engine-rest."""
    if isinstance(error, RequestEntityTooLarge):
        return contract_body(400, "InvalidRequestException", "The request is too large: a model may have 2 MB.")
    if isinstance(error, HTTPException):
        return contract_body(error.code or 500, "RestException", error.description or error.name)
    known = nearest(error)
    if known is None:
        _keep(error)
        return contract_body(500, "RestException", f"Something went wrong here; the log knows it as {request_id()}.", 0)
    status, name, code = known
    if status >= 500:
        log.warning("request %s: %s", request_id(), type(error).__name__)
    if isinstance(error, ModelRefused | UnreadableModel):
        return _parse_answer(error)
    message = str(error)
    if isinstance(error, MigrationPlanRefused | InstanceCannotMigrate):
        return contract_body(status, name, message, code, validationReport=_migration_report(error))
    if isinstance(error, MismatchingMessageCorrelation):
        message = _CORRELATION_PREFIX + message
    return contract_body(status, name, message, code)


def contract_body(status: int, name: str, message: str, code: int | None = None, **more: Any) -> Response:
    answer = jsonify({"type": name, "message": message, "code": code, **more})
    answer.status_code = status
    return answer


def _parse_answer(error: ModelRefused | UnreadableModel) -> Response:
    resource = error.resource if isinstance(error, ModelRefused) else "document"
    lines = [f"{each.message} {each.remedy} | resource {resource} | line {each.line}" for each in error.problems]
    return contract_body(
        400,
        "ParseException",
        _PARSE_PREFIX + "; ".join(lines),
        0,
        details={
            resource: {
                "errors": [contract_problem(each) for each in error.problems if each.severity is Severity.ERROR],
                "warnings": [contract_problem(each) for each in error.problems if each.severity is Severity.WARNING],
            }
        },
    )


def _migration_report(error: MigrationPlanRefused | InstanceCannotMigrate) -> dict[str, Any]:
    """Everything that cannot move, as the contract lists it."""
    if isinstance(error, MigrationPlanRefused):
        reports = [
            {
                "instruction": {
                    "sourceActivityIds": [each.instruction.source],
                    "targetActivityIds": [each.instruction.target],
                    "updateEventTrigger": each.instruction.update_event_trigger,
                },
                "failures": list(each.failures),
            }
            for each in error.reports
        ]
        return {"instructionReports": reports}
    activities: list[dict[str, Any]] = []
    transitions: list[dict[str, Any]] = []
    for each in error.reports:
        instance_id = public_id(error.process_instance_id, each.number)
        found = {"sourceScopeId": each.element_id, "failures": list(each.failures)}
        if each.waiting_async:
            transitions.append({"transitionInstanceId": instance_id, **found})
        else:
            activities.append({"activityInstanceId": f"{each.element_id}:{instance_id}", **found})
    return {
        "processInstanceId": error.process_instance_id,
        "failures": [],
        "activityInstanceValidationReports": activities,
        "transitionInstanceValidationReports": transitions,
    }


def contract_problem(problem: Problem) -> dict[str, Any]:
    return {
        "message": f"{problem.message} {problem.remedy}",
        "line": problem.line,
        "column": 0,
        "mainElementId": problem.element_id,
        "elementIds": [problem.element_id],
    }


def own_answer(error: Exception) -> Response:
    """The answer of /api/v1."""
    if isinstance(error, HTTPException):
        return problem_body(error.code or 500, error.name, error.description or error.name)
    known = nearest(error)
    if known is None:
        _keep(error)
        return problem_body(500, "Internal error", "Something went wrong here; the log has it under the request id.")
    status = next((OWN_STATUS[each] for each in type(error).__mro__ if each in OWN_STATUS), known[0])
    if isinstance(error, NotFound | InvalidInput | InvalidRequest | NotAllowed | UnreadableModel):
        status = known[0]
    return problem_body(status, type(error).__name__, str(error))


def problem_body(status: int, title: str, detail: str) -> Response:
    body = ProblemDto(title=title, status=status, detail=detail, request_id=request_id())
    return Response(body.model_dump_json(by_alias=True), status=status, mimetype="application/problem+json")


def request_id() -> str:
    return str(getattr(g, "request_id", "-"))


def _keep(error: Exception) -> None:
    log.error("request %s failed", request_id(), exc_info=error)
