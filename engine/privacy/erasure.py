"""Erasing a person: everything that is kept says no more who they were, and every measure stays as it was.

One transaction. On PostgreSQL nobody writes meanwhile: what was under way is finished first, and sees to it that no
trace comes after. It may be done again, and finds nothing or what is left. What to do with what names the person:

- rows of their own (account, memberships, absences, tokens, sessions, invitations, news) go;
- where an id says who did something, one pseudonym takes its place, made anew for each erasure and kept nowhere else;
- texts lose the person's names, ids and addresses; journeys about them lose their answers and comments too;
- open tasks go back to where they came from; variables of running journeys that name them are emptied.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Column, Table, delete, exists, func, or_, select, text, update

from engine.context import CommandContext
from engine.database.tables import (
    department,
    historic_activity_instance,
    historic_process_instance,
    historic_variable_instance,
    idempotency_key,
    identity_link,
    incident,
    job,
    notification,
    process_instance,
    resource,
    task,
    user_account,
    user_operation_log,
)
from engine.errors import Conflict, NotFound
from engine.operations import erasing, log_operation
from engine.outgoing.deliveries import DELIVERY
from engine.people.guards import require_administrator
from engine.people.passwords import end_sessions
from engine.people.roles import require_an_administrator, roles_of
from engine.policy import ADMINISTRATORS
from engine.privacy.needles import Needles, needles_of
from engine.privacy.places import EMPTIED, IDS, OWN, TEXTS, by_table, columns
from engine.privacy.subjects import AboutThem, empty_journeys, journeys_about
from engine.tasks import PENDING
from engine.work import execution

#: What a pseudonym begins with.
PSEUDONYM = "erased-"


@dataclass(frozen=True, slots=True)
class ErasurePreview:
    """What erasing a person will do. `journeys` are about them; those that run are in the way. `tasks` are open and go
    back, `tasks_of_nobody` of them to no queue. `done` tasks, `comments` and `operations` will name a pseudonym.
    `models` are files that name them, and stay as they are."""

    user_id: str
    name: str | None
    journeys: tuple[AboutThem, ...]
    tasks: int
    tasks_of_nobody: int
    done: int
    started: int
    comments: int
    operations: int
    stands_in: int
    models: tuple[str, ...]

    @property
    def in_the_way(self) -> tuple[AboutThem, ...]:
        return tuple(each for each in self.journeys if each.running)


def preview_erasure(context: CommandContext, user_id: str) -> ErasurePreview:
    """NotFound for who has left no trace."""
    require_administrator(context)
    row, needles = _known(context, user_id)
    activity = historic_activity_instance
    links = exists().where(identity_link.c.task_id == task.c.id, identity_link.c.user_id.is_distinct_from(user_id))
    nobody = ~links & ~task.c.department_is_candidate
    return ErasurePreview(
        user_id=user_id,
        name=None if row is None else " ".join(part for part in (row.first_name, row.last_name) if part) or user_id,
        journeys=tuple(journeys_about(context, user_id, needles)),
        tasks=_count(context, task, task.c.assignee == user_id),
        tasks_of_nobody=_count(context, task, (task.c.assignee == user_id) & nobody),
        done=_count(context, activity, activity.c.completed_by == user_id),
        started=_count(context, historic_process_instance, historic_process_instance.c.started_by == user_id),
        comments=_count_of(context, "comment", "user_id", user_id),
        operations=_count_of(context, "user_operation_log", "user_id", user_id),
        stands_in=_count_of(context, "absence", "substitute_id", user_id),
        models=tuple(_models_naming(context, needles)),
    )


def close_account(context: CommandContext, user_id: str) -> None:
    """Before an erasure, in a transaction of its own: whoever is to be erased does nothing more meanwhile, and what
    they have asked this server for comes to nothing from now on. Nothing to do is no error; Conflict for oneself and
    for the last administrator."""
    require_administrator(context)
    if context.actor.user_id == user_id:
        raise Conflict("Nobody erases themselves: ask another administrator.")
    account = user_account.c
    closed = context.connection.execute(
        update(user_account).where(account.id == user_id, account.active).values(active=False)
    )
    end_sessions(context, user_id)
    if closed.rowcount:
        log_operation(context, "CloseAccount", "User", entity_id=user_id, changes=[("active", True, False)])
    if ADMINISTRATORS in roles_of(context, user_id):
        require_an_administrator(context)
    context.after_commit.append(partial(context.engine.departed.add, user_id))
    context.forget_names()


def erase_person(context: CommandContext, user_id: str, *, others: Collection[str] = ()) -> ErasurePreview:
    """What was done. `others` are journeys about somebody else of the same name: they stay as they are, but for what
    the person did in them.

    NotFound for who has left no trace; Conflict for oneself, for the last administrator, and while a journey about them
    runs: it is withdrawn or finished first.
    """
    require_administrator(context)
    _hold_everything(context)  # tables before any row of theirs: who holds a row waits for nobody who waits for it
    close_account(context, user_id)
    found = preview_erasure(context, user_id)
    about = [each for each in found.journeys if not (each.by_name and each.id in others)]
    if running := [each for each in about if each.running]:
        titles = ", ".join(each.title for each in running)
        raise Conflict(f"Journeys about them still run: {titles}. Finish or withdraw them first.")
    row, needles = _known(context, user_id)
    spared = _instances_of(context, [each.id for each in found.journeys if each.by_name and each.id in others])
    pseudonym = f"{PSEUDONYM}{secrets.token_hex(6)}"
    with erasing(context):
        _empty_lines_of_the_log(context, user_id)
        _give_back_tasks(context, user_id)
        _let_go_of_mails(context, needles)
        roots = [each.id for each in about]
        empty_journeys(context, roots, pseudonym)
        if row is not None:
            own = needles.with_names(name for name in (row.first_name, row.last_name) if name)
            _clean_texts(context, own, pseudonym, spared, only=_instances_of(context, roots))
        _empty_running(context, user_id, needles, pseudonym, spared)
        for column in columns(IDS):
            context.connection.execute(update(column.table).where(column == user_id).values({column.name: pseudonym}))
        context.connection.execute(delete(notification).where(notification.c.user_id == user_id))
        _forget_answers(context, user_id, needles)
        for column in (department.c.representative_id, department.c.substitute_id, user_account.c.manager_id):
            context.connection.execute(update(column.table).where(column == user_id).values({column.name: None}))
        for address in needles.exact:
            context.connection.execute(
                update(department).where(func.lower(department.c.email) == address.lower()).values(email=None)
            )
        context.connection.execute(delete(user_account).where(user_account.c.id == user_id))
        _clean_texts(context, needles, pseudonym, spared)
    context.forget_names()
    context.after_commit.append(context.engine.database.forget_deleted)
    log_operation(context, "ErasePerson", "User", details=f"{len(roots)} journeys, {found.done} tasks done")
    return found


def _empty_lines_of_the_log(context: CommandContext, user_id: str) -> None:
    """From where they did it, and what they were called, before the pseudonym takes the place of their id."""
    log = user_operation_log.c
    for condition, emptied in (
        (log.user_id == user_id, ("address", "token_id")),
        ((log.entity_type == "User") & (log.entity_id == user_id), ("old_value", "new_value")),
    ):
        context.connection.execute(update(user_operation_log).where(condition).values(dict.fromkeys(emptied)))


# ---------------------------------------------------------------- who it is


def _known(context: CommandContext, user_id: str) -> tuple[Any, Needles]:
    row = context.connection.execute(select(user_account).where(user_account.c.id == user_id)).one_or_none()
    if row is not None:
        return row, needles_of(row.id, row.user_name, row.email, row.first_name, row.last_name)
    if not any(
        context.connection.execute(select(column).where(column == user_id).limit(1)).first()
        for places in (IDS, EMPTIED)
        for column in columns(places)
    ):
        raise NotFound("user", user_id)
    return None, needles_of(user_id, None, None, None, None)


def _hold_everything(context: CommandContext) -> None:
    """Commands lock their instance first, so that is waited for first. SQLite has one writer anyway."""
    if context.connection.dialect.name != "postgresql":
        return
    context.connection.execute(text("LOCK TABLE process_instance IN EXCLUSIVE MODE"))
    names = sorted({table.name for places in (IDS, EMPTIED, TEXTS, OWN) for table, _ in by_table(places)})
    context.connection.execute(text(f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE"))


def _instances_of(context: CommandContext, roots: Collection[str]) -> frozenset[str]:
    columns_ = historic_process_instance.c
    rows = context.connection.execute(select(columns_.id).where(columns_.root_instance_id.in_(roots))).scalars()
    return frozenset(rows)


def _count(context: CommandContext, table: Any, condition: Any) -> int:
    return int(context.connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one())


def _count_of(context: CommandContext, table: str, name: str, user_id: str) -> int:
    found = task.metadata.tables[table]
    return _count(context, found, found.c[name] == user_id)


def _models_naming(context: CommandContext, needles: Needles) -> list[str]:
    """Names of deployed files with the person's id or address in them. Files are small and few; they are read here,
    because databases search bytes in ways of their own."""
    rows = context.connection.execute(select(resource.c.name, resource.c.content)).all()
    return sorted({row.name for row in rows if needles.pattern.search(bytes(row.content).decode(errors="replace"))})


# ---------------------------------------------------------------- what is open


def _give_back_tasks(context: CommandContext, user_id: str) -> None:
    """To their queue; a delegated one to who delegated it. What they delegated themselves stays with who has it."""
    columns_, activity = task.c, historic_activity_instance.c
    pending = (columns_.assignee == user_id) & (columns_.delegation_state == PENDING) & columns_.owner.is_not(None)
    execute = context.connection.execute
    execute(
        update(task)
        .where(pending, columns_.owner != user_id)
        .values(assignee=columns_.owner, owner=None, delegation_state=None, updated_at=context.now)
    )
    held = select(columns_.id).where(columns_.assignee == user_id)
    execute(update(historic_activity_instance).where(activity.id.in_(held)).values(assignee=None, claimed_at=None))
    execute(
        update(task)
        .where(columns_.assignee == user_id)
        .values(assignee=None, claimed_at=None, claimed_for=None, delegation_state=None, updated_at=context.now)
    )
    execute(update(task).where(columns_.owner == user_id).values(owner=None, delegation_state=None))
    execute(update(task).where(columns_.claimed_for == user_id).values(claimed_for=None))
    execute(delete(identity_link).where(identity_link.c.user_id == user_id))


def _empty_running(
    context: CommandContext, user_id: str, needles: Needles, pseudonym: str, spared: Collection[str]
) -> None:
    """Variables that are nothing but the person's id are emptied, so that no new task is assigned to nobody; in others
    the pseudonym takes the place of what names them. The executor sets them, as it holds them too."""
    column = historic_variable_instance.c
    runs = exists().where(process_instance.c.id == column.process_instance_id)
    rows = context.connection.execute(
        select(column.process_instance_id, column.scope, column.name, column.value)
        .where(runs, needles.may_be_in(column.value), column.state != "DELETED")
        .order_by(column.process_instance_id, column.scope)
    ).all()
    for row in rows:
        if row.process_instance_id in spared:
            continue
        value = msgspec.json.decode(row.value)
        cleaned = None if value == user_id else msgspec.json.decode(needles.replaced(row.value, pseudonym))
        if cleaned != value:
            with execution(context, even_suspended=True) as work:
                work.set_variables(row.process_instance_id, row.scope, {row.name: cleaned}, local=True)


# ---------------------------------------------------------------- what is written


def _let_go_of_mails(context: CommandContext, needles: Needles) -> None:
    """Mails to the person that have not left yet, and what became of those that nobody took."""
    columns_ = job.c
    rows = context.connection.execute(
        select(columns_.id, columns_.payload).where(columns_.type == DELIVERY, needles.may_be_in(columns_.payload))
    ).all()
    gone = [row.id for row in rows if json.loads(row.payload or "{}").get("to") in needles.exact]
    context.connection.execute(delete(incident).where(incident.c.configuration.in_(gone)))
    context.connection.execute(delete(job).where(columns_.id.in_(gone)))


def _forget_answers(context: CommandContext, user_id: str, needles: Needles) -> None:
    """Answers that are kept for a day in case a request comes again: the person's, and those that name them."""
    columns_ = idempotency_key.c
    rows = context.connection.execute(select(columns_.user_id, columns_.key, columns_.body)).all()
    for row in rows:
        named = row.body is not None and needles.pattern.search(bytes(row.body).decode(errors="replace"))
        if row.user_id == user_id or named:
            this = (columns_.user_id == row.user_id) & (columns_.key == row.key)
            context.connection.execute(delete(idempotency_key).where(this))


def _clean_texts(
    context: CommandContext,
    needles: Needles,
    pseudonym: str,
    spared: Collection[str],
    only: Collection[str] | None = None,
) -> None:
    """In every column that may hold a name; `only`: of rows of these instances."""
    for table, texts in by_table(TEXTS):
        instance = table.c.get("process_instance_id")
        if table in (process_instance, historic_process_instance):
            instance = table.c.id
        if only is not None and instance is None:
            continue
        statement = select(*table.primary_key.columns, *(each for each in texts if not each.primary_key))
        statement = statement.where(or_(*(needles.may_be_in(each) for each in texts)))
        if only is not None and instance is not None:
            statement = statement.where(instance.in_(only))
        if spared and instance is not None:
            statement = statement.where(or_(instance.is_(None), instance.not_in(spared)))
        for row in context.connection.execute(statement).all():
            _clean_row(context, table, texts, row, needles, pseudonym)


def _clean_row(
    context: CommandContext, table: Table, texts: list[Column[Any]], row: Any, needles: Needles, pseudonym: str
) -> None:
    everywhere = table is user_operation_log  # what stands there was written by us, with ids in it
    values = {
        each.name: needles.replaced(was, pseudonym, everywhere=everywhere)
        for each in texts
        if (was := getattr(row, each.name)) is not None
    }
    changed = {name: value for name, value in values.items() if value != getattr(row, name)}
    if changed:
        this = [column == getattr(row, column.name) for column in table.primary_key.columns]
        context.connection.execute(update(table).where(*this).values(changed))
