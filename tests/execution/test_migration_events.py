"""Migration: what listens goes on, is set anew, ends or begins."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.execution.protocol import JobMoved
from tests.engine.play import START, flow, user_task
from tests.execution.migrating import (
    MESSAGE,
    OTHER_MESSAGE,
    SIGNAL,
    Move,
    boundary,
    condition,
    line,
    model,
    same,
    timer,
    with_boundary,
)

HOUR = timedelta(hours=1)


def test_an_event_that_is_mapped_goes_on_waiting_for_what_it_waited_for() -> None:
    move = Move(with_boundary(MESSAGE), with_boundary(OTHER_MESSAGE, "rim"))
    before = list(move.stored.subscriptions)
    assert move.move({"ask": "ask", "edge": "rim"}) == {}
    assert list(move.stored.subscriptions) == before
    assert [(each.element_id, each.event_name) for each in move.stored.subscriptions.values()] == [("rim", "paid")]
    move.message("paid")
    assert move.ended


def test_an_event_whose_trigger_is_updated_waits_for_the_new_one() -> None:
    move = Move(with_boundary(MESSAGE), with_boundary(OTHER_MESSAGE))
    before = list(move.stored.subscriptions)
    assert move.move(same("ask", "edge"), anew=("edge",)) == {}
    assert [(number, each.event_name) for number, each in move.stored.subscriptions.items()] == [(before[0], "sent")]
    move.message("sent")
    assert move.ended


def test_an_event_that_is_new_begins_to_wait_and_one_that_is_gone_ends() -> None:
    move = Move(with_boundary(MESSAGE, "old"), with_boundary(SIGNAL, "new"))
    assert move.move(same("ask")) == {}
    assert [each.element_id for each in move.stored.subscriptions.values()] == ["new"]
    move.signal("alarm")
    assert move.ended


@pytest.mark.parametrize(("anew", "left"), [((), HOUR), (("edge",), 5.5 * HOUR)])
def test_a_timer_keeps_its_date_unless_its_trigger_is_updated(anew: tuple[str, ...], left: timedelta) -> None:
    move = Move(with_boundary(timer(1)), with_boundary(timer(5)))
    began, (number,) = move.engine.now, move.stored.jobs
    move.engine.now += HOUR / 2
    assert move.move(same("ask", "edge"), anew=anew) == {}
    assert [(each.number, each.due) for each in move.stored.jobs.values()] == [(number, began + left)]
    assert [each.due is None for each in move.happened(JobMoved)] == [not anew]


def test_what_has_happened_does_not_happen_again() -> None:
    reminding = line("ask").replace(
        b"</process>", (boundary("edge", "ask", timer(1), interrupting=False) + "</process>").encode()
    )
    move = Move(reminding, reminding)
    move.advance(hours=1)
    assert move.stored.jobs == {}
    assert move.move() == {}
    assert move.stored.jobs == {}


def test_a_condition_is_looked_at_when_a_variable_changes_and_not_for_the_move() -> None:
    move = Move(with_boundary(condition(1)), with_boundary(condition(2)), level=2)
    assert move.move(same("ask", "edge"), anew=("edge",)) == {}
    assert move.tree == ["ask"]
    move.set(level=2)
    assert move.ended


def handling(definition: str, *, interrupting: bool = True) -> bytes:
    return line("ask").replace(
        b"</process>",
        (
            f'<subProcess id="handle" triggeredByEvent="true"><startEvent id="on" isInterrupting='
            f'"{str(interrupting).lower()}">{definition}</startEvent>' + user_task("tidy") + '<endEvent id="tidied"/>'
            + flow("on", "tidy", "tidied") + "</subProcess></process>"
        ).encode(),
    )  # fmt: skip


def test_an_event_subprocess_that_is_new_listens_and_one_that_is_gone_does_not() -> None:
    move = Move(line("ask"), handling(MESSAGE))
    assert move.move(same("ask")) == {}
    move.message("paid")
    assert move.tree == ["handle/tidy"]
    back = Move(handling(MESSAGE), line("ask"))
    assert back.move(same("ask")) == {}
    assert back.stored.subscriptions == {}


@pytest.mark.parametrize("interrupting", [False, True])
def test_an_event_subprocess_under_way_moves_and_listens_only_if_it_did(interrupting: bool) -> None:
    move = Move(handling(MESSAGE, interrupting=interrupting), handling(MESSAGE, interrupting=interrupting))
    move.message("paid")
    listened = len(move.stored.subscriptions)
    assert move.move() == {}
    assert len(move.stored.subscriptions) == listened == (0 if interrupting else 1)
    assert move.tree == (["handle/tidy"] if interrupting else ["ask", "handle/tidy"])


def choosing(*events: tuple[str, str]) -> bytes:
    caught = "".join(
        f'<intermediateCatchEvent id="{each}">{definition}</intermediateCatchEvent>' + flow("gate", each, f"end_{each}")
        + f'<endEvent id="end_{each}"/>'
        for each, definition in events
    )  # fmt: skip
    return model(START + '<eventBasedGateway id="gate"/>' + caught + flow("start", "gate"))


def test_an_event_based_gateway_keeps_mapped_events_and_takes_the_rest_from_the_new_version() -> None:
    move = Move(choosing(("late", timer(1)), ("old", MESSAGE)), choosing(("late", timer(9)), ("new", SIGNAL)))
    (due,) = [each.due for each in move.stored.jobs.values()]
    assert move.move(same("gate", "late")) == {}
    assert [each.due for each in move.stored.jobs.values()] == [due]
    assert [each.element_id for each in move.stored.subscriptions.values()] == ["new"]
    move.signal("alarm")
    assert move.ended


def test_an_interrupted_scope_listens_for_nothing_that_is_new() -> None:
    more = handling(MESSAGE).replace(
        b"</process>",
        (
            f'<subProcess id="other" triggeredByEvent="true"><startEvent id="once">{SIGNAL}</startEvent>'
            '<endEvent id="done"/>' + flow("once", "done") + "</subProcess></process>"
        ).encode(),
    )  # fmt: skip
    move = Move(handling(MESSAGE), more)
    move.message("paid")
    assert move.move(same("handle", "tidy")) == {}
    assert move.stored.subscriptions == {}
    fresh = Move(handling(MESSAGE), more)
    assert fresh.move(same("ask", "on")) == {}
    assert sorted(each.element_id for each in fresh.stored.subscriptions.values()) == ["on", "once"]
