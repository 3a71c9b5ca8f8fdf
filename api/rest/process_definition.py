"""Process definitions, by id and by key."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pydantic import Field

from api.dto import CountDto, Dto, Names
from api.idempotency import ONCE
from api.rest.api import REST, ListQuery, command, named, paging, reading, several
from api.rest.process_instance import ProcessInstanceWithVariablesDto, instance_dto
from api.rest.variables import VariableDto, VariableValueDto, read, write_all
from engine import (
    CommandContext,
    DefinitionQuery,
    HistoricActivityQuery,
    IncidentQuery,
    ProcessDefinition,
    count_definitions,
    count_running,
    definition_model,
    definition_xml,
    find_definitions,
    find_historic_activities,
    find_incidents,
    get_definition,
    get_variables,
    latest_definition,
    start_form,
    start_instance,
    submit_start_form,
)

_SORT = {
    "category": "category",
    "key": "key",
    "id": "id",
    "name": "name",
    "version": "version",
    "deploymentId": "deployment_id",
    "deployTime": "deployment_id",
    "tenantId": "id",
    "versionTag": "version_tag",
}


class ProcessDefinitionDto(Dto):
    id: str
    key: str
    category: str | None
    description: str | None
    name: str | None
    version: int
    resource: str
    deployment_id: str
    diagram: str | None = None
    suspended: bool
    tenant_id: str | None = None
    version_tag: str | None
    history_time_to_live: int | None
    startable_in_tasklist: bool


class DefinitionListQuery(ListQuery):
    process_definition_id: str | None = None
    process_definition_id_in: Names | None = None
    key: str | None = None
    keys_in: Names | None = None
    key_like: str | None = None
    name: str | None = None
    name_like: str | None = None
    version: int | None = None
    ver: int | None = None
    version_tag: str | None = None
    version_tag_like: str | None = None
    latest_version: bool = False
    latest: bool = False
    deployment_id: str | None = None
    resource_name: str | None = None
    resource_name_like: str | None = None
    active: bool = False
    suspended: bool = False
    startable_in_tasklist: bool = False


class StartDto(Dto):
    variables: dict[str, VariableDto] | None = None
    business_key: str | None = None
    start_instructions: list[dict[str, Any]] | None = None
    skip_custom_listeners: bool = False
    skip_io_mappings: bool = False
    with_variables_in_return: bool = False


class SubmitDto(Dto):
    variables: dict[str, VariableDto] | None = None
    business_key: str | None = None


class XmlDto(Dto):
    id: str
    bpmn20_xml: str


class StartFormDto(Dto):
    key: str | None
    camunda_form_ref: dict[str, Any] | None = None
    context_path: str | None = None


class StatisticsDto(Dto):
    id: str
    instances: int
    failed_jobs: int = 0
    incidents: list[dict[str, Any]] = Field(default_factory=list)
    definition: ProcessDefinitionDto | None = None


class ActivityStatisticsDto(Dto):
    id: str
    instances: int
    failed_jobs: int = 0
    incidents: list[dict[str, Any]] = Field(default_factory=list)


@REST.operation("GET", "/process-definition")
def list_definitions(query: DefinitionListQuery) -> list[ProcessDefinitionDto]:
    """Process definitions that fit."""
    with reading() as context:
        return [definition_dto(each) for each in find_definitions(context, _asked(query))]


@REST.operation("GET", "/process-definition/count")
def count_them(query: DefinitionListQuery) -> CountDto:
    """How many process definitions fit."""
    with reading() as context:
        return CountDto(count=count_definitions(context, _asked(query)))


@REST.operation("GET", "/process-definition/statistics")
def statistics() -> list[StatisticsDto]:
    """How many instances run on each definition."""
    with reading() as context:
        return [_statistics(context, each) for each in find_definitions(context, DefinitionQuery())]


@REST.operation("GET", "/process-definition/<id>")
def read_definition(id: str) -> ProcessDefinitionDto:
    """One process definition."""
    with reading() as context:
        return definition_dto(get_definition(context, id))


@REST.operation("GET", "/process-definition/key/<key>")
def read_definition_by_key(key: str) -> ProcessDefinitionDto:
    """The newest version of a process."""
    with reading() as context:
        return definition_dto(latest_definition(context, key))


@REST.operation("GET", "/process-definition/<id>/xml")
def read_xml(id: str) -> XmlDto:
    """The BPMN it was deployed from."""
    with reading() as context:
        return _xml(context, id)


@REST.operation("GET", "/process-definition/key/<key>/xml")
def read_xml_by_key(key: str) -> XmlDto:
    """The BPMN of the newest version."""
    with reading() as context:
        return _xml(context, latest_definition(context, key).id)


@REST.operation("GET", "/process-definition/<id>/diagram")
def read_diagram(id: str) -> None:
    """No picture is stored beside the model: 204. The diagram is in the XML."""
    with reading() as context:
        get_definition(context, id)


@REST.operation("GET", "/process-definition/key/<key>/diagram")
def read_diagram_by_key(key: str) -> None:
    """No picture is stored beside the model: 204. The diagram is in the XML."""
    with reading() as context:
        latest_definition(context, key)


@REST.operation("GET", "/process-definition/<id>/statistics")
def activity_statistics(id: str) -> list[ActivityStatisticsDto]:
    """How many tokens stand on each activity."""
    with reading() as context:
        return _activity_statistics(context, get_definition(context, id))


@REST.operation("GET", "/process-definition/key/<key>/statistics")
def activity_statistics_by_key(key: str) -> list[ActivityStatisticsDto]:
    """How many tokens stand on each activity of the newest version."""
    with reading() as context:
        return _activity_statistics(context, latest_definition(context, key))


@REST.operation("GET", "/process-definition/<id>/startForm")
def read_start_form(id: str) -> StartFormDto:
    """Which form starts it."""
    with reading() as context:
        return _start_form(context, id)


@REST.operation("GET", "/process-definition/key/<key>/startForm")
def read_start_form_by_key(key: str) -> StartFormDto:
    """Which form starts the newest version."""
    with reading() as context:
        return _start_form(context, latest_definition(context, key).id)


@REST.operation("GET", "/process-definition/<id>/form-variables")
def read_form_variables(id: str) -> dict[str, VariableValueDto]:
    """The fields of the start form with their defaults."""
    with reading() as context:
        return _form_variables(context, id)


@REST.operation("GET", "/process-definition/key/<key>/form-variables")
def read_form_variables_by_key(key: str) -> dict[str, VariableValueDto]:
    """The fields of the newest version's start form with their defaults."""
    with reading() as context:
        return _form_variables(context, latest_definition(context, key).id)


@REST.operation("POST", "/process-definition/<id>/start", ONCE)
def start(id: str, body: StartDto) -> ProcessInstanceWithVariablesDto:
    """Starts an instance of this definition."""
    with command() as context:
        return _start(context, body, definition_id=id)


@REST.operation("POST", "/process-definition/key/<key>/start", ONCE)
def start_by_key(key: str, body: StartDto) -> ProcessInstanceWithVariablesDto:
    """Starts an instance of the newest version."""
    with command() as context:
        return _start(context, body, key=key)


@REST.operation("POST", "/process-definition/<id>/submit-form", ONCE)
def submit(id: str, body: SubmitDto) -> ProcessInstanceWithVariablesDto:
    """Starts an instance with a filled-in start form; every field is checked."""
    with command() as context:
        return _submit(context, get_definition(context, id), body)


@REST.operation("POST", "/process-definition/key/<key>/submit-form", ONCE)
def submit_by_key(key: str, body: SubmitDto) -> ProcessInstanceWithVariablesDto:
    """Starts an instance of the newest version with a filled-in start form."""
    with command() as context:
        return _submit(context, latest_definition(context, key), body)


# ---------------------------------------------------------------- inside


def _submit(context: CommandContext, definition: ProcessDefinition, body: SubmitDto) -> ProcessInstanceWithVariablesDto:
    return instance_dto(submit_start_form(context, definition.id, read(body.variables), body.business_key))


def _start(
    context: CommandContext, body: StartDto, *, key: str | None = None, definition_id: str | None = None
) -> ProcessInstanceWithVariablesDto:
    started = start_instance(
        context,
        key=key,
        definition_id=definition_id,
        variables=read(body.variables),
        business_key=body.business_key,
        instructions=body.start_instructions or (),
        skip_io_mappings=body.skip_io_mappings,
        skip_custom_listeners=body.skip_custom_listeners,
    )
    variables = None
    if body.with_variables_in_return and not started.ended:
        variables = write_all(get_variables(context, started.id))
    return instance_dto(started, variables)


def _xml(context: CommandContext, definition_id: str) -> XmlDto:
    return XmlDto(id=definition_id, bpmn20_xml=definition_xml(context, definition_id).decode("utf-8", "replace"))


def _start_form(context: CommandContext, definition_id: str) -> StartFormDto:
    get_definition(context, definition_id)
    starts = definition_model(context, definition_id)
    for each in starts.process.start_events:
        form = getattr(starts.nodes[each], "form", None)
        if form is not None and form.key is not None:
            return StartFormDto(key=form.key.text)
        if form is not None and form.ref is not None:
            ref = {"key": form.ref.text, "binding": form.binding, "version": None}
            return StartFormDto(key=None, camunda_form_ref=ref)
    return StartFormDto(key=None)


def _form_variables(context: CommandContext, definition_id: str) -> dict[str, VariableValueDto]:
    form = start_form(context, definition_id, "en")
    return write_all({field.id: field.value for field in form.fields}) if form is not None else {}


def _statistics(context: CommandContext, definition: ProcessDefinition) -> StatisticsDto:
    running = count_running(context, definition.key)
    return StatisticsDto(
        id=definition.id, instances=running.get(definition.id, 0), definition=definition_dto(definition)
    )


def _activity_statistics(context: CommandContext, definition: ProcessDefinition) -> list[ActivityStatisticsDto]:
    standing = HistoricActivityQuery(definition_id=definition.id, unfinished=True)
    rows: list[Any] = find_historic_activities(context, standing)
    tokens = Counter(str(row.activity_id) for row in rows)
    incidents = find_incidents(context, IncidentQuery(definition_id=definition.id))
    failed = Counter(str(row.activity_id) for row in incidents)
    return [
        ActivityStatisticsDto(id=activity_id, instances=number, failed_jobs=failed[activity_id])
        for activity_id, number in sorted(tokens.items())
        if activity_id in definition_model(context, definition.id).nodes
    ]


def _asked(query: DefinitionListQuery) -> DefinitionQuery:
    return DefinitionQuery(
        id=query.process_definition_id,
        ids=several(query.process_definition_id_in),
        keys=several(query.keys_in),
        version=query.version if query.version is not None else query.ver,
        latest_version=query.latest_version or query.latest,
        **named(
            query, "key", "key_like", "name", "name_like", "version_tag", "version_tag_like", "deployment_id",
            "resource_name", "resource_name_like", "active", "suspended", "startable_in_tasklist",
        ),
        **paging(query, _SORT),
    )  # fmt: skip


def definition_dto(found: ProcessDefinition) -> ProcessDefinitionDto:
    return ProcessDefinitionDto(
        id=found.id,
        key=found.key,
        category=found.category,
        description=found.description,
        name=found.name,
        version=found.version,
        resource=found.resource_name,
        deployment_id=found.deployment_id,
        suspended=found.suspended,
        version_tag=found.version_tag,
        history_time_to_live=found.history_time_to_live,
        startable_in_tasklist=found.startable_in_tasklist,
    )
