"""Activities that repeat: multi-instance, standard loop, ad-hoc subprocess."""

from __future__ import annotations

import pytest

from engine.errors import BudgetExceeded, ExecutionFailed, InvalidInput
from tests.execution.play import Play


def test_multi_instance_counts_its_turns_in_variables(play: Play) -> None:
    play.start(people=["ada", "bo", "cy"])
    assert sorted(task.assignee or "" for task in play.stored.tasks.values()) == ["ada", "bo", "cy"]
    assert play.seen_by("ask") == {
        "people": ["ada", "bo", "cy"], "who": "ada", "loopCounter": 0,
        "nrOfInstances": 3, "nrOfActiveInstances": 3, "nrOfCompletedInstances": 0,
    }  # fmt: skip
    play.complete("ask")
    assert play.seen_by("ask")["nrOfActiveInstances"] == 2
    play.complete("ask")
    assert play.ended
    assert play.variables == {"people": ["ada", "bo", "cy"]}


def test_sequential_multi_instance_takes_its_items_one_by_one(play: Play) -> None:
    play.start(people=["ada", "bo"])
    assert [task.name for task in play.stored.tasks.values()] == ["ada 0"]
    assert play.seen_by("ask")["nrOfActiveInstances"] == 1
    play.complete("ask")
    assert [task.name for task in play.stored.tasks.values()] == ["bo 1"]
    play.complete("ask")
    assert play.ended


def test_multi_instance_over_nothing_goes_straight_on(play: Play) -> None:
    play.start(people=[])
    assert play.ended


def test_multi_instance_over_no_list_is_refused_by_name(play_of_multi_instance: Play) -> None:
    with pytest.raises(ExecutionFailed, match=r"ask: .*a list is needed"):
        play_of_multi_instance.start(people="ada")


def test_a_huge_multi_instance_is_refused_before_it_is_made(play_of_counted_multi_instance: Play) -> None:
    with pytest.raises(BudgetExceeded, match="100,000 activities"):
        play_of_counted_multi_instance.start(many=1_000_000_000)


def test_multi_instance_may_nest(play: Play) -> None:
    play.start(teams=[["ada", "bo"], ["cy"]])
    assert sorted(task.name or "" for task in play.stored.tasks.values()) == ["ada", "bo", "cy"]
    assert play.tree == ["sub#body/sub/ask#body/ask"] * 3
    play.complete("ask", 3)
    assert play.ended


def test_an_interrupting_boundary_event_ends_the_whole_multi_instance(play: Play) -> None:
    play.start()
    play.complete("ask")
    play.advance(hours=2)
    assert play.tree == ["chase"]


def test_a_cancelled_turn_lowers_what_the_body_waits_for(play: Play) -> None:
    play.start()
    play.modify({"type": "cancel", "activityInstanceNumber": play.number("ask")})
    assert play.tree == ["ask#body/ask"] * 2
    assert play.seen_by("ask")["nrOfActiveInstances"] == 2
    play.complete("ask", 2)
    assert play.ended


def test_starting_the_inner_activity_adds_a_turn_to_the_body(play: Play) -> None:
    play.start()
    play.before("ask")
    assert play.tree == ["ask#body/ask"] * 3
    play.before("ask", ancestorActivityInstanceNumber=play.number("ask", body=True))
    assert play.seen_by("ask")["nrOfInstances"] == 4
    play.complete("ask", 4)
    assert play.ended


def test_starting_the_inner_activity_without_a_body_opens_one_with_one_turn(play: Play) -> None:
    play.start()
    play.before("ask")
    assert play.tree == ["ask#body/ask", "first"]
    assert play.seen_by("ask")["nrOfInstances"] == 1
    play.complete("ask")
    assert play.tree == ["first"]


def test_starting_the_body_starts_all_its_turns(play: Play) -> None:
    play.start()
    play.before("ask#multiInstanceBody")
    assert play.tree == ["ask#body/ask"] * 2 + ["first"]
    play.cancel("ask#multiInstanceBody")
    assert play.tree == ["first"]


def test_a_second_turn_of_a_sequential_multi_instance_is_refused(play: Play) -> None:
    play.start()
    with pytest.raises(InvalidInput, match="ask runs one turn after another"):
        play.before("ask")


def test_a_sequential_multi_instance_takes_as_many_turns_as_its_variable_says(play: Play) -> None:
    play.start()
    play.modify({"type": "startBeforeActivity", "activityId": "ask", "variables": {"nrOfInstances": {"value": 3}}})
    assert play.seen_by("ask")["nrOfInstances"] == 3
    for turn in (1, 2):
        play.complete("ask")
        seen = play.seen_by("ask")
        assert (seen["loopCounter"], seen["nrOfInstances"], seen["nrOfCompletedInstances"]) == (turn, 3, turn)
    play.complete("ask")
    assert play.tasks == ["after", "first"]


def test_a_standard_loop_repeats_while_its_condition_holds(play: Play) -> None:
    play.start(done=False)
    play.complete("ask")
    assert play.seen_by("ask")["loopCounter"] == 1
    play.complete("ask", done=True)
    assert play.ended


def test_a_standard_loop_ends_at_its_maximum(play: Play) -> None:
    play.start(n=0)
    assert play.ended
    assert play.variables == {"n": 4}


def test_a_standard_loop_tested_before_may_not_run_at_all(play: Play) -> None:
    play.start(more=False)
    assert play.tasks == ["after"]


def test_an_ad_hoc_subprocess_offers_all_its_activities_at_once(play: Play) -> None:
    play.start(enough=False)
    assert play.tasks == ["a", "b"]
    play.complete("a")
    assert play.tasks == ["b", "c"]
    play.complete("c", enough=True)
    assert play.tasks == ["after"]


def test_a_sequential_ad_hoc_subprocess_takes_them_in_order(play: Play) -> None:
    play.start()
    assert play.tasks == ["a"]
    play.complete("a")
    assert play.tasks == ["b"]
    play.complete("b")
    assert play.tasks == ["after"]


@pytest.fixture
def play_of_multi_instance() -> Play:
    return Play("multi_instance_counts_its_turns_in_variables")


@pytest.fixture
def play_of_counted_multi_instance() -> Play:
    return Play("a_huge_multi_instance_is_refused_before_it_is_made")
