"""Quartz cron: `0 30 8 ? * MON-FRI`, the cycles that Camunda models state beside ISO 8601.

Fields: seconds, minutes, hours, day of month, month, day of week, and a year if given. Days of the week count from 1,
Sunday. `?` says nothing of a day; `L` is the last one (`L-3`, `LW`, `6L`), `15W` the weekday nearest the 15th, `6#3`
the third Friday. Times are those of the wall clock. One that the clock skips in spring comes an hour later; one that it
shows twice in autumn comes once, unless the cron names every hour.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LAST_YEAR = 2199
_LONGEST = 200  # characters

#: The days that one rule picks of a month, given its year, its number and how many days it has.
_Rule = Callable[[int, int, int], set[int]]


@dataclass(frozen=True, slots=True)
class Cron:
    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    years: frozenset[int]
    rules: tuple[_Rule, ...]

    @property
    def shortest(self) -> timedelta:
        """What lies between two of its times at least, or a minute where that is more."""
        gaps = [later - earlier for earlier, later in itertools.pairwise(self.seconds)]
        if self._has_minutes_in_a_row():
            gaps.append(60 - self.seconds[-1] + self.seconds[0])
        return timedelta(seconds=min([*gaps, 60]))

    def _has_minutes_in_a_row(self) -> bool:
        """Minute 59 is followed by minute 0 where both their hours are named; midnight counts as if every day were."""
        if any(later - earlier == 1 for earlier, later in itertools.pairwise(self.minutes)):
            return True
        follow = any((hour + 1) % 24 in self.hours for hour in self.hours)
        return follow and self.minutes[0] == 0 and self.minutes[-1] == 59

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The first time after an aware moment, in UTC; None if there is none left."""
        local = moment.astimezone(zone)
        if len(self.hours) == 24:
            # Counted without the clock's jumps, so that what comes every ten minutes also does in that night.
            steady = timezone(local.utcoffset() or timedelta())
            found = self._next_on_the_wall(moment.astimezone(steady).replace(tzinfo=None))
            candidate = found.replace(tzinfo=steady) if found else None
            if candidate and self._shows(candidate.astimezone(zone)):
                return candidate.astimezone(UTC)
        wall = local.replace(tzinfo=None)
        while (found := self._next_on_the_wall(wall)) is not None:
            candidate = found.replace(tzinfo=zone).astimezone(UTC)
            if candidate > moment:
                return candidate
            wall = found
        return None

    def _shows(self, local: datetime) -> bool:
        before = local.replace(tzinfo=None) - timedelta(seconds=1)
        return self._next_on_the_wall(before) == local.replace(tzinfo=None)

    def _next_on_the_wall(self, after: datetime) -> datetime | None:
        start = after.replace(microsecond=0) + timedelta(seconds=1)
        for day in self._days(start.date()):
            found = self._time(start.time() if day == start.date() else time())
            if found is not None:
                return datetime.combine(day, found)
        return None

    def _days(self, first: date) -> Iterator[date]:
        for year in range(first.year, _LAST_YEAR + 1):
            if year not in self.years:
                continue
            for month in range(first.month if year == first.year else 1, 13):
                if month in self.months:
                    last = monthrange(year, month)[1]
                    for day in sorted(set().union(*(rule(year, month, last) for rule in self.rules))):
                        found = date(year, month, day)
                        if found >= first:
                            yield found

    def _time(self, earliest: time) -> time | None:
        """The first time of day that is not before `earliest`."""
        second, carry = _from(self.seconds, earliest.second)
        minute, carry = _from(self.minutes, earliest.minute + carry)
        if carry or minute != earliest.minute:
            second = self.seconds[0]
        hour, late = _from(self.hours, earliest.hour + carry)
        if hour != earliest.hour:
            minute, second = self.minutes[0], self.seconds[0]
        return None if late else time(hour, minute, second)


def _from(values: tuple[int, ...], least: int) -> tuple[int, int]:
    """The first of the values from `least` on, and 1 if that means beginning anew."""
    at = bisect_left(values, least)
    return (values[at], 0) if at < len(values) else (values[0], 1)


# ---------------------------------------------------------------- reading


@lru_cache(1_000)
def parse_cron(text: str) -> Cron:
    """Raises ValueError that says what is wrong with which field."""
    fields = text.upper().split() if len(text) <= _LONGEST else []
    if len(fields) not in (6, 7):
        raise ValueError(
            f"{text[:60]!r} is no Quartz cron: write seconds, minutes, hours, day of month, month, day of week, "
            "as in 0 30 8 ? * MON-FRI."
        )
    seconds, minutes, hours, month_days, months, week_days, years = [*fields, "*"][:7]
    rules = [*_month_days(month_days), *_week_days(week_days)]
    return Cron(
        tuple(sorted(_numbers(seconds, 0, 59, "seconds"))),
        tuple(sorted(_numbers(minutes, 0, 59, "minutes"))),
        tuple(sorted(_numbers(hours, 0, 23, "hours"))),
        frozenset(_numbers(months, 1, 12, "month", _MONTHS)),
        frozenset(_numbers(years, 1970, _LAST_YEAR, "year")),
        tuple(_chosen(rules, month_days, week_days, text)),
    )


def _chosen(rules: list[_Rule], month_days: str, week_days: str, text: str) -> list[_Rule]:
    if month_days == week_days == "?":
        raise ValueError(f"{text!r} names no day: put * for the day of month.")
    if rules and "*" not in (month_days, week_days) and "?" not in (month_days, week_days):
        raise ValueError(f"{text!r} names a day of the month and a day of the week: put ? for one of them.")
    return rules or [lambda _year, _month, last: set(range(1, last + 1))]


def _numbers(text: str, least: int, most: int, field: str, names: tuple[str, ...] = ()) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        found |= _part(part, least, most, field, names)
    return found


def _part(text: str, least: int, most: int, field: str, names: tuple[str, ...]) -> set[int]:
    """`*`, `5`, `5-10`, `5/10`, `*/10`, `5-30/10`; a range may go over the end (`FRI-MON`)."""
    bounds, slash, each = text.partition("/")
    first, dash, last = bounds.partition("-")
    step = int(each) if each.isdecimal() else 0
    if (slash and not step) or not first or (dash and not last):
        raise ValueError(f"{text!r} is not understood as {field}: write it as 5, 5-10, 5,10 or 0/15.")
    if first == "*":
        start, end = least, most
    else:
        start = _number(first, least, most, field, names)
        end = _number(last, least, most, field, names) if dash else (most if slash else start)
    span = end - start if end >= start else end - start + (most - least + 1)
    return {least + (start - least + offset) % (most - least + 1) for offset in range(0, span + 1, step or 1)}


def _number(text: str, least: int, most: int, field: str, names: tuple[str, ...]) -> int:
    number = names.index(text) + 1 if text in names else int(text) if text.isdecimal() and len(text) <= 4 else -1
    if not least <= number <= most:
        offered = f" or {names[0]} to {names[-1]}" if names else ""
        raise ValueError(f"{text!r} is not understood as {field}: it is {least} to {most}{offered}.")
    return number


# ---------------------------------------------------------------- days


def _month_days(text: str) -> list[_Rule]:
    return [] if text in ("*", "?") else [_month_day(part) for part in text.split(",")]


def _month_day(text: str) -> _Rule:
    if match := re.fullmatch(r"L(?:-(\d{1,2}))?(W?)", text):
        back, working = int(match[1] or 0), bool(match[2])
        return lambda year, month, last: _nearest(year, month, last - back, last, working)
    if match := re.fullmatch(r"(\d{1,2})W", text):
        wanted = _number(match[1], 1, 31, "day of month", ())
        return lambda year, month, last: _nearest(year, month, wanted, last, True)
    days = _part(text, 1, 31, "day of month", ())
    return lambda _year, _month, last: {day for day in days if day <= last}


def _nearest(year: int, month: int, day: int, last: int, working: bool) -> set[int]:
    """The day, or the working day nearest to it in the same month; none if the month has no such day."""
    if not 1 <= day <= last:
        return set()
    weekday = date(year, month, day).weekday()
    if not working or weekday < 5:
        return {day}
    if weekday == 5:
        return {day - 1 if day > 1 else day + 2}
    return {day + 1 if day < last else day - 2}


def _week_days(text: str) -> list[_Rule]:
    return [] if text in ("*", "?") else [_week_day(part) for part in text.split(",")]


def _week_day(text: str) -> _Rule:
    if match := re.fullmatch(r"(\w+)#([1-5])", text):
        weekday, nth = _weekday(match[1]), int(match[2])
        return lambda year, month, last: set(_of_weekday(year, month, last, weekday)[nth - 1 : nth])
    if match := re.fullmatch(r"(\w+)L", text):
        weekday = _weekday(match[1])
        return lambda year, month, last: {_of_weekday(year, month, last, weekday)[-1]}
    days = {7} if text == "L" else _part(text, 1, 7, "day of week", _WEEKDAYS)
    return lambda year, month, last: {day for number in days for day in _of_weekday(year, month, last, number)}


def _weekday(text: str) -> int:
    return _number(text, 1, 7, "day of week", _WEEKDAYS)


def _of_weekday(year: int, month: int, last: int, weekday: int) -> list[int]:
    """The days of the month that are this weekday (1 is Sunday)."""
    first_of_month = (date(year, month, 1).weekday() + 1) % 7 + 1
    return list(range(1 + (weekday - first_of_month) % 7, last + 1, 7))
