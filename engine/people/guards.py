"""Who may change people, and what their names and addresses look like."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engine.context import CommandContext
from engine.errors import InvalidInput
from engine.policy import Action, require

Value = TypeVar("Value")


def require_administrator(context: CommandContext) -> None:
    """NotAllowed for others."""
    require(context.actor, Action.ADMINISTER, what="change people and departments")


def require_self_or_administrator(context: CommandContext, user_id: str) -> None:
    require(context.actor, Action.CHANGE_USER, user_id)


def address(value: str | None) -> str | None:
    """A mail address, or None for none. Names of a company's own network are taken, a host without any dot is not, nor
    one whose last part ends in a digit."""
    if not value:
        return None
    from engine.people.addresses import is_address  # its library is for who changes people, not for every start

    if len(value) <= 255 and is_address(value):
        return value
    raise InvalidInput(f"{value!r} is no mail address: write it as name@example.org.")


def short(what: str, value: str | None) -> str | None:
    """A name of one line, or None for none."""
    if not value or not value.strip():
        return None
    if len(value) > 255 or not value.isprintable():
        raise InvalidInput(f"The {what} is too long or has line breaks in it: at most 255 characters of one line.")
    return value.strip()


def kept(check: Callable[[Value], Value], value: Value, before: Value) -> Value:
    """What the check makes of the value. What is stored already stays, also if an earlier release took more: who has
    such an address can be deactivated all the same."""
    return before if value == before else check(value)
