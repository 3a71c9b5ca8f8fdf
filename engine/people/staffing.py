"""Departments that a flow names: one that nobody has created exists from then on, unstaffed.

Whoever deploys is told while there is time to find somebody; an instance that comes there simply waits, and its task is
seen by administrators.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Exists, exists, select

from bpmn import Definitions, Expression, Problem, ProcessModel, Severity, UserTask
from engine.context import CommandContext
from engine.database.tables import department, membership, user_account
from engine.errors import InvalidInput
from engine.people.departments import insert_group
from engine.people.identifiers import identifier
from engine.people.roles import DEPARTMENT
from engine.people.values import Group

#: Departments that one file may name: a model does not fill the house.
MOST_NAMED = 200
RULE = "unstaffed-department"


@dataclass(frozen=True, slots=True)
class NamedDepartment:
    """A department in which somebody is to do something, and the element that says so first."""

    key: str
    name: str
    element_id: str
    element_name: str | None
    line: int


def named_departments(definitions: Definitions) -> tuple[NamedDepartment, ...]:
    """Those of lanes with user tasks in them, and those that user tasks name as candidates without an expression."""
    found: dict[str, NamedDepartment] = {}
    for model in definitions.processes:
        for each in named_departments_of(model):
            found.setdefault(each.key, each)
    return tuple(found.values())


def unstaffed(context: CommandContext, definitions: Definitions) -> tuple[Problem, ...]:
    """A warning for every department the file names in which nobody is, whether or not the department exists."""
    named = named_departments(definitions)
    staffed = set(
        context.connection.execute(
            select(department.c.id).where(department.c.id.in_([each.key for each in named]), _has_staff())
        ).scalars()
    )
    return tuple(_problem(each) for each in named if each.key not in staffed)


def create_named(context: CommandContext, definitions: Definitions) -> None:
    """The departments a flow names that do not exist yet. A name that is no id of a group is left alone.
    InvalidInput for more than MOST_NAMED."""
    named = {each.key: each for each in named_departments(definitions)}
    if len(named) > MOST_NAMED:
        raise InvalidInput(
            f"The flow names {len(named):,} departments, each of which would exist from now on: {MOST_NAMED} at most."
        )
    known = set(context.connection.execute(select(department.c.id).where(department.c.id.in_(list(named)))).scalars())
    for key in sorted(named.keys() - known):
        try:
            identifier("group", key)
        except InvalidInput:
            continue
        insert_group(context, Group(key, named[key].name[:255], DEPARTMENT))


def unstaffed_departments(context: CommandContext) -> frozenset[str]:
    """The ids of all departments in which nobody is."""
    return frozenset(
        context.connection.execute(
            select(department.c.id).where(department.c.type == DEPARTMENT, ~_has_staff())
        ).scalars()
    )


def named_departments_of(model: ProcessModel) -> Iterator[NamedDepartment]:
    """The same of one process, each as often as it is named."""
    tasks = [node for node in model.nodes.values() if isinstance(node, UserTask)]
    worked_in = {task.department for task in tasks}
    for lane in model.lanes:
        if lane.department in worked_in:
            yield NamedDepartment(lane.department, lane.name or lane.department, lane.id, lane.name, lane.line)
    for task in tasks:
        for key in _literals(task.candidate_groups):
            yield NamedDepartment(key, key, task.id, task.name, task.line)


def _literals(groups: Expression | None) -> list[str]:
    if groups is None or "{" in groups.text or groups.language != "juel":
        return []
    return [part.strip() for part in groups.text.split(",") if part.strip()]


def _has_staff() -> Exists:
    return (
        exists()
        .where(membership.c.group_id == department.c.id, membership.c.user_id == user_account.c.id)
        .where(user_account.c.active)
        .correlate(department)
    )


def _problem(each: NamedDepartment) -> Problem:
    return Problem(
        RULE,
        Severity.WARNING,
        each.element_id,
        each.line,
        f"Nobody is in the department “{each.name}” ({each.key}): only administrators will see its tasks.",
        "Add members to it under Administration, or name another department.",
        each.element_name,
    )
