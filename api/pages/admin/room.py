"""The guard before every page of administration, and what they share."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext

from api.pages.frame import session
from api.pages.room import room
from engine import Action, NotAllowed, can

#: Rows on one page of a list.
MOST = 100


def admin_room(name: str) -> Blueprint:
    made = room(name)
    made.before_request(_administrators)
    return made


def _administrators() -> None:
    if not can(session().actor, Action.ADMINISTER):
        raise NotAllowed(gettext("Only administrators get in here."))
