"""The models of deployed definitions, read once and kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bpmn import ProcessModel, form_files, read, with_form_schemas
from engine.context import CommandContext
from engine.database.tables import process_definition, resource
from engine.errors import NotFound


@dataclass(frozen=True, slots=True)
class DeployedModel:
    """A definition as it runs: its model, and the name of its executor."""

    model: ProcessModel
    executor: str


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


def _deployed(context: CommandContext, definition_id: str) -> DeployedModel:
    def read_model() -> DeployedModel:
        row = context.connection.execute(
            select(process_definition.c.key, process_definition.c.executor, process_definition.c.deployment_id).where(
                process_definition.c.id == definition_id
            )
        ).one_or_none()
        if row is None:
            raise NotFound("process definition", definition_id)
        source = definition_source(context, definition_id)
        model = next(each for each in read(source).processes if each.key == row.key)
        return DeployedModel(_with_forms(context, model, row.deployment_id), row.executor)

    return context.engine.model(definition_id, read_model)


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
