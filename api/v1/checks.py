"""What is wrong with a model, before it is deployed."""

from __future__ import annotations

from flask import request

from api.authentication import actor, the_engine
from api.dto import Dto
from api.openapi import Api
from bpmn import Problem
from engine import check_source


class ProblemDto(Dto):
    """`severity` is error (keeps it from being deployed) or warning."""

    rule: str
    severity: str
    element_id: str
    element_name: str | None
    line: int
    message: str
    remedy: str


class CheckDto(Dto):
    deployable: bool
    problems: list[ProblemDto]


def register(api: Api) -> None:
    @api.operation("POST", "/checks")
    def check_model() -> CheckDto:
        """Checks the BPMN XML in the request's body; nothing is stored."""
        with the_engine().query(actor()) as context:
            problems = check_source(context, request.get_data())
        return CheckDto(
            deployable=not any(each.severity == "error" for each in problems),
            problems=[problem_dto(each) for each in problems],
        )


def problem_dto(found: Problem) -> ProblemDto:
    return ProblemDto(
        rule=found.rule,
        severity=found.severity.value,
        element_id=found.element_id,
        element_name=found.element_name,
        line=found.line,
        message=found.message,
        remedy=found.remedy,
    )
