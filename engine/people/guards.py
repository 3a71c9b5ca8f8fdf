"""Who may change people, and what their names and addresses look like."""

from __future__ import annotations

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from engine.context import CommandContext
from engine.errors import InvalidInput
from engine.policy import Action, require

# Companies call their own network so, and their mail server knows what to do with it.
SPECIAL_USE_DOMAIN_NAMES.remove("local")


def require_administrator(context: CommandContext) -> None:
    """NotAllowed for others."""
    require(context.actor, Action.ADMINISTER, what="change people and departments")


def require_self_or_administrator(context: CommandContext, user_id: str) -> None:
    require(context.actor, Action.CHANGE_USER, user_id)


def address(value: str | None) -> str | None:
    """A mail address, or None for none. Names of a company's own network are taken, a host without any dot is not."""
    if not value:
        return None
    try:
        found = validate_email(value, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        found = None
    if found is None or "." not in found.ascii_domain or len(value) > 255:
        raise InvalidInput(f"{value!r} is no mail address: write it as name@example.org.")
    return value


def short(what: str, value: str | None) -> str | None:
    """A name of one line, or None for none."""
    if not value or not value.strip():
        return None
    if len(value) > 255 or not value.isprintable():
        raise InvalidInput(f"The {what} is too long or has line breaks in it: at most 255 characters of one line.")
    return value.strip()
