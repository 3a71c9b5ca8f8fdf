"""Executions: where tokens stand; what lets them go on."""

from __future__ import annotations

from typing import Any

from flask import Response

from api.dto import CountDto, Dto, Moment
from api.rest.api import REST, ListQuery, command, named, posted, reading
from api.rest.process_instance import DeserializeQuery, ModificationsDto
from api.rest.variables import VariableDto, VariableValueDto, content_of, read, read_one, uploaded, write, write_all
from engine import (
    EventSubscriptionQuery,
    ExecutionQuery,
    NotFound,
    deliver_to,
    find_event_subscriptions,
    find_executions,
    get_execution,
    get_variables,
    instance_of,
    public_id,
    set_variables,
    trigger,
)


class ExecutionDto(Dto):
    id: str
    process_instance_id: str
    ended: bool
    tenant_id: str | None = None


class ExecutionListQuery(ListQuery):
    process_instance_id: str | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    business_key: str | None = None
    activity_id: str | None = None
    message_event_subscription_name: str | None = None
    signal_event_subscription_name: str | None = None


class VariablesDto(Dto):
    variables: dict[str, VariableDto] | None = None


class EventSubscriptionDto(Dto):
    id: str
    event_type: str
    event_name: str | None
    execution_id: str | None
    process_instance_id: str | None
    activity_id: str
    created_date: Moment
    tenant_id: str | None = None


class EventSubscriptionListQuery(ListQuery):
    event_subscription_id: str | None = None
    event_name: str | None = None
    event_type: str | None = None
    process_instance_id: str | None = None
    activity_id: str | None = None


@REST.operation("GET", "/execution")
def list_executions(query: ExecutionListQuery) -> list[ExecutionDto]:
    """Executions that fit."""
    with reading() as context:
        return [
            ExecutionDto(id=each.id, process_instance_id=each.process_instance_id, ended=False)
            for each in find_executions(context, _asked(query))
        ]


@REST.operation("POST", "/execution")
def list_executions_posted() -> list[ExecutionDto]:
    """Executions that fit; the filters come as JSON."""
    return list_executions(posted(ExecutionListQuery))


@REST.operation("GET", "/execution/count")
def count_them(query: ExecutionListQuery) -> CountDto:
    """How many executions fit."""
    return CountDto(count=len(list_executions(query)))


@REST.operation("POST", "/execution/count")
def count_them_posted() -> CountDto:
    """How many executions fit; the filters come as JSON."""
    return count_them(posted(ExecutionListQuery))


@REST.operation("GET", "/execution/<id>")
def read_execution(id: str) -> ExecutionDto:
    """One execution."""
    with reading() as context:
        found = get_execution(context, id)
        return ExecutionDto(id=found.id, process_instance_id=found.process_instance_id, ended=False)


@REST.operation("POST", "/execution/<id>/signal")
def signal(id: str, body: VariablesDto) -> None:
    """Lets a waiting execution go on."""
    with command() as context:
        instance_id, number = instance_of(context, id)
        trigger(context, instance_id, number, read(body.variables))


@REST.operation("POST", "/execution/<id>/messageSubscriptions/<name>/trigger")
def trigger_message(id: str, name: str, body: VariablesDto) -> None:
    """Delivers a message to this execution alone."""
    with command() as context:
        instance_id, number = instance_of(context, id)
        deliver_to(context, name, instance_id, number, read(body.variables))


@REST.operation("GET", "/execution/<id>/localVariables")
def read_local_variables(id: str, query: DeserializeQuery) -> dict[str, VariableValueDto]:
    """What the execution holds itself."""
    with reading() as context:
        instance_id, number = instance_of(context, id)
        return write_all(get_variables(context, instance_id, number, local=True), deserialize=query.deserialize_values)


@REST.operation("POST", "/execution/<id>/localVariables")
def change_local_variables(id: str, body: ModificationsDto) -> None:
    """Sets and deletes variables of the execution itself."""
    with command() as context:
        instance_id, number = instance_of(context, id)
        set_variables(context, instance_id, read(body.modifications), body.deletions or (), number=number, local=True)


@REST.operation("GET", "/execution/<id>/localVariables/<name>")
def read_local_variable(id: str, name: str, query: DeserializeQuery) -> VariableValueDto:
    """One variable of the execution itself."""
    return write(_local(id, name), deserialize=query.deserialize_value)


@REST.operation("GET", "/execution/<id>/localVariables/<name>/data")
def read_local_variable_data(id: str, name: str) -> Response:
    """The octets of one variable of the execution itself."""
    return content_of(_local(id, name))


@REST.operation("PUT", "/execution/<id>/localVariables/<name>")
def change_local_variable(id: str, name: str, body: VariableDto) -> None:
    """Sets one variable of the execution itself."""
    with command() as context:
        instance_id, number = instance_of(context, id)
        set_variables(context, instance_id, {name: read_one(name, body)}, number=number, local=True)


@REST.operation("POST", "/execution/<id>/localVariables/<name>/data")
def upload_local_variable(id: str, name: str) -> None:
    """Sets one variable of the execution itself to the octets of a form's `data`; `valueType` says File or Bytes."""
    with command() as context:
        instance_id, number = instance_of(context, id)
        set_variables(context, instance_id, {name: uploaded()}, number=number, local=True)


@REST.operation("DELETE", "/execution/<id>/localVariables/<name>")
def remove_local_variable(id: str, name: str) -> None:
    """Deletes one variable of the execution itself."""
    with command() as context:
        instance_id, number = instance_of(context, id)
        set_variables(context, instance_id, {}, [name], number=number, local=True)


@REST.operation("GET", "/event-subscription")
def list_event_subscriptions(query: EventSubscriptionListQuery) -> list[EventSubscriptionDto]:
    """What waits for events; start events too, which have no instance."""
    asked = EventSubscriptionQuery(
        id=query.event_subscription_id,
        first_result=query.first_result or 0,
        max_results=query.max_results,
        **named(query, "event_name", "event_type", "process_instance_id", "activity_id"),
    )
    with reading() as context:
        return [
            EventSubscriptionDto(
                id=row.id,
                event_type=row.event_type,
                event_name=row.event_name,
                execution_id=None
                if row.process_instance_id is None
                else public_id(row.process_instance_id, row.activity_number),
                process_instance_id=row.process_instance_id,
                activity_id=row.activity_id,
                created_date=row.created_at,
            )
            for row in find_event_subscriptions(context, asked)
        ]


@REST.operation("GET", "/event-subscription/count")
def count_event_subscriptions(query: EventSubscriptionListQuery) -> CountDto:
    """How many wait for events."""
    return CountDto(count=len(list_event_subscriptions(query)))


def _local(id: str, name: str) -> Any:
    with reading() as context:
        instance_id, number = instance_of(context, id)
        found = get_variables(context, instance_id, number, local=True)
    if name not in found:
        raise NotFound("variable", name, f"execution variable with name {name} does not exist")
    return found[name]


def _asked(query: ExecutionListQuery) -> ExecutionQuery:
    return ExecutionQuery(
        definition_id=query.process_definition_id,
        definition_key=query.process_definition_key,
        message_name=query.message_event_subscription_name,
        signal_name=query.signal_event_subscription_name,
        first_result=query.first_result or 0,
        max_results=query.max_results,
        **named(query, "process_instance_id", "business_key", "activity_id"),
    )
