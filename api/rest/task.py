"""User tasks: found, claimed, completed."""

from __future__ import annotations

from typing import Any

from api.dto import CountDto, Dto, Moment, Names
from api.idempotency import ONCE
from api.rest.api import REST, ListQuery, command, named, paging, posted, reading, several
from api.rest.variables import VariableDto, VariableFilters, VariableValueDto, filters, read, write_all
from engine import (
    Task,
    TaskQuery,
    assign_task,
    claim_task,
    complete_task,
    count_tasks,
    definition_model,
    find_tasks,
    get_task,
    get_variables,
    public_id,
    submit_form,
    task_form,
    task_variables,
    unclaim_task,
)

_SORT = {
    "created": "created_at",
    "name": "name",
    "nameCaseInsensitive": "name_case_insensitive",
    "priority": "priority",
    "dueDate": "due_at",
    "followUpDate": "follow_up_at",
    "assignee": "assignee",
    "instanceId": "process_instance_id",
    "executionId": "id",
    "id": "id",
    "description": "description",
    "lastUpdated": "updated_at",
    "tenantId": "id",
}


class TaskDto(Dto):
    id: str
    name: str | None
    assignee: str | None
    created: Moment
    due: Moment | None
    follow_up: Moment | None
    last_updated: Moment | None
    delegation_state: str | None
    description: str | None
    execution_id: str
    owner: str | None
    parent_task_id: str | None = None
    priority: int
    process_definition_id: str
    process_instance_id: str
    task_definition_key: str
    case_execution_id: str | None = None
    case_instance_id: str | None = None
    case_definition_id: str | None = None
    suspended: bool
    form_key: str | None
    camunda_form_ref: dict[str, Any] | None = None
    tenant_id: str | None = None
    task_state: str = "Updated"


class TaskListQuery(ListQuery):
    task_id: str | None = None
    process_instance_id: str | None = None
    process_instance_id_in: Names | None = None
    process_instance_business_key: str | None = None
    process_instance_business_key_like: str | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    process_definition_key_in: Names | None = None
    task_definition_key: str | None = None
    task_definition_key_in: Names | None = None
    task_definition_key_like: str | None = None
    name: str | None = None
    name_like: str | None = None
    description_like: str | None = None
    assignee: str | None = None
    assignee_in: Names | None = None
    assignee_like: str | None = None
    owner: str | None = None
    candidate_user: str | None = None
    candidate_group: str | None = None
    candidate_groups: Names | None = None
    include_assigned_tasks: bool = False
    involved_user: str | None = None
    assigned: bool = False
    unassigned: bool = False
    with_candidate_groups: bool = False
    active: bool = False
    suspended: bool = False
    delegation_state: str | None = None
    priority: int | None = None
    min_priority: int | None = None
    max_priority: int | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None
    due_after: Moment | None = None
    due_before: Moment | None = None
    follow_up_after: Moment | None = None
    follow_up_before: Moment | None = None
    created_on: Moment | None = None
    due_date: Moment | None = None
    follow_up_date: Moment | None = None
    follow_up_before_or_not_existent: Moment | None = None
    process_variables: VariableFilters | None = None
    task_variables: VariableFilters | None = None


class UserIdDto(Dto):
    user_id: str | None = None


class CompleteDto(Dto):
    variables: dict[str, VariableDto] | None = None
    with_variables_in_return: bool = False


class FormDto(Dto):
    key: str | None
    camunda_form_ref: dict[str, Any] | None = None
    context_path: str | None = None


class FormVariablesQuery(Dto):
    variable_names: Names | None = None
    deserialize_values: bool = True


@REST.operation("GET", "/task")
def list_tasks(query: TaskListQuery) -> list[TaskDto]:
    """Open tasks that fit; soonest due first unless sorted otherwise."""
    with reading() as context:
        return [task_dto(each) for each in find_tasks(context, _asked(query))]


@REST.operation("POST", "/task")
def list_tasks_posted() -> list[TaskDto]:
    """Open tasks that fit; the filters come as JSON."""
    return list_tasks(posted(TaskListQuery))


@REST.operation("GET", "/task/count")
def count_them(query: TaskListQuery) -> CountDto:
    """How many open tasks fit."""
    with reading() as context:
        return CountDto(count=count_tasks(context, _asked(query)))


@REST.operation("POST", "/task/count")
def count_them_posted() -> CountDto:
    """How many open tasks fit; the filters come as JSON."""
    return count_them(posted(TaskListQuery))


@REST.operation("GET", "/task/<id>")
def read_task(id: str) -> TaskDto:
    """One open task."""
    with reading() as context:
        return task_dto(get_task(context, id))


@REST.operation("POST", "/task/<id>/claim")
def claim(id: str, body: UserIdDto) -> None:
    """Takes the task; refused if somebody else has it."""
    with command() as context:
        claim_task(context, id, body.user_id)


@REST.operation("POST", "/task/<id>/unclaim")
def unclaim(id: str) -> None:
    """Gives the task back to its candidates."""
    with command() as context:
        unclaim_task(context, id)


@REST.operation("POST", "/task/<id>/assignee")
def assign(id: str, body: UserIdDto) -> None:
    """Hands the task to somebody, whoever had it."""
    with command() as context:
        assign_task(context, id, body.user_id)


@REST.operation("POST", "/task/<id>/complete", ONCE)
def complete(id: str, body: CompleteDto) -> dict[str, VariableValueDto] | None:
    """Finishes the task. 204, or the instance's variables if asked for."""
    with command() as context:
        found = get_task(context, id) if body.with_variables_in_return else None
        complete_task(context, id, read(body.variables))
        if found is None:
            return None
        return write_all(get_variables(context, found.process_instance_id))


@REST.operation("POST", "/task/<id>/submit-form", ONCE)
def submit(id: str, body: CompleteDto) -> None:
    """Finishes the task with its filled-in form; every field is checked."""
    with command() as context:
        submit_form(context, id, read(body.variables))


@REST.operation("GET", "/task/<id>/form")
def read_form(id: str) -> FormDto:
    """Which form the task shows."""
    with reading() as context:
        found = get_task(context, id)
        node = definition_model(context, found.definition_id).nodes[found.activity_id]
    form = getattr(node, "form", None)
    reference = None
    if form is not None and form.ref is not None:
        reference = {"key": form.ref.text, "binding": form.binding, "version": None}
    return FormDto(key=found.form_key, camunda_form_ref=reference)


@REST.operation("GET", "/task/<id>/form-variables")
def read_form_variables(id: str, query: FormVariablesQuery) -> dict[str, VariableValueDto]:
    """The variables a form of this task works with: those the task sees, and its form's fields."""
    with reading() as context:
        form = task_form(context, id, "en")
        values = {field.id: field.value for field in form.fields} if form is not None else {}
        values.update(task_variables(context, id))
    if query.variable_names is not None:
        values = {name: value for name, value in values.items() if name in query.variable_names}
    return write_all(values, deserialize=query.deserialize_values)


# ---------------------------------------------------------------- inside


def _asked(query: TaskListQuery) -> TaskQuery:
    return TaskQuery(
        due_on=query.due_date,
        follow_up_on=query.follow_up_date,
        follow_up_before_or_none=query.follow_up_before_or_not_existent,
        id=query.task_id,
        process_instance_ids=several(query.process_instance_id_in),
        business_key=query.process_instance_business_key,
        business_key_like=query.process_instance_business_key_like,
        definition_id=query.process_definition_id,
        definition_key=query.process_definition_key,
        definition_keys=several(query.process_definition_key_in),
        activity_id=query.task_definition_key,
        activity_ids=several(query.task_definition_key_in),
        activity_id_like=query.task_definition_key_like,
        assignees=several(query.assignee_in),
        candidate_groups=several(query.candidate_groups),
        include_assigned=query.include_assigned_tasks,
        process_variables=filters(query.process_variables),
        task_variables=filters(query.task_variables),
        **named(
            query, "process_instance_id", "name", "name_like", "description_like", "assignee", "assignee_like",
            "owner", "candidate_user", "candidate_group", "involved_user", "assigned", "unassigned",
            "with_candidate_groups", "active", "suspended", "delegation_state", "priority", "min_priority",
            "max_priority", "created_after", "created_before", "due_after", "due_before", "follow_up_after",
            "follow_up_before", "created_on",
        ),
        **paging(query, _SORT),
    )  # fmt: skip


def task_dto(found: Task) -> TaskDto:
    return TaskDto(
        id=found.id,
        name=found.name,
        assignee=found.assignee,
        created=found.created_at,
        due=found.due_at,
        follow_up=found.follow_up_at,
        last_updated=found.updated_at,
        delegation_state=found.delegation_state,
        description=found.description,
        execution_id=public_id(found.process_instance_id, found.number),
        owner=found.owner,
        priority=found.priority,
        process_definition_id=found.definition_id,
        process_instance_id=found.process_instance_id,
        task_definition_key=found.activity_id,
        suspended=found.suspended,
        form_key=found.form_key,
        task_state="Created" if found.updated_at is None else "Updated",
    )
