"""Working time, checked against the `holidays` library, by hand for the traps, and across summer time."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta

import holidays
import pytest

from engine.calendar import OfficeCalendar, Site, as_day, due_moment, expression_functions

STOCKHOLM = OfficeCalendar(Site())


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 6, 19), "Midsummer Eve, a Friday off by custom"),
        (date(2026, 12, 24), "Christmas Eve"),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2026, 12, 31), "New Year's Eve"),
        (date(2026, 1, 6), "Epiphany"),
        (date(2026, 5, 14), "Ascension Day"),
        (date(2026, 11, 22), "an ordinary Sunday"),
    ],
)
def test_nobody_works_in_sweden_on(day: date, why: str) -> None:
    assert not STOCKHOLM.is_workday(day), why


@pytest.mark.parametrize("day", [date(2026, 12, 23), date(2026, 6, 18), date(2026, 11, 24)])
def test_ordinary_days_are_worked(day: date) -> None:
    assert STOCKHOLM.is_workday(day)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 12, 1), -5, date(2026, 11, 24)),
        (date(2026, 12, 1), -1, date(2026, 11, 30)),
        (date(2026, 12, 1), 0, date(2026, 12, 1)),
        (date(2026, 11, 29), 0, date(2026, 11, 30)),
        (date(2026, 11, 29), 1, date(2026, 11, 30)),
        (date(2026, 11, 29), -1, date(2026, 11, 27)),
        (date(2026, 12, 23), 1, date(2026, 12, 28)),
        (date(2026, 12, 30), 1, date(2027, 1, 4)),
        (date(2027, 1, 11), -5, date(2026, 12, 30)),
    ],
)
def test_workdays_step_over_weekends_and_holidays(start: date, count: int, expected: date) -> None:
    assert STOCKHOLM.workday(start, count) == expected


def test_workdays_agree_with_the_holidays_library_for_every_offset() -> None:
    library = holidays.country_holidays(
        "SE", years=range(2020, 2035), include_sundays=False, categories=("public", "de_facto")
    )

    def slowly(day: date, count: int) -> date:
        step = timedelta(days=1 if count > 0 else -1)
        while count:
            day += step
            if day.weekday() < 5 and day not in library:
                count -= 1 if count > 0 else -1
        return day

    chance = random.Random(2026)
    for _ in range(2_000):
        day = date(2022, 1, 1) + timedelta(days=chance.randrange(3_000))
        count = chance.choice([n for n in range(-30, 31) if n])
        assert STOCKHOLM.workday(day, count) == slowly(day, count), (day, count)


def test_far_offsets_grow_the_calendar_instead_of_failing() -> None:
    calendar = OfficeCalendar(Site())
    found = calendar.workday(date(2026, 1, 1), 5_000)
    assert calendar.workday(found, -4_999) == date(2026, 1, 2)


def test_too_far_an_offset_says_what_is_allowed() -> None:
    with pytest.raises(ValueError, match="10,000"):
        STOCKHOLM.workday(date(2026, 1, 1), 10_001)


def test_a_site_adds_and_removes_days_off() -> None:
    site = Site(extra_days_off=frozenset({date(2026, 11, 25)}), removed_days_off=frozenset({date(2026, 12, 24)}))
    calendar = OfficeCalendar(site)
    assert not calendar.is_workday(date(2026, 11, 25))
    assert calendar.is_workday(date(2026, 12, 24))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-24T08:00+01:00", "2026-11-24T17:00+01:00", 9),
        ("2026-11-24T07:00+01:00", "2026-11-24T18:00+01:00", 9),
        ("2026-11-27T16:00+01:00", "2026-11-30T09:00+01:00", 2),
        ("2026-11-28T10:00+01:00", "2026-11-29T10:00+01:00", 0),
        ("2026-03-27T16:00+01:00", "2026-03-30T09:00+02:00", 2),
        ("2026-10-23T16:00+02:00", "2026-10-26T09:00+01:00", 2),
        ("2026-11-24T12:00+01:00", "2026-11-24T11:00+01:00", -1),
    ],
)
def test_office_seconds_between(start: str, end: str, hours: float) -> None:
    assert STOCKHOLM.office_seconds(moment(start), moment(end)) == hours * 3600


def test_after_is_the_inverse_of_office_seconds() -> None:
    chance = random.Random(7)
    for _ in range(500):
        start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(600_000))
        seconds = chance.randrange(1, 400 * 3600)
        assert STOCKHOLM.office_seconds(start, STOCKHOLM.after(start, seconds)) == pytest.approx(seconds)


def test_a_due_date_without_time_means_closing_time() -> None:
    assert due_moment("2026-12-01", STOCKHOLM) == moment("2026-12-01T17:00+01:00")
    assert due_moment("2026-07-01", STOCKHOLM) == moment("2026-07-01T17:00+02:00")
    assert due_moment("2026-12-01T12:00", STOCKHOLM) == moment("2026-12-01T12:00+01:00")
    assert due_moment("2026-12-01T12:00Z", STOCKHOLM) == moment("2026-12-01T12:00+00:00")
    assert due_moment(None, STOCKHOLM) is None


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "", "2026-12-01Tnoon"])
def test_an_unreadable_due_date_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="2026-12-01"):
        due_moment(text, STOCKHOLM)


def functions_at(text: str) -> dict[str, object]:
    return dict(expression_functions(STOCKHOLM, lambda: moment(text)))


def test_models_count_working_days_from_text_dates_and_moments() -> None:
    workday = expression_functions(STOCKHOLM, lambda: moment("2026-11-24T23:30+00:00"))["workday"]
    assert workday("2026-12-01", -5) == date(2026, 11, 24)
    assert workday(date(2026, 12, 1), -5) == date(2026, 11, 24)
    assert workday("2026-12-01T23:30:00+00:00", 0) == date(2026, 12, 2), "that is already tomorrow in Stockholm"
    assert workday("2026-12-01", -1, "12:00") == datetime(2026, 11, 30, 12, tzinfo=STOCKHOLM.site.tz)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("soon", 1), "date"),
        (("2026-12-01", "many"), "whole number"),
        (("2026-12-01", 1.5), "whole number"),
        (("2026-12-01", True), "whole number"),
        (("2026-12-01", 1, "noon"), "12:00"),
        ((None, 1), "date"),
    ],
)
def test_workday_refuses_what_it_cannot_count(arguments: tuple[object, ...], says: str) -> None:
    workday = expression_functions(STOCKHOLM, lambda: moment("2026-11-24T12:00+01:00"))["workday"]
    with pytest.raises(ValueError, match=says):
        workday(*arguments)


def test_latest_and_earliest_compare_days_and_moments_and_pass_over_nothing() -> None:
    functions = expression_functions(STOCKHOLM, lambda: moment("2026-11-24T12:00+01:00"))
    assert functions["latest"]("2026-12-01", None, "2026-11-01") == "2026-12-01"
    assert functions["earliest"]("2026-12-01", datetime(2026, 12, 1, 9, tzinfo=UTC)) == datetime(
        2026, 12, 1, 9, tzinfo=UTC
    )
    with pytest.raises(ValueError, match="at least one"):
        functions["latest"](None)


def test_today_is_the_day_on_the_wall_of_the_site() -> None:
    functions = expression_functions(STOCKHOLM, lambda: moment("2026-11-24T23:30+00:00"))
    assert functions["today"]() == date(2026, 11, 25)


def test_as_day_takes_a_naive_moment_as_it_stands() -> None:
    assert as_day(datetime(2026, 12, 1, 23, 30), STOCKHOLM) == date(2026, 12, 1)  # noqa: DTZ001


def test_opening_and_closing_are_those_of_the_site() -> None:
    calendar = OfficeCalendar(Site(opens=time(7, 30), closes=time(16)))
    assert calendar.opening(date(2026, 7, 1)).utcoffset() == timedelta(hours=2)
    assert (calendar.closing(date(2026, 7, 1)) - calendar.opening(date(2026, 7, 1))) == timedelta(hours=8, minutes=30)
