"""Gateways and flows: where tokens part and meet."""

from __future__ import annotations

import pytest

from engine.errors import ExecutionFailed
from tests.execution.play import Play
from tests.execution.world import Refused


@pytest.mark.parametrize(("n", "way"), [(2, "a"), (1, "b"), (0, "c")])
def test_the_first_true_condition_of_an_exclusive_gateway_wins(play: Play, n: int, way: str) -> None:
    play.start(n=n)
    assert play.tasks == [way]


def test_an_exclusive_gateway_without_a_way_out_leaves_no_trace(play: Play) -> None:
    play.start()
    before = play.stored.state
    with pytest.raises(ExecutionFailed, match="choose: no flow out of it can be taken"):
        play.complete("ask", n=2)
    assert play.stored.state == before


def test_a_parallel_join_waits_for_every_incoming_flow(play: Play) -> None:
    play.start()
    play.complete("a")
    assert play.tree == ["b", "join"]
    play.complete("b")
    assert play.tree == ["after"]


def test_a_parallel_join_in_a_loop_joins_anew_each_turn(play: Play) -> None:
    play.start(repeat=True)
    for turn in range(5):
        play.complete("a", repeat=turn < 4)
        play.complete("b")
    assert play.ended


@pytest.mark.parametrize(("x", "open_tasks"), [(0, ["c"]), (1, ["a"]), (2, ["a", "b"])])
def test_an_inclusive_join_waits_only_for_what_can_still_come(play: Play, x: int, open_tasks: list[str]) -> None:
    play.start(x=x)
    assert play.tasks == open_tasks
    for each in open_tasks:
        assert "after" not in play.tasks
        play.complete(each)
    assert play.tasks == ["after"]


def test_an_inclusive_join_hears_when_a_branch_ends_elsewhere(play: Play) -> None:
    play.start()
    play.complete("a")
    assert play.tree == ["b", "join"]
    play.complete("b", away=True)
    assert play.tree == ["after"]


@pytest.mark.parametrize(("x", "open_tasks"), [(0, ["c"]), (1, ["a"]), (2, ["a", "b"])])
def test_several_flows_out_of_a_task_are_all_taken_if_their_conditions_hold(
    play: Play, x: int, open_tasks: list[str]
) -> None:
    play.start()
    play.complete("ask", x=x)
    assert play.tasks == open_tasks


def test_a_complex_gateway_forks_like_an_inclusive_one(play: Play) -> None:
    play.start(x=2)
    assert play.tasks == ["a", "b"]
    play.start(x=0)
    assert play.tasks == ["a", "b", "c"]


def test_a_complex_gateway_that_joins_is_refused() -> None:
    with pytest.raises(Refused, match=r"unsupported-element join: .* joins flows by a rule of its own"):
        Play("a_complex_gateway_that_joins_is_refused")


def test_the_first_event_after_an_event_based_gateway_wins(play: Play) -> None:
    play.start()
    assert (play.tree, play.jobs, play.subscriptions("message")) == (["wait"], 1, ["go"])
    play.message("go")
    assert (play.tree, play.jobs, play.subscriptions("message")) == (["went"], 0, [])


def test_a_branch_comes_to_rest_before_its_sibling_starts(play: Play) -> None:
    play.start(log=[])
    assert play.variables == {"log": ["a1", "a2", "b1"]}


def test_two_joins_in_a_loop_do_not_wait_for_each_other(play: Play) -> None:
    for order in (("a", "c", "b"), ("b", "a", "c"), ("a", "b", "c")):
        play.start()
        for task in order:
            play.complete(task)
        assert play.tree == ["d"]
        play.complete("d")
        assert play.tree == ["a", "b"]
        play.do("cancel", play.id)
