"""Deliveries: the jobs that take a mail or a webhook out of the house.

The row is written in the transaction of the command that it tells of: no command, no mail. `activity_id` is the
channel, `payload` what is delivered.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from engine.context import CommandContext
from engine.database.tables import job
from engine.errors import DeliveryFailed
from engine.ids import new_id
from engine.jobs import DELIVERY, Job
from engine.outgoing.calls import post
from engine.outgoing.mail import send
from engine.outgoing.settings import Outgoing

MAIL, WEBHOOK = "mail", "webhook"
#: Mail servers and webhooks are away for longer than a handler fails: five tries in a little more than a day.
RETRY_CYCLE = "PT30S,PT10M,PT2H,P1D"
#: While one is under way nobody else takes it up; longer than both time-outs.
LONGEST_DELIVERY = timedelta(minutes=2)


def deliver_later(context: CommandContext, channel: str, payloads: Iterable[Mapping[str, Any]]) -> None:
    """One job each, in one statement. A payload's `processInstanceId` says what journey it tells of."""
    rows = [
        {
            "id": new_id(),
            "activity_id": channel,
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
        context.wake(str(row["id"]), None)


def deliver(outgoing: Outgoing, found: Job) -> None:
    """Takes it out. DeliveryFailed if nobody takes it, or nobody is configured any more who would."""
    payload: dict[str, Any] = json.loads(found.payload or "{}")
    if found.activity_id == MAIL:
        if outgoing.mail is None:
            raise DeliveryFailed("No mail server is configured any more: set ONEDOOR_MAIL_URL.")
        send(
            outgoing.mail,
            to=payload["to"],
            subject=payload["subject"],
            text=payload["text"],
            message_id=found.id,
        )
        return
    hook = next((each for each in outgoing.webhooks if each.name == payload["webhook"]), None)
    if hook is None:
        raise DeliveryFailed(f"No webhook is called {payload['webhook']} any more: look into ONEDOOR_WEBHOOKS.")
    body = json.dumps({"id": found.id, **payload["body"]}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Onedoor", "Onedoor-Delivery": found.id}
    if hook.secret:
        headers["Onedoor-Signature"] = f"sha256={hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()}"
    post(hook, body, headers)
