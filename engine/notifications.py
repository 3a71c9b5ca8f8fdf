"""What a person or a department is told: reminders, escalations, a hire that was withdrawn. In the app always, and by
mail where a mail server is configured and the person has an address. A department that has an address of its own gets
its mail there, instead of every member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import uuid_utils
from sqlalchemy import ColumnElement, ScalarSelect, exists, func, insert, or_, select, update

from engine.context import CommandContext
from engine.database.tables import department, guest_invitation, membership, notification, user_account
from engine.errors import InvalidInput, NotFound
from engine.outgoing.deliveries import INVITATION, LINK, MAIL, deliver_later
from engine.policy import GUESTS, groups_of

LONGEST_SUBJECT = 120


@dataclass(frozen=True, slots=True)
class Notification:
    """`message` maps language codes to the text in that language; `en` is always there."""

    id: str
    user_id: str | None
    group_id: str | None
    process_instance_id: str | None
    message: Mapping[str, str]
    created_at: datetime
    read_at: datetime | None


def notify(
    context: CommandContext,
    *,
    user_id: str | None = None,
    group_id: str | None = None,
    message: Mapping[str, str],
    process_instance_id: str | None = None,
) -> Notification:
    """Tells one person, or a department if no person is named. InvalidInput if neither is, or nothing is said."""
    if not user_id and not group_id:
        raise InvalidInput("A notification needs a recipient: a user or a department.")
    if not message.get("en"):
        raise InvalidInput("A notification needs a message in English.")
    told = Notification(
        id=str(uuid_utils.uuid7()),
        user_id=user_id or None,
        group_id=None if user_id else group_id,
        process_instance_id=process_instance_id,
        message=dict(message),
        created_at=context.now,
        read_at=None,
    )
    context.connection.execute(
        insert(notification).values(
            id=told.id,
            user_id=told.user_id,
            group_id=told.group_id,
            process_instance_id=process_instance_id,
            message=msgspec.json.encode(told.message).decode(),
            created_at=context.now,
        )
    )
    if context.engine.settings.outgoing.mail is not None:
        for channel, mails in _mails(context, told).items():
            deliver_later(context, channel, mails)
    return told


def _mails(context: CommandContext, told: Notification) -> dict[str, list[dict[str, Any]]]:
    """By channel: to everybody who is told, is still there and has a mail address, each in their own language. A
    guest's mail carries a link of theirs, which is made when it leaves; without an invitation there is no mail. Who was
    a guest and has an account of the house now needs no link."""
    place = context.engine.settings.outgoing.public_url
    link = f"\n\n{place}/journeys/{told.process_instance_id}" if place and told.process_instance_id else ""
    people, invitation = user_account.c, guest_invitation.c
    newest = (
        select(func.max(invitation.id))
        .where(invitation.user_id == people.id, invitation.revoked_at.is_(None))
        .scalar_subquery()
    )
    guest = exists().where(membership.c.user_id == people.id, membership.c.group_id == GUESTS)
    statement = select(people.email, people.language, newest.label("invitation"), guest.label("guest")).where(
        people.email.is_not(None), people.email != "", people.active
    )
    if told.user_id is not None:
        statement = statement.where(people.id == told.user_id)
    else:
        mailbox = context.connection.execute(
            select(department.c.email).where(department.c.id == told.group_id, department.c.email != "")
        ).scalar_one_or_none()
        if mailbox is not None:
            return {MAIL: [_mail_to(mailbox, _in_every_language(told.message), link, told)], INVITATION: []}
        members = select(membership.c.user_id).where(membership.c.group_id == told.group_id)
        statement = statement.where(people.id.in_(members))
    mails: dict[str, list[dict[str, Any]]] = {MAIL: [], INVITATION: []}
    for row in context.connection.execute(statement.order_by(people.id)):
        if row.guest and row.invitation is None:
            continue
        text = told.message.get(row.language or "en") or told.message["en"]
        as_guest = row.guest and place is not None
        mail = _mail_to(row.email, text, f"\n\n{LINK}" if as_guest else link, told)
        if as_guest:
            mail["invitation"] = row.invitation
        mails[INVITATION if as_guest else MAIL].append(mail)
    return mails


def _mail_to(address: str, text: str, link: str, told: Notification) -> dict[str, Any]:
    return {
        "to": address,
        "subject": text.strip().partition("\n")[0][:LONGEST_SUBJECT],
        "text": text + link,
        "processInstanceId": told.process_instance_id,
    }


def _in_every_language(message: Mapping[str, str]) -> str:
    """English first: a department has no language of its own."""
    return "\n\n".join(dict.fromkeys([message["en"], *message.values()]))


def find_notifications(context: CommandContext, *, unread: bool = True, max_results: int = 50) -> list[Notification]:
    """Those to the actor or to one of the actor's departments, newest first."""
    statement = (
        select(notification)
        .where(_to_actor(context))
        .order_by(notification.c.created_at.desc(), notification.c.id.desc())
    )
    if unread:
        statement = statement.where(notification.c.read_at.is_(None))
    return [_notification(row) for row in context.connection.execute(statement.limit(max_results))]


def unread_of(user_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """How many notifications a person has not read, as part of another query."""
    groups = select(membership.c.group_id).where(membership.c.user_id == user_id)
    return (
        select(func.count())
        .select_from(notification)
        .where(
            notification.c.read_at.is_(None),
            or_(notification.c.user_id == user_id, notification.c.group_id.in_(groups)),
        )
        .scalar_subquery()
    )


def mark_read(context: CommandContext, notification_id: str) -> None:
    """One to a department is read for all of it. NotFound if there is none, or it was told to somebody else."""
    changed = context.connection.execute(
        update(notification)
        .where(notification.c.id == notification_id, _to_actor(context))
        .values(read_at=func.coalesce(notification.c.read_at, context.now))
    )
    if changed.rowcount == 0:
        raise NotFound("notification", notification_id)


def _to_actor(context: CommandContext) -> ColumnElement[bool]:
    return or_(notification.c.user_id == context.actor.user_id, notification.c.group_id.in_(groups_of(context.actor)))


def _notification(row: Any) -> Notification:
    return Notification(
        row.id,
        row.user_id,
        row.group_id,
        row.process_instance_id,
        msgspec.json.decode(row.message, type=dict[str, str]),
        row.created_at,
        row.read_at,
    )
