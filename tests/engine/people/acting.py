"""What people do to each other, one command each, as who they really are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from engine import SYSTEM, Absence, Actor, CommandContext, ProcessEngine, actor_of, find_notifications, set_absence

Given = TypeVar("Given")


def actor(engine: ProcessEngine, user_id: str) -> Actor:
    with engine.query(SYSTEM) as context:
        return actor_of(context, user_id)


def does(engine: ProcessEngine, user_id: str, what: Callable[[CommandContext], Given]) -> Given:
    """As the person is now: with today's groups, and whom they stand in for today."""
    with engine.command(actor(engine, user_id)) as context:
        return what(context)


def away(engine: ProcessEngine, user_id: str, substitute_id: str, first: str = "2027-03-01", last: str = "2027-03-05",
         by: str | None = None) -> Absence:  # fmt: skip
    return does(
        engine,
        by or user_id,
        lambda context: set_absence(
            context, user_id, date.fromisoformat(first), date.fromisoformat(last), substitute_id
        ),
    )


def news(engine: ProcessEngine, user_id: str, language: str = "en") -> list[str]:
    """Unread, oldest first."""
    with engine.query(actor(engine, user_id)) as context:
        return [each.message[language] for each in reversed(find_notifications(context))]
