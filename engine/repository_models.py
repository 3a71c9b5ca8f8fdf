"""The models of deployed definitions, read once and kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, select

from bpmn import ProcessModel, form_files, read, with_form_schemas
from engine.context import CommandContext
from engine.database.tables import definition_party, process_definition, resource
from engine.errors import NotFound
from engine.policy import STARTER, Starters
from engine.queries import Statement


@dataclass(frozen=True, slots=True)
class DeployedModel:
    """A definition as it runs: its model, the name of its executor, and who may start it."""

    model: ProcessModel
    executor: str
    starters: Starters


def definition_source(context: CommandContext, definition_id: str) -> bytes:
    """The bytes of the file it was deployed from, as they came. NotFound for an unknown definition."""
    content = context.connection.execute(
        select(resource.c.content)
        .join(process_definition, process_definition.c.deployment_id == resource.c.deployment_id)
        .where(process_definition.c.id == definition_id, resource.c.name == process_definition.c.resource_name)
    ).scalar_one_or_none()
    if content is None:
        raise NotFound("process definition", definition_id)
    return bytes(content)


def version_of(context: CommandContext, definition_id: str) -> int:
    """Read off an id that speaks; asked of the database for one that does not."""
    _, _, version = definition_id.rpartition(":")[0].rpartition(":")
    if version:
        return int(version)
    found = context.connection.execute(
        select(process_definition.c.version).where(process_definition.c.id == definition_id)
    ).scalar_one()
    return int(found)


def model_of(context: CommandContext, definition_id: str) -> ProcessModel:
    """The model behind a definition. NotFound for an unknown one."""
    return _deployed(context, definition_id).model


def executor_of(context: CommandContext, definition_id: str) -> str:
    """The name of the executor that runs its instances. NotFound for an unknown definition."""
    return _deployed(context, definition_id).executor


def starters_of(context: CommandContext, definition_id: str) -> Starters:
    """Who may start it. NotFound for an unknown definition."""
    return _deployed(context, definition_id).starters


def _deployed(context: CommandContext, definition_id: str) -> DeployedModel:
    def read_model() -> DeployedModel:
        rows = context.connection.execute(_with_starters(definition_id)).all()
        if not rows:
            raise NotFound("process definition", definition_id)
        first = rows[0]
        source = definition_source(context, definition_id)
        model = next(each for each in read(source).processes if each.key == first.key)
        users = frozenset(row.user_id for row in rows if row.user_id is not None)
        groups = frozenset(row.group_id for row in rows if row.group_id is not None)
        with_forms = _with_forms(context, model, first.deployment_id)
        return DeployedModel(with_forms, first.executor, Starters(first.key, users, groups))

    return context.engine.model(definition_id, read_model)


def _with_starters(definition_id: str) -> Statement:
    """The definition, once for each of its starters."""
    columns, party = process_definition.c, definition_party.c
    starts = and_(party.definition_id == columns.id, party.part == STARTER)
    return (
        select(columns.key, columns.executor, columns.deployment_id, party.user_id, party.group_id)
        .outerjoin_from(process_definition, definition_party, starts)
        .where(columns.id == definition_id)
    )


def _with_forms(context: CommandContext, model: ProcessModel, deployment_id: str) -> ProcessModel:
    """With the forms that lie in files beside it."""
    files = set(form_files(model).values())
    if not files:
        return model
    rows = context.connection.execute(
        select(resource.c.name, resource.c.content).where(
            resource.c.deployment_id == deployment_id, resource.c.name.in_(files)
        )
    )
    return with_form_schemas(model, {row.name: bytes(row.content) for row in rows})
