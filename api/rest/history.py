"""What was: instances, activities, tasks, variables."""

from __future__ import annotations

from typing import Any

from api.dto import CountDto, Dto, Moment, Names
from api.rest.api import REST, ListQuery, named, paging, posted, reading, several
from api.rest.process_instance import activity_instance_id
from api.rest.variables import VariableFilters, filters, write
from engine import (
    HistoricActivityQuery,
    HistoricInstanceQuery,
    HistoricVariable,
    HistoricVariableQuery,
    count_historic_activities,
    count_historic_instances,
    count_historic_variables,
    find_historic_activities,
    find_historic_instances,
    find_historic_variables,
    get_historic_instance,
    public_id,
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
_ACTIVITY_SORT = {
    "activityInstanceId": "id",
    "instanceId": "process_instance_id",
    "executionId": "id",
    "activityId": "activity_id",
    "activityName": "activity_name",
    "activityType": "activity_type",
    "startTime": "started_at",
    "endTime": "ended_at",
    "occurrence": "number",
    "definitionId": "definition_id",
    "definitionKey": "definition_key",
    "tenantId": "id",
}
_TASK_SORT = {
    "taskId": "id",
    "taskName": "task_name",
    "assignee": "assignee",
    "startTime": "started_at",
    "endTime": "ended_at",
    "dueDate": "due_at",
    "priority": "priority",
    "taskDefinitionKey": "activity_id",
    "processInstanceId": "process_instance_id",
}
_VARIABLE_SORT = {"instanceId": "process_instance_id", "variableName": "name", "tenantId": "process_instance_id"}


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


class HistoricActivityInstanceDto(Dto):
    id: str
    parent_activity_instance_id: str
    activity_id: str
    activity_name: str | None
    activity_type: str
    process_definition_key: str
    process_definition_id: str
    process_instance_id: str
    execution_id: str
    task_id: str | None
    called_process_instance_id: str | None
    called_case_instance_id: str | None = None
    assignee: str | None
    start_time: Moment
    end_time: Moment | None
    duration_in_millis: int | None
    canceled: bool
    complete_scope: bool
    tenant_id: str | None = None
    removal_time: Moment | None = None
    root_process_instance_id: str | None = None


class HistoricTaskDto(Dto):
    id: str
    process_definition_key: str
    process_definition_id: str
    process_instance_id: str
    execution_id: str
    activity_instance_id: str
    name: str | None
    description: str | None = None
    delete_reason: str | None
    owner: str | None = None
    assignee: str | None
    start_time: Moment
    end_time: Moment | None
    duration: int | None
    task_definition_key: str
    priority: int | None
    due: Moment | None
    parent_task_id: str | None = None
    follow_up: Moment | None = None
    tenant_id: str | None = None
    removal_time: Moment | None = None
    root_process_instance_id: str | None = None
    task_state: str | None


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


class HistoricActivityListQuery(ListQuery):
    activity_instance_id: str | None = None
    process_instance_id: str | None = None
    process_instance_id_in: Names | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    activity_id: str | None = None
    activity_id_in: Names | None = None
    activity_name: str | None = None
    activity_type: str | None = None
    task_assignee: str | None = None
    started_after: Moment | None = None
    started_before: Moment | None = None
    finished_after: Moment | None = None
    finished_before: Moment | None = None
    finished: bool = False
    unfinished: bool = False
    canceled: bool = False


class HistoricTaskListQuery(ListQuery):
    task_id: str | None = None
    process_instance_id: str | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    task_definition_key: str | None = None
    task_definition_key_in: Names | None = None
    task_name: str | None = None
    task_assignee: str | None = None
    started_after: Moment | None = None
    started_before: Moment | None = None
    finished_after: Moment | None = None
    finished_before: Moment | None = None
    finished: bool = False
    unfinished: bool = False


class HistoricVariableListQuery(ListQuery):
    process_instance_id: str | None = None
    process_instance_id_in: Names | None = None
    variable_name: str | None = None
    variable_name_in: Names | None = None
    variable_name_like: str | None = None
    deserialize_values: bool = True


# ---------------------------------------------------------------- instances


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


# ---------------------------------------------------------------- activities


@REST.operation("GET", "/history/activity-instance")
def list_activities(query: HistoricActivityListQuery) -> list[HistoricActivityInstanceDto]:
    """Activity instances that fit, those under way too."""
    with reading() as context:
        return [_activity(row) for row in find_historic_activities(context, _activities(query))]


@REST.operation("POST", "/history/activity-instance")
def list_activities_posted() -> list[HistoricActivityInstanceDto]:
    """Activity instances that fit; the filters come as JSON."""
    return list_activities(posted(HistoricActivityListQuery))


@REST.operation("GET", "/history/activity-instance/count")
def count_activities(query: HistoricActivityListQuery) -> CountDto:
    """How many activity instances fit."""
    with reading() as context:
        return CountDto(count=count_historic_activities(context, _activities(query)))


# ---------------------------------------------------------------- tasks


@REST.operation("GET", "/history/task")
def list_tasks(query: HistoricTaskListQuery) -> list[HistoricTaskDto]:
    """Tasks that fit, open ones too."""
    with reading() as context:
        return [_task(row) for row in find_historic_activities(context, _tasks(query))]


@REST.operation("POST", "/history/task")
def list_tasks_posted() -> list[HistoricTaskDto]:
    """Tasks that fit; the filters come as JSON."""
    return list_tasks(posted(HistoricTaskListQuery))


@REST.operation("GET", "/history/task/count")
def count_tasks(query: HistoricTaskListQuery) -> CountDto:
    """How many tasks fit."""
    with reading() as context:
        return CountDto(count=count_historic_activities(context, _tasks(query)))


# ---------------------------------------------------------------- variables


@REST.operation("GET", "/history/variable-instance")
def list_variables(query: HistoricVariableListQuery) -> list[HistoricVariableDto]:
    """Variables as they last were."""
    with reading() as context:
        found = find_historic_variables(context, _variables(query))
    return [_variable(each, deserialize=query.deserialize_values) for each in found]


@REST.operation("POST", "/history/variable-instance")
def list_variables_posted() -> list[HistoricVariableDto]:
    """Variables as they last were; the filters come as JSON."""
    return list_variables(posted(HistoricVariableListQuery))


@REST.operation("GET", "/history/variable-instance/count")
def count_variables(query: HistoricVariableListQuery) -> CountDto:
    """How many variables fit."""
    with reading() as context:
        return CountDto(count=count_historic_variables(context, _variables(query)))


# ---------------------------------------------------------------- queries


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


def _activities(query: HistoricActivityListQuery) -> HistoricActivityQuery:
    return HistoricActivityQuery(
        id=None if query.activity_instance_id is None else query.activity_instance_id.rpartition(":")[2],
        process_instance_ids=several(query.process_instance_id_in),
        definition_id=query.process_definition_id,
        definition_key=query.process_definition_key,
        activity_ids=several(query.activity_id_in),
        assignee=query.task_assignee,
        **named(
            query, "process_instance_id", "activity_id", "activity_name", "activity_type", "started_after",
            "started_before", "finished_after", "finished_before", "finished", "unfinished", "canceled",
        ),
        **paging(query, _ACTIVITY_SORT),
    )  # fmt: skip


def _tasks(query: HistoricTaskListQuery) -> HistoricActivityQuery:
    return HistoricActivityQuery(
        id=query.task_id,
        definition_id=query.process_definition_id,
        definition_key=query.process_definition_key,
        activity_id=query.task_definition_key,
        activity_ids=several(query.task_definition_key_in),
        assignee=query.task_assignee,
        tasks_only=True,
        **named(
            query, "process_instance_id", "task_name", "started_after", "started_before", "finished_after",
            "finished_before", "finished", "unfinished",
        ),
        **paging(query, _TASK_SORT),
    )  # fmt: skip


def _variables(query: HistoricVariableListQuery) -> HistoricVariableQuery:
    return HistoricVariableQuery(
        process_instance_id=query.process_instance_id,
        process_instance_ids=several(query.process_instance_id_in),
        name=query.variable_name,
        names=several(query.variable_name_in),
        name_like=query.variable_name_like,
        **paging(query, _VARIABLE_SORT),
    )


# ---------------------------------------------------------------- rows to answers


def _millis(row: Any) -> int | None:
    return None if row.ended_at is None else int((row.ended_at - row.started_at).total_seconds() * 1000)


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
        duration_in_millis=_millis(row),
        start_user_id=row.started_by,
        start_activity_id=row.start_activity_id,
        delete_reason=row.delete_reason,
        root_process_instance_id=row.root_instance_id,
        super_process_instance_id=row.super_instance_id,
        state=row.state,
    )


def _activity(row: Any) -> HistoricActivityInstanceDto:
    instance = row.process_instance_id
    return HistoricActivityInstanceDto(
        id=activity_instance_id(instance, row.number, row.activity_id),
        parent_activity_instance_id=public_id(instance, max(row.parent, 0)),
        activity_id=row.activity_id + ("#multiInstanceBody" if row.activity_type == "multiInstanceBody" else ""),
        activity_name=row.activity_name,
        activity_type=row.activity_type,
        process_definition_key=row.definition_key,
        process_definition_id=row.definition_id,
        process_instance_id=instance,
        execution_id=row.id,
        task_id=row.id if row.is_task else None,
        called_process_instance_id=row.called_instance_id,
        assignee=row.assignee,
        start_time=row.started_at,
        end_time=row.ended_at,
        duration_in_millis=_millis(row),
        canceled=row.canceled,
        complete_scope=False,
    )


def _task(row: Any) -> HistoricTaskDto:
    closed = None if row.ended_at is None else ("canceled" if row.canceled else "completed")
    return HistoricTaskDto(
        id=row.id,
        process_definition_key=row.definition_key,
        process_definition_id=row.definition_id,
        process_instance_id=row.process_instance_id,
        execution_id=row.id,
        activity_instance_id=activity_instance_id(row.process_instance_id, row.number, row.activity_id),
        name=row.task_name,
        delete_reason=closed,
        assignee=row.assignee,
        start_time=row.started_at,
        end_time=row.ended_at,
        duration=_millis(row),
        task_definition_key=row.activity_id,
        priority=row.priority,
        due=row.due_at,
        task_state={"canceled": "Deleted", "completed": "Completed", None: "Created"}[closed],
    )


def _variable(found: HistoricVariable, *, deserialize: bool) -> HistoricVariableDto:
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
