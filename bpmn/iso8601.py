"""Dates, moments and durations in ISO 8601 text, and the sums one does with them.

Years, months, weeks and days are counted on the wall clock of a zone; hours, minutes and seconds in elapsed time. So
`P1D` after noon is noon the next day, also in the night that summer time begins, and `PT24H` is not.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?P<time>T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?"
)
_LONGEST = 60  # characters: a duration or date longer than this is none


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar months and days, and elapsed time."""

    months: int = 0
    days: int = 0
    time: timedelta = timedelta()

    def __bool__(self) -> bool:
        return bool(self.months or self.days or self.time)

    def __str__(self) -> str:
        """ISO 8601, in months, days and elapsed time."""
        time = duration_text(self.time)[1:] if self.time else ""
        parts = [f"{self.months}M" if self.months else "", f"{self.days}D" if self.days else "", time]
        return "P" + ("".join(parts) or "T0S")

    def times(self, count: int) -> Duration:
        return Duration(self.months * count, self.days * count, self.time * count)

    @property
    def exact(self) -> timedelta | None:
        """The same as elapsed time, where no zone and no month is needed to know it; else None."""
        return None if self.months else timedelta(days=self.days) + self.time

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        """The moment this much later, in UTC. `moment` is aware. Raises ValueError beyond the years 1 to 9999."""
        try:
            if self.months or self.days:
                local = moment.astimezone(zone)
                moment = datetime.combine(self.after_day(local.date()), local.time(), zone)
            return moment.astimezone(UTC) + self.time
        except OverflowError:
            raise ValueError("The date lies beyond the years 1 to 9999.") from None

    def after_day(self, day: date) -> date:
        """The day so many months and days later; elapsed time is left out."""
        return add_months(day, self.months) + timedelta(days=self.days)


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month. OverflowError beyond the years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("year")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def parse_duration(text: str) -> Duration:
    """`P1Y2M3W4DT5H6M7.5S` or a part of it. Raises ValueError that says what to write."""
    text = text.strip()
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or match["time"] == "T" or text.endswith("P"):
        raise ValueError(f"{text[:_LONGEST]!r} is no ISO 8601 duration: write it as P3D, PT2H30M or P1M.")
    amounts = {name: match[name] or "0" for name in ("years", "months", "weeks", "days", "hours", "minutes", "seconds")}
    try:
        found = Duration(
            months=int(amounts["years"]) * 12 + int(amounts["months"]),
            days=int(amounts["weeks"]) * 7 + int(amounts["days"]),
            time=timedelta(
                hours=int(amounts["hours"]),
                minutes=int(amounts["minutes"]),
                seconds=float(amounts["seconds"].replace(",", ".")),
            ),
        )
    except OverflowError:
        raise ValueError(f"{text!r} is too long a time.") from None
    return found.times(-1) if match["sign"] else found


def parse_date(text: str) -> date | datetime:
    """A date (`2026-12-01`) or a moment (`2026-12-01T08:00`). Raises ValueError that says what to write."""
    text = text.strip()
    try:
        if len(text) > _LONGEST:
            raise ValueError
        return date.fromisoformat(text) if len(text) <= len("2026-12-01") else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text[:_LONGEST]!r} is no ISO 8601 date: write it as 2026-12-01 or 2026-12-01T08:00:00+01:00."
        ) from None


def duration_text(time: timedelta) -> str:
    """Elapsed time as ISO 8601: `PT90M` for an hour and a half comes out as `PT1H30M`."""
    if time < timedelta():
        return "-" + duration_text(-time)
    hours, rest = divmod(time, timedelta(hours=1))
    minutes, seconds = divmod(rest, timedelta(minutes=1))
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else ""]
    if seconds or not any(parts):
        fraction = f".{seconds.microseconds:06d}".rstrip("0") if seconds.microseconds else ""
        parts.append(f"{seconds.seconds}{fraction}S")
    return "PT" + "".join(parts)
