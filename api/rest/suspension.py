"""Suspending and activating: definitions, instances, jobs."""

from __future__ import annotations

from api.dto import Dto, Moment, Names
from api.openapi import InvalidRequest
from api.rest.api import REST, command
from api.rest.process_instance import InstanceListQuery, instances_asked_for
from engine import (
    InvalidInput,
    NotFound,
    Which,
    suspend_definition,
    suspend_instances,
    suspend_job,
    suspend_jobs,
)


class SuspendedDto(Dto):
    suspended: bool = False


class DefinitionSuspendedDto(SuspendedDto):
    include_process_instances: bool = False
    execution_date: Moment | None = None


class DefinitionsSuspendedDto(DefinitionSuspendedDto):
    process_definition_id: str | None = None
    process_definition_key: str | None = None


class InstancesSuspendedDto(SuspendedDto):
    process_definition_id: str | None = None
    process_definition_key: str | None = None
    process_instance_ids: Names | None = None
    process_instance_query: InstanceListQuery | None = None


class JobsSuspendedDto(SuspendedDto):
    process_instance_id: str | None = None
    process_definition_id: str | None = None
    process_definition_key: str | None = None


@REST.operation("PUT", "/process-definition/<id>/suspended")
def suspend_by_id(id: str, body: DefinitionSuspendedDto) -> None:
    """Suspends or activates one version of a process, now or later."""
    _definition(body, id=id)


@REST.operation("PUT", "/process-definition/key/<key>/suspended")
def suspend_by_key(key: str, body: DefinitionSuspendedDto) -> None:
    """Suspends or activates every version of a process, now or later."""
    _definition(body, key=key)


@REST.operation("PUT", "/process-definition/suspended")
def suspend_definitions(body: DefinitionsSuspendedDto) -> None:
    """Suspends or activates one version by its id, or all by their key."""
    if body.process_definition_id and body.process_definition_key:
        raise InvalidRequest("Only one of processDefinitionId or processDefinitionKey should be set.")
    if not body.process_definition_id and not body.process_definition_key:
        raise InvalidRequest("Either processDefinitionId or processDefinitionKey should be set.")
    _definition(body, id=body.process_definition_id, key=body.process_definition_key)


def _definition(body: DefinitionSuspendedDto, *, id: str | None = None, key: str | None = None) -> None:
    with command() as context:
        suspend_definition(
            context,
            definition_id=id,
            key=key if id is None else None,
            suspended=body.suspended,
            include_instances=body.include_process_instances,
            at=body.execution_date,
        )


@REST.operation("PUT", "/process-instance/<id>/suspended")
def suspend_instance(id: str, body: SuspendedDto) -> None:
    """Suspends or activates one instance."""
    with command() as context:
        suspend_instances(context, Which(instance_ids=(id,)), suspended=body.suspended)


@REST.operation("PUT", "/process-instance/suspended")
def suspend_many_instances(body: InstancesSuspendedDto) -> None:
    """Suspends or activates several instances: by their ids, by a query, by their definition or its key."""
    with command() as context:
        ids = None if body.process_instance_ids is None else tuple(body.process_instance_ids)
        if body.process_instance_query is not None:
            ids = (*(ids or ()), *instances_asked_for(context, body.process_instance_query))
        if ids == ():
            raise InvalidRequest("No process instance ids given")
        which = Which(ids, body.process_definition_id, body.process_definition_key)
        try:
            suspend_instances(context, which, suspended=body.suspended)
        except NotFound as error:
            raise InvalidInput(str(error)) from error


@REST.operation("PUT", "/job/<id>/suspended")
def suspend_one_job(id: str, body: SuspendedDto) -> None:
    """Suspends or activates one job."""
    with command() as context:
        suspend_job(context, id, suspended=body.suspended)


@REST.operation("PUT", "/job/suspended")
def suspend_many_jobs(body: JobsSuspendedDto) -> None:
    """Suspends or activates the jobs of an instance, of a definition, or of all its versions."""
    ids = None if body.process_instance_id is None else (body.process_instance_id,)
    with command() as context:
        which = Which(ids, body.process_definition_id, body.process_definition_key)
        suspend_jobs(context, which, suspended=body.suspended)
