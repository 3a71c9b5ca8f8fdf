"""Messages, signals and conditions."""

from __future__ import annotations

from api.dto import Dto
from api.idempotency import ONCE
from api.openapi import InvalidRequest
from api.rest.api import REST, command
from api.rest.execution import ExecutionDto
from api.rest.process_instance import ProcessInstanceWithVariablesDto, instance_dto
from api.rest.variables import VariableDto, VariableValueDto, read, write_all
from engine import (
    Correlation,
    CorrelationResult,
    InvalidInput,
    NotFound,
    broadcast_signal,
    correlate,
    evaluate_conditions,
    get_variables,
    instance_of,
    signal_to,
)

Variables = dict[str, VariableDto] | None


class MessageDto(Dto):
    message_name: str | None = None
    business_key: str | None = None
    process_instance_id: str | None = None
    correlation_keys: Variables = None
    local_correlation_keys: Variables = None
    process_variables: Variables = None
    process_variables_local: Variables = None
    process_variables_to_triggered_scope: Variables = None
    tenant_id: str | None = None
    without_tenant_id: bool = False
    all: bool = False
    result_enabled: bool = False
    variables_in_result_enabled: bool = False


class MessageResultDto(Dto):
    result_type: str
    execution: ExecutionDto | None
    process_instance: ProcessInstanceWithVariablesDto | None
    variables: dict[str, VariableValueDto] | None = None


class SignalDto(Dto):
    name: str | None = None
    execution_id: str | None = None
    variables: Variables = None
    tenant_id: str | None = None


class ConditionDto(Dto):
    variables: Variables = None
    business_key: str | None = None
    process_definition_id: str | None = None


@REST.operation("POST", "/message", ONCE)
def send_message(body: MessageDto) -> list[MessageResultDto] | None:
    """Correlates a message: to one receiver, or with `all` to every one that fits."""
    if not body.message_name:
        raise InvalidRequest("No message name supplied")
    message = Correlation(
        message_name=body.message_name,
        business_key=body.business_key,
        process_instance_id=body.process_instance_id,
        correlation_keys=read(body.correlation_keys),
        local_correlation_keys=read(body.local_correlation_keys),
        variables=read(body.process_variables),
        local_variables={**read(body.process_variables_local), **read(body.process_variables_to_triggered_scope)},
        to_all=body.all,
    )
    with command() as context:
        results = correlate(context, message)
        if not body.result_enabled:
            return None
        answers = []
        for each in results:
            variables = None
            if body.variables_in_result_enabled:
                try:
                    variables = write_all(get_variables(context, each.process_instance_id))
                except NotFound:
                    variables = {}
            answers.append(_result(each, variables))
        return answers


def _result(found: CorrelationResult, variables: dict[str, VariableValueDto] | None) -> MessageResultDto:
    if found.started is not None:
        return MessageResultDto(
            result_type="ProcessDefinition",
            execution=None,
            process_instance=instance_dto(found.started),
            variables=variables,
        )
    execution = ExecutionDto(
        id=found.execution_id or found.process_instance_id, process_instance_id=found.process_instance_id, ended=False
    )
    return MessageResultDto(result_type="Execution", execution=execution, process_instance=None, variables=variables)


@REST.operation("POST", "/signal")
def send_signal(body: SignalDto) -> None:
    """Throws a signal: to everyone who listens, or to one execution."""
    if not body.name:
        raise InvalidRequest("No signal name given")
    with command() as context:
        if body.execution_id is None:
            broadcast_signal(context, body.name, read(body.variables))
            return
        try:
            instance_id, number = instance_of(context, body.execution_id)
        except NotFound as error:
            raise InvalidInput(f"Cannot throw signal with name '{body.name}': {error}") from error
        signal_to(context, body.name, instance_id, number, read(body.variables))


@REST.operation("POST", "/condition")
def evaluate(body: ConditionDto) -> list[ProcessInstanceWithVariablesDto]:
    """Starts every process whose start condition holds over these variables."""
    if body.variables is None:
        raise InvalidRequest("The variables are missing: conditions are evaluated over them.")
    with command() as context:
        started = evaluate_conditions(
            context,
            read(body.variables),
            definition_id=body.process_definition_id,
            business_key=body.business_key,
        )
        return [instance_dto(each) for each in started]
