"""Who is told that an absence was ended before its last day."""

from __future__ import annotations

import pytest

from engine import ProcessEngine, end_absence, set_roles
from tests.engine.people.acting import away, does, news


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("isak", {"fatima"}),
        ("fatima", {"isak"}),
        ("anna", {"isak", "fatima"}),
    ],
)
def test_both_are_told_when_it_is_ended_but_not_who_ends_it(house: ProcessEngine, by: str, told: set[str]) -> None:
    does(house, "anna", lambda context: set_roles(context, "fatima", ["camunda-admin"]))
    begun = away(house, "isak", "fatima", by="anna")
    before = {each: len(news(house, each)) for each in ("isak", "fatima", "anna")}
    does(house, by, lambda context: end_absence(context, begun.id))
    said = {each: news(house, each)[count:] for each, count in before.items()}
    assert {each for each, lines in said.items() if lines} == told
    assert said["isak"] == ["Your absence is over: your tasks are yours alone again."] * ("isak" in told)
    assert said["fatima"] == ["Isak is back. You no longer stand in for Isak."] * ("fatima" in told)


def test_the_end_of_an_absence_of_which_nobody_was_told_is_not_told_either(house: ProcessEngine) -> None:
    coming = away(house, "isak", "fatima", "2027-03-02", "2027-03-05")
    does(house, "anna", lambda context: end_absence(context, coming.id))
    assert news(house, "isak") == news(house, "fatima") == []
