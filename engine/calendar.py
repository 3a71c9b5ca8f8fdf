"""Working time of a site: which days are worked, when the office is open, and the functions models count them with.

Everything goes through one piecewise-linear function: the office seconds since the calendar's first day. The time
between two moments is a difference of it, a moment so many office seconds later its inverse. Days and hours are those
of the site's zone, so a summer-time night changes nothing.

Sweden needs two settings of the `holidays` library that are not its defaults: Sundays are no holidays (they are weekend
anyway, and would hide real ones), and the de facto days off (Midsummer, Christmas and New Year's Eve) are days off.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

#: Years kept on each side of the year a calendar is first asked about; asked beyond, it grows.
MARGIN_YEARS = 3
_MONDAY_TO_FRIDAY = 5


@dataclass(frozen=True, slots=True)
class Site:
    """Where people work. `country` is an ISO 3166 code that `holidays` knows; days off are added and removed by
    date."""

    name: str = "Stockholm"
    zone: str = "Europe/Stockholm"
    country: str = "SE"
    opens: time = time(8)
    closes: time = time(17)
    extra_days_off: frozenset[date] = frozenset()
    removed_days_off: frozenset[date] = frozenset()

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class OfficeCalendar:
    """The working days and office hours of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._years = range(0)
        self._days: list[date] = []
        self._moments: list[float] = []
        self._seconds: list[float] = []

    # ---------------------------------------------------------------- days

    def is_workday(self, day: date) -> bool:
        self._cover(day.year)
        found = bisect_left(self._days, day)
        return found < len(self._days) and self._days[found] == day

    def workday(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (before it, if negative). 0 is the day itself or the next working day.

        Raises ValueError when more than 10,000 days are asked for.
        """
        if abs(count) > 10_000:
            raise ValueError(f"{count} working days are more than a calendar knows: at most 10,000 either way")
        self._cover(day.year)
        self._cover(day.year + count // 200)  # a year has some 250 working days
        at = bisect_right(self._days, day) - 1 + count if count > 0 else bisect_left(self._days, day) + count
        return self._days[at]

    def opening(self, day: date) -> datetime:
        """When the office opens that day, aware, whether or not it is a working day."""
        return datetime.combine(day, self.site.opens, self.site.tz)

    def closing(self, day: date) -> datetime:
        return datetime.combine(day, self.site.closes, self.site.tz)

    def local_day(self, moment: datetime) -> date:
        """The date on the site's wall when it was this moment."""
        return moment.astimezone(self.site.tz).date()

    # ---------------------------------------------------------------- office time

    def office_seconds(self, start: datetime, end: datetime) -> float:
        """Seconds of office time between two aware moments; negative if `end` comes first."""
        if start == end:
            return 0.0
        self._cover(start.astimezone(self.site.tz).year)
        self._cover(end.astimezone(self.site.tz).year)
        return self._worked(end.timestamp()) - self._worked(start.timestamp())

    def after(self, start: datetime, seconds: float) -> datetime:
        """The first moment by which `seconds` of office time have passed since `start`, in UTC."""
        first = start.astimezone(self.site.tz).year
        year_of_work = 1_800 * 3600
        self._cover(first)
        self._cover(first + int(seconds // year_of_work) + 2)
        wanted = self._worked(start.timestamp()) + seconds
        at = max(bisect_left(self._seconds, wanted), 1)
        return datetime.fromtimestamp(self._moments[at] - (self._seconds[at] - wanted), UTC)

    def _worked(self, moment: float) -> float:
        at = bisect_right(self._moments, moment)
        if at == 0:
            return 0.0
        if at == len(self._moments):
            return self._seconds[-1]
        return self._seconds[at - 1] + min(moment - self._moments[at - 1], self._seconds[at] - self._seconds[at - 1])

    # ---------------------------------------------------------------- the table

    def _cover(self, year: int) -> None:
        """Makes sure that the years around this one are in the table. Built aside and swapped in whole: threads may
        read."""
        if year - 1 in self._years and year + 1 in self._years:
            return
        first = min([year - MARGIN_YEARS, *self._years[:1]])
        last = max([year + MARGIN_YEARS, *self._years[-1:]])
        years = range(max(first, 2), min(last, 9998) + 1)
        if year not in years:
            raise ValueError(f"The calendar knows the years 2 to 9998, not {year}.")
        days_off = self._days_off(years)
        days: list[date] = []
        moments: list[float] = []
        seconds: list[float] = []
        worked = 0.0
        for number in range(date(years[0], 1, 1).toordinal(), date(years[-1], 12, 31).toordinal() + 1):
            day = date.fromordinal(number)
            if day.weekday() < _MONDAY_TO_FRIDAY and day not in days_off:
                opens, closes = self.opening(day).timestamp(), self.closing(day).timestamp()
                days.append(day)
                moments += (opens, closes)
                seconds += (worked, worked + closes - opens)
                worked += closes - opens
        self._days, self._moments, self._seconds, self._years = days, moments, seconds, years

    def _days_off(self, years: range) -> frozenset[date]:
        import holidays  # its calendars take a seventh of a second to import, and the server is to answer before

        settings: dict[str, Any] = {}
        if self.site.country == "SE":
            settings = {"include_sundays": False, "categories": ("public", "de_facto")}
        found = holidays.country_holidays(self.site.country, years=years, **settings)
        return (frozenset(found) | self.site.extra_days_off) - self.site.removed_days_off


# ---------------------------------------------------------------- functions of expressions


def as_day(value: Any, calendar: OfficeCalendar) -> date:
    """The day a value names: a date, an aware or naive datetime, or ISO 8601 text of either."""
    if isinstance(value, datetime):
        return calendar.local_day(value) if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        text = value.strip()
        try:
            return date.fromisoformat(text) if len(text) <= 10 else as_day(datetime.fromisoformat(text), calendar)
        except ValueError:
            pass
    raise ValueError(f"{value!r} is no date: write it as 2026-12-01")


def _as_time(value: Any) -> time:
    try:
        return value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{value!r} is no time of day: write it as 12:00") from None


def expression_functions(calendar: OfficeCalendar, now: Callable[[], datetime]) -> Mapping[str, Callable[..., Any]]:
    """What models may call: `now()`, `dateTime()`, `today()`, `workday(day, n[, 'HH:MM'])`, `latest(...)`,
    `earliest(...)`.

    `workday` gives a date, or with a time of day a moment in the site's zone. Each raises ValueError with what to
    write.
    """

    def workday(day: Any, count: Any, at: Any = None) -> date | datetime:
        if isinstance(count, bool) or not isinstance(count, int | float) or count != int(count):
            raise ValueError(f"{count!r} is no number of working days: write a whole number")
        found = calendar.workday(as_day(day, calendar), int(count))
        return found if at is None else datetime.combine(found, _as_time(at), calendar.site.tz)

    def local_now() -> datetime:
        return now().astimezone(calendar.site.tz)

    def moment(value: Any) -> datetime:
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=calendar.site.tz)
        if isinstance(value, str) and len(value.strip()) > 10:
            return moment(datetime.fromisoformat(value.strip()))
        return calendar.closing(as_day(value, calendar))

    def latest(*values: Any) -> Any:
        return max(_given(values), key=moment)

    def earliest(*values: Any) -> Any:
        return min(_given(values), key=moment)

    return {
        "now": local_now,
        "dateTime": local_now,
        "today": lambda: local_now().date(),
        "workday": workday,
        "latest": latest,
        "earliest": earliest,
    }


def _given(values: tuple[Any, ...]) -> list[Any]:
    found = [value for value in values if value is not None]
    if not found:
        raise ValueError("give at least one date")
    return found


def due_moment(value: str | None, calendar: OfficeCalendar) -> datetime | None:
    """A due date as text to a moment in UTC: a date without time means closing time, a time without zone the site's."""
    if value is None:
        return None
    if len(value.strip()) <= 10:
        return calendar.closing(as_day(value, calendar)).astimezone(UTC)
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{value!r} is no date: write it as 2026-12-01 or 2026-12-01T12:00") from None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=calendar.site.tz)).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{value!r} lies beyond the years 1 to 9999") from None
