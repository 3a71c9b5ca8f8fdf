"""Process instances, their variables and their activity tree."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import Field

from api.dto import CountDto, Dto, LinkDto, Names, links
from api.rest.api import REST, ListQuery, command, named, paging, posted, reading, several
from api.rest.variables import (
    VariableDto,
    VariableFilters,
    VariableValueDto,
    content_of,
    filters,
    read,
    read_one,
    uploaded,
    write,
    write_all,
)
from api.revisions import UNCHANGED, show_revision
from engine import (
    ActivityView,
    CommandContext,
    InstanceQuery,
    NotFound,
    ProcessInstance,
    activity_tree,
    count_instances,
    delete_instance,
    find_instances,
    get_instance,
    get_variables,
    modify_instance,
    number_of,
    public_id,
    set_variables,
)

_SORT = {
    "instanceId": "id",
    "definitionKey": "definition_key",
    "definitionId": "definition_id",
    "tenantId": "id",
    "businessKey": "business_key",
}


class ProcessInstanceDto(Dto):
    links: list[LinkDto]
    id: str
    definition_id: str
    definition_key: str
    business_key: str | None
    case_instance_id: str | None = None
    ended: bool
    suspended: bool
    tenant_id: str | None = None


class ProcessInstanceWithVariablesDto(ProcessInstanceDto):
    variables: dict[str, VariableValueDto] | None = None


class InstanceListQuery(ListQuery):
    process_instance_ids: Names | None = None
    business_key: str | None = None
    business_key_like: str | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    process_definition_key_in: Names | None = None
    super_process_instance: str | None = None
    root_process_instances: bool = False
    active: bool = False
    suspended: bool = False
    with_incident: bool = False
    activity_id_in: Names | None = None
    variables: VariableFilters | None = None


class ActivityInstanceDto(Dto):
    id: str
    parent_activity_instance_id: str | None
    activity_id: str
    activity_name: str | None
    name: str | None
    activity_type: str
    process_instance_id: str
    process_definition_id: str
    execution_ids: list[str]
    child_activity_instances: list[ActivityInstanceDto] = Field(default_factory=list)
    child_transition_instances: list[TransitionInstanceDto] = Field(default_factory=list)
    incident_ids: list[str] = Field(default_factory=list)
    incidents: list[dict[str, Any]] = Field(default_factory=list)


class TransitionInstanceDto(Dto):
    id: str
    parent_activity_instance_id: str | None
    activity_id: str
    activity_name: str | None
    activity_type: str
    process_instance_id: str
    process_definition_id: str
    execution_id: str
    incident_ids: list[str] = Field(default_factory=list)
    incidents: list[dict[str, Any]] = Field(default_factory=list)


class ModificationsDto(Dto):
    modifications: dict[str, VariableDto] | None = None
    deletions: list[str] | None = None


class InstructionsDto(Dto):
    instructions: list[dict[str, Any]] = Field(default_factory=list)
    skip_custom_listeners: bool = False
    skip_io_mappings: bool = False
    annotation: str | None = None


class DeleteInstanceQuery(Dto):
    fail_if_not_exists: bool = True
    skip_custom_listeners: bool = False
    skip_io_mappings: bool = False


class DeserializeQuery(Dto):
    deserialize_values: bool = True
    deserialize_value: bool = True


@REST.operation("GET", "/process-instance")
def list_instances(query: InstanceListQuery) -> list[ProcessInstanceDto]:
    """Running instances that fit."""
    with reading() as context:
        return [instance_dto(each) for each in find_instances(context, _asked(query))]


@REST.operation("POST", "/process-instance")
def list_instances_posted() -> list[ProcessInstanceDto]:
    """Running instances that fit; the filters come as JSON."""
    return list_instances(posted(InstanceListQuery))


@REST.operation("GET", "/process-instance/count")
def count_them(query: InstanceListQuery) -> CountDto:
    """How many running instances fit."""
    with reading() as context:
        return CountDto(count=count_instances(context, _asked(query)))


@REST.operation("POST", "/process-instance/count")
def count_them_posted() -> CountDto:
    """How many running instances fit; the filters come as JSON."""
    return count_them(posted(InstanceListQuery))


@REST.operation("GET", "/process-instance/<id>")
def read_instance(id: str) -> ProcessInstanceDto:
    """One running instance."""
    with reading() as context:
        found = get_instance(context, id)
    show_revision(found.revision)
    return instance_dto(found)


@REST.operation("DELETE", "/process-instance/<id>", UNCHANGED)
def remove_instance(id: str, query: DeleteInstanceQuery) -> None:
    """Ends an instance; its history stays."""
    with command() as context:
        try:
            get_instance(context, id)
        except NotFound:
            if query.fail_if_not_exists:
                raise
            return
        delete_instance(
            context,
            id,
            skip_io_mappings=query.skip_io_mappings,
            skip_custom_listeners=query.skip_custom_listeners,
        )


@REST.operation("GET", "/process-instance/<id>/activity-instances")
def read_activity_instances(id: str) -> ActivityInstanceDto:
    """Where its tokens are, as a tree."""
    with reading() as context:
        instance = get_instance(context, id)
        return _tree(instance, activity_tree(context, id), None)


@REST.operation("POST", "/process-instance/<id>/modification", UNCHANGED)
def modify(id: str, body: InstructionsDto) -> None:
    """Starts and cancels activities by hand."""
    with command() as context:
        modify_instance(
            context,
            id,
            [instruction(id, each) for each in body.instructions],
            skip_io_mappings=body.skip_io_mappings,
            skip_custom_listeners=body.skip_custom_listeners,
        )


@REST.operation("GET", "/process-instance/<id>/variables")
def read_variables(id: str, query: DeserializeQuery) -> dict[str, VariableValueDto]:
    """The variables of the instance."""
    with reading() as context:
        return write_all(get_variables(context, id), deserialize=query.deserialize_values)


@REST.operation("POST", "/process-instance/<id>/variables", UNCHANGED)
def change_variables(id: str, body: ModificationsDto) -> None:
    """Sets and deletes variables; a name in both is deleted."""
    with command() as context:
        set_variables(context, id, read(body.modifications), body.deletions or ())


@REST.operation("GET", "/process-instance/<id>/variables/<name>")
def read_variable(id: str, name: str, query: DeserializeQuery) -> VariableValueDto:
    """One variable."""
    return write(variable_of(id, name), deserialize=query.deserialize_value)


@REST.operation("GET", "/process-instance/<id>/variables/<name>/data")
def read_variable_data(id: str, name: str) -> Response:
    """The octets of one variable."""
    return content_of(variable_of(id, name))


@REST.operation("PUT", "/process-instance/<id>/variables/<name>", UNCHANGED)
def change_variable(id: str, name: str, body: VariableDto) -> None:
    """Sets one variable."""
    with command() as context:
        set_variables(context, id, {name: read_one(name, body)})


@REST.operation("POST", "/process-instance/<id>/variables/<name>/data", UNCHANGED)
def upload_variable(id: str, name: str) -> None:
    """Sets one variable to the octets of a form's `data`; `valueType` says File or Bytes."""
    with command() as context:
        set_variables(context, id, {name: uploaded()})


@REST.operation("DELETE", "/process-instance/<id>/variables/<name>", UNCHANGED)
def remove_variable(id: str, name: str) -> None:
    """Deletes one variable."""
    with command() as context:
        set_variables(context, id, {}, [name])


# ---------------------------------------------------------------- inside


def variable_of(id: str, name: str) -> Any:
    with reading() as context:
        found = get_variables(context, id)
    if name not in found:
        raise NotFound("variable", name, f"process instance variable with name {name} does not exist")
    return found[name]


def instruction(instance_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """Activity instance ids of the contract as numbers of the instance."""
    found = dict(given)
    for key in ("activityInstanceId", "ancestorActivityInstanceId", "transitionInstanceId"):
        value = found.pop(key, None)
        if value is not None:
            number = number_of(instance_id, str(value).rpartition(":")[2])
            name = "activityInstanceNumber" if key != "ancestorActivityInstanceId" else "ancestorActivityInstanceNumber"
            found[name] = number if number is not None else -1
    return found


def activity_instance_id(instance_id: str, number: int, activity_id: str) -> str:
    return instance_id if number == 0 else f"{activity_id}:{public_id(instance_id, number)}"


def _tree(instance: ProcessInstance, view: ActivityView, parent: str | None) -> ActivityInstanceDto:
    activity_id = instance.definition_id if view.number == 0 else view.element_id
    activity_id += "#multiInstanceBody" if view.body else ""
    own = activity_instance_id(instance.id, view.number, activity_id)
    return ActivityInstanceDto(
        id=own,
        parent_activity_instance_id=parent,
        activity_id=activity_id,
        activity_name=view.name,
        name=view.name,
        activity_type=view.type,
        process_instance_id=instance.id,
        process_definition_id=instance.definition_id,
        execution_ids=[public_id(instance.id, view.number)],
        child_activity_instances=[_tree(instance, each, own) for each in view.children if not each.waiting_async],
        child_transition_instances=[_transition(instance, each, own) for each in view.children if each.waiting_async],
    )


def _transition(instance: ProcessInstance, view: ActivityView, parent: str) -> TransitionInstanceDto:
    execution = public_id(instance.id, view.number)
    return TransitionInstanceDto(
        id=execution,
        parent_activity_instance_id=parent,
        activity_id=view.element_id + ("#multiInstanceBody" if view.body else ""),
        activity_name=view.name,
        activity_type=view.type,
        process_instance_id=instance.id,
        process_definition_id=instance.definition_id,
        execution_id=execution,
    )


def _asked(query: InstanceListQuery) -> InstanceQuery:
    return InstanceQuery(
        ids=several(query.process_instance_ids),
        definition_id=query.process_definition_id,
        definition_key=query.process_definition_key,
        definition_keys=several(query.process_definition_key_in),
        super_instance_id=query.super_process_instance,
        root_only=query.root_process_instances,
        activity_ids=several(query.activity_id_in),
        variables=filters(query.variables),
        **named(query, "business_key", "business_key_like", "active", "suspended", "with_incident"),
        **paging(query, _SORT),
    )


def instances_asked_for(context: CommandContext, query: InstanceListQuery) -> list[str]:
    """The ids of running instances that fit: what a command on several is about."""
    return [each.id for each in find_instances(context, _asked(query))]


def instance_dto(
    found: ProcessInstance, variables: dict[str, VariableValueDto] | None = None
) -> ProcessInstanceWithVariablesDto:
    return ProcessInstanceWithVariablesDto(
        links=links(f"/process-instance/{found.id}"),
        id=found.id,
        definition_id=found.definition_id,
        definition_key=found.definition_key,
        business_key=found.business_key,
        ended=found.ended,
        suspended=found.suspended,
        variables=variables,
    )
