"""How dates, moments and values are said to people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale

from api.pages import words
from api.pages.admin.log_words import operations

STOCKHOLM = ZoneInfo("Europe/Stockholm")
#: Wednesday 3 March 2027, 13:00 in Stockholm.
NOW = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_english(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"), force_locale("en"):
        yield


@pytest.mark.parametrize(
    ("from_now", "said", "state"),
    [
        (timedelta(days=-2), "2 days late", "late"),
        (timedelta(days=-1), "1 day late", "late"),
        (timedelta(hours=-1), "Late today", "late"),
        (timedelta(hours=3), "Today 16:00", "soon"),
        (timedelta(days=1), "Tomorrow", "soon"),
        (timedelta(days=2), "Friday", "later"),
        (timedelta(days=7), "10 March", "later"),
        (timedelta(days=365), "2 March 2028", "later"),
    ],
)
def test_a_due_date_is_said_as_people_say_it(from_now: timedelta, said: str, state: str) -> None:
    found = words.due_in_words(NOW + from_now, NOW, STOCKHOLM)
    assert (found.words, found.state) == (said, state)


def test_without_a_due_date_nothing_is_late() -> None:
    assert words.due_in_words(None, NOW, STOCKHOLM) == words.Due("–", "none")


def test_the_day_is_that_of_the_site_not_of_greenwich() -> None:
    half_past_midnight = datetime(2027, 3, 3, 23, 30, tzinfo=UTC)
    assert words.due_in_words(half_past_midnight, NOW, STOCKHOLM).words == "Tomorrow"


def test_a_due_date_is_said_in_swedish() -> None:
    with force_locale("sv"):
        assert words.due_in_words(NOW - timedelta(days=2), NOW, STOCKHOLM).words == "2 dagar försenad"
        assert words.due_in_words(NOW + timedelta(days=2), NOW, STOCKHOLM).words == "Fredag"


def test_moments_are_told_by_day_and_hour() -> None:
    assert words.moment_in_words(NOW, NOW, STOCKHOLM) == "Today 13:00"
    assert words.moment_in_words(NOW - timedelta(days=1), NOW, STOCKHOLM) == "Yesterday 13:00"
    assert words.moment_in_words(NOW - timedelta(days=30), NOW, STOCKHOLM) == "1 February 13:00"
    assert words.inside_a_sentence("Today 13:00") == "today 13:00"


def test_days_under_way_are_counted_by_the_calendar() -> None:
    late_yesterday = datetime(2027, 3, 2, 22, 0, tzinfo=UTC)
    assert words.days_under_way(late_yesterday, None, NOW, STOCKHOLM) == 1
    assert words.days_under_way(NOW - timedelta(days=9), NOW - timedelta(days=2), NOW, STOCKHOLM) == 7


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "Yes"),
        (False, "No"),
        (None, "–"),
        ("", "–"),
        ([], "–"),
        (["a", "b"], "Ay, b"),
        ("a", "Ay"),
        ("2027-04-12", "12 April 2027"),
        (41000, "41000"),
    ],
)
def test_a_value_is_said_as_people_say_it(value: object, said: str) -> None:
    assert words.value_in_words(value, {"a": "Ay"}) == said


#: They are about people and the house, and never of a journey.
OF_NO_JOURNEY = {
    "AddComment", "Create", "Update", "Save", "AddMember", "RemoveMember", "SetRoles", "SetOwnedFlows", "SetPassword",
    "SetAbsence", "EndAbsence", "SetRetention", "CloseAccount", "ErasePerson", "EndSession", "SignInRefused", "Link",
    "Unlink",
}  # fmt: skip


def test_everything_that_happens_to_a_journey_is_told_in_words() -> None:
    assert [each for each in operations() if each == words.operation_in_words(each)] == [
        each for each in operations() if each in OF_NO_JOURNEY
    ]


def test_initials_take_first_and_last_name() -> None:
    assert (words.initials("Anna Karin Öberg"), words.initials("Alva"), words.initials("")) == ("AÖ", "A", "")


def test_the_same_department_has_the_same_colour() -> None:
    assert words.hue("hr") == words.hue("hr")
    assert {words.hue(name) for name in ("hr", "it", "facilities", None)} <= set(range(words.HUES))


def test_every_error_of_a_field_says_what_would_be_right() -> None:
    said = {
        code: words.field_error(code, {"limit": 3})
        for code in ("required", "option", "min", "max", "minlength", "maxlength", "type")
    }
    assert len(set(said.values())) == 7
    assert said["maxlength"] == "Write at most 3 characters."
    assert words.day_in_words(date(2027, 4, 12), date(2027, 3, 3)) == "12 April"
