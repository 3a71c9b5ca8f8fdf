"""Migration: what has completed, and is to be undone by the new version."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.play import END, START, flow, user_task
from tests.execution.migrating import (
    COMPENSATION,
    Move,
    line,
    model,
    same,
    scope,
)


def booking(handler: str = "unbook", edge: str = "edge", *, nested: bool = False) -> bytes:
    book = (
        user_task("book") + f'<boundaryEvent id="{edge}" attachedToRef="book">{COMPENSATION}</boundaryEvent>'
        + user_task(handler, 'isForCompensation="true"')
        + f'<association id="a" sourceRef="{edge}" targetRef="{handler}"/>'
    )  # fmt: skip
    rest = user_task("ask") + f'<intermediateThrowEvent id="undo">{COMPENSATION}</intermediateThrowEvent>' + END
    if nested:
        room = scope("room", book + flow("in_room", "book", "out_room"))
        return model(START + room + rest + flow("start", "room", "ask", "undo", "end"))
    return model(START + book + rest + flow("start", "book", "ask", "undo", "end"))


def booked(target: bytes, *, nested: bool = False) -> Move:
    move = Move(booking(nested=nested), target)
    move.complete("book")
    return move


def test_what_has_completed_is_undone_as_the_new_version_says() -> None:
    move = booked(booking("cancel", "rim"))
    assert move.move({"ask": "ask", "edge": "rim"}) == {}
    move.complete("ask")
    assert move.tree == ["cancel", "undo"]
    move.complete("cancel")
    assert move.ended


def test_what_has_completed_does_not_lose_what_undoes_it() -> None:
    says = (
        "Cannot migrate subscription for compensation handler 'unbook'. There is no migration instruction for the "
        "compensation boundary event"
    )
    assert booked(line("ask")).move(same("ask")) == {"process": (says,)}


@pytest.mark.parametrize("keep", [False, True])
def test_a_completed_scope_moves_or_leaves_what_is_in_it_to_the_scope_around(keep: bool) -> None:
    move = booked(booking(nested=keep), nested=True)
    assert move.move(same("ask", "edge", *(["room"] if keep else []))) == {}
    assert sorted(each.element for each in move.state.compensations) == (["book", "room"] if keep else ["book"])
    move.complete("ask")
    assert {each.rpartition("/")[2] for each in move.tree} == {"undo", "unbook"}
    move.complete("unbook")
    assert move.ended


def test_what_has_completed_is_not_put_into_a_new_scope() -> None:
    found = booked(booking(nested=True)).move(same("ask", "edge"))
    assert found == {"process": ("'book' has completed: it cannot be put into the new scope 'room' afterwards",)}


def test_nothing_moves_while_something_is_undone() -> None:
    move = booked(booking())
    move.complete("ask")
    says = "The type of the source activity is not supported for activity instance migration"
    found: dict[str, Any] = move.move(same("ask"))
    assert set(found) == {"undo", "unbook"}
    assert all(says in each for each in found.values())


def booking_inside(*, nested: bool) -> bytes:
    """Booked, then asked, then undone, all in one scope: the process, or a subprocess."""
    begin, over = ("in_room", "out_room") if nested else ("start", "end")
    body = (
        user_task("book") + f'<boundaryEvent id="edge" attachedToRef="book">{COMPENSATION}</boundaryEvent>'
        + user_task("unbook", 'isForCompensation="true"')
        + '<association id="a" sourceRef="edge" targetRef="unbook"/>' + user_task("ask")
        + f'<intermediateThrowEvent id="undo">{COMPENSATION}</intermediateThrowEvent>'
        + flow(begin, "book", "ask", "undo", over)
    )  # fmt: skip
    return model(START + (scope("room", body) + flow("start", "room", "end") if nested else body) + END)


@pytest.mark.parametrize("nested", [False, True])
def test_what_has_completed_goes_with_a_token_of_its_scope(nested: bool) -> None:
    """Into a scope that is new around both, or out of one that is mapped no more."""
    move = Move(booking_inside(nested=not nested), booking_inside(nested=nested))
    move.complete("book")
    assert move.move(same("ask", "edge")) == {}
    move.complete("ask")
    assert {each.rpartition("/")[0] for each in move.tree} == {"room" if nested else ""}
    move.complete("unbook")
    assert move.ended
