"""How long a finished journey is kept. A flow says so in days (`camunda:historyTimeToLive`), each version of it for the
journeys that end on it; where none does, the setting of the site holds, and without that they are kept.

What has been kept long enough goes whole: the root instance, all it called, and everything written about them.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update

from engine.context import CommandContext
from engine.database.tables import historic_process_instance, process_definition, process_instance
from engine.erasing import erase_history_of
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.operations import log_operation
from engine.policy import Action, Kind, can, visible

LONGEST_DAYS = 36_500
#: Journeys that go in one transaction: nobody waits long for the locks.
BATCH = 50

_journey = historic_process_instance.c
_definition = process_definition.c


def read_retention(text: str | None) -> int | None:
    """`P30D`, `30` or `P2Y6M` (a year is 365 days, a month 30) in days; None for nothing. InvalidInput for anything
    else."""
    plain = (text or "").strip().upper()
    if not plain:
        return None
    found = re.fullmatch(r"P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?|(\d{1,6})", plain)
    if not found:
        raise InvalidInput(f"{text!r} is no number of days: write it as 730 or P730D.")
    years, months, weeks, days, bare = (int(part or 0) for part in found.groups())
    return _checked(bare or years * 365 + months * 30 + weeks * 7 + days)


def _checked(days: int) -> int:
    if not 0 <= days <= LONGEST_DAYS:
        raise InvalidInput(f"Finished journeys are kept for 0 to {LONGEST_DAYS} days, not {days}.")
    return days


def may_set_retention(context: CommandContext, key: str) -> bool:
    """The owners of the flow and administrators."""
    return can(context.actor, Action.DEPLOY, key)


def set_retention(
    context: CommandContext, days: int | None, *, definition_id: str | None = None, key: str | None = None
) -> None:
    """For one version, or for all of a flow. None: as the site has it. NotFound if there is none such."""
    this = _definition.id == definition_id if definition_id is not None else _definition.key == key
    versions = visible(context, select(_definition.key, _definition.version).where(this), Kind.DEFINITION)
    rows = context.connection.execute(versions).all()
    if not rows:
        raise NotFound("process definition", definition_id or key or "")
    if not may_set_retention(context, rows[0].key):
        raise NotAllowed("Only an administrator or a process owner may set how long journeys are kept.")
    kept = None if days is None else _checked(days)
    context.connection.execute(update(process_definition).where(this).values(history_time_to_live=kept))
    log_operation(
        context, "SetRetention", "ProcessDefinition", definition_key=rows[0].key,
        details=f"{'all versions' if definition_id is None else definition_id}: "
        f"{'default' if kept is None else f'{kept} days'}",
    )  # fmt: skip


def days_kept(context: CommandContext, definition_id: str) -> int | None:
    """None: for as long as nobody erases it."""
    own = context.connection.execute(
        select(_definition.history_time_to_live).where(_definition.id == definition_id)
    ).scalar_one_or_none()
    return context.engine.settings.history_days if own is None else int(own)


def kept_until(context: CommandContext, definition_id: str, ended_at: datetime | None) -> datetime | None:
    """When a journey that has ended may go; None while it runs, and where it is kept."""
    days = days_kept(context, definition_id) if ended_at is not None else None
    return None if days is None or ended_at is None else ended_at + timedelta(days=days)


def erase_kept_long_enough(context: CommandContext, most: int = BATCH) -> int:
    """Erases up to `most` journeys whose time is over, the oldest first; how many. What somebody else is erasing is
    passed over, and nothing goes that still runs anywhere below."""
    inside = historic_process_instance.alias("inside")
    running = exists().where(process_instance.c.root_instance_id == _journey.id)
    unended = exists().where(inside.c.root_instance_id == _journey.id, inside.c.ended_at.is_(None))
    found = (
        select(_journey.id)
        .where(_journey.super_instance_id.is_(None), _time_is_over(context), ~running, ~unended)
        .order_by(_journey.ended_at, _journey.id)
        .limit(most)
        .with_for_update(of=historic_process_instance, skip_locked=True)
    )
    roots = context.connection.execute(found).scalars().all()
    if roots:
        erase_history_of(context, roots)
    return len(roots)


def _time_is_over(context: CommandContext) -> ColumnElement[bool]:
    """One comparison for each length that there is: no arithmetic with dates that databases do differently."""
    lengths = context.connection.execute(select(_definition.history_time_to_live).distinct()).scalars().all()
    over: list[ColumnElement[Any]] = []
    for days in lengths:
        if days is not None:
            these = select(_definition.id).where(_definition.history_time_to_live == days)
            over.append(and_(_journey.definition_id.in_(these), _journey.ended_at <= context.now - timedelta(days)))
    default = context.engine.settings.history_days
    if default is not None:
        own = select(_definition.id).where(_definition.history_time_to_live.is_not(None))
        over.append(and_(_journey.definition_id.not_in(own), _journey.ended_at <= context.now - timedelta(default)))
    return or_(*over) if over else _journey.id.is_(None)


def inherited_days(context: CommandContext, key: str) -> int | None:
    """What a new version is kept for whose file does not say: as its newest version is."""
    newest = select(func.max(_definition.version)).where(_definition.key == key).scalar_subquery()
    found = context.connection.execute(
        select(_definition.history_time_to_live).where(_definition.key == key, _definition.version == newest)
    ).scalar_one_or_none()
    return None if found is None else int(found)
