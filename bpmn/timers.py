"""Timers: when one is due, and when its cycle is due again.

A date (`timeDate`), a duration (`timeDuration`), or a cycle (`timeCycle`): an ISO 8601 repeating interval (`R3/PT10M`,
`R/2026-01-01T08:00/P1D`, `R3/start/end`, `R3/PT1H/end`) or a Quartz cron.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from bpmn.cron import parse_cron
from bpmn.iso8601 import Duration, parse_date, parse_duration
from bpmn.model import TimerForm

#: The times of a cycle lie at least so far apart. Each is a job that locks its instance and writes history, and every
#: instance of a flow has its own: a thousand that fire each second are all that a server does. Nothing that people wait
#: for is looked at more often.
SHORTEST_PERIOD = timedelta(seconds=10)
_REPEATS = re.compile(r"R(\d{0,9})")
_MIDNIGHT = time()


class TimerError(ValueError):
    """A date, duration or cycle that cannot be understood; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`due` in UTC. `repeats`: how often the timer fires from here on, this time included; None without end. `cycle`:
    what `next_due` needs to know, None for a timer that fires once."""

    due: datetime
    repeats: int | None = 1
    cycle: str | None = None


@dataclass(frozen=True, slots=True)
class _Interval:
    """A repeating interval, read: times lie `period` apart, from `start` or up to `end` if it says so."""

    repeats: int | None
    period: Duration
    start: datetime | None = None
    end: datetime | None = None


def schedule(
    form: TimerForm, value: Any, now: datetime, zone: tzinfo, opening: time, *, refuse_quick: bool = True
) -> Schedule:
    """When a timer that starts now is due. `value` is ISO 8601 text, a date, a moment or a duration.

    A date without time means `opening` that day; a time without zone is one of `zone`. What lies in the past (a date,
    the last time of a cycle that is over) is due then, and the caller runs it at once. Raises TimerError, also for a
    cycle whose times lie closer than SHORTEST_PERIOD; not `refuse_quick`: `next_due` spaces them.
    """
    try:
        if form is TimerForm.DATE:
            return Schedule(_moment(value, zone, opening))
        if form is TimerForm.DURATION:
            return Schedule(_duration(value).after(now, zone))
        if not isinstance(value, str):
            raise TimerError(f"{value!r} is no cycle: write it as R3/PT10M or as a Quartz cron.")
        text = value.strip()
        if text[:1] in ("R", "r"):
            return _first(_interval(text, zone, opening, refuse_quick=refuse_quick), now, zone)
        cron = parse_cron(text)
        if refuse_quick:
            _require_apart(cron.shortest, text)
        due = cron.next_after(now, zone)
    except ValueError as error:
        raise TimerError(str(error)) from None
    if due is None:
        raise TimerError(f"{text} has no time left.")
    return Schedule(due, None, text)


def next_due(cycle: str, previous_due: datetime, zone: tzinfo, now: datetime | None = None) -> datetime | None:
    """The time after `previous_due`, in UTC, or None if the cycle has no more.

    `cycle` is that of the Schedule; how often it repeats is for the caller to count. Given `now`, times up to then are
    skipped, and so is what lies closer than SHORTEST_PERIOD: cycles of earlier releases may. Raises TimerError.
    """
    after = previous_due if now is None else max(previous_due, now)
    try:
        after = max(after, previous_due + SHORTEST_PERIOD - _TICK)
        if not cycle.startswith("R"):
            return parse_cron(cycle).next_after(after, zone)
        interval = _interval(cycle, zone, _MIDNIGHT, refuse_quick=False)
        return _occurrence(interval.start or previous_due, interval.period, after, zone)[1]
    except ValueError as error:
        raise TimerError(str(error)) from None


# ---------------------------------------------------------------- values


def _moment(value: Any, zone: tzinfo, opening: time) -> datetime:
    found = parse_date(value) if isinstance(value, str) else value
    if isinstance(found, datetime):
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(found, date):
        return datetime.combine(found, opening, zone).astimezone(UTC)
    raise TimerError(f"{value!r} is no date: write it as 2026-12-01 or 2026-12-01T08:00:00+01:00.")


def _duration(value: Any) -> Duration:
    if isinstance(value, timedelta):
        return Duration(time=value)
    if isinstance(value, str):
        return parse_duration(value)
    raise TimerError(f"{value!r} is no duration: write it as P3D or PT2H30M.")


# ---------------------------------------------------------------- repeating intervals


def _interval(text: str, zone: tzinfo, opening: time, *, refuse_quick: bool = True) -> _Interval:
    head, *rest = text.upper().split("/")
    match = _REPEATS.fullmatch(head)
    if match is None or len(rest) not in (1, 2):
        raise TimerError(f"{text!r} is no repeating interval: write it as R3/PT10M or R/2026-01-01T08:00/P1D.")
    repeats = max(int(match[1]), 1) if match[1] else None
    first, last = rest[0], rest[-1]
    start = None if first.startswith("P") else _moment(first, zone, opening)
    end = None if last.startswith("P") or (len(rest) == 1) else _moment(last, zone, opening)
    if start and end:
        period, end = Duration(time=end - start), None
    else:
        period = parse_duration(last if end is None else first)
    if period.after(_EPOCH, UTC) <= _EPOCH:
        raise TimerError(f"The times of {text!r} must lie apart: give a duration longer than zero.")
    if refuse_quick and repeats != 1:
        _require_apart(period.after(_EPOCH, UTC) - _EPOCH, text)
    return _Interval(repeats, period, start, end)


def _require_apart(period: timedelta, text: str) -> None:
    if period < SHORTEST_PERIOD:
        raise TimerError(
            f"The times of {text!r} lie less than {SHORTEST_PERIOD.seconds} seconds apart, and each costs as much as "
            "somebody's work: let more time pass between them."
        )


_TICK = timedelta(microseconds=1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _first(interval: _Interval, now: datetime, zone: tzinfo) -> Schedule:
    period, repeats = interval.period, interval.repeats
    if interval.end is not None:
        return _counted_back(interval, interval.end, now, zone)
    if interval.start is None:
        return Schedule(period.after(now, zone), repeats, f"{_written(repeats)}/{period}")
    start = interval.start
    passed, due = (0, start) if start > now else _occurrence(start, period, now, zone)
    if repeats is not None and passed >= repeats:
        return Schedule(period.times(repeats - 1).after(start, zone))
    left = None if repeats is None else repeats - passed
    return Schedule(due, left, f"{_written(left)}/{start.isoformat()}/{period}")


def _counted_back(interval: _Interval, end: datetime, now: datetime, zone: tzinfo) -> Schedule:
    """The times lie before `end`, which is the last of them; at most `repeats` of them, and those after now."""
    period = interval.period
    if end <= now:
        return Schedule(end)
    most = (interval.repeats or _MANY) - 1
    back = _largest(lambda count: period.times(-count).after(end, zone) > now, most)
    start = period.times(-back).after(end, zone)
    return Schedule(start, back + 1, f"{_written(back + 1)}/{start.isoformat()}/{period}")


def _occurrence(start: datetime, period: Duration, after: datetime, zone: tzinfo) -> tuple[int, datetime]:
    """The first time `start + count * period` later than `after`, and its count, which is at least 1."""
    count = 1 + _largest(lambda count: period.times(count).after(start, zone) <= after, _MANY)
    return count, period.times(count).after(start, zone)


_MANY = 10**18  # more microseconds than the years 1 to 9999 have


def _largest(holds: Any, most: int) -> int:
    """The largest count up to `most` for which a condition holds that holds for 0 and then at some point no more."""
    step = 1
    while step <= most and _held(holds, step):
        step *= 2
    low, high = step // 2, min(step, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _held(holds, middle) else (low, middle)
    return low


def _held(holds: Any, count: int) -> bool:
    try:
        return bool(holds(count))
    except (ValueError, OverflowError):  # beyond the calendar
        return False


def _written(repeats: int | None) -> str:
    return "R" if repeats is None else f"R{repeats}"
