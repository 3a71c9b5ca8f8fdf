"""Taking instances away with everything that was ever written about them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Select, delete, or_, select

from engine.context import CommandContext
from engine.database.tables import (
    comment,
    guest_invitation,
    historic_activity_instance,
    historic_process_instance,
    historic_variable_instance,
    incident,
    job,
    membership,
    notification,
    process_instance,
    user_account,
    user_operation_log,
)
from engine.operations import erasing
from engine.outgoing.deliveries import DELIVERY
from engine.policy import GUESTS
from engine.work import execution


def erase_instances_of(context: CommandContext, definition_ids: Sequence[str]) -> None:
    """Ends every instance of these definitions, and what they called, and deletes their history."""
    running = select(process_instance.c.id).where(process_instance.c.definition_id.in_(definition_ids))
    for instance_id in context.connection.execute(running).scalars().all():
        still = select(process_instance.c.id).where(process_instance.c.id == instance_id)
        if context.connection.execute(still).first() is not None:
            with execution(context, even_suspended=True) as work:
                work.cancel(instance_id)
    erase_history_of(
        context,
        select(historic_process_instance.c.root_instance_id).where(
            historic_process_instance.c.definition_id.in_(definition_ids)
        ),
    )


def erase_history_of(context: CommandContext, roots: Select[tuple[str]] | Sequence[str]) -> None:
    """Deletes the history of these journeys; `roots` is a select of root instance ids, or a list of them."""
    columns = historic_process_instance.c
    found = (
        context.connection.execute(
            select(columns.id).where(or_(columns.root_instance_id.in_(roots), columns.id.in_(roots)))
        )
        .scalars()
        .all()
    )
    # Whoever was a guest and has an account of the house now stays.
    guests = select(membership.c.user_id).where(membership.c.group_id == GUESTS)
    invited = select(guest_invitation.c.user_id).where(guest_invitation.c.journey_id.in_(found))
    account = user_account.c.id
    if context.connection.execute(delete(user_account).where(account.in_(invited), account.in_(guests))).rowcount:
        context.forget_names()
    context.connection.execute(delete(guest_invitation).where(guest_invitation.c.journey_id.in_(found)))
    for table in (historic_activity_instance, historic_variable_instance, comment, notification):
        context.connection.execute(delete(table).where(table.c.process_instance_id.in_(found)))
    _erase_deliveries(context, found)
    log = user_operation_log.c
    with erasing(context):
        context.connection.execute(delete(user_operation_log).where(log.process_instance_id.in_(found)))
    context.connection.execute(delete(historic_process_instance).where(columns.id.in_(found)))
    if found:
        context.after_commit.append(context.engine.database.forget_deleted)


def _erase_deliveries(context: CommandContext, instance_ids: Sequence[str]) -> None:
    """Mails and webhooks about them that nobody took."""
    about = set(instance_ids)
    waiting = context.connection.execute(select(job.c.id, job.c.payload).where(job.c.type == DELIVERY)).all()
    gone = [row.id for row in waiting if json.loads(row.payload or "{}").get("processInstanceId") in about]
    if gone:
        context.connection.execute(delete(incident).where(incident.c.configuration.in_(gone)))
        context.connection.execute(delete(job).where(job.c.id.in_(gone)))
