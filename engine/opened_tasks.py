"""A task as somebody has it before them: its form, where its journey stands, what is known, what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Row, or_, select

from bpmn import FormView
from engine.comments import Comment, find_comments
from engine.context import CommandContext
from engine.database.tables import historic_activity_instance, historic_process_instance, historic_variable_instance
from engine.errors import NotFound
from engine.forms import form_of, shown_form, without_fields
from engine.journey_steps import steps
from engine.journey_values import Fact, JourneyStep, JourneySummary
from engine.journeys import facts_of, summary_of
from engine.policy import Kind, seen
from engine.policy.confidentiality import revealed, withheld_names
from engine.queries import Statement
from engine.repository_models import executor_of, model_of
from engine.runtime import stored_variables
from engine.task_queries import SELECTED, Task, as_task
from engine.work import INSTANCE_COLUMNS

_activity = historic_activity_instance.c
_variable = historic_variable_instance.c
_root = historic_process_instance.c

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """`form` is None for a task without one; `comments` are those of the journey, oldest first."""

    task: Task
    form: FormView | None
    summary: JourneySummary
    steps: tuple[JourneyStep, ...]
    facts: tuple[Fact, ...]
    comments: tuple[Comment, ...]


def open_task(context: CommandContext, task_id: str, language: str) -> OpenedTask:
    """Four queries, however large the journey is. NotFound for a task that is done, or not the actor's to see."""
    row = context.connection.execute(_task_and_journey(context, task_id)).one_or_none()
    if row is None:
        raise NotFound("task", task_id, f"No matching task with id {task_id}")
    found = as_task(row)
    activities = context.connection.execute(_activities(found.root_instance_id)).all()
    variables = context.connection.execute(_variables(context, found)).all()
    root = _Prefixed(row)
    open_rows = [each for each in activities if each.ended_at is None]
    done = sum(1 for each in activities if each.is_task and each.ended_at is not None and not each.canceled)
    return OpenedTask(
        found,
        _form(context, found, row, variables, language),
        summary_of(context, root, done, open_rows),
        tuple(_steps(context, activities, found.id)),
        facts_of(model_of(context, root.definition_id), _known_to_the_actor(found, variables)),
        tuple(find_comments(context, found.root_instance_id)),
    )


class _Prefixed:
    """The row of the journey out of the wider one."""

    def __init__(self, row: Row[Any]) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, f"journey_{name}")


def _task_and_journey(context: CommandContext, task_id: str) -> Statement:
    journey = [column.label(f"journey_{column.name}") for column in _root]
    return SELECTED.add_columns(*INSTANCE_COLUMNS, *journey).where(
        SELECTED.selected_columns.id == task_id, seen(context, Kind.TASK)
    )


def _activities(root_instance_id: str) -> Statement:
    """With the definition and the end of the instance that each belongs to, instances in the order they began."""
    return (
        select(
            historic_activity_instance,
            _root.definition_id.label("instance_definition_id"),
            _root.ended_at.label("instance_ended_at"),
        )
        .join(historic_process_instance, _root.id == _activity.process_instance_id)
        .where(_root.root_instance_id == root_instance_id)
        .order_by(_root.started_at, _root.id, _activity.started_at, _activity.number)
    )


def _variables(context: CommandContext, found: Task) -> Statement:
    """Those of the journey and of the task's own instance, each with whether the actor may know of it."""
    return select(
        historic_variable_instance,
        revealed(context, _variable.process_instance_id, _variable.name).label("revealed"),
    ).where(
        or_(
            _variable.process_instance_id == found.root_instance_id,
            _variable.process_instance_id == found.process_instance_id,
        )
    )


def _form(context: CommandContext, found: Task, row: Row[Any], variables: Rows, language: str) -> FormView | None:
    form = form_of(context, found)
    if form is None:
        return None
    model = model_of(context, found.definition_id)
    executor = context.engine.executors[executor_of(context, found.definition_id)]
    known = stored_variables(executor, found.process_instance_id, model, row.instance_state, found.number)
    concealed = frozenset(each.name for each in variables if not each.revealed)
    form = without_fields(form, withheld_names(context, found.process_instance_id))
    return shown_form(context, form, known, concealed, language)


def _known_to_the_actor(found: Task, variables: Rows) -> dict[str, Row[Any]]:
    """The journey's own variables, by name."""
    return {
        each.name: each
        for each in variables
        if each.revealed and each.process_instance_id == found.root_instance_id and each.scope == 0
    }


def _steps(context: CommandContext, activities: Rows, task_id: str) -> list[JourneyStep]:
    """Of every instance of the journey, as `activities` has them one after the other."""
    found: list[JourneyStep] = []
    for _, own in groupby(activities, key=lambda each: each.process_instance_id):
        rows = list(own)
        model = model_of(context, rows[0].instance_definition_id)
        ended = rows[0].instance_ended_at is not None
        found += steps(model, rows, context.now, ended=ended, visible=frozenset({task_id}))
    return found
