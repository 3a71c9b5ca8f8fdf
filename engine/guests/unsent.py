"""Mails with an invitation that did not get through: whoever invited is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from engine.context import CommandContext
from engine.database.tables import guest_invitation, job
from engine.notifications import notify
from engine.outgoing.deliveries import DELIVERY, INVITATION


def unsent_mails(context: CommandContext, invitation_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Of those invitations whose mail was tried in vain: the fields of an `Invitation` that say so. One query; none
    where nobody was invited by mail."""
    if not invitation_ids:
        return {}
    columns, found = job.c, {}
    rows = context.connection.execute(
        select(columns.payload, columns.exception_message, columns.due_at, columns.retries)
        .where(columns.type == DELIVERY, columns.handler == INVITATION, columns.exception_message.is_not(None))
        .where(or_(*(columns.payload.contains(each, autoescape=True) for each in invitation_ids)))
    )
    for row in rows:
        again = row.due_at if row.retries > 0 else None
        found[json.loads(row.payload)["invitation"]] = {"unsent": row.exception_message, "again_at": again}
    return found


def tell_who_invited(context: CommandContext, payload: str | None) -> None:
    """Their mail was given up. Nobody is told of an invitation that is gone, or that the flow itself made."""
    asked, columns = json.loads(payload or "{}"), guest_invitation.c
    row = context.connection.execute(
        select(columns.created_by, columns.journey_id, columns.email, columns.revoked_at).where(
            columns.id == asked.get("invitation")
        )
    ).one_or_none()
    if row is None or row.created_by is None or row.revoked_at is not None:
        return
    notify(
        context,
        user_id=row.created_by,
        message={
            "en": f"The mail with the link could not be sent to {row.email}: look at the address, or hand one over.",
            "sv": f"Mejlet med länken gick inte att skicka till {row.email}: se över adressen, eller lämna över en.",
        },
        process_instance_id=row.journey_id,
    )
