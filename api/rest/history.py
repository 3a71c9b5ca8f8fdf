"""Instances that were, and those that are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.dto import CountDto, Dto, Moment, Names
from api.rest.api import REST, ListQuery, named, paging, posted, reading, several
from api.rest.variables import VariableFilters, filters
from engine import (
    HistoricInstanceQuery,
    count_historic_instances,
    find_historic_instances,
    get_historic_instance,
)

_INSTANCE_SORT = {
    "instanceId": "id",
    "definitionId": "definition_id",
    "definitionKey": "definition_key",
    "definitionName": "definition_name",
    "definitionVersion": "definition_version",
    "businessKey": "business_key",
    "startTime": "started_at",
    "endTime": "ended_at",
    "duration": "lead_s",
    "tenantId": "id",
}


class HistoricProcessInstanceDto(Dto):
    id: str
    business_key: str | None
    process_definition_id: str
    process_definition_key: str
    process_definition_name: str | None
    process_definition_version: int
    start_time: Moment
    end_time: Moment | None
    removal_time: Moment | None = None
    duration_in_millis: int | None
    start_user_id: str | None
    start_activity_id: str | None
    delete_reason: str | None
    root_process_instance_id: str
    super_process_instance_id: str | None
    super_case_instance_id: str | None = None
    case_instance_id: str | None = None
    tenant_id: str | None = None
    state: str
    restarted_process_instance_id: str | None = None


class HistoricInstanceListQuery(ListQuery):
    process_instance_id: str | None = None
    process_instance_ids: Names | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    process_definition_key_in: Names | None = None
    process_definition_name: str | None = None
    process_instance_business_key: str | None = None
    process_instance_business_key_in: Names | None = None
    process_instance_business_key_like: str | None = None
    super_process_instance_id: str | None = None
    root_process_instances: bool = False
    started_by: str | None = None
    started_after: Moment | None = None
    started_before: Moment | None = None
    finished_after: Moment | None = None
    finished_before: Moment | None = None
    finished: bool = False
    unfinished: bool = False
    active: bool = False
    suspended: bool = False
    completed: bool = False
    externally_terminated: bool = False
    internally_terminated: bool = False
    with_incidents: bool = False
    executed_activity_id_in: Names | None = None
    active_activity_id_in: Names | None = None
    variables: VariableFilters | None = None


@REST.operation("GET", "/history/process-instance")
def list_instances(query: HistoricInstanceListQuery) -> list[HistoricProcessInstanceDto]:
    """Instances that fit, running ones too."""
    with reading() as context:
        return [_instance(row) for row in find_historic_instances(context, _instances(query))]


@REST.operation("POST", "/history/process-instance")
def list_instances_posted() -> list[HistoricProcessInstanceDto]:
    """Instances that fit; the filters come as JSON."""
    return list_instances(posted(HistoricInstanceListQuery))


@REST.operation("GET", "/history/process-instance/count")
def count_instances(query: HistoricInstanceListQuery) -> CountDto:
    """How many instances fit."""
    with reading() as context:
        return CountDto(count=count_historic_instances(context, _instances(query)))


@REST.operation("POST", "/history/process-instance/count")
def count_instances_posted() -> CountDto:
    """How many instances fit; the filters come as JSON."""
    return count_instances(posted(HistoricInstanceListQuery))


@REST.operation("GET", "/history/process-instance/<id>")
def read_instance(id: str) -> HistoricProcessInstanceDto:
    """One instance, running or ended."""
    with reading() as context:
        return _instance(get_historic_instance(context, id))


def _instances(query: HistoricInstanceListQuery) -> HistoricInstanceQuery:
    states = [
        state
        for asked, state in (
            (query.active, "ACTIVE"),
            (query.suspended, "SUSPENDED"),
            (query.completed, "COMPLETED"),
            (query.externally_terminated, "EXTERNALLY_TERMINATED"),
            (query.internally_terminated, "INTERNALLY_TERMINATED"),
        )
        if asked
    ]
    return HistoricInstanceQuery(
        id=query.process_instance_id,
        ids=several(query.process_instance_ids),
        definition_id=query.process_definition_id,
        definition_key=query.process_definition_key,
        definition_keys=several(query.process_definition_key_in),
        definition_name=query.process_definition_name,
        business_key=query.process_instance_business_key,
        business_keys=several(query.process_instance_business_key_in),
        business_key_like=query.process_instance_business_key_like,
        super_instance_id=query.super_process_instance_id,
        root_only=query.root_process_instances,
        states=tuple(states) or None,
        executed_activity_ids=several(query.executed_activity_id_in),
        active_activity_ids=several(query.active_activity_id_in),
        variables=filters(query.variables),
        **named(
            query, "started_by", "started_after", "started_before", "finished_after", "finished_before", "finished",
            "unfinished", "with_incidents",
        ),
        **paging(query, _INSTANCE_SORT),
    )  # fmt: skip


def _instance(row: Any) -> HistoricProcessInstanceDto:
    return HistoricProcessInstanceDto(
        id=row.id,
        business_key=row.business_key,
        process_definition_id=row.definition_id,
        process_definition_key=row.definition_key,
        process_definition_name=row.definition_name,
        process_definition_version=row.definition_version,
        start_time=row.started_at,
        end_time=row.ended_at,
        duration_in_millis=millis_between(row.started_at, row.ended_at),
        start_user_id=row.started_by,
        start_activity_id=row.start_activity_id,
        delete_reason=row.delete_reason,
        root_process_instance_id=row.root_instance_id,
        super_process_instance_id=row.super_instance_id,
        state=row.state,
    )


def millis_between(started: datetime, ended: datetime | None) -> int | None:
    """None while it runs."""
    return None if ended is None else int((ended - started).total_seconds() * 1000)
