"""The log of operations, as Camunda has it: an entry for each property that a command changed."""

from __future__ import annotations

from typing import Any

from api.dto import CountDto, Dto, Moment, Names
from api.openapi import InvalidRequest
from api.rest.api import REST, ListQuery, named, paging, reading, several
from engine import Operation, OperationQuery, count_operations, find_operations

_SORT = {"timestamp": "occurred_at"}
#: What Camunda calls who does it: https://docs.camunda.org, user operation log.
_WORK = ("Task", "Comment", "Variable")
_PEOPLE = ("User", "Group", "ApiToken", "Session")


class UserOperationLogEntryDto(Dto):
    """`orgValue` and `newValue` of the property; `annotation` is what was given as a reason."""

    id: str
    deployment_id: str | None
    process_definition_id: str | None = None
    process_definition_key: str | None
    process_instance_id: str | None
    execution_id: str | None = None
    case_definition_id: str | None = None
    case_instance_id: str | None = None
    case_execution_id: str | None = None
    task_id: str | None
    external_task_id: str | None
    batch_id: str | None = None
    job_id: str | None
    job_definition_id: str | None = None
    user_id: str | None
    timestamp: Moment
    operation_id: str
    operation_type: str
    entity_type: str
    category: str
    annotation: str | None
    property: str | None
    org_value: str | None
    new_value: str | None
    removal_time: Moment | None = None
    root_process_instance_id: str | None = None


class UserOperationListQuery(ListQuery):
    deployment_id: str | None = None
    process_definition_key: str | None = None
    process_instance_id: str | None = None
    task_id: str | None = None
    external_task_id: str | None = None
    job_id: str | None = None
    user_id: str | None = None
    operation_id: str | None = None
    operation_type: str | None = None
    entity_type: str | None = None
    entity_type_in: Names | None = None
    property: str | None = None
    after_timestamp: Moment | None = None
    before_timestamp: Moment | None = None


@REST.operation("GET", "/history/user-operation")
def list_operations(query: UserOperationListQuery) -> list[UserOperationLogEntryDto]:
    """What people did, newest first: all of it for administrators, that of their flows for process owners."""
    page = paging(query, _SORT)
    cut = {"first_result": page["first_result"], "max_results": page["max_results"]}
    with reading() as context:
        found = find_operations(context, _asked(query, oldest_first=query.sort_order == "asc", **cut))
    return [_entry(each) for each in found]


@REST.operation("GET", "/history/user-operation/count")
def count_them(query: UserOperationListQuery) -> CountDto:
    """How many entries fit."""
    with reading() as context:
        return CountDto(count=count_operations(context, _asked(query)))


def _asked(query: UserOperationListQuery, **more: Any) -> OperationQuery:
    entities = {
        "Deployment": query.deployment_id,
        "ExternalTask": query.external_task_id,
        "Job": query.job_id,
    }
    wanted = {kind: entity for kind, entity in entities.items() if entity is not None}
    if len(wanted) > 1:
        raise InvalidRequest("One line is about one thing: give one of deploymentId, externalTaskId and jobId.")
    kind, entity = next(iter(wanted.items()), (query.entity_type, None))
    if query.entity_type not in (None, kind):
        raise InvalidRequest(f"entityType {query.entity_type} does not go together with the id of a {kind}.")
    return OperationQuery(
        operation=query.operation_type,
        definition_key=query.process_definition_key,
        entity_type=kind,
        entity_types=several(query.entity_type_in),
        entity_id=entity,
        after=query.after_timestamp,
        before=query.before_timestamp,
        **named(query, "process_instance_id", "task_id", "user_id", "operation_id", "property"),
        **more,
    )


def _entry(each: Operation) -> UserOperationLogEntryDto:
    about = {each.entity_type: each.entity_id}
    return UserOperationLogEntryDto(
        id=str(each.id),
        deployment_id=about.get("Deployment"),
        process_definition_key=each.definition_key,
        process_instance_id=each.process_instance_id,
        task_id=each.task_id,
        external_task_id=about.get("ExternalTask"),
        job_id=about.get("Job"),
        user_id=each.user_id,
        timestamp=each.occurred_at,
        operation_id=each.operation_id or str(each.id),
        operation_type=each.operation,
        entity_type=each.entity_type,
        category="TaskWorker" if each.entity_type in _WORK else "Admin" if each.entity_type in _PEOPLE else "Operator",
        annotation=each.details,
        property=each.property or each.variable,
        org_value=each.old_value,
        new_value=each.new_value,
    )
