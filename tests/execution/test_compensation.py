"""Compensation and transactions: what has completed is undone, beside whoever asked for it."""

from __future__ import annotations

from tests.execution.play import Play


def test_a_compensation_handler_stands_beside_the_waiting_throw(play: Play) -> None:
    play.start()
    play.complete("book")
    assert play.subscriptions("compensate") == [None]
    play.complete("decide")
    assert play.tree == ["throw", "undoBook"]
    assert play.subscriptions("compensate") == []
    play.complete("undoBook")
    assert play.ended


def test_a_reopened_subprocess_stands_beside_the_waiting_end_event(play: Play) -> None:
    play.start()
    play.complete("book")
    assert play.tree == ["end", "sub/undoBook"]
    play.complete("undoBook")
    assert play.ended


def test_a_compensated_multi_instance_shows_its_body_in_the_tree(play: Play) -> None:
    play.start()
    play.complete("book", 3)
    assert play.tree == ["book#body/undoBook"] * 3 + ["throw"]
    play.complete("undoBook", 2)
    assert play.tree == ["book#body/undoBook", "throw"]
    play.complete("undoBook")
    assert play.ended


def test_a_compensated_multi_instance_subprocess_shows_every_scope_in_the_tree(play: Play) -> None:
    play.start()
    play.complete("book", 2)
    assert play.tree == ["sub#body/sub/undoBook"] * 2 + ["throw"]
    play.complete("undoBook", 2)
    assert play.ended


def test_a_reopened_scope_has_the_variables_it_completed_with(play: Play) -> None:
    play.start(place="A 1")
    play.complete("book", place="B 2")
    play.complete("move")
    [task] = play.stored.tasks.values()
    assert task.name == "Give back A 1"


def test_a_subprocess_with_its_own_handler_runs_that_and_those_inside(play: Play) -> None:
    play.start()
    play.complete("book")
    assert play.tree == ["sub/undoBook", "throw", "undoSub"]
    play.complete("undoSub")
    assert play.tree == ["sub/undoBook", "throw"]
    play.complete("undoBook")
    assert play.ended


def test_compensation_of_one_activity_leaves_the_others_alone(play: Play) -> None:
    play.start()
    play.complete("hotel")
    play.complete("flight")
    assert play.tasks == ["undoFlight"]
    assert len(play.subscriptions("compensate")) == 1
    play.complete("undoFlight")
    assert play.ended


def test_a_cancel_end_event_undoes_the_transaction_and_leaves_by_its_boundary(play: Play) -> None:
    play.start()
    play.complete("book")
    play.complete("stop")
    # The branch that was still open is interrupted at once; the boundary event waits for what is undone.
    assert play.tree == ["tx/cancelend", "tx/undoBook"]
    play.complete("undoBook")
    assert play.tasks == ["after"]
    play.complete("after")
    assert play.ended


def test_a_cancel_end_event_reached_again_adds_no_second_thrower(play: Play) -> None:
    play.start()
    play.complete("book")
    play.before("book")
    play.complete("book")
    # What was being undone is interrupted; what has completed since is undone.
    assert play.tree == ["tx/cancelend", "tx/undoBook"]
    play.before("cancelend")
    assert play.ended


def test_a_completed_transaction_can_still_be_compensated_from_outside(play: Play) -> None:
    play.start()
    play.complete("book")
    play.complete("later")
    assert play.tree == ["end", "tx/undoBook"]
    play.complete("undoBook")
    assert play.ended


def test_a_cancelled_throw_takes_its_handlers_with_it(play: Play) -> None:
    play.start()
    play.complete("book")
    assert play.tasks == ["undoBook"]
    play.message("stop")
    assert play.ended


def test_a_throw_goes_on_when_what_it_waits_for_is_cancelled() -> None:
    play = Play("a_reopened_subprocess_stands_beside_the_waiting_end_event")
    play.start()
    play.complete("book")
    play.cancel("undoBook")
    assert play.ended


def test_a_compensation_event_subprocess_handles_the_compensation_of_its_scope(play: Play) -> None:
    play.start()
    play.complete("book")
    assert play.tree == ["sub/handling/tidy", "throw"]
    play.complete("tidy")
    assert play.tree == ["sub/handling/rethrow", "sub/undoBook", "throw"]
    play.complete("undoBook")
    assert play.ended
