"""Quartz cron, against the examples of its manual and across summer time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bpmn.cron import parse_cron

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def following(cron: str, start: str, count: int, zone: ZoneInfo = STOCKHOLM) -> list[str]:
    """The next times as the clock of the zone shows them."""
    moment = datetime.fromisoformat(start).replace(tzinfo=zone).astimezone(UTC)
    found = []
    for _ in range(count):
        following_moment = parse_cron(cron).next_after(moment, zone)
        if following_moment is None:
            break
        moment = following_moment
        found.append(f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}")
    return found


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 0 12 * * ?", ["2026-11-24 12:00:00", "2026-11-25 12:00:00"]),
        ("0 15 10 ? * *", ["2026-11-24 10:15:00", "2026-11-25 10:15:00"]),
        ("0 15 10 * * ? 2027", ["2027-01-01 10:15:00", "2027-01-02 10:15:00"]),
        ("0 * 14 * * ?", ["2026-11-24 14:00:00", "2026-11-24 14:01:00"]),
        ("0 0/5 14 * * ?", ["2026-11-24 14:00:00", "2026-11-24 14:05:00"]),
        ("0 0/30 14,18 * * ?", ["2026-11-24 14:00:00", "2026-11-24 14:30:00", "2026-11-24 18:00:00"]),
        ("0 0-5 14 * * ?", ["2026-11-24 14:00:00", "2026-11-24 14:01:00"]),
        ("0 10,44 14 ? 3 WED", ["2027-03-03 14:10:00", "2027-03-03 14:44:00", "2027-03-10 14:10:00"]),
        ("0 15 10 ? * MON-FRI", ["2026-11-24 10:15:00", "2026-11-25 10:15:00", "2026-11-26 10:15:00"]),
        ("0 0 9 ? * FRI-MON", ["2026-11-27 09:00:00", "2026-11-28 09:00:00", "2026-11-29 09:00:00"]),
        ("0 15 10 15 * ?", ["2026-12-15 10:15:00", "2027-01-15 10:15:00"]),
        ("0 15 10 L * ?", ["2026-11-30 10:15:00", "2026-12-31 10:15:00"]),
        ("0 15 10 L-2 * ?", ["2026-11-28 10:15:00", "2026-12-29 10:15:00"]),
        ("0 15 10 LW * ?", ["2026-11-30 10:15:00", "2026-12-31 10:15:00", "2027-01-29 10:15:00"]),
        ("0 15 10 15W * ?", ["2026-12-15 10:15:00", "2027-01-15 10:15:00", "2027-02-15 10:15:00"]),
        ("0 0 8 1W 5,8 ?", ["2027-05-03 08:00:00", "2027-08-02 08:00:00"]),
        ("0 0 8 31W * ?", ["2026-12-31 08:00:00", "2027-01-29 08:00:00"]),
        ("0 15 10 ? * 6L", ["2026-11-27 10:15:00", "2026-12-25 10:15:00"]),
        ("0 15 10 ? * FRIL 2026-2027", ["2026-11-27 10:15:00", "2026-12-25 10:15:00"]),
        ("0 15 10 ? * 6#3", ["2026-12-18 10:15:00", "2027-01-15 10:15:00"]),
        ("0 15 10 ? * MON#5", ["2026-11-30 10:15:00", "2027-03-29 10:15:00"]),
        ("0 0 12 1/5 * ?", ["2026-11-26 12:00:00", "2026-12-01 12:00:00"]),
        ("0 11 11 11 11 ?", ["2027-11-11 11:11:00", "2028-11-11 11:11:00"]),
        ("0 0 12 29 2 ?", ["2028-02-29 12:00:00", "2032-02-29 12:00:00"]),
        ("*/20 59 23 31 12 ?", ["2026-12-31 23:59:00", "2026-12-31 23:59:20"]),
        ("0 0 0 1 jan ?", ["2027-01-01 00:00:00", "2028-01-01 00:00:00"]),
        ("0 0 12 * * *", ["2026-11-24 12:00:00", "2026-11-25 12:00:00"]),
        ("0 0 12 ? * L", ["2026-11-28 12:00:00", "2026-12-05 12:00:00"]),
        ("0 0 22-2/2 * * ?", ["2026-11-24 22:00:00", "2026-11-25 00:00:00", "2026-11-25 02:00:00"]),
        ("30 0 0 10-20/5,L * ?", ["2026-11-30 00:00:30", "2026-12-10 00:00:30", "2026-12-15 00:00:30"]),
    ],
)
def test_each_example_fires_when_its_manual_says(cron: str, expected: list[str]) -> None:
    assert following(cron, "2026-11-24T08:00:00", len(expected)) == expected


def test_a_time_that_the_clock_skips_in_spring_comes_an_hour_later() -> None:
    expected = ["2027-03-27 02:30:00", "2027-03-28 03:30:00", "2027-03-29 02:30:00"]
    assert following("0 30 2 * * ?", "2027-03-27T00:00:00", 3) == expected


def test_a_time_that_the_clock_shows_twice_in_autumn_comes_once() -> None:
    expected = ["2027-10-30 02:30:00", "2027-10-31 02:30:00", "2027-11-01 02:30:00"]
    assert following("0 30 2 * * ?", "2027-10-30T00:00:00", 3) == expected


def test_what_comes_every_half_hour_does_so_while_the_clock_changes() -> None:
    for night in (datetime(2027, 10, 31, 0, tzinfo=UTC), datetime(2027, 3, 28, 0, tzinfo=UTC)):
        moment = night
        for _ in range(6):
            found = parse_cron("0 0/30 * * * ?").next_after(moment, STOCKHOLM)
            assert found is not None
            assert (found - moment).total_seconds() == 1800
            moment = found


def test_a_year_that_has_passed_has_no_time_left() -> None:
    assert following("0 0 12 * * ? 2020", "2026-01-01T00:00:00", 1) == []


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "* * * * *",
        "0 0 12 * * ? 2027 1",
        "60 0 12 * * ?",
        "0 0 24 * * ?",
        "0 0 12 32 * ?",
        "0 0 12 0 * ?",
        "0 0 12 1 13 ?",
        "0 0 12 ? * 8",
        "0 0 12 ? * 6#6",
        "0 0 12 ? * XXX",
        "0 0 12 ? * ?",
        "0 0 12 1 * MON",
        "0 0 12 1- * ?",
        "0 0/0 12 * * ?",
        "0 0/x 12 * * ?",
        "0 0 12 ? JANUARY MON",
        "0 0 12 L-40W 2 MON",
        "a b c d e f",
        "0 " * 500,
    ],
)
def test_what_is_no_cron_is_an_error_that_says_which_field(cron: str) -> None:
    with pytest.raises(ValueError, match=r"understood as|Quartz cron|names"):
        parse_cron(cron)
