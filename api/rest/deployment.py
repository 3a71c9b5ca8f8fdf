"""Deployments."""

from __future__ import annotations

import mimetypes
from typing import Any

from flask import Response, request
from werkzeug.datastructures import FileStorage

from api.downloads import save_as
from api.dto import CountDto, Dto, LinkDto, Moment, links
from api.errors import contract_problem
from api.openapi import InvalidRequest
from api.rest.api import REST, ListQuery, command, named, paging, reading
from api.rest.process_definition import ProcessDefinitionDto, definition_dto
from api.rest.variables import harmless
from engine import (
    Deployment,
    DeploymentQuery,
    count_deployments,
    delete_deployment,
    deploy_resources,
    find_deployments,
    get_deployment,
    get_resource,
    get_resources,
)

#: Form parts that are no resources; every other part is one, and must have a file name.
_FIELDS = frozenset(
    (
        "deployment-name",
        "deployment-activation-time",
        "enable-duplicate-filtering",
        "deploy-changed-only",
        "deployment-source",
        "executor",
        "tenant-id",
    )
)
_SORT = {"id": "id", "name": "name", "deploymentTime": "deployed_at", "tenantId": "id"}


class DeploymentDto(Dto):
    links: list[LinkDto]
    id: str
    name: str | None
    source: str | None
    deployment_time: Moment
    tenant_id: str | None = None


class DeploymentWithDefinitionsDto(DeploymentDto):
    deployed_process_definitions: dict[str, ProcessDefinitionDto] | None = None
    deployed_case_definitions: None = None
    deployed_decision_definitions: None = None
    deployed_decision_requirements_definitions: None = None
    #: beyond the contract: file -> what is worth mending in it
    warnings: dict[str, list[dict[str, Any]]]


class ResourceDto(Dto):
    id: str
    name: str
    deployment_id: str


class DeploymentListQuery(ListQuery):
    id: str | None = None
    name: str | None = None
    name_like: str | None = None
    source: str | None = None
    after: Moment | None = None
    before: Moment | None = None


class DeleteQuery(Dto):
    cascade: bool = False


@REST.operation("POST", "/deployment/create")
def create_deployment() -> DeploymentWithDefinitionsDto:
    """Deploys files.

    multipart/form-data: every part but the named fields is a resource, called by its file name. `executor` (native or
    spiff) chooses who runs the processes; without it, what is drawn for SpiffWorkflow runs on that.
    """
    resources = [_resource(name, file) for name, file in request.files.items(multi=True) if name not in _FIELDS]
    nameless = [name for name in request.form if name not in _FIELDS]
    if nameless:
        raise _without_file_name(nameless[0])
    if not resources:
        raise InvalidRequest("No deployment resources contained in the form upload.")
    with command() as context:
        result = deploy_resources(
            context,
            request.form.get("deployment-name"),
            resources,
            source=request.form.get("deployment-source"),
            filter_duplicates=_flag("enable-duplicate-filtering"),
            changed_only=_flag("deploy-changed-only"),
            executor=request.form.get("executor") or None,
        )
    definitions = {each.id: definition_dto(each) for each in result.definitions}
    return DeploymentWithDefinitionsDto(
        **dict(_dto(result.deployment)),
        deployed_process_definitions=definitions or None,
        warnings={file: [contract_problem(each) for each in found] for file, found in result.warnings.items() if found},
    )


def _resource(part: str, file: FileStorage) -> tuple[str, bytes]:
    if not file.filename:
        raise _without_file_name(part)
    return file.filename.replace("\\", "/").rpartition("/")[2], file.read()


def _without_file_name(part: str) -> InvalidRequest:
    return InvalidRequest(f"No file name found in the deployment resource described by form parameter '{part}'.")


def _flag(name: str) -> bool:
    return request.form.get(name, "").strip().lower() == "true"


@REST.operation("GET", "/deployment")
def list_deployments(query: DeploymentListQuery) -> list[DeploymentDto]:
    """Deployments that fit."""
    with reading() as context:
        return [_dto(each) for each in find_deployments(context, _asked(query))]


@REST.operation("GET", "/deployment/count")
def count_them(query: DeploymentListQuery) -> CountDto:
    """How many deployments fit."""
    with reading() as context:
        return CountDto(count=count_deployments(context, _asked(query)))


@REST.operation("GET", "/deployment/<id>")
def read_deployment(id: str) -> DeploymentDto:
    """One deployment."""
    with reading() as context:
        return _dto(get_deployment(context, id))


@REST.operation("DELETE", "/deployment/<id>")
def remove_deployment(id: str, query: DeleteQuery) -> None:
    """Deletes a deployment; with `cascade` its instances and their history too."""
    with command() as context:
        delete_deployment(context, id, cascade=query.cascade)


@REST.operation("GET", "/deployment/<id>/resources")
def list_resources(id: str) -> list[ResourceDto]:
    """The files of a deployment."""
    with reading() as context:
        return [ResourceDto(id=each.id, name=each.name, deployment_id=id) for each in get_resources(context, id)]


@REST.operation("GET", "/deployment/<id>/resources/<resource_id>")
def read_resource(id: str, resource_id: str) -> ResourceDto:
    """One file of a deployment, without its content."""
    with reading() as context:
        found = get_resource(context, id, resource_id)
        return ResourceDto(id=found.id, name=found.name, deployment_id=id)


@REST.operation("GET", "/deployment/<id>/resources/<resource_id>/data")
def read_resource_data(id: str, resource_id: str) -> Response:
    """The bytes of a file, to be saved, never shown."""
    with reading() as context:
        found = get_resource(context, id, resource_id)
    answer = Response(found.content, mimetype=harmless(mimetypes.guess_type(found.name)[0] or ""))
    save_as(answer, found.name)
    return answer


def _asked(query: DeploymentListQuery) -> DeploymentQuery:
    return DeploymentQuery(
        **named(query, "id", "name", "name_like", "source", "after", "before"), **paging(query, _SORT)
    )


def _dto(found: Deployment) -> DeploymentDto:
    return DeploymentDto(
        links=links(f"/deployment/{found.id}"),
        id=found.id,
        name=found.name,
        source=found.source,
        deployment_time=found.deployed_at,
    )
