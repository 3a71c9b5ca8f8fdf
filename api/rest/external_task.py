"""External tasks: what workers fetch, lock and report."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import Field

from api.dto import CountDto, Dto, Moment, Names
from api.openapi import InvalidRequest, no_content
from api.rest.api import REST, ListQuery, SortingDto, command, named, paging, posted, reading, several
from api.rest.process_instance import activity_instance_id
from api.rest.variables import VariableDto, VariableValueDto, read, write_all
from engine import (
    ExternalTask,
    ExternalTaskQuery,
    Topic,
    VariableFilter,
    complete_external_task,
    count_external_tasks,
    definition_model,
    extend_lock,
    fail_external_task,
    fetch_and_lock,
    find_external_tasks,
    get_external_task,
    lock,
    public_id,
    set_external_priority,
    set_external_retries,
    throw_bpmn_error,
    unlock,
)

_SORT = {
    "id": "id",
    "lockExpirationTime": "lock_expires_at",
    "processInstanceId": "process_instance_id",
    "processDefinitionId": "definition_id",
    "processDefinitionKey": "definition_key",
    "taskPriority": "priority",
    "createTime": "created_at",
    "tenantId": "id",
}
LONGEST_WAIT_MS = 1_800_000


class ExternalTaskDto(Dto):
    activity_id: str
    activity_instance_id: str
    error_message: str | None
    execution_id: str
    id: str
    lock_expiration_time: Moment | None
    create_time: Moment
    process_definition_id: str
    process_definition_key: str
    process_definition_version_tag: str | None
    process_instance_id: str
    retries: int | None
    suspended: bool
    worker_id: str | None
    topic_name: str
    tenant_id: str | None = None
    priority: int
    business_key: str | None


class LockedExternalTaskDto(ExternalTaskDto):
    error_details: str | None = None
    variables: dict[str, VariableValueDto] = Field(default_factory=dict)
    extension_properties: dict[str, str] = Field(default_factory=dict)


class TopicDto(Dto):
    topic_name: str
    lock_duration: int
    variables: list[str] | None = None
    local_variables: bool = False
    business_key: str | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    process_definition_id_in: list[str] | None = None
    process_definition_key_in: list[str] | None = None
    process_definition_version_tag: str | None = None
    process_variables: dict[str, Any] | None = None
    deserialize_values: bool = False
    include_extension_properties: bool = False


class FetchDto(Dto):
    worker_id: str | None = None
    max_tasks: int | None = None
    use_priority: bool = False
    async_response_timeout: int | None = None
    sorting: list[SortingDto] | None = None
    topics: list[TopicDto] | None = None


class WorkerDto(Dto):
    worker_id: str = ""
    variables: dict[str, VariableDto] | None = None
    local_variables: dict[str, VariableDto] | None = None


class FailureDto(WorkerDto):
    error_message: str | None = None
    error_details: str | None = None
    retries: int | None = None
    retry_timeout: int | None = None


class BpmnErrorDto(WorkerDto):
    error_code: str | None = None
    error_message: str | None = None


class LockDto(WorkerDto):
    lock_duration: int = 0
    new_duration: int = 0


class RetriesDto(Dto):
    retries: int | None = None
    external_task_ids: list[str] | None = None


class PriorityDto(Dto):
    priority: int = 0


class ExternalTaskListQuery(ListQuery):
    external_task_id: str | None = None
    external_task_id_in: Names | None = None
    topic_name: str | None = None
    worker_id: str | None = None
    locked: bool = False
    not_locked: bool = False
    with_retries_left: bool = False
    no_retries_left: bool = False
    activity_id: str | None = None
    activity_id_in: Names | None = None
    process_instance_id: str | None = None
    process_instance_id_in: Names | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    priority_higher_than_or_equals: int | None = None
    priority_lower_than_or_equals: int | None = None
    active: bool = False
    suspended: bool = False


@REST.operation("POST", "/external-task/fetchAndLock")
def fetch(body: FetchDto) -> list[LockedExternalTaskDto]:
    """Fetches work and locks it for the worker. Answers at once, with what there is."""
    if not body.worker_id or body.max_tasks is None:
        raise InvalidRequest("Give workerId and maxTasks.")
    if (body.async_response_timeout or 0) > LONGEST_WAIT_MS:
        raise InvalidRequest(
            f"The asynchronous response timeout cannot be set to a value greater than {LONGEST_WAIT_MS} milliseconds"
        )
    given = body.topics or []
    topics = [
        Topic(
            each.topic_name,
            each.lock_duration,
            several(each.variables),
            each.local_variables,
            each.business_key,
            each.process_definition_id,
            each.process_definition_key,
            several(each.process_definition_id_in),
            several(each.process_definition_key_in),
            each.process_definition_version_tag,
            tuple(VariableFilter(name, "eq", value) for name, value in (each.process_variables or {}).items()),
        )
        for each in given
    ]
    by_name = {each.topic_name: each for each in given}
    with command() as context:
        found = fetch_and_lock(
            context,
            body.worker_id,
            topics,
            body.max_tasks,
            use_priority=body.use_priority,
            newest_first=_newest_first(body),
        )
        answers = []
        for each in found:
            asked = by_name[each.topic]
            model = definition_model(context, each.definition_id)
            properties = dict(model.nodes[each.activity_id].properties) if asked.include_extension_properties else {}
            answers.append(
                LockedExternalTaskDto(
                    **_facts(each, model.process.version_tag),
                    error_details=each.error_details,
                    variables=write_all(each.variables, deserialize=asked.deserialize_values),
                    extension_properties=properties,
                )
            )
        return answers


@REST.operation("POST", "/external-task/<id>/complete")
def complete(id: str, body: WorkerDto) -> None:
    """The work is done."""
    with command() as context:
        complete_external_task(context, id, body.worker_id, read(body.variables), read(body.local_variables))


@REST.operation("POST", "/external-task/<id>/failure")
def fail(id: str, body: FailureDto) -> None:
    """The work failed; the task is hidden for a while, and without retries left an incident says so."""
    with command() as context:
        fail_external_task(
            context,
            id,
            body.worker_id,
            message=body.error_message,
            details=body.error_details,
            retries=body.retries or 0,
            retry_timeout_ms=body.retry_timeout or 0,
            variables=read(body.variables),
            local=read(body.local_variables),
        )


@REST.operation("POST", "/external-task/<id>/bpmnError")
def throw_error(id: str, body: BpmnErrorDto) -> None:
    """The work ended in a business error that the model may catch."""
    with command() as context:
        throw_bpmn_error(context, id, body.worker_id, body.error_code or "", body.error_message, read(body.variables))


@REST.operation("POST", "/external-task/<id>/extendLock")
def extend(id: str, body: LockDto) -> None:
    """Keeps a lock that has not run out."""
    with command() as context:
        extend_lock(context, id, body.worker_id, body.new_duration)


@REST.operation("POST", "/external-task/<id>/lock")
def take_lock(id: str, body: LockDto) -> None:
    """Locks one task."""
    with command() as context:
        lock(context, id, body.worker_id, body.lock_duration)


@REST.operation("POST", "/external-task/<id>/unlock")
def release_lock(id: str) -> None:
    """Gives a task back."""
    with command() as context:
        unlock(context, id)


@REST.operation("PUT", "/external-task/<id>/retries")
def change_retries(id: str, body: RetriesDto) -> None:
    """Gives a failed task new tries; its incident is over."""
    if body.retries is None:
        raise InvalidRequest("The number of retries cannot be null: give retries.")
    with command() as context:
        set_external_retries(context, id, body.retries)


@REST.operation("PUT", "/external-task/<id>/priority")
def change_priority(id: str, body: PriorityDto) -> None:
    """Sets the priority of one task."""
    with command() as context:
        set_external_priority(context, id, body.priority)


@REST.operation("GET", "/external-task")
def list_external_tasks(query: ExternalTaskListQuery) -> list[ExternalTaskDto]:
    """External tasks that fit, without variables."""
    with reading() as context:
        return [ExternalTaskDto(**_facts(each, None)) for each in find_external_tasks(context, _asked(query))]


@REST.operation("POST", "/external-task")
def list_external_tasks_posted() -> list[ExternalTaskDto]:
    """External tasks that fit; the filters come as JSON."""
    return list_external_tasks(posted(ExternalTaskListQuery))


@REST.operation("GET", "/external-task/count")
def count_them(query: ExternalTaskListQuery) -> CountDto:
    """How many external tasks fit."""
    with reading() as context:
        return CountDto(count=count_external_tasks(context, _asked(query)))


@REST.operation("POST", "/external-task/count")
def count_them_posted() -> CountDto:
    """How many external tasks fit; the filters come as JSON."""
    return count_them(posted(ExternalTaskListQuery))


@REST.operation("GET", "/external-task/topic-names")
def list_topic_names() -> list[str]:
    """The topics of all external tasks that are there."""
    with reading() as context:
        return sorted({each.topic for each in find_external_tasks(context, ExternalTaskQuery())})


@REST.operation("PUT", "/external-task/retries")
def change_many_retries(body: RetriesDto) -> None:
    """Gives several failed tasks new tries; all of them or none."""
    if body.retries is None or not body.external_task_ids:
        raise InvalidRequest("Give retries and externalTaskIds.")
    with command() as context:
        for each in body.external_task_ids:
            set_external_retries(context, each, body.retries)


@REST.operation("GET", "/external-task/<id>")
def read_external_task(id: str) -> ExternalTaskDto:
    """One external task."""
    with reading() as context:
        return ExternalTaskDto(**_facts(get_external_task(context, id), None))


@REST.operation("GET", "/external-task/<id>/errorDetails")
def read_error_details(id: str) -> Response:
    """What the worker reported; 204 for nothing."""
    with reading() as context:
        details = get_external_task(context, id).error_details
    return Response(details, mimetype="text/plain") if details else no_content()


# ---------------------------------------------------------------- inside


def _newest_first(body: FetchDto) -> bool:
    """The contract sorts what is fetched by its age alone."""
    for each in body.sorting or ():
        if each.sort_by != "createTime" or each.sort_order not in ("asc", "desc"):
            raise InvalidRequest(
                f"Cannot sort by '{each.sort_by}' {each.sort_order}: use createTime, with asc or desc."
            )
        return each.sort_order == "desc"
    return False


def _asked(query: ExternalTaskListQuery) -> ExternalTaskQuery:
    return ExternalTaskQuery(
        id=query.external_task_id,
        ids=several(query.external_task_id_in),
        topic=query.topic_name,
        activity_ids=several(query.activity_id_in),
        process_instance_ids=several(query.process_instance_id_in),
        lowest_priority=query.priority_higher_than_or_equals,
        highest_priority=query.priority_lower_than_or_equals,
        definition_id=query.process_definition_id,
        definition_key=query.process_definition_key,
        **named(
            query, "worker_id", "locked", "not_locked", "with_retries_left", "no_retries_left", "activity_id",
            "process_instance_id", "active", "suspended",
        ),
        **paging(query, _SORT),
    )  # fmt: skip


def _facts(found: ExternalTask, version_tag: str | None) -> dict[str, Any]:
    return {
        "activity_id": found.activity_id,
        "activity_instance_id": activity_instance_id(found.process_instance_id, found.number, found.activity_id),
        "error_message": found.error_message,
        "execution_id": public_id(found.process_instance_id, found.number),
        "id": found.id,
        "lock_expiration_time": found.lock_expires_at,
        "create_time": found.created_at,
        "process_definition_id": found.definition_id,
        "process_definition_key": found.definition_key,
        "process_definition_version_tag": version_tag,
        "process_instance_id": found.process_instance_id,
        "retries": found.retries,
        "suspended": found.suspended,
        "worker_id": found.worker_id,
        "topic_name": found.topic,
        "priority": found.priority,
        "business_key": found.business_key,
    }
