"""Jobs and incidents."""

from __future__ import annotations

from typing import Any

from flask import Response

from api.authentication import actor, the_engine
from api.dto import CountDto, Dto, Moment, Names, read_moment
from api.openapi import InvalidRequest
from api.rest.api import REST, ListQuery, command, named, paging, posted, reading, several
from engine import (
    Action,
    CommandContext,
    IncidentQuery,
    InvalidInput,
    Job,
    JobQuery,
    NotFound,
    count_jobs,
    delete_job,
    execute_job,
    find_incidents,
    find_jobs,
    get_job,
    instance_of,
    log_execution,
    public_id,
    require,
    set_due_date,
    set_job_priority,
    set_retries,
)

_SORT = {
    "jobId": "id",
    "executionId": "id",
    "processInstanceId": "process_instance_id",
    "processDefinitionId": "definition_id",
    "processDefinitionKey": "definition_key",
    "jobPriority": "priority",
    "jobRetries": "retries",
    "jobDueDate": "due_at",
    "tenantId": "id",
}
_INCIDENT_SORT = {
    "incidentId": "id",
    "incidentTimestamp": "occurred_at",
    "incidentType": "incident_type",
    "activityId": "activity_id",
    "processInstanceId": "process_instance_id",
    "processDefinitionId": "definition_id",
    "configuration": "configuration",
    "incidentMessage": "message",
}


class JobDto(Dto):
    id: str
    job_definition_id: str | None = None
    process_instance_id: str | None
    process_definition_id: str | None
    process_definition_key: str | None
    execution_id: str | None
    exception_message: str | None
    failed_activity_id: str | None
    retries: int
    due_date: Moment | None
    suspended: bool
    priority: int
    tenant_id: str | None = None
    create_time: Moment
    batch_id: str | None = None


class JobListQuery(ListQuery):
    job_id: str | None = None
    job_ids: Names | None = None
    process_instance_id: str | None = None
    process_instance_ids: Names | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    execution_id: str | None = None
    activity_id: str | None = None
    failed_activity_id: str | None = None
    priority_lower_than_or_equals: int | None = None
    priority_higher_than_or_equals: int | None = None
    timers: bool = False
    messages: bool = False
    executable: bool = False
    with_exception: bool = False
    with_retries_left: bool = False
    no_retries_left: bool = False
    active: bool = False
    suspended: bool = False
    due_dates: Names | None = None


class RetriesDto(Dto):
    retries: int | None = None
    due_date: Moment | None = None


class DueDateDto(Dto):
    duedate: Moment | None = None
    cascade: bool = False


class PriorityDto(Dto):
    priority: int | None = None


class IncidentDto(Dto):
    id: str
    process_definition_id: str | None
    process_instance_id: str | None
    execution_id: str | None
    incident_timestamp: Moment
    incident_type: str
    activity_id: str | None
    failed_activity_id: str | None
    cause_incident_id: str
    root_cause_incident_id: str
    configuration: str | None
    incident_message: str | None
    tenant_id: str | None = None
    job_definition_id: str | None = None
    annotation: str | None = None


class IncidentListQuery(ListQuery):
    incident_id: str | None = None
    incident_type: str | None = None
    incident_message: str | None = None
    process_definition_id: str | None = None
    process_instance_id: str | None = None
    activity_id: str | None = None
    configuration: str | None = None


@REST.operation("GET", "/job")
def list_jobs(query: JobListQuery) -> list[JobDto]:
    """Jobs that fit, start timers too."""
    with reading() as context:
        return [_job(each) for each in find_jobs(context, _asked(context, query))]


@REST.operation("POST", "/job")
def list_jobs_posted() -> list[JobDto]:
    """Jobs that fit; the filters come as JSON."""
    return list_jobs(posted(JobListQuery))


@REST.operation("GET", "/job/count")
def count_them(query: JobListQuery) -> CountDto:
    """How many jobs fit."""
    with reading() as context:
        return CountDto(count=count_jobs(context, _asked(context, query)))


@REST.operation("POST", "/job/count")
def count_them_posted() -> CountDto:
    """How many jobs fit; the filters come as JSON."""
    return count_them(posted(JobListQuery))


@REST.operation("GET", "/job/<id>")
def read_job(id: str) -> JobDto:
    """One job."""
    with reading() as context:
        found = get_job(context, id)
        return _job(found)


@REST.operation("GET", "/job/<id>/stacktrace")
def read_stacktrace(id: str) -> Response:
    """Where its last try failed."""
    with reading() as context:
        require(actor(), Action.ADMINISTER, what="look at the trace of a job")
        return Response(get_job(context, id).exception_trace or "", mimetype="text/plain")


@REST.operation("POST", "/job/<id>/execute")
def execute(id: str) -> None:
    """Runs a job now, due or not."""
    require(actor(), Action.ADMINISTER, what="execute a job")
    with command() as context:
        log_execution(context, id)
    execute_job(the_engine(), id)


@REST.operation("PUT", "/job/<id>/retries")
def change_retries(id: str, body: RetriesDto) -> None:
    """Gives a failed job new tries; its incident is over."""
    if body.retries is None:
        raise InvalidRequest("The number of job retries cannot be null: give retries.")
    with command() as context:
        set_retries(context, id, body.retries, body.due_date)


@REST.operation("PUT", "/job/<id>/duedate")
def change_due_date(id: str, body: DueDateDto) -> None:
    """Moves a timer."""
    with command() as context:
        set_due_date(context, id, body.duedate)


@REST.operation("PUT", "/job/<id>/priority")
def change_priority(id: str, body: PriorityDto) -> None:
    """What is due at the same time runs in the order of priorities."""
    if body.priority is None:
        raise InvalidRequest("The priority for job cannot be null: give priority.")
    with command() as context:
        set_job_priority(context, id, body.priority)


@REST.operation("DELETE", "/job/<id>")
def remove_job(id: str) -> None:
    """Deletes a job: it never runs."""
    with command() as context:
        delete_job(context, id)


@REST.operation("GET", "/incident")
def list_incidents(query: IncidentListQuery) -> list[IncidentDto]:
    """Incidents that are open."""
    with reading() as context:
        return [_incident(row) for row in find_incidents(context, _incidents(query))]


@REST.operation("GET", "/incident/count")
def count_incidents(query: IncidentListQuery) -> CountDto:
    """How many incidents are open."""
    return CountDto(count=len(list_incidents(query)))


@REST.operation("DELETE", "/incident/<id>")
def resolve_incident(id: str) -> None:
    """Refused: an incident of ours ends with what it tells of, by new retries."""
    found = read_incident(id)
    raise InvalidInput(
        f"Cannot resolve an incident of type {found.incident_type}: give its job or external task new retries."
    )


@REST.operation("GET", "/incident/<id>")
def read_incident(id: str) -> IncidentDto:
    """One incident."""
    with reading() as context:
        found = find_incidents(context, IncidentQuery(id=id))
        if not found:
            raise NotFound("incident", id, f"No matching incident with id {id}")
    return _incident(found[0])


# ---------------------------------------------------------------- inside


def _asked(context: CommandContext, query: JobListQuery) -> JobQuery:
    bounds: dict[str, Any] = {}
    for each in query.due_dates or ():
        operator, _, moment = each.partition("_")
        name = {"lt": "due_before", "gt": "due_after"}.get(operator)
        if name is None:
            raise InvalidRequest(f"'{each}' is no due date filter: write lt_ or gt_ and a date.")
        try:
            bounds[name] = read_moment(moment)
        except ValueError as error:
            raise InvalidRequest(f"dueDates: {error}") from error
    return JobQuery(
        id=query.job_id,
        ids=several(query.job_ids),
        process_instance_ids=several(query.process_instance_ids),
        definition_id=query.process_definition_id,
        definition_key=query.process_definition_key,
        activity=None if query.execution_id is None else instance_or_none(context, query.execution_id),
        highest_priority=query.priority_lower_than_or_equals,
        lowest_priority=query.priority_higher_than_or_equals,
        **bounds,
        **named(
            query, "process_instance_id", "activity_id", "failed_activity_id", "timers", "messages", "executable",
            "with_exception", "with_retries_left", "no_retries_left", "active", "suspended",
        ),
        **paging(query, _SORT),
    )  # fmt: skip


def instance_or_none(context: CommandContext, execution_id: str) -> tuple[str, int]:
    """The instance and number behind an execution id; for an unknown one, what fits nothing."""
    try:
        return instance_of(context, execution_id)
    except NotFound:
        return execution_id, -1


def _job(found: Job) -> JobDto:
    execution = None
    if found.process_instance_id is not None:
        execution = public_id(found.process_instance_id, found.activity_number or 0)
    return JobDto(
        id=found.id,
        process_instance_id=found.process_instance_id,
        process_definition_id=found.definition_id,
        process_definition_key=found.definition_key,
        execution_id=execution,
        exception_message=found.exception_message,
        failed_activity_id=found.activity_id if found.exception_message else None,
        retries=found.retries,
        due_date=found.due_at,
        suspended=found.suspended,
        priority=found.priority,
        create_time=found.created_at,
    )


def _incidents(query: IncidentListQuery) -> IncidentQuery:
    return IncidentQuery(
        id=query.incident_id,
        message=query.incident_message,
        definition_id=query.process_definition_id,
        **named(query, "incident_type", "process_instance_id", "activity_id", "configuration"),
        **paging(query, _INCIDENT_SORT),
    )


def _incident(row: Any) -> IncidentDto:
    return IncidentDto(
        id=row.id,
        process_definition_id=row.definition_id,
        process_instance_id=row.process_instance_id,
        execution_id=row.process_instance_id,
        incident_timestamp=row.occurred_at,
        incident_type=row.incident_type,
        activity_id=row.activity_id,
        failed_activity_id=row.activity_id,
        cause_incident_id=row.id,
        root_cause_incident_id=row.id,
        configuration=row.configuration,
        incident_message=row.message,
    )
