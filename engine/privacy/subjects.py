"""Which journeys are about a person, and what of such a journey tells of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import func, or_, select, update

from bpmn import ProcessModel, StartEvent, UserTask
from engine.context import CommandContext
from engine.database.tables import (
    comment,
    historic_process_instance,
    historic_variable_instance,
    notification,
)
from engine.errors import NotFound
from engine.guests.flows import guest_variable
from engine.policy.confidentiality import marks_of
from engine.privacy.needles import Needles
from engine.repository_models import model_of

_journey = historic_process_instance.c
_variable = historic_variable_instance.c
#: Stands where a text was.
ERASED = "erased"


@dataclass(frozen=True, slots=True)
class AboutThem:
    """A journey that is about the person. `by_name`: only the name says so, and it may be somebody else's."""

    id: str
    title: str
    running: bool
    by_name: bool


def journeys_about(context: CommandContext, user_id: str, needles: Needles) -> list[AboutThem]:
    """By the variable that the flow names for it, or by the name alone."""
    holding = (
        select(historic_process_instance, _variable.name)
        .join(historic_variable_instance, _variable.process_instance_id == _journey.id)
        .where(_journey.super_instance_id.is_(None), _variable.scope == 0)
        .where(_variable.value == msgspec.json.encode(user_id).decode())
        .order_by(_journey.started_at)
    )
    found: dict[str, AboutThem] = {}
    for row in context.connection.execute(holding):
        if row.name == _subject_variable(context, row.definition_id):
            found[row.id] = _about(row, by_name=False)
    if needles.names:
        spelt = [each for name in needles.names for each in (name, name.lower())]
        named = select(historic_process_instance).where(
            _journey.super_instance_id.is_(None),
            or_(_journey.subject.in_(spelt), func.lower(_journey.subject).in_(spelt)),
        )
        for row in context.connection.execute(named.order_by(_journey.started_at)):
            found.setdefault(row.id, _about(row, by_name=True))
    return list(found.values())


def _about(row: Any, *, by_name: bool) -> AboutThem:
    title = row.subject or row.business_key or row.definition_name or row.definition_key
    return AboutThem(row.id, title, row.ended_at is None, by_name)


def _model(context: CommandContext, definition_id: str) -> ProcessModel | None:
    try:
        return model_of(context, definition_id)
    except NotFound:
        return None


def _subject_variable(context: CommandContext, definition_id: str) -> str | None:
    model = _model(context, definition_id)
    return guest_variable(model) if model is not None else None


# ---------------------------------------------------------------- erasing


def empty_journeys(context: CommandContext, roots: Collection[str], pseudonym: str) -> None:
    """What these finished journeys tell of whom they are about: answers, except choices, numbers and yes or no that are
    not confidential, and everything that was said. How long what took, who of which department did it and how it came
    out stays."""
    instances = context.connection.execute(
        select(_journey.id, _journey.definition_id, _journey.definition_key).where(_journey.root_instance_id.in_(roots))
    ).all()
    for row in instances:
        _empty_variables(context, row.id, row.definition_key, _model(context, row.definition_id))
    ids = [row.id for row in instances]
    said = comment.c
    context.connection.execute(update(comment).where(said.process_instance_id.in_(ids)).values(message=ERASED))
    context.connection.execute(notification.delete().where(notification.c.process_instance_id.in_(ids)))
    for column in (_journey.subject, _journey.business_key):
        context.connection.execute(
            update(historic_process_instance)
            .where(_journey.id.in_(ids), column.is_not(None))
            .values({column.name: pseudonym})
        )


def _empty_variables(context: CommandContext, instance_id: str, key: str, model: ProcessModel | None) -> None:
    confidential = marks_of(context, [key], [instance_id])
    choices = _choices(model)
    rows = context.connection.execute(
        select(historic_variable_instance).where(_variable.process_instance_id == instance_id)
    )
    emptied: list[tuple[int, str]] = [
        (row.scope, row.name)
        for row in rows
        if row.name in confidential or not _is_an_outcome(msgspec.json.decode(row.value), choices.get(row.name, ()))
    ]
    for scope, name in emptied:
        this = (_variable.process_instance_id == instance_id) & (_variable.scope == scope) & (_variable.name == name)
        context.connection.execute(update(historic_variable_instance).where(this).values(value="null", type="Null"))


def _is_an_outcome(value: Any, choices: Sequence[str]) -> bool:
    return value is None or isinstance(value, (bool, int, float)) or (isinstance(value, str) and value in choices)


def _choices(model: ProcessModel | None) -> Mapping[str, Sequence[str]]:
    """The options of every choice that a form of the model offers."""
    found: dict[str, list[str]] = {}
    for node in model.nodes.values() if model is not None else ():
        if isinstance(node, (UserTask, StartEvent)) and node.form is not None:
            for each in node.form.fields:
                found.setdefault(each.id, []).extend(option for option, _ in each.values)
    return found
