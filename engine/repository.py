"""Deployments and process definitions, found and removed. `engine.deploying` makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, select

from bpmn import ProcessModel, drawing
from engine.context import CommandContext
from engine.database.tables import deployment, job, process_definition, process_instance, resource
from engine.erasing import erase_instances_of
from engine.errors import Conflict, NotFound
from engine.operations import log_operation
from engine.policy import IS_FOR_EVERYBODY, Action, Kind, can, knows_what_is_for_everybody, require, visible
from engine.queries import Statement, count, equals, like, paged
from engine.repository_models import definition_source, model_of
from engine.start_events import listen_for_starts, stop_listening_for_starts


@dataclass(frozen=True, slots=True)
class Deployment:
    id: str
    name: str | None
    source: str | None
    deployed_at: datetime
    deployed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    id: str
    name: str
    deployment_id: str
    content: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """One version of a process. `executor` is who runs its instances: native or spiff."""

    id: str
    key: str
    version: int
    name: str | None
    description: str | None
    category: str | None
    version_tag: str | None
    deployment_id: str
    resource_name: str
    has_diagram: bool
    history_time_to_live: int | None
    startable_in_tasklist: bool
    suspended: bool
    executor: str


@dataclass(frozen=True, slots=True)
class DeploymentQuery:
    id: str | None = None
    name: str | None = None
    name_like: str | None = None
    source: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


@dataclass(frozen=True, slots=True)
class DefinitionQuery:
    """`may_start`: those that the actor may start."""

    id: str | None = None
    ids: tuple[str, ...] | None = None
    key: str | None = None
    keys: tuple[str, ...] | None = None
    key_like: str | None = None
    name: str | None = None
    name_like: str | None = None
    version: int | None = None
    version_tag: str | None = None
    version_tag_like: str | None = None
    latest_version: bool = False
    deployment_id: str | None = None
    resource_name: str | None = None
    resource_name_like: str | None = None
    active: bool = False
    suspended: bool = False
    startable_in_tasklist: bool = False
    may_start: bool = False
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


# ---------------------------------------------------------------- deployments


def find_deployments(context: CommandContext, query: DeploymentQuery) -> list[Deployment]:
    rows = context.connection.execute(paged(_deployments(context, query), deployment, query))
    return [Deployment(row.id, row.name, row.source, row.deployed_at, row.deployed_by) for row in rows]


def count_deployments(context: CommandContext, query: DeploymentQuery) -> int:
    return count(context, _deployments(context, query))


def get_deployment(context: CommandContext, deployment_id: str) -> Deployment:
    found = find_deployments(context, DeploymentQuery(id=deployment_id))
    if not found:
        raise NotFound("deployment", deployment_id, f"Deployment with id '{deployment_id}' does not exist")
    return found[0]


def delete_deployment(context: CommandContext, deployment_id: str, *, cascade: bool = False) -> None:
    """Conflict while instances of its definitions run, unless `cascade` ends them too, with their history."""
    get_deployment(context, deployment_id)
    definitions = _owned_definitions(context, deployment_id, Action.DEPLOY)
    ids = [definition.id for definition in definitions]
    running = select(func.count()).select_from(process_instance).where(process_instance.c.definition_id.in_(ids))
    if not cascade and context.connection.execute(running).scalar_one():
        raise Conflict(
            f"Deployment {deployment_id} has running instances: end them first, or delete with cascade=true."
        )
    if cascade:
        erase_instances_of(context, ids)
    newest = {latest_definition(context, definition.key).id for definition in definitions}
    followed = {definition.key for definition in definitions if definition.id in newest}
    for key in followed:
        stop_listening_for_starts(context, key)
    context.connection.execute(delete(job).where(job.c.process_instance_id.is_(None), job.c.definition_id.in_(ids)))
    context.connection.execute(delete(deployment).where(deployment.c.id == deployment_id))
    for key in followed:
        _listen_with_newest(context, key)
    context.after_commit.extend(partial(context.engine.forget_model, each) for each in ids)
    for gone in sorted({each.key for each in definitions}) or (None,):
        log_operation(context, "Delete", "Deployment", entity_id=deployment_id, definition_key=gone)


def _listen_with_newest(context: CommandContext, key: str) -> None:
    """What is the newest version now starts by its events again."""
    left = find_definitions(context, DefinitionQuery(key=key, latest_version=True))
    for definition in left:
        model = model_of(context, definition.id)
        listen_for_starts(context, definition.id, model, suspended=definition.suspended, again=True)


def get_resources(context: CommandContext, deployment_id: str) -> list[Resource]:
    """Without their content, by name. NotFound for an unknown deployment."""
    get_deployment(context, deployment_id)
    rows = context.connection.execute(
        select(resource.c.id, resource.c.name)
        .where(resource.c.deployment_id == deployment_id)
        .order_by(resource.c.name)
    )
    return [Resource(row.id, row.name, deployment_id) for row in rows]


def get_resource(context: CommandContext, deployment_id: str, resource_id: str) -> Resource:
    """One file with its content: NotAllowed for those who may not change flows."""
    get_deployment(context, deployment_id)
    _owned_definitions(context, deployment_id, Action.READ_MODEL)
    row = context.connection.execute(
        select(resource).where(resource.c.deployment_id == deployment_id, resource.c.id == resource_id)
    ).one_or_none()
    if row is None:
        raise NotFound("deployment resource", resource_id)
    return Resource(row.id, row.name, deployment_id, bytes(row.content))


def _owned_definitions(context: CommandContext, deployment_id: str, action: Action) -> list[ProcessDefinition]:
    """NotAllowed where one of them is not the actor's, or there is none and the actor does not own every flow."""
    columns = process_definition.c
    rows = context.connection.execute(select(process_definition).where(columns.deployment_id == deployment_id)).all()
    if not rows:
        require(context.actor, Action.DEPLOY_ANYTHING, what="look at or remove what no flow belongs to")
    for row in rows:
        require(context.actor, action, row.key)
    return [_definition(row) for row in rows]


# ---------------------------------------------------------------- definitions


def find_definitions(context: CommandContext, query: DefinitionQuery) -> list[ProcessDefinition]:
    rows = context.connection.execute(paged(_definitions(context, query), process_definition, query))
    return [_definition(row) for row in rows]


def count_definitions(context: CommandContext, query: DefinitionQuery) -> int:
    return count(context, _definitions(context, query))


def get_definition(context: CommandContext, definition_id: str) -> ProcessDefinition:
    found = _known(context, _BY_ID, definition_id)
    if found is None:
        raise NotFound("process definition", definition_id, f"No matching definition with id {definition_id}")
    return found


def latest_definition(context: CommandContext, key: str) -> ProcessDefinition:
    found = _known(context, _NEWEST, key)
    if found is None:
        raise NotFound("process definition", key, f"No matching process definition with key: {key} and no tenant-id")
    return found


def definition_xml(context: CommandContext, definition_id: str) -> bytes:
    """The file it was deployed from; for those who may not change flows the drawing alone, without what its forms ask
    and its conditions decide."""
    found = get_definition(context, definition_id)
    source = definition_source(context, definition_id)
    return source if can(context.actor, Action.READ_MODEL, found.key) else drawing(source)


def definition_model(context: CommandContext, definition_id: str) -> ProcessModel:
    return model_of(context, definition_id)


# ---------------------------------------------------------------- inside

# Made once: every start asks one of them, and making one costs more than its answer.
_ANY = select(process_definition, IS_FOR_EVERYBODY.label("is_for_everybody"))
_BY_ID = _ANY.where(process_definition.c.id == bindparam("wanted"))
_NEWEST = (
    _ANY.where(process_definition.c.key == bindparam("wanted")).order_by(process_definition.c.version.desc()).limit(1)
)


def _known(context: CommandContext, statement: Select[*tuple[Any, ...]], wanted: str) -> ProcessDefinition | None:
    """What the statement finds, if the actor may know of it."""
    row = context.connection.execute(statement, {"wanted": wanted}).one_or_none()
    if row is not None and not (row.is_for_everybody and knows_what_is_for_everybody(context.actor)):
        restricted = select(process_definition).where(process_definition.c.id == row.id)
        row = context.connection.execute(visible(context, restricted, Kind.DEFINITION)).one_or_none()
    return _definition(row) if row is not None else None


def _definition(row: Row[Any]) -> ProcessDefinition:
    return ProcessDefinition(
        row.id,
        row.key,
        row.version,
        row.name,
        row.description,
        row.category,
        row.version_tag,
        row.deployment_id,
        row.resource_name,
        row.has_diagram,
        row.history_time_to_live,
        row.startable_in_tasklist,
        row.suspended,
        row.executor,
    )


def _deployments(context: CommandContext, query: DeploymentQuery) -> Statement:
    columns = deployment.c
    statement = visible(context, select(deployment), Kind.DEPLOYMENT)
    statement = equals(statement, {columns.id: query.id, columns.name: query.name, columns.source: query.source})
    statement = like(statement, {columns.name: query.name_like})
    if query.after is not None:
        statement = statement.where(columns.deployed_at > query.after)
    if query.before is not None:
        statement = statement.where(columns.deployed_at < query.before)
    return statement


def _definitions(context: CommandContext, query: DefinitionQuery) -> Statement:
    columns = process_definition.c
    statement = equals(
        visible(context, select(process_definition), Kind.DEFINITION),
        {
            columns.id: query.id,
            columns.key: query.key,
            columns.name: query.name,
            columns.version: query.version,
            columns.version_tag: query.version_tag,
            columns.deployment_id: query.deployment_id,
            columns.resource_name: query.resource_name,
        },
    )
    statement = like(
        statement,
        {
            columns.key: query.key_like,
            columns.name: query.name_like,
            columns.version_tag: query.version_tag_like,
            columns.resource_name: query.resource_name_like,
        },
    )
    if query.ids is not None:
        statement = statement.where(columns.id.in_(query.ids))
    if query.keys is not None:
        statement = statement.where(columns.key.in_(query.keys))
    if query.latest_version:
        newer = process_definition.alias("newer")
        newest = select(func.max(newer.c.version)).where(newer.c.key == columns.key).scalar_subquery()
        statement = statement.where(columns.version == newest)
    if query.active:
        statement = statement.where(columns.suspended.is_(False))
    if query.suspended:
        statement = statement.where(columns.suspended.is_(True))
    if query.may_start:
        statement = visible(context, statement, Kind.STARTABLE)
    if query.startable_in_tasklist:
        statement = statement.where(columns.startable_in_tasklist.is_(True))
    return statement
