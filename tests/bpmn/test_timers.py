"""When timers are due: dates, durations, repeating intervals, across summer time too."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bpmn.iso8601 import Duration, parse_duration
from bpmn.model import TimerForm
from bpmn.timers import SHORTEST_PERIOD, Schedule, TimerError, next_due, schedule

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OPENING = time(8)


def planned(form: TimerForm, value: Any, now: datetime = NOW) -> Schedule:
    return schedule(form, value, now, STOCKHOLM, OPENING)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("2026-12-01T12:00:00Z", "2026-12-01T12:00"),
        ("2026-12-01T12:00:00.500+01:00", "2026-12-01T11:00:00.500"),
        ("2026-12-01T12:00:00.000+0000", "2026-12-01T12:00"),
        ("2026-12-01T12:00", "2026-12-01T11:00"),
        ("2026-07-01T12:00", "2026-07-01T10:00"),
        ("2026-12-01", "2026-12-01T07:00"),
        (" 2026-12-01 ", "2026-12-01T07:00"),
        (date(2026, 7, 1), "2026-07-01T06:00"),
        (datetime(2026, 12, 1, 9, tzinfo=STOCKHOLM), "2026-12-01T08:00"),
        (datetime(2026, 12, 1, 9), "2026-12-01T08:00"),  # noqa: DTZ001 - a time without zone is what is tested
    ],
)
def test_a_date_is_due_then_in_the_zone_it_names_or_that_of_the_site(value: Any, due: str) -> None:
    assert planned(TimerForm.DATE, value) == Schedule(utc(due), 1, None)


def test_a_date_that_has_passed_is_due_in_the_past() -> None:
    assert planned(TimerForm.DATE, "2020-01-01").due < NOW


@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("PT10M", "2026-11-24T12:10"),
        ("PT0S", "2026-11-24T12:00"),
        ("PT1.5S", "2026-11-24T12:00:01.5"),
        ("P1D", "2026-11-25T12:00"),
        ("P2W", "2026-12-08T12:00"),
        ("P1M", "2026-12-24T12:00"),
        ("P1Y2M3DT4H5M6S", "2028-01-27T16:05:06"),
        (timedelta(hours=3), "2026-11-24T15:00"),
    ],
)
def test_a_duration_is_counted_from_now(value: Any, due: str) -> None:
    assert planned(TimerForm.DURATION, value) == Schedule(utc(due), 1, None)


def test_a_month_after_the_31st_is_the_last_day_of_the_next() -> None:
    assert planned(TimerForm.DURATION, "P1M", utc("2027-01-31T10:00")).due == utc("2027-02-28T10:00")


def test_a_day_is_a_day_on_the_clock_and_24_hours_are_24_hours() -> None:
    before_summer_time = utc("2027-03-27T11:00")  # noon in Stockholm; the clock is put forward that night
    assert planned(TimerForm.DURATION, "P1D", before_summer_time).due == utc("2027-03-28T10:00")
    assert planned(TimerForm.DURATION, "PT24H", before_summer_time).due == utc("2027-03-28T11:00")
    before_winter_time = utc("2027-10-30T10:00")
    assert planned(TimerForm.DURATION, "P1D", before_winter_time).due == utc("2027-10-31T11:00")
    assert planned(TimerForm.DURATION, "PT24H", before_winter_time).due == utc("2027-10-31T10:00")


def times(cycle: str, count: int, now: datetime = NOW) -> list[datetime]:
    """What a caller does that fires a cycle and asks for its next time, `count` times at most."""
    first = planned(TimerForm.CYCLE, cycle, now)
    found = [first.due]
    while first.cycle and len(found) < min(count, first.repeats or count):
        following = next_due(first.cycle, found[-1], STOCKHOLM)
        if following is None:
            break
        found.append(following)
    return found


def test_a_cycle_of_three_fires_three_times() -> None:
    assert planned(TimerForm.CYCLE, "R3/PT10M").repeats == 3
    assert times("R3/PT10M", 10) == [utc("2026-11-24T12:10"), utc("2026-11-24T12:20"), utc("2026-11-24T12:30")]


def test_a_cycle_without_number_goes_on() -> None:
    assert planned(TimerForm.CYCLE, "R/PT1H").repeats is None
    assert times("R/PT1H", 30)[-1] == utc("2026-11-25T18:00")


def test_a_cycle_with_a_start_to_come_begins_there() -> None:
    assert times("R2/2026-12-01T08:00:00Z/P1D", 9) == [utc("2026-12-01T08:00"), utc("2026-12-02T08:00")]


def test_a_cycle_with_a_start_that_has_passed_goes_on_from_its_next_time() -> None:
    assert times("R/2026-01-01T00:00:00Z/P1D", 2) == [utc("2026-11-25T00:00"), utc("2026-11-26T00:00")]
    begun = planned(TimerForm.CYCLE, "R5/2026-11-22T00:00:00Z/P1D")
    assert (begun.due, begun.repeats) == (utc("2026-11-25T00:00"), 2)


def test_a_cycle_that_is_over_is_due_once_in_the_past() -> None:
    over = planned(TimerForm.CYCLE, "R3/2020-01-01T00:00:00Z/P1D")
    assert over == Schedule(utc("2020-01-03T00:00"), 1, None)


def test_a_cycle_with_an_end_has_its_last_time_there() -> None:
    assert times("R3/PT1H/2026-11-24T20:00:00Z", 9) == [utc(f"2026-11-24T{hour}:00") for hour in (18, 19, 20)]
    assert times("R/PT3H/2026-11-24T20:00:00Z", 9) == [utc(f"2026-11-24T{hour}:00") for hour in (14, 17, 20)]


def test_a_cycle_with_start_and_end_repeats_the_time_between_them() -> None:
    assert times("R2/2026-11-25T08:00:00Z/2026-11-25T14:00:00Z", 9) == [
        utc("2026-11-25T08:00"),
        utc("2026-11-25T14:00"),
    ]


def test_a_daily_cycle_keeps_its_hour_when_the_clock_changes() -> None:
    found = times("R/2027-03-27T08:00/P1D", 3, utc("2027-03-01T00:00"))
    assert [moment.astimezone(STOCKHOLM).hour for moment in found] == [8, 8, 8]
    assert found[1] - found[0] == timedelta(hours=23)


def test_a_monthly_cycle_from_the_31st_does_not_drift() -> None:
    found = times("R/2027-01-31T08:00:00Z/P1M", 4)
    assert [moment.day for moment in found] == [31, 28, 31, 30]


def test_times_missed_meanwhile_can_be_left_out() -> None:
    late = NOW + timedelta(days=3, minutes=5)
    assert next_due("R/PT1H", NOW, STOCKHOLM, now=late) == NOW + timedelta(days=3, hours=1)
    assert next_due("R/2020-01-01T00:00:00+00:00/PT0.001S", NOW, STOCKHOLM) == NOW + timedelta(seconds=10)


def test_a_cycle_at_the_end_of_time_ends() -> None:
    assert next_due("R/P1Y", datetime(9998, 6, 1, tzinfo=UTC), STOCKHOLM) == datetime(9999, 6, 1, tzinfo=UTC)
    with pytest.raises(TimerError):
        next_due("R/P1Y", datetime(9999, 6, 1, tzinfo=UTC), STOCKHOLM)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (TimerForm.DATE, "tomorrow"),
        (TimerForm.DATE, "2026-13-01"),
        (TimerForm.DATE, 5),
        (TimerForm.DATE, None),
        (TimerForm.DATE, ""),
        (TimerForm.DURATION, "10 minutes"),
        (TimerForm.DURATION, "P"),
        (TimerForm.DURATION, "PT"),
        (TimerForm.DURATION, "P1S"),
        (TimerForm.DURATION, "P" + "9" * 50 + "D"),
        (TimerForm.DURATION, "P99999Y"),
        (TimerForm.DURATION, 60),
        (TimerForm.CYCLE, "R3"),
        (TimerForm.CYCLE, "R/PT0S"),
        (TimerForm.CYCLE, "R/2026-01-02T00:00:00Z/2026-01-01T00:00:00Z"),
        (TimerForm.CYCLE, "R/a/b/c"),
        (TimerForm.CYCLE, "Rx/PT1H"),
        (TimerForm.CYCLE, "PT1H"),
        (TimerForm.CYCLE, 3),
    ],
)
def test_what_is_no_timer_is_an_error_that_says_what_to_write(form: TimerForm, value: Any) -> None:
    with pytest.raises(TimerError, match=r"write|is no|lie apart|too long|beyond"):
        planned(form, value)


@pytest.mark.parametrize("text", ["P1Y2M10DT2H30M", "P3D", "PT0.25S", "-P1D", "P1M", "PT0S", "PT36H"])
def test_a_duration_written_and_read_again_is_the_same(text: str) -> None:
    duration = parse_duration(text)
    if duration.months >= 0 and duration.days >= 0:
        assert parse_duration(str(duration)) == duration
    assert str(Duration()) == "PT0S"


@pytest.mark.parametrize(
    ("cycle", "apart"),
    [
        ("R/PT0.000001S", False),
        ("R/PT9.999S", False),
        ("R/PT10S", True),
        ("R2/PT1S", False),
        ("R1/PT1S", True),
        ("R999999999/PT5S", False),
        ("R/2026-01-01T00:00:00Z/PT1S", False),
        ("R/PT1S/2030-01-01T00:00:00Z", False),
        ("R/2026-11-24T12:00:00Z/2026-11-24T12:00:01Z", False),
        ("R/2026-11-24T12:00:00Z/2026-11-24T12:00:10Z", True),
        ("R/P1M", True),
        ("* * * * * ?", False),
        ("0/5 * * * * ?", False),
        ("0/10 * * * * ?", True),
        ("0 * * * * ?", True),
        ("0,55 0 12 * * ?", True),
        ("0,55 0,1 12 * * ?", False),
        ("0,55 59,0 * * * ?", False),
        ("0,9 0 12 * * ?", False),
        ("0,55 0,59 12 * * ?", True),
        ("0,55 0,59 8,12 * * ?", True),
        ("0,55 0,59 11,12 * * ?", False),
        ("0,55 0,59 0,23 * * ?", False),
    ],
)
def test_the_times_of_a_cycle_lie_ten_seconds_apart_or_more(cycle: str, apart: bool) -> None:
    if apart:
        assert planned(TimerForm.CYCLE, cycle).due > NOW
    else:
        with pytest.raises(TimerError, match="less than 10 seconds apart"):
            planned(TimerForm.CYCLE, cycle)


@pytest.mark.parametrize("cycle", ["R/PT0.000001S", "R/2026-11-24T12:00:00+00:00/PT1S", "* * * * * ?"])
def test_a_quick_cycle_of_an_earlier_release_goes_on_slower(cycle: str) -> None:
    due = NOW
    for _ in range(3):
        following = next_due(cycle, due, STOCKHOLM)
        assert following == due + SHORTEST_PERIOD
        due = following
