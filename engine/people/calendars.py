"""Departments whose working hours or days off are not the site's: their dates fall due, and their office hours are
counted, by a calendar of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from engine.calendar import OfficeCalendar, Site
from engine.context import CommandContext
from engine.database.connect import Database
from engine.database.tables import department
from engine.errors import InvalidInput
from engine.remembered import Remembered


@dataclass(frozen=True, slots=True)
class OwnCalendar:
    """What differs from the site; None: as there. Days off come on top of the country's, `removed_days_off` are
    worked."""

    zone: str | None = None
    country: str | None = None
    opens: time | None = None
    closes: time | None = None
    extra_days_off: tuple[date, ...] = ()
    removed_days_off: tuple[date, ...] = ()

    def at(self, site: Site) -> Site:
        """The site as this department lives in it."""
        return replace(
            site,
            zone=self.zone or site.zone,
            country=self.country or site.country,
            opens=self.opens or site.opens,
            closes=self.closes or site.closes,
            extra_days_off=site.extra_days_off | frozenset(self.extra_days_off),
            removed_days_off=site.removed_days_off | frozenset(self.removed_days_off),
        )


class Calendars:
    """The calendars of all departments, read at most twice a minute and before a command begins, so that commands ask
    the database nothing about them. Thread-safe."""

    def __init__(self, database: Database, site: OfficeCalendar) -> None:
        self._database = database
        self._site = site
        self._by_site = {site.site: site}
        self._by_department: dict[str, OfficeCalendar] = {}
        self._remembered = Remembered[dict[str, OfficeCalendar]]()

    def of(self, department_id: str | None) -> OfficeCalendar:
        """That of the department, or the site's where it has none of its own."""
        return self._by_department.get(department_id or "", self._site)

    def refresh(self) -> None:
        self._by_department = self._remembered.get(self._read)

    def forget(self) -> None:
        """They are read anew before the next command."""
        self._remembered.forget()

    def _read(self) -> dict[str, OfficeCalendar]:
        with self._database.read() as connection:
            rows = connection.execute(
                select(department.c.id, department.c.calendar).where(department.c.calendar.is_not(None))
            ).all()
        found = {}
        for row in rows:
            site = msgspec.json.decode(row.calendar, type=OwnCalendar).at(self._site.site)
            found[row.id] = self._by_site.setdefault(site, OfficeCalendar(site))
        return found


def forget_calendars(context: CommandContext) -> None:
    """Once this command is durable."""
    context.after_commit.append(context.engine.calendars.forget)


def check_calendar(context: CommandContext, own: OwnCalendar) -> None:
    """InvalidInput for a zone or country that there is not, or an office that closes before it opens."""
    import holidays  # takes a seventh of a second to import

    site = own.at(context.engine.settings.site)
    try:
        ZoneInfo(site.zone)
    except (ValueError, OSError, LookupError):
        raise InvalidInput(f"{site.zone!r} is no time zone: write it as Europe/Stockholm.") from None
    if site.country not in holidays.list_supported_countries():
        raise InvalidInput(f"{site.country!r} is no country whose holidays are known: write it as SE.")
    if site.opens >= site.closes:
        raise InvalidInput(f"The office opens at {site.opens:%H:%M} and closes at {site.closes:%H:%M}: turn it round.")
