"""Takes one delivery out of the house. Nothing here knows a database."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from engine.errors import DeliveryFailed
from engine.outgoing.calls import post
from engine.outgoing.deliveries import MAIL
from engine.outgoing.mail import send
from engine.outgoing.settings import Outgoing


def deliver(outgoing: Outgoing, delivery_id: str, channel: str | None, payload: dict[str, Any]) -> None:
    """DeliveryFailed if nobody takes it, or nobody is configured any more who would."""
    if channel == MAIL:
        _mail(outgoing, delivery_id, payload)
    else:
        _webhook(outgoing, delivery_id, payload)


def _mail(outgoing: Outgoing, delivery_id: str, payload: dict[str, Any]) -> None:
    if outgoing.mail is None:
        raise DeliveryFailed("No mail server is configured any more: set ONEDOOR_MAIL_URL.")
    send(outgoing.mail, to=payload["to"], subject=payload["subject"], text=payload["text"], message_id=delivery_id)


def _webhook(outgoing: Outgoing, delivery_id: str, payload: dict[str, Any]) -> None:
    hook = next((each for each in outgoing.webhooks if each.name == payload["webhook"]), None)
    if hook is None:
        raise DeliveryFailed(f"No webhook is called {payload['webhook']} any more: look into ONEDOOR_WEBHOOKS.")
    body = json.dumps({"id": delivery_id, **payload["body"]}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Onedoor", "Onedoor-Delivery": delivery_id}
    if hook.secret:
        headers["Onedoor-Signature"] = f"sha256={hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()}"
    post(hook, body, headers)
