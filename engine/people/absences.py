"""Absences: from which day to which, and who stands in.

An absence begins and ends by the calendar of the site. Nothing has to run for that: who acts in whose place is read
with every request (`engine.people.actors`). Only what people are told at the beginning waits for somebody to look;
who ends one earlier tells them at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from engine.context import CommandContext
from engine.database.tables import absence, user_account
from engine.errors import Conflict, InvalidInput, NotFound
from engine.ids import new_id
from engine.notifications import notify
from engine.operations import log_operation
from engine.people.actors import today
from engine.people.roles import roles_of
from engine.people.users import get_user, hold_user, user_names
from engine.people.values import User
from engine.policy import GUESTS, Action, Kind, can, require, visible
from engine.queries import Statement

LONGEST = timedelta(days=800)
_columns = absence.c


@dataclass(frozen=True, slots=True)
class Absence:
    """`user_id` is away on all days from the first to the last, both included; `substitute_id` acts in their place."""

    id: str
    user_id: str
    substitute_id: str
    first_day: date
    last_day: date
    created_at: datetime
    created_by: str | None
    announced_at: datetime | None


@dataclass(frozen=True, slots=True)
class AbsenceQuery:
    """`not_over`: those that have not ended; `on`: those that hold on this day."""

    user_id: str | None = None
    substitute_id: str | None = None
    on: date | None = None
    not_over: bool = False


def set_absence(context: CommandContext, user_id: str, first_day: date, last_day: date, substitute_id: str) -> Absence:
    """The person is away. Said by themselves, by their manager or by an administrator.

    Those concerned are told when it begins, which may be at once. InvalidInput for days or a substitute that cannot be,
    Conflict if the person is away on one of the days already.
    """
    person = get_user(context, user_id)
    _require_may_say(context, person)
    _check_days(context, first_day, last_day)
    _check_substitute(context, person, substitute_id)
    clash = select(_columns.first_day, _columns.last_day).where(
        _columns.user_id == user_id,
        _columns.first_day <= last_day.isoformat(),
        _columns.last_day >= first_day.isoformat(),
    )
    # The person's row is the lock: two absences of one person are not set at once.
    hold_user(context, user_id)
    known = context.connection.execute(clash).first()
    if known is not None:
        raise Conflict(
            f"{person.display_name} is away from {known.first_day} to {known.last_day} already: end that absence first."
        )
    made = Absence(new_id(), user_id, substitute_id, first_day, last_day, context.now, context.actor.user_id, None)
    context.connection.execute(
        insert(absence).values(
            id=made.id,
            user_id=user_id,
            substitute_id=substitute_id,
            first_day=first_day.isoformat(),
            last_day=last_day.isoformat(),
            created_at=context.now,
            created_by=made.created_by,
        )
    )
    log_operation(
        context, "SetAbsence", "User", entity_id=user_id, on_behalf_of=_unless_self(context, user_id),
        details=f"{first_day} to {last_day}, {substitute_id}",
    )  # fmt: skip
    announce_absences(context)
    return made


def end_absence(context: CommandContext, absence_id: str) -> None:
    """The person is back: an absence that has begun ended yesterday, one that has not never was. Who was told of it,
    the person and who stood in, is told that it is over, unless they end it themselves. NotFound if it is over."""
    found = next((each for each in find_absences(context, AbsenceQuery(not_over=True)) if each.id == absence_id), None)
    if found is None:
        raise NotFound("absence", absence_id)
    _require_may_say(context, get_user(context, found.user_id))
    stood_in = substitutes_today(context).get(found.user_id)
    yesterday = date.fromisoformat(today(context)) - timedelta(days=1)
    if found.first_day > yesterday:
        context.connection.execute(delete(absence).where(_columns.id == absence_id))
    else:
        context.connection.execute(
            update(absence).where(_columns.id == absence_id).values(last_day=yesterday.isoformat())
        )
    log_operation(
        context, "EndAbsence", "User", entity_id=found.user_id, on_behalf_of=_unless_self(context, found.user_id)
    )
    if found.announced_at is not None:
        _announce_end(context, found.user_id, stood_in)


def find_absences(context: CommandContext, query: AbsenceQuery) -> list[Absence]:
    """Those that the actor has to do with, the next first: their own, those they stand in for, those of the people they
    are the manager of; all of them for an administrator."""
    statement: Statement = visible(context, select(absence), Kind.ABSENCE).order_by(_columns.first_day, _columns.id)
    if query.user_id is not None:
        statement = statement.where(_columns.user_id == query.user_id)
    if query.substitute_id is not None:
        statement = statement.where(_columns.substitute_id == query.substitute_id)
    if query.on is not None:
        day = query.on.isoformat()
        statement = statement.where(_columns.first_day <= day, _columns.last_day >= day)
    if query.not_over:
        statement = statement.where(_columns.last_day >= today(context))
    return [_absence(row) for row in context.connection.execute(statement)]


def substitutes_today(context: CommandContext) -> dict[str, str | None]:
    """Whoever is absent today -> who acts in their place: the first in the chain of substitutes who is there; None
    where nobody in it is."""
    day = today(context)
    rows = context.connection.execute(
        select(_columns.user_id, _columns.substitute_id, user_account.c.active)
        .join(user_account, user_account.c.id == _columns.substitute_id)
        .where(_columns.first_day <= day, _columns.last_day >= day)
    ).all()
    named = {row.user_id: row.substitute_id for row in rows}
    gone = {row.substitute_id for row in rows if not row.active}
    ends = {person: _end_of_chain(named, person) for person in named}
    return {person: None if end in gone else end for person, end in ends.items()}


def may_set_absence(context: CommandContext, person: User) -> bool:
    """Of themselves, of the people one is the manager of; an administrator of everybody."""
    return can(context.actor, Action.SET_ABSENCE, person)


# ---------------------------------------------------------------- telling


def announce_absences(context: CommandContext) -> int:
    """Tells those concerned of every absence that has begun and has not been told of; how many. Once, whoever looks and
    however many look at the same time."""
    told = 0
    # In one order, so that two who look at the same time never wait for each other.
    for row in context.connection.execute(select(absence).where(_to_be_told(context)).order_by(_columns.id)).all():
        mine = context.connection.execute(
            update(absence)
            .where(_columns.id == row.id, _columns.announced_at.is_(None))
            .values(announced_at=context.now)
        )
        if mine.rowcount == 1:
            _announce(context, _absence(row))
            told += 1
    return told


def is_there_to_announce(context: CommandContext) -> bool:
    """Whether `announce_absences` has something to do: looking is cheaper than beginning to write."""
    return context.connection.execute(select(_columns.id).where(_to_be_told(context)).limit(1)).first() is not None


def _to_be_told(context: CommandContext) -> ColumnElement[bool]:
    day = today(context)
    return and_(_columns.announced_at.is_(None), _columns.first_day <= day, _columns.last_day >= day)


def _announce(context: CommandContext, begun: Absence) -> None:
    ends = substitutes_today(context)
    substitute = ends.get(begun.user_id)
    others = sorted(person for person, end in ends.items() if end == substitute and person != begun.user_id)
    names = user_names(context, [begun.user_id, begun.substitute_id, *others, *([substitute] if substitute else [])])
    person, last = names[begun.user_id], begun.last_day.isoformat()
    if substitute is None:
        notify(
            context,
            user_id=begun.user_id,
            message={
                "en": f"You are away until {last}, and so is everybody who would stand in for you: name another.",
                "sv": f"Du är borta till och med {last}, och alla som skulle ersätta dig: välj någon annan.",
            },
        )
        return
    notify(
        context,
        user_id=begun.user_id,
        message={
            "en": f"You are away until {last}. {names[substitute]} does your tasks meanwhile.",
            "sv": f"Du är borta till och med {last}. {names[substitute]} gör dina uppgifter under tiden.",
        },
    )
    also = " and ".join(["", *(names[each] for each in others)])
    also_sv = " och ".join(["", *(names[each] for each in others)])
    notify(
        context,
        user_id=substitute,
        message={
            "en": f"{person} is away until {last}. You stand in for {person}{also}: the tasks are in My work.",
            "sv": f"{person} är borta till och med {last}. Du ersätter {person}{also_sv}: uppgifterna finns "
            "under Mitt arbete.",
        },
    )


def _announce_end(context: CommandContext, person_id: str, stood_in: str | None) -> None:
    """`stood_in`: who acted in their place, if anybody was there to."""
    names = user_names(context, [person_id, *([stood_in] if stood_in else [])])
    if person_id != context.actor.user_id:
        notify(
            context,
            user_id=person_id,
            message={
                "en": "Your absence is over: your tasks are yours alone again.",
                "sv": "Din frånvaro är slut: dina uppgifter är bara dina igen.",
            },
        )
    if stood_in is not None and stood_in != context.actor.user_id:
        person = names[person_id]
        notify(
            context,
            user_id=stood_in,
            message={
                "en": f"{person} is back. You no longer stand in for {person}.",
                "sv": f"{person} är tillbaka. Du ersätter inte längre {person}.",
            },
        )


# ---------------------------------------------------------------- inside


def _require_may_say(context: CommandContext, person: User) -> None:
    require(context.actor, Action.SET_ABSENCE, person)


def _check_days(context: CommandContext, first_day: date, last_day: date) -> None:
    if last_day < first_day:
        raise InvalidInput(f"The last day, {last_day}, comes before the first, {first_day}.")
    if last_day.isoformat() < today(context):
        raise InvalidInput(f"{last_day} is over: an absence ends today or later.")
    if last_day - first_day > LONGEST:
        raise InvalidInput(f"An absence has at most {LONGEST.days} days: make who does not come back inactive instead.")


def _check_substitute(context: CommandContext, person: User, substitute_id: str) -> None:
    if substitute_id == person.id:
        raise InvalidInput("Nobody stands in for themselves: choose somebody else.")
    try:
        substitute = get_user(context, substitute_id)
    except NotFound:
        raise InvalidInput(f"There is no user {substitute_id} who could stand in.") from None
    if not substitute.active:
        raise InvalidInput(f"{substitute.display_name} is no longer active: choose somebody else.")
    if GUESTS in roles_of(context, substitute_id):
        raise InvalidInput(f"{substitute.display_name} is a guest: choose a colleague.")


def _end_of_chain(named: dict[str, str], person: str) -> str | None:
    seen = {person}
    while (following := named[person]) in named:
        if following in seen:
            return None
        seen.add(following)
        person = following
    return following


def _unless_self(context: CommandContext, user_id: str) -> str | None:
    return user_id if user_id != context.actor.user_id else None


def _absence(row: Row[*tuple[object, ...]]) -> Absence:
    return Absence(
        row.id,
        row.user_id,
        row.substitute_id,
        date.fromisoformat(row.first_day),
        date.fromisoformat(row.last_day),
        row.created_at,
        row.created_by,
        row.announced_at,
    )
