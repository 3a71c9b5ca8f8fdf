"""Variables as rows: those of running instances, and all that ever were."""

from __future__ import annotations

from typing import Any

from flask import Response

from api.dto import CountDto, Dto, Moment, Names
from api.openapi import InvalidRequest
from api.rest.api import REST, ListQuery, paging, posted, reading, several
from api.rest.variables import VariableFilters, content_of, filters, write
from engine import (
    HistoricVariable,
    HistoricVariableQuery,
    NotFound,
    VariableFilter,
    count_historic_variables,
    find_historic_variables,
    public_id,
)

_VARIABLE_SORT = {"instanceId": "process_instance_id", "variableName": "name", "tenantId": "process_instance_id"}


class VariableInstanceDto(Dto):
    id: str
    name: str
    type: str
    value: Any
    value_info: dict[str, Any]
    process_definition_id: str | None = None
    process_instance_id: str
    execution_id: str
    case_instance_id: str | None = None
    case_execution_id: str | None = None
    task_id: str | None = None
    batch_id: str | None = None
    activity_instance_id: str
    error_message: str | None = None
    tenant_id: str | None = None


class HistoricVariableDto(Dto):
    id: str
    name: str
    type: str
    value: Any
    value_info: dict[str, Any]
    process_definition_key: str
    process_definition_id: str | None = None
    process_instance_id: str
    execution_id: str
    activity_instance_id: str
    task_id: str | None = None
    error_message: str | None = None
    tenant_id: str | None = None
    state: str
    create_time: Moment
    removal_time: Moment | None = None
    root_process_instance_id: str | None = None


class VariableListQuery(ListQuery):
    process_instance_id: str | None = None
    process_instance_id_in: Names | None = None
    variable_name: str | None = None
    variable_name_in: Names | None = None
    variable_name_like: str | None = None
    execution_id_in: Names | None = None
    task_id_in: Names | None = None
    activity_instance_id_in: Names | None = None
    variable_values: VariableFilters | None = None
    variable_value: Any = None
    deserialize_values: bool = True


class DeserializeOneQuery(Dto):
    deserialize_value: bool = True


@REST.operation("GET", "/variable-instance")
def list_running(query: VariableListQuery) -> list[VariableInstanceDto]:
    """Variables of running instances, in every scope that is open."""
    with reading() as context:
        found = find_historic_variables(context, _asked(query, running=True))
    return [_running(each, deserialize=query.deserialize_values) for each in found]


@REST.operation("POST", "/variable-instance")
def list_running_posted() -> list[VariableInstanceDto]:
    """Variables of running instances; the filters come as JSON."""
    return list_running(posted(VariableListQuery))


@REST.operation("GET", "/variable-instance/count")
def count_running(query: VariableListQuery) -> CountDto:
    """How many variables of running instances fit."""
    with reading() as context:
        return CountDto(count=count_historic_variables(context, _asked(query, running=True)))


@REST.operation("POST", "/variable-instance/count")
def count_running_posted() -> CountDto:
    """How many variables of running instances fit; the filters come as JSON."""
    return count_running(posted(VariableListQuery))


@REST.operation("GET", "/variable-instance/<id>")
def read_running(id: str, query: DeserializeOneQuery) -> VariableInstanceDto:
    """One variable of a running instance."""
    return _running(_one(id, running=True), deserialize=query.deserialize_value)


@REST.operation("GET", "/variable-instance/<id>/data")
def read_running_data(id: str) -> Response:
    """The octets of one variable of a running instance."""
    return content_of(_one(id, running=True).value)


@REST.operation("GET", "/history/variable-instance/<id>")
def read_historic(id: str, query: DeserializeOneQuery) -> HistoricVariableDto:
    """One variable as it last was."""
    return _historic(_one(id), deserialize=query.deserialize_value)


@REST.operation("GET", "/history/variable-instance/<id>/data")
def read_historic_data(id: str) -> Response:
    """The octets of one variable as it last was."""
    return content_of(_one(id).value)


@REST.operation("GET", "/history/variable-instance")
def list_historic(query: VariableListQuery) -> list[HistoricVariableDto]:
    """Variables as they last were."""
    with reading() as context:
        found = find_historic_variables(context, _asked(query))
    return [_historic(each, deserialize=query.deserialize_values) for each in found]


@REST.operation("POST", "/history/variable-instance")
def list_historic_posted() -> list[HistoricVariableDto]:
    """Variables as they last were; the filters come as JSON."""
    return list_historic(posted(VariableListQuery))


@REST.operation("GET", "/history/variable-instance/count")
def count_historic(query: VariableListQuery) -> CountDto:
    """How many variables fit."""
    with reading() as context:
        return CountDto(count=count_historic_variables(context, _asked(query)))


@REST.operation("POST", "/history/variable-instance/count")
def count_historic_posted() -> CountDto:
    """How many variables fit; the filters come as JSON."""
    return count_historic(posted(VariableListQuery))


# ---------------------------------------------------------------- inside


def _one(id: str, *, running: bool = False) -> HistoricVariable:
    """By an id of ours: what holds it, and its name."""
    holder, _, name = id.partition(":")
    with reading() as context:
        asked = HistoricVariableQuery(holders=(holder,), name=name, running=running)
        found = find_historic_variables(context, asked)
    if not found:
        raise NotFound("variable", id, f"Variable instance with Id '{id}' does not exist.")
    return found[0]


def _asked(query: VariableListQuery, *, running: bool = False) -> HistoricVariableQuery:
    given = (query.execution_id_in, query.task_id_in, query.activity_instance_id_in)
    holders: set[str] | None = None
    for each in given:
        if each is not None:  # an activity instance's id has its activity's before it
            ids = {part.rpartition(":")[2] for part in each}
            holders = ids if holders is None else holders & ids
    values = list(filters(query.variable_values))
    if query.variable_value is not None:
        if query.variable_name is None:
            raise InvalidRequest(
                "Only a single variable value parameter specified: variable name and value are required"
            )
        values.append(VariableFilter(query.variable_name, "eq", query.variable_value))
    return HistoricVariableQuery(
        holders=None if holders is None else tuple(sorted(holders)),
        values=tuple(values),
        process_instance_id=query.process_instance_id,
        process_instance_ids=several(query.process_instance_id_in),
        name=query.variable_name,
        names=several(query.variable_name_in),
        name_like=query.variable_name_like,
        running=running,
        **paging(query, _VARIABLE_SORT),
    )


def _running(found: HistoricVariable, *, deserialize: bool) -> VariableInstanceDto:
    shown = write(found.value, deserialize=deserialize)
    holder = public_id(found.process_instance_id, found.scope)
    return VariableInstanceDto(
        id=f"{holder}:{found.name}",
        name=found.name,
        type=shown.type,
        value=shown.value,
        value_info=shown.value_info,
        process_instance_id=found.process_instance_id,
        execution_id=holder,
        activity_instance_id=holder,
    )


def _historic(found: HistoricVariable, *, deserialize: bool) -> HistoricVariableDto:
    shown = write(found.value, deserialize=deserialize)
    holder = public_id(found.process_instance_id, found.scope)
    return HistoricVariableDto(
        id=f"{holder}:{found.name}",
        name=found.name,
        type=shown.type,
        value=shown.value,
        value_info=shown.value_info,
        process_definition_key=found.definition_key,
        process_instance_id=found.process_instance_id,
        execution_id=holder,
        activity_instance_id=holder,
        state=found.state,
        create_time=found.created_at,
    )
