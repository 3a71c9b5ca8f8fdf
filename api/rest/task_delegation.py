"""Tasks handed to somebody for a while, and tasks that end in an error or an escalation."""

from __future__ import annotations

from api.dto import Dto
from api.rest.api import REST, command
from api.rest.task import UserIdDto
from api.rest.variables import VariableDto, read
from engine import delegate_task, resolve_task, throw_task_error, throw_task_escalation


class ResolveDto(Dto):
    variables: dict[str, VariableDto] | None = None


class TaskErrorDto(ResolveDto):
    error_code: str | None = None
    error_message: str | None = None


class TaskEscalationDto(ResolveDto):
    escalation_code: str | None = None


@REST.operation("POST", "/task/<id>/delegate")
def delegate(id: str, body: UserIdDto) -> None:
    """Hands the task to somebody; it comes back when that person resolves it."""
    with command() as context:
        delegate_task(context, id, body.user_id)


@REST.operation("POST", "/task/<id>/resolve")
def resolve(id: str, body: ResolveDto) -> None:
    """Gives a delegated task back to its owner."""
    with command() as context:
        resolve_task(context, id, read(body.variables))


@REST.operation("POST", "/task/<id>/bpmnError")
def throw_error(id: str, body: TaskErrorDto) -> None:
    """The task ends in a business error that the model may catch."""
    with command() as context:
        throw_task_error(context, id, body.error_code, body.error_message, read(body.variables))


@REST.operation("POST", "/task/<id>/bpmnEscalation")
def throw_escalation(id: str, body: TaskEscalationDto) -> None:
    """Throws an escalation from the task; the model must catch it."""
    with command() as context:
        throw_task_escalation(context, id, body.escalation_code, read(body.variables))
