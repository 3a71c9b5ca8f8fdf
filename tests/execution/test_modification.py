"""Modification: tokens put and taken by somebody's hand. That of multi-instance stands in `test_repeating`."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import InvalidInput
from tests.execution.play import Play


def test_an_interrupting_boundary_event_started_by_modification_interrupts(play: Play) -> None:
    play.start()
    play.before("stop")
    assert play.tree == ["after"]


def test_an_interrupting_event_subprocess_started_by_modification_interrupts(play: Play) -> None:
    for activity in ("handling", "hstart"):
        play.start()
        play.before(activity)
        assert play.tree == ["handling/tidy"]
        assert play.subscriptions("message") == []


def test_starting_inside_an_interrupting_event_subprocess_past_its_start_interrupts_nothing() -> None:
    play = Play("an_interrupting_event_subprocess_started_by_modification_interrupts")
    for instruction in (
        {"type": "startBeforeActivity", "activityId": "tidy"},
        {"type": "startAfterActivity", "activityId": "hstart"},
    ):
        play.start()
        play.modify(instruction)
        assert play.tree == ["ask", "handling/tidy"]
        assert "stop" in play.subscriptions("message")


def test_start_after_needs_exactly_one_outgoing_flow(play: Play) -> None:
    play.start()
    for activity, count in (("fork", 2), ("end", 0)):
        with pytest.raises(InvalidInput, match=f"{activity} has {count} outgoing flows"):
            play.modify({"type": "startAfterActivity", "activityId": activity})
    play.modify({"type": "startAfterActivity", "activityId": "ask"}, {"type": "cancel", "activityId": "ask"})
    assert play.tree == ["a", "b"]
    play.modify({"type": "startTransition", "transitionId": "fork_a"})
    assert play.tree == ["a", "a", "b"]


@pytest.mark.parametrize(
    ("instruction", "says"),
    [
        ({"type": "startBeforeActivity", "activityId": "nowhere"}, "There is no activity nowhere"),
        ({"type": "startBeforeActivity", "activityId": "ask#multiInstanceBody"}, "There is no activity ask#"),
        ({"type": "startTransition", "transitionId": "nowhere"}, "There is no sequence flow nowhere"),
        ({"type": "cancel", "activityInstanceNumber": 99}, "activity instance 99 is not there"),
        (
            {"type": "startBeforeActivity", "activityId": "a", "ancestorActivityInstanceNumber": 99},
            "no activity instance",
        ),
        ({"type": "move"}, "'move' is no instruction"),
    ],
)
def test_an_instruction_that_cannot_be_carried_out_says_why(instruction: dict[str, object], says: str) -> None:
    play = Play("start_after_needs_exactly_one_outgoing_flow")
    play.start()
    before = play.stored.state
    with pytest.raises(InvalidInput, match=says):
        play.modify(instruction)
    assert play.stored.state == before


def test_scopes_opened_on_the_way_map_their_inputs(play: Play) -> None:
    play.start(outer=1)
    play.before("b", variables={"mine": {"value": 2, "local": True}})
    assert play.tree == ["ask", "sub/b"]
    assert play.seen_by("sub", local=True) == {"inner": 1}
    assert play.seen_by("b", local=True) == {"mine": 2}
    play.before("a")
    assert play.tree == ["ask", "sub/a", "sub/b"], "a scope that is there is not opened again"


def test_io_mappings_can_be_skipped() -> None:
    play = Play("scopes_opened_on_the_way_map_their_inputs")
    play.start(outer=1)
    play.modify({"type": "startBeforeActivity", "activityId": "b"}, skip_io_mappings=True)
    assert play.seen_by("sub", local=True) == {}


def test_an_ancestor_says_in_which_scope_to_start(play: Play) -> None:
    play.start()
    with pytest.raises(InvalidInput, match="sub runs 2 times"):
        play.before("b")
    play.before("b", ancestorActivityInstanceNumber=play.number("sub"))
    assert play.tree == ["sub#body/sub/a", "sub#body/sub/a", "sub#body/sub/b"]
    play.before("b", ancestorActivityInstanceNumber=play.number("sub", body=True))
    assert len([each for each in play.state.activities if each.element == "sub"]) == 4


def test_a_modification_may_empty_the_instance_before_it_fills_it_again(play: Play) -> None:
    play.start()
    play.modify({"type": "cancel", "activityId": "a"}, {"type": "startBeforeActivity", "activityId": "b"})
    assert play.tree == ["b"]
    play.modify({"type": "startBeforeActivity", "activityId": "end"}, {"type": "cancel", "activityId": "b"})
    assert play.ended


def test_cancelling_the_root_ends_the_instance() -> None:
    play = Play("a_modification_may_empty_the_instance_before_it_fills_it_again")
    play.start()
    play.modify({"type": "cancel", "activityInstanceNumber": 0})
    assert play.ended


@pytest.mark.parametrize(
    "instruction",
    [
        {"type": "startBeforeActivity", "activityId": "nowhere"},
        {"type": "startAfterActivity", "activityId": "nowhere"},
        {"type": "startTransition", "transitionId": "nowhere"},
        {"type": "startBeforeActivity"},
        {"type": "startBeforeActivity", "activityId": "b", "ancestorActivityInstanceNumber": 99},
        {"type": "cancel", "activityId": "nowhere"},
        {"type": "cancel", "activityInstanceNumber": 99},
        {"type": "cancel"},
        {"type": "jump", "activityId": "b"},
    ],
)
def test_what_is_not_there_is_neither_started_nor_cancelled(instruction: dict[str, Any]) -> None:
    play = Play("a_modification_may_empty_the_instance_before_it_fills_it_again")
    play.start()
    with pytest.raises(InvalidInput):
        play.modify({"type": "startBeforeActivity", "activityId": "b"}, instruction)
    assert play.tree == ["a"]


def test_a_compensation_boundary_event_cannot_be_started(play: Play) -> None:
    play.start()
    with pytest.raises(InvalidInput, match="undoes is a compensation boundary event"):
        play.before("undoes")


def test_start_instructions_put_the_first_tokens(play: Play) -> None:
    definition_id = play.engine.latest["process"]
    play.id = play.do("start", definition_id, {}, instructions=[{"type": "startBeforeActivity", "activityId": "b"}])
    assert play.tree == ["b"]


def test_a_throwing_event_goes_with_its_last_cancelled_handler(play: Play) -> None:
    play.start()
    play.complete("book")
    play.modify({"type": "cancel", "activityId": "undoBook"}, {"type": "startBeforeActivity", "activityId": "book"})
    assert play.tree == ["tx/book"]
    play.complete("book")
    play.cancel("undoBook")
    assert play.ended
