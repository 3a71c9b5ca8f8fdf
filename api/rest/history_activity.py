"""Activities and tasks that were, and those under way."""

from __future__ import annotations

from typing import Any

from api.dto import CountDto, Dto, Moment, Names
from api.rest.api import REST, ListQuery, named, paging, posted, reading, several
from api.rest.history import millis_between
from api.rest.process_instance import activity_instance_id
from engine import HistoricActivityQuery, NotFound, count_historic_activities, find_historic_activities, public_id

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


@REST.operation("POST", "/history/activity-instance/count")
def count_activities_posted() -> CountDto:
    """How many activity instances fit; the filters come as JSON."""
    return count_activities(posted(HistoricActivityListQuery))


@REST.operation("GET", "/history/activity-instance/<id>")
def read_activity(id: str) -> HistoricActivityInstanceDto:
    """One activity instance, under way or ended."""
    with reading() as context:
        found = find_historic_activities(context, HistoricActivityQuery(id=id.rpartition(":")[2]))
    dtos = [_activity(row) for row in found]
    if not dtos or dtos[0].id != id:
        raise NotFound("activity instance", id, f"Historic activity instance with id '{id}' does not exist")
    return dtos[0]


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


@REST.operation("POST", "/history/task/count")
def count_tasks_posted() -> CountDto:
    """How many tasks fit; the filters come as JSON."""
    return count_tasks(posted(HistoricTaskListQuery))


# ---------------------------------------------------------------- inside


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
        duration_in_millis=millis_between(row.started_at, row.ended_at),
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
        duration=millis_between(row.started_at, row.ended_at),
        task_definition_key=row.activity_id,
        priority=row.priority,
        due=row.due_at,
        task_state={"canceled": "Deleted", "completed": "Completed", None: "Created"}[closed],
    )
