"""Deliveries: the jobs that take a mail or a webhook out of the house.

The row is written in the transaction of the command that it tells of: no command, no mail. `handler` is the
channel, `payload` what is delivered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from engine.context import CommandContext
from engine.database.tables import job
from engine.ids import new_id

#: The type of a job that takes something out of the house; it belongs to no process.
DELIVERY = "delivery"
MAIL, WEBHOOK = "mail", "webhook"
#: A mail that carries a link for a guest, which is made when it leaves and stands where LINK does.
INVITATION = "invitation"
LINK = "{link}"
#: Mail servers and webhooks are away for longer than a handler fails: five tries in a little more than a day.
RETRY_CYCLE = "PT30S,PT10M,PT2H,P1D"
#: While one is under way nobody else takes it up; longer than both time-outs.
LONGEST_DELIVERY = timedelta(minutes=2)


def deliver_later(context: CommandContext, channel: str, payloads: Iterable[Mapping[str, Any]]) -> None:
    """One job each, in one statement. A payload's `processInstanceId` says what journey it tells of."""
    rows = [
        {
            "id": new_id(),
            "handler": channel,
            "type": DELIVERY,
            "created_at": context.now,
            "retries": 3,
            "attempts": 0,
            "retry_cycle": RETRY_CYCLE,
            "priority": 0,
            "exclusive": False,
            "suspended": False,
            "payload": json.dumps(payload),
        }
        for payload in payloads
    ]
    if not rows:
        return
    context.connection.execute(insert(job), rows)
    for row in rows:
        context.wake(str(row["id"]), None, 0)
