"""Inviting whom a journey is about into it.

The guest is a person with the role guest: no password lets them in, and their tasks, names and mails are those of a
person. Their id is written into the variable that the flow names, so that what comes later is assigned to them by the
flow itself. There is one guest to a journey; inviting again ends what was given out before.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, exists, insert, select, update

from bpmn import ProcessModel
from engine.context import CommandContext
from engine.database.tables import (
    guest_invitation,
    guest_link,
    guest_session,
    historic_process_instance,
    membership,
    task,
    user_account,
)
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.guests import flows
from engine.guests.known import root_values
from engine.guests.links import AFTER_THE_END, JOINED, holds, new_link
from engine.guests.unsent import unsent_mails
from engine.ids import new_id
from engine.operations import log_operation
from engine.outgoing.deliveries import INVITATION, LINK, deliver_later
from engine.people.guards import address
from engine.people.roles import ensure_role
from engine.people.users import LANGUAGES
from engine.policy import GUESTS, Action, InstanceFacts, Kind, can, seen
from engine.repository_models import model_of
from engine.tasks import give_task
from engine.work import execution, lock_instance

#: How the id of an invited guest begins: nobody hands work of the house to one.
GUEST_ID = "guest-"
DAYS_AFTER_ANCHOR, DAYS_WITHOUT_ANCHOR, LONGEST_DAYS = 14, 60, 180
_journey = historic_process_instance.c


@dataclass(frozen=True, slots=True)
class Invitation:
    """`email` None: the link was handed over, not mailed. `opened_at`: when the guest first came in. `holds`: neither
    revoked nor run out. `unsent`: why its mail has not left yet, None where it has or has not been tried; `again_at`:
    when that is tried again, None where it was given up."""

    id: str
    journey_id: str
    user_id: str
    email: str | None
    created_at: datetime
    created_by: str | None
    expires_at: datetime
    revoked_at: datetime | None
    opened_at: datetime | None
    holds: bool
    unsent: str | None = None
    again_at: datetime | None = None


def may_invite(context: CommandContext, journey_id: str) -> bool:
    """Whoever started it, the owner of the flow, an administrator, and members of the departments that the flow names
    for it; of a journey that runs, and whose flow has guests."""
    row = _seen(context, journey_id)
    return row is not None and row.ended_at is None and _refusal(context, row) is None


def guest_defaults(context: CommandContext, journey_id: str) -> dict[str, Any]:
    """`email` and `language` as the flow has them of whom the journey is about, as far as the actor may know it."""
    row = _seen(context, journey_id)
    if row is None:
        raise NotFound("journey", journey_id)
    model = model_of(context, row.definition_id)
    names = {"email": flows.mail_variable(model), "language": flows.language_variable(model)}
    known = root_values(context, journey_id, [name for name in names.values() if name], revealed_only=True)
    return {key: known.get(name or "") or None for key, name in names.items()}


def invite_guest(
    context: CommandContext,
    journey_id: str,
    *,
    email: str | None = None,
    language: str | None = None,
    days: int | None = None,
) -> tuple[Invitation, str | None]:
    """Invites whom the journey is about. With `email` the link goes there and nowhere else; without, its secret is in
    the answer, this once. `days`: how long it holds, else until two weeks after the anchor date, or for 60 days.

    NotFound for a journey one may not see, NotAllowed for who may not invite, Conflict where nobody can be invited.
    """
    row = _seen(context, journey_id)
    if row is None:
        raise NotFound("journey", journey_id)
    if refusal := _refusal(context, row):
        raise refusal
    try:
        lock_instance(context, journey_id)
    except NotFound:
        raise Conflict("This journey has ended: there is nothing left to invite anybody to.") from None
    model = model_of(context, row.definition_id)
    name = flows.guest_variable(model) or ""
    held = root_values(context, journey_id, [name]).get(name)
    guest = _guest_of(context, journey_id, held)
    made = _invite(context, row, guest, email=email, language=language, days=days)
    if guest is None:
        with execution(context, even_suspended=True) as work:
            work.set_variables(journey_id, 0, {name: made.user_id}, local=False)
        _give_what_waits(context, journey_id, model, made.user_id)
    log_operation(
        context, "Invite", "ProcessInstance", process_instance_id=journey_id, definition_key=row.definition_key,
        details=made.user_id,
    )  # fmt: skip
    return made, None if made.email else new_link(context, made.id)


def invite_from_flow(context: CommandContext, journey_id: str, email: str, language: str | None) -> str | None:
    """The id of a new guest, invited by mail because the flow says so; None where no mail can carry a link, or the
    address is none: whoever did the task before cannot mend what somebody else wrote into a form. The caller writes it
    into the variable. A language that the pages do not have is as none."""
    outgoing = context.engine.settings.outgoing
    try:
        mailed = address(email.strip())
    except InvalidInput:
        return None
    row = context.connection.execute(select(historic_process_instance).where(_journey.id == journey_id)).one_or_none()
    if row is None or mailed is None or outgoing.mail is None or outgoing.public_url is None:
        return None
    spoken = language if language in LANGUAGES else None
    return _invite(context, row, None, email=mailed, language=spoken, days=None).user_id


def revoke_invitation(context: CommandContext, journey_id: str, invitation_id: str) -> None:
    """Its links and sessions are worth nothing from now on. NotFound for one of another journey."""
    row = _seen(context, journey_id)
    if row is None:
        raise NotFound("journey", journey_id)
    if refusal := _refusal(context, row):
        raise refusal
    columns = guest_invitation.c
    this = (columns.id == invitation_id) & (columns.journey_id == journey_id)
    if context.connection.execute(select(columns.id).where(this)).first() is None:
        raise NotFound("invitation", invitation_id)
    _end(context, [invitation_id])
    log_operation(context, "RevokeInvitation", "ProcessInstance", process_instance_id=journey_id)


def find_invitations(context: CommandContext, journey_id: str) -> list[Invitation]:
    """Of one journey, newest first. NotFound for who may not invite to it either."""
    row = _seen(context, journey_id)
    if row is None or isinstance(_refusal(context, row), NotAllowed):
        raise NotFound("journey", journey_id)
    columns = guest_invitation.c
    rows = context.connection.execute(
        select(guest_invitation, holds(context).label("holds"))
        .select_from(JOINED)
        .where(columns.journey_id == journey_id)
        .order_by(columns.created_at.desc(), columns.id.desc())
    )
    found = [Invitation(**each._mapping) for each in rows]
    unsent = unsent_mails(context, [each.id for each in found if each.email and each.holds])
    return [replace(each, **unsent.get(each.id, {})) for each in found]


def invitation_that_holds(context: CommandContext, user_id: str) -> str | None:
    """Of a guest; None for who is none, or comes in no more."""
    columns = guest_invitation.c
    statement = select(columns.id).select_from(JOINED).where(columns.user_id == user_id, holds(context))
    return context.connection.execute(statement.order_by(columns.created_at.desc()).limit(1)).scalar_one_or_none()


def close_over(context: CommandContext) -> int:
    """Guests whose journey is long over come in no more; their links and sessions are thrown away. How many rows."""
    columns, ended = guest_invitation.c, _journey.ended_at
    over = select(columns.id).select_from(JOINED).where(~holds(context))
    gone = 0
    for table in (guest_link, guest_session):
        gone += context.connection.execute(delete(table).where(table.c.invitation_id.in_(over))).rowcount
    expired = delete(guest_session).where(guest_session.c.expires_at <= context.now)
    gone += context.connection.execute(expired).rowcount
    left = (
        select(columns.user_id)
        .join(historic_process_instance, _journey.id == columns.journey_id)
        .where(ended <= context.now - AFTER_THE_END)
    )
    account = user_account.c
    changed = context.connection.execute(
        update(user_account)
        .where(account.id.in_(left), account.id.in_(guests()), account.active)
        .values(active=False, updated_at=context.now)
    )
    if changed.rowcount:
        context.forget_names()
    return gone


# ---------------------------------------------------------------- inside


def guests() -> Select[tuple[str]]:
    """The ids of all that are guests still: somebody who was given an account of the house is none."""
    return select(membership.c.user_id).where(membership.c.group_id == GUESTS)


def _seen(context: CommandContext, journey_id: str) -> Row[Any] | None:
    return context.connection.execute(
        select(historic_process_instance).where(
            _journey.id == journey_id, _journey.super_instance_id.is_(None), seen(context, Kind.JOURNEY)
        )
    ).one_or_none()


def _refusal(context: CommandContext, row: Row[Any]) -> Conflict | NotAllowed | None:
    """Why the actor may not invite to this journey."""
    actor, model = context.actor, model_of(context, row.definition_id)
    if not can(actor, Action.LOOK_ROUND):
        return NotAllowed("A guest invites nobody.")
    about = InstanceFacts(frozenset((row.definition_key,)), row.started_by, flows.inviting_departments(model))
    if not can(actor, Action.INVITE, about):
        return NotAllowed("Only who started this journey, the owner of its flow or who the flow names may invite.")
    if flows.guest_variable(model) is None:
        return Conflict("This flow has no guests: give its process the property `subjectUser`, naming a variable.")
    return None


def _guest_of(context: CommandContext, journey_id: str, held: Any) -> str | None:
    """The guest that the variable names already; None where it names nobody. Conflict for somebody with an account, and
    for the guest of another journey: whoever starts one may write any id there."""
    if not isinstance(held, str) or not held.strip():
        return None
    guest = exists().where(membership.c.user_id == user_account.c.id, membership.c.group_id == GUESTS)
    row = context.connection.execute(
        select(user_account.c.id, guest.label("guest")).where(user_account.c.id == held)
    ).one_or_none()
    if row is None:
        return None
    invited = select(guest_invitation.c.journey_id).where(guest_invitation.c.user_id == held)
    journeys = set(context.connection.execute(invited).scalars())
    if not row.guest or not journeys:
        raise Conflict(f"{held} has an account: they sign in and find their tasks there.")
    if journey_id not in journeys:
        raise Conflict(f"{held} is the guest of another journey: empty the variable, then invite a new one.")
    return held


def _invite(
    context: CommandContext, row: Row[Any], guest: str | None, *, email: str | None, language: str | None,
    days: int | None,
) -> Invitation:  # fmt: skip
    """`guest` None: a new one."""
    if language and language not in LANGUAGES:
        raise InvalidInput(f"{language!r} is no language of the pages: choose one of {', '.join(LANGUAGES)}.")
    mailed, outgoing = address(email), context.engine.settings.outgoing
    if mailed and outgoing.mail is None:
        raise Conflict("No mail server is configured: leave the address out and hand the link over yourself.")
    if mailed and outgoing.public_url is None:
        raise Conflict("ONEDOOR_PUBLIC_URL is not set, so no mail can carry a link: hand it over yourself.")
    expires = _expiry(context, row, days)
    if guest is None:
        guest = _new_guest(context, row.subject, mailed, language)
    else:
        older = select(guest_invitation.c.id).where(guest_invitation.c.user_id == guest)
        _end(context, context.connection.execute(older).scalars().all())
        values = {"email": mailed, **({"language": language} if language else {})}
        context.connection.execute(
            update(user_account).where(user_account.c.id == guest).values(active=True, updated_at=context.now, **values)
        )
        context.forget_names()
    made = Invitation(
        new_id(), row.id, guest, mailed, context.now, context.actor.user_id, expires, None, None, holds=True
    )
    context.connection.execute(
        insert(guest_invitation).values(
            id=made.id,
            journey_id=row.id,
            user_id=guest,
            email=mailed,
            created_at=context.now,
            created_by=made.created_by,
            expires_at=expires,
        )
    )
    if mailed:
        _mail(context, made, language)
    return made


def _expiry(context: CommandContext, row: Row[Any], days: int | None) -> datetime:
    longest = context.now + timedelta(days=LONGEST_DAYS)
    if days is not None:
        if not 1 <= days <= LONGEST_DAYS:
            raise InvalidInput(f"An invitation holds for 1 to {LONGEST_DAYS} days, not {days}.")
        return context.now + timedelta(days=days)
    anchor = date.fromisoformat(row.anchor_date) if row.anchor_date else None
    until = context.now + timedelta(days=DAYS_WITHOUT_ANCHOR)
    if anchor is not None:
        left = (anchor - context.engine.calendar.local_day(context.now)).days
        until = context.now + timedelta(days=max(left, 0) + DAYS_AFTER_ANCHOR)
    return min(until, longest)


def _new_guest(context: CommandContext, name: str | None, email: str | None, language: str | None) -> str:
    ensure_role(context, GUESTS)
    guest = f"{GUEST_ID}{secrets.token_hex(6)}"
    context.connection.execute(
        insert(user_account).values(
            id=guest,
            first_name=name[:255] if name else None,
            email=email,
            language=language or None,
            active=True,
            created_at=context.now,
        )
    )
    context.connection.execute(insert(membership).values(user_id=guest, group_id=GUESTS))
    context.forget_names()
    return guest


def _end(context: CommandContext, invitation_ids: Any) -> None:
    """Revoked: links and sessions go at once."""
    for table in (guest_link, guest_session):
        context.connection.execute(delete(table).where(table.c.invitation_id.in_(invitation_ids)))
    columns = guest_invitation.c
    context.connection.execute(
        update(guest_invitation)
        .where(columns.id.in_(invitation_ids), columns.revoked_at.is_(None))
        .values(revoked_at=context.now)
    )


def _give_what_waits(context: CommandContext, journey_id: str, model: ProcessModel, guest: str) -> None:
    """Open tasks that would be theirs, had they been known."""
    free = select(task.c.id, task.c.activity_id).where(
        task.c.process_instance_id == journey_id, task.c.assignee.is_(None)
    )
    for row in context.connection.execute(free).all():
        if flows.is_for_the_guest(model, row.activity_id):
            give_task(context, row.id, guest)


_SUBJECT = {"en": "Welcome: your first days with us", "sv": "Välkommen: dina första dagar hos oss"}
_TEXT = {
    "en": "Welcome!\n\nThis page is yours: what happens before and on your first day, and what we need from you. You "
    f"need no account.\n\n{LINK}\n\nThe link is meant for you alone and holds until {{day}}. If you expected no such "
    "mail, do nothing.",
    "sv": "Välkommen!\n\nDen här sidan är din: vad som händer före och på din första dag, och vad vi behöver från dig. "
    f"Du behöver inget konto.\n\n{LINK}\n\nLänken är bara till dig och gäller till {{day}}. Om du inte väntade dig "
    "något sådant mejl behöver du inte göra något.",
}


def _mail(context: CommandContext, made: Invitation, language: str | None) -> None:
    chosen = language if language in _TEXT else "en"
    day = context.engine.calendar.local_day(made.expires_at).isoformat()
    deliver_later(
        context,
        INVITATION,
        [
            {
                "invitation": made.id,
                "to": made.email,
                "subject": _SUBJECT[chosen],
                "text": _TEXT[chosen].replace("{day}", day),
                "processInstanceId": made.journey_id,
            }
        ],
    )
