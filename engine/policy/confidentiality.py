"""Confidential variables: who may know of them, by value and by name.

A model marks a form field for departments (`bpmn.confidentiality`). What any deployed version of a process has ever
marked stays marked for all its journeys, whatever their version, and for every process they call: a value entered
under a promise keeps it. Members of one of the departments see it, and the engine itself; an administrator who is no
member does not. Who stands in for an absent member sees it in a journey as long as a task of that member or department
is open there: as far as the work goes that they do, and no further. Messages about failures quote values: they are told
to those from whom nothing of the journey is concealed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Table,
    and_,
    case,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    true,
)

from bpmn import ProcessModel, confidential_variables
from engine.context import Actor, CommandContext, StandIn
from engine.database.tables import (
    comment,
    confidential_variable,
    historic_process_instance,
    identity_link,
    task,
)
from engine.errors import NotAllowed
from engine.queries import Statement

_mark = confidential_variable.c
# Aliases are made once: making one costs more than the rest of a statement.
_work_about = historic_process_instance.alias("work_about")
_work_inside = historic_process_instance.alias("work_inside")
_marked_own = historic_process_instance.alias("marked_own")
_marked_root = historic_process_instance.alias("marked_root")
_marked_for_actor = confidential_variable.alias("for_actor")
#: The departments that a variable is for, by its name.
Marks = Mapping[str, frozenset[str]]
#: Stands where a message would tell what went wrong.
UNTOLD = (
    "This journey has confidential values, and the message may quote one: ask a member of the departments that the "
    "flow names for them."
)


def keep_marks(context: CommandContext, model: ProcessModel) -> None:
    """Remembers what a newly deployed model marks. NotAllowed where it opens to a department what was kept from it."""
    known, marks = marks_of(context, [model.key]), confidential_variables(model)
    require_may_open(context, opened(known, marks), known)
    new = sorted((name, each) for name in marks for each in marks[name] - known.get(name, frozenset()))
    if new:
        context.connection.execute(
            insert(confidential_variable),
            [{"definition_key": model.key, "name": name, "department": department} for name, department in new],
        )


def opened(promised: Marks, marks: Marks) -> Marks:
    """What these marks would tell departments that the promise does not name, by variable."""
    wider = {name: marks[name] - promised[name] for name in promised.keys() & marks.keys()}
    return {name: departments for name, departments in wider.items() if departments}


def require_may_open(context: CommandContext, wider: Marks, promised: Marks) -> None:
    """Who may know a value may also say who else may."""
    for name, departments in sorted(wider.items()):
        if not context.actor.system and context.actor.groups.isdisjoint(promised[name]):
            raise NotAllowed(
                f"{name} was confidential to {', '.join(sorted(promised[name]))}: only their members may open it to "
                f"{', '.join(sorted(departments))}."
            )


def inherit_marks(context: CommandContext, source_key: str, target_key: str) -> None:
    """For an instance that moves from one process to another: what is marked stays marked, from now on for that one
    too."""
    if source_key == target_key:
        return
    rows = select(_mark.definition_key, _mark.name, _mark.department).where(
        _mark.definition_key.in_((source_key, target_key))
    )
    marks: dict[str, set[tuple[str, str]]] = {source_key: set(), target_key: set()}
    for row in context.connection.execute(rows):
        marks[row.definition_key].add((row.name, row.department))
    if new := sorted(marks[source_key] - marks[target_key]):
        context.connection.execute(
            insert(confidential_variable),
            [{"definition_key": target_key, "name": name, "department": department} for name, department in new],
        )


def marks_of(context: CommandContext, keys: Collection[str], instance_ids: Collection[str] = ()) -> Marks:
    """What any version of these processes has marked, and what holds for the journeys of these instances: the
    departments of a variable by its name."""
    about = [_mark.definition_key.in_(sorted(keys)), *(_marks_journey_of(each) for each in sorted(instance_ids))]
    found: dict[str, frozenset[str]] = {}
    for row in context.connection.execute(select(_mark.name, _mark.department).where(or_(*about))):
        found[row.name] = found.get(row.name, frozenset()) | {row.department}
    return found


def concealed_names(context: CommandContext, instance_id: str) -> frozenset[str]:
    """The names that are marked for an instance's journey and not for the actor."""
    return _concealed_from(context, context.actor.eyes, instance_id)


def withheld_names(context: CommandContext, instance_id: str) -> frozenset[str]:
    """Of who looks through others' eyes: the names that they may not know by themselves. Asks nothing of anybody
    else."""
    return _concealed_from(context, context.actor.eyes[1:], instance_id)


def _concealed_from(context: CommandContext, eyes: Iterable[Actor], instance_id: str) -> frozenset[str]:
    """The names that are not for one of them."""
    nobodys = [func.count().filter(_for_actor(each, instance_id)) == 0 for each in eyes if not each.system]
    if not nobodys:
        return frozenset()
    statement = select(_mark.name).where(_marks_journey_of(instance_id)).group_by(_mark.name).having(or_(*nobodys))
    return frozenset(context.connection.execute(statement).scalars())


def without_concealed(context: CommandContext, instance_id: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the actor may know of an instance's variables. Asks nothing where there are none."""
    if not variables:
        return {}
    concealed = concealed_names(context, instance_id)
    return {name: value for name, value in variables.items() if name not in concealed}


def require_revealed(context: CommandContext, instance_id: str, names: Iterable[str]) -> None:
    """NotAllowed for a name that is concealed: what one may not know one may not change either."""
    if concealed := concealed_names(context, instance_id) & set(names):
        raise NotAllowed(
            f"{', '.join(sorted(concealed))}: confidential. Only members of the departments that the flow names may "
            "set this."
        )


def only_revealed(
    context: CommandContext, statement: Statement, instance_id: Column[Any], name: Column[Any]
) -> Statement:
    """Only rows of variables that the actor may know of."""
    return statement.where(revealed(context, instance_id, name))


def revealed(context: CommandContext, instance_id: ColumnElement[Any], name: ColumnElement[Any]) -> ColumnElement[bool]:
    """Of a variable of this name in this instance: nobody marked it, or somebody did so for the actor."""
    if context.actor.system:
        return true()
    about = and_(_mark.name == name, _marks_journey_of(instance_id))
    marked = exists().where(about).correlate_except(confidential_variable)
    for_all = (
        exists().where(about, _for_actor(each, instance_id)).correlate_except(confidential_variable)
        for each in context.actor.eyes
    )
    return or_(not_(marked), and_(*for_all))


def _for_actor(
    actor: Actor, instance_id: ColumnElement[Any] | str, department: ColumnElement[Any] = _mark.department
) -> ColumnElement[bool]:
    """Of a mark: its department is one of the actor's, or one of a person in whose place the actor has work to do in
    the instance's journey."""
    lent = [
        and_(department.in_(sorted(each.departments)), _has_work_for(each, actor, instance_id))
        for each in actor.stands_in_for
        if each.departments - actor.groups
    ]
    return or_(department.in_(sorted(actor.groups)), *lent)


def _has_work_for(absent: StandIn, actor: Actor, instance_id: ColumnElement[Any] | str) -> ColumnElement[bool]:
    """Open in the journey: a task that the absent person holds or could take, or one that the actor took for them."""
    about, inside = _work_about, _work_inside
    link, departments = identity_link.c, sorted(absent.departments)
    named = exists().where(
        link.task_id == task.c.id, or_(link.user_id == absent.user_id, link.group_id.in_(departments))
    )
    could_take = or_(task.c.department.in_(departments), named.correlate(task))
    return (
        exists()
        .where(
            about.c.id == instance_id,
            inside.c.root_instance_id == about.c.root_instance_id,
            task.c.process_instance_id == inside.c.id,
            or_(
                task.c.assignee == absent.user_id,
                and_(task.c.assignee.is_(None), could_take),
                and_(task.c.assignee == actor.user_id, task.c.claimed_for == absent.user_id),
            ),
        )
        .correlate_except(about, inside, task)
    )


def said_to(context: CommandContext) -> ColumnElement[bool]:
    """Of a comment: it is for everybody, for a department of the actor's, or by the actor; or for one in which the
    actor stands in for somebody who has work open in the journey."""
    if context.actor.system:
        return true()
    return and_(*(_said_to(each) for each in context.actor.eyes))


def _said_to(actor: Actor) -> ColumnElement[bool]:
    only_for = comment.c.departments

    def among(groups: Collection[str]) -> ColumnElement[bool]:
        return or_(false(), *(only_for.contains(f",{each},", autoescape=True) for each in sorted(groups)))

    lent = [
        and_(among(each.departments), _has_work_for(each, actor, comment.c.process_instance_id))
        for each in actor.stands_in_for
        if each.departments - actor.groups
    ]
    return or_(only_for.is_(None), comment.c.user_id == actor.user_id, among(actor.groups), *lent)


# ---------------------------------------------------------------- what went wrong


def conceals(context: CommandContext, instance_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Of an instance: something of its journey is marked, and not for the actor."""
    if context.actor.system:
        return false()
    for_all = and_(*(_marked_for(each, instance_id) for each in context.actor.eyes))
    return exists().where(_marks_journey_of(instance_id), not_(for_all)).correlate_except(confidential_variable)


def _marked_for(actor: Actor, instance_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Of a mark: its name is marked for the actor too."""
    other = _marked_for_actor
    same = exists().where(other.c.name == _mark.name, other.c.definition_key.in_(_keys_of_journey(instance_id)))
    return same.where(_for_actor(actor, instance_id, other.c.department)).correlate_except(other)


def told(context: CommandContext, instance_id: Column[Any], message: Column[Any]) -> ColumnElement[Any]:
    """A message about what went wrong in an instance, as far as the actor may know it: it may quote any value."""
    if context.actor.system:
        return message
    hidden = and_(message.is_not(None), conceals(context, instance_id))
    return case((hidden, literal(UNTOLD)), else_=message).label(message.name)


def columns_told(context: CommandContext, table: Table, instance_id: Column[Any], *messages: Column[Any]) -> list[Any]:
    """All columns of a table, these messages as far as the actor may know them."""
    named = {each.name for each in messages}
    return [told(context, instance_id, each) if each.name in named else each for each in table.c]


def conceals_any(context: CommandContext, instance_ids: Collection[str]) -> bool:
    """Whether something of the journeys of these instances is concealed from the actor."""
    if context.actor.system or not instance_ids:
        return False
    instance = historic_process_instance.alias("concealing")
    statement = select(instance.c.id).where(instance.c.id.in_(sorted(instance_ids)), conceals(context, instance.c.id))
    return context.connection.execute(statement.limit(1)).first() is not None


def _marks_journey_of(instance_id: ColumnElement[Any] | str) -> ColumnElement[bool]:
    return _mark.definition_key.in_(_keys_of_journey(instance_id))


def _keys_of_journey(instance_id: ColumnElement[Any] | str) -> CompoundSelect[Any]:
    """The instance's own process, and the one that its journey began with."""
    own, root = _marked_own, _marked_root
    return (
        select(own.c.definition_key)
        .where(own.c.id == instance_id)
        .correlate_except(own)
        .union(
            select(root.c.definition_key)
            .select_from(own.join(root, root.c.id == own.c.root_instance_id))
            .where(own.c.id == instance_id)
            .correlate_except(own, root)
        )
    )
