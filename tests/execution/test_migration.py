"""Migration: where a running instance is afterwards, and what still hangs on it. That plans are checked, see
`test_migration_plan`; that rows follow, `tests/engine/test_migration.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.execution.protocol import ActivityEnded, JobMoved
from tests.engine.play import END, START, flow, user_task
from tests.execution.migrating import (
    COMPENSATION,
    MESSAGE,
    OTHER_MESSAGE,
    SIGNAL,
    Move,
    boundary,
    condition,
    inside,
    line,
    model,
    repeating,
    same,
    scope,
    timer,
    turns,
    with_boundary,
)

HOUR = timedelta(hours=1)


def test_a_task_keeps_its_number_and_takes_the_new_words() -> None:
    move = Move(line("ask"), line("ask").replace(b'name="Ask"', b'name="Ask ${who}"'), who="Nora")
    before = list(move.stored.tasks)
    assert move.move() == {}
    assert [(number, each.name) for number, each in move.stored.tasks.items()] == [(before[0], "Ask Nora")]
    move.complete("ask")
    assert move.ended


def test_an_activity_becomes_another_of_its_kind() -> None:
    move = Move(line("ask"), line("check", "decide"))
    assert move.move({"ask": "decide"}) == {}
    assert move.tree == ["decide"]
    move.complete("decide")
    assert move.ended


def test_what_waits_without_an_instruction_stays_where_it_is() -> None:
    move = Move(line("ask"), line("other"))
    before = move.stored.state
    assert move.move({}) == {"ask": ("There is no migration instruction for this instance's activity",)}
    assert (move.stored.state, move.stored.definition_id) == (before, move.source)


# ---------------------------------------------------------------- scopes

HEARD = (
    '<extensionElements><camunda:executionListener event="{event}" expression="${{execution.setVariable(\'heard\', '
    'true)}}"/><camunda:inputOutput><camunda:inputParameter name="room">12</camunda:inputParameter>'
    '<camunda:outputParameter name="left">${{room}}</camunda:outputParameter></camunda:inputOutput></extensionElements>'
)


@pytest.mark.parametrize("tag", ["subProcess", "transaction"])
def test_a_new_scope_is_opened_around_what_moves(tag: str) -> None:
    move = Move(line("ask"), inside("room", "ask", tag=tag))
    assert move.move(same("ask")) == {}
    assert move.tree == ["room/ask"]
    move.complete("ask")
    assert move.ended


def test_branches_share_the_scope_that_is_new_around_them() -> None:
    both = user_task("a") + user_task("b") + '<parallelGateway id="fork"/>'
    flat = model(START + both + END + '<endEvent id="end2"/>' + flow("start", "fork", "a", "end")
                 + flow("fork", "b", "end2"))  # fmt: skip
    nested = model(
        START + scope("room", both + '<endEvent id="end2"/>' + flow("in_room", "fork", "a", "out_room")
                      + flow("fork", "b", "end2")) + END + flow("start", "room", "end")
    )  # fmt: skip
    move = Move(flat, nested)
    assert move.move(same("a", "b")) == {}
    assert move.tree == ["room/a", "room/b"]
    move.complete("a")
    move.complete("b")
    assert move.ended


@pytest.mark.parametrize("skip", [False, True])
def test_a_new_scope_maps_its_inputs_and_is_heard_unless_that_is_skipped(skip: bool) -> None:
    move = Move(line("ask"), inside("room", "ask", more=HEARD.format(event="start")), heard=False)
    assert move.move(same("ask"), skip_io_mappings=skip, skip_custom_listeners=skip) == {}
    assert move.variables["heard"] is not skip
    assert ("room" in move.seen_by("ask")) is not skip


@pytest.mark.parametrize("skip", [False, True])
def test_a_scope_that_is_mapped_no_more_goes_and_is_heard_unless_that_is_skipped(skip: bool) -> None:
    move = Move(inside("room", "ask", more=HEARD.format(event="end")), line("ask"), heard=False)
    assert move.move(same("ask"), skip_io_mappings=skip, skip_custom_listeners=skip) == {}
    assert move.tree == ["ask"]
    assert move.variables["heard"] is not skip
    assert ("left" in move.variables) is not skip
    assert [each.canceled for each in move.happened(ActivityEnded)] == [True]
    move.complete("ask")
    assert move.ended


def test_scopes_change_places() -> None:
    def nested(outer: str, inner: str) -> bytes:
        innermost = scope(inner, user_task("ask") + flow(f"in_{inner}", "ask", f"out_{inner}"))
        around = scope(outer, innermost + flow(f"in_{outer}", inner, f"out_{outer}"))
        return model(START + around + END + flow("start", outer, "end"))

    move = Move(nested("a", "b"), nested("b", "a"))
    assert move.move({"a": "b", "b": "a", "ask": "ask"}) == {}
    assert move.tree == ["b/a/ask"]
    move.complete("ask")
    assert move.ended


def test_local_variables_go_with_their_activity() -> None:
    move = Move(line("ask"), inside("room", "ask"))
    move.do("set_variables", move.id, move.number("ask"), {"note": 1}, local=True)
    assert move.move(same("ask")) == {}
    assert move.seen_by("ask", local=True) == {"note": 1}


# ---------------------------------------------------------------- events


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


# ---------------------------------------------------------------- joins, calls, workers


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_a_token_at_a_join_waits_on(kind: str) -> None:
    body = f'<{kind}Gateway id="fork"/><{kind}Gateway id="join"/>' + user_task("a") + user_task("b")
    body += flow("fork", "a", "join") + flow("fork", "b", "join")
    flat = model(START + body + END + flow("start", "fork") + flow("join", "end"))
    nested = model(START + scope("room", body + flow("in_room", "fork") + flow("join", "out_room")) + END
                   + flow("start", "room", "end"))  # fmt: skip
    for target, expected in ((flat, ["a", "join"]), (nested, ["room/a", "room/join"])):
        move = Move(flat, target)
        move.complete("b")
        assert move.move(same("a", "join")) == {}
        assert move.tree == expected
        move.complete("a")
        assert move.ended


def test_a_called_instance_returns_to_where_its_caller_has_moved() -> None:
    def calling(id: str) -> str:
        return f'<callActivity id="{id}" calledElement="called"/>'

    called = line("inner").replace(b'"process"', b'"called"')
    source = model(START + calling("call") + END + flow("start", "call", "end"))
    target = model(START + scope("room", calling("ring") + flow("in_room", "ring", "out_room")) + END
                   + flow("start", "room", "end"))  # fmt: skip
    move = Move(source, target, called)
    assert move.move({"call": "ring"}) == {}
    assert move.tree == ["room/ring"]
    move.complete("inner")
    assert move.ended


def test_an_external_task_keeps_its_topic_and_its_number() -> None:
    def working(element: str, topic: str) -> bytes:
        return model(START + f'<{element} id="work" camunda:type="external" camunda:topic="{topic}"/>' + END
                     + flow("start", "work", "end"))  # fmt: skip

    move = Move(working("serviceTask", "print"), working("sendTask", "mail"))
    before = dict(move.stored.externals)
    assert move.move() == {}
    assert move.stored.externals == before
    move.complete("work")
    assert move.ended


# ---------------------------------------------------------------- multi-instance

BODY = "ask#multiInstanceBody"


@pytest.mark.parametrize("sequential", [False, True])
def test_turns_move_with_their_body_and_its_counters(sequential: bool) -> None:
    move = Move(repeating("ask", 3, sequential=sequential), repeating("question", 3, sequential=sequential))
    move.complete("ask")
    assert move.move({"ask": "question", BODY: "question#multiInstanceBody"}) == {}
    seen = move.seen_by("question")
    assert (seen["nrOfInstances"], seen["nrOfCompletedInstances"]) == (3, 1)
    move.complete("question", times=2)
    assert move.ended


def test_turns_without_their_body_are_activities_like_any_other() -> None:
    move = Move(repeating("ask", 3), line("ask"))
    move.complete("ask")
    assert move.move(same("ask")) == {}
    assert move.tree == ["ask", "ask"]
    assert move.seen_by("ask") == {"loopCounter": 1}
    move.complete("ask", times=2)
    assert move.ended


def test_the_turn_of_a_sequence_that_ends_counts_itself_no_more() -> None:
    move = Move(repeating("ask", 3, sequential=True), line("ask"))
    assert move.move(same("ask")) == {}
    assert move.seen_by("ask") == {}
    move.complete("ask")
    assert move.ended


def test_a_boundary_event_stays_with_the_body() -> None:
    source = model(START + user_task("ask", inside=turns(2)) + boundary("edge", "ask", MESSAGE) + END
                   + flow("start", "ask", "end"))  # fmt: skip
    move = Move(source, source)
    assert move.move() == {}
    assert len(move.stored.subscriptions) == 1
    move.message("paid")
    assert move.ended


# ---------------------------------------------------------------- continuations


def waiting_before(task: str, attribute: str = 'camunda:asyncBefore="true"') -> bytes:
    return model(START + user_task(task, attribute) + END + flow("start", task, "end"))


def test_what_waits_before_an_activity_begins_as_the_one_it_has_become() -> None:
    move = Move(waiting_before("ask"), waiting_before("question"))
    assert move.move({"ask": "question"}) == {}
    assert [each.element_id for each in move.stored.jobs.values()] == ["question"]
    move.run_jobs()
    assert move.tree == ["question"]


def test_what_waits_needs_an_activity_where_it_can() -> None:
    move = Move(waiting_before("ask"), line("ask"))
    assert move.move(same("ask")) == {"ask": ("Target activity is not asyncBefore",)}
    after = waiting_before("ask", 'camunda:asyncAfter="true"')
    gone = Move(after, line("ask"))
    gone.complete("ask")
    assert gone.move(same("ask")) == {"ask": ("Target activity is not asyncAfter",)}


def after(*targets: str) -> bytes:
    leads = "".join(user_task(each) + flow("ask", each) for each in targets)
    return model(START + user_task("ask", 'camunda:asyncAfter="true"') + leads + flow("start", "ask"))


@pytest.mark.parametrize(
    ("source", "target", "becomes"),
    [
        (("one",), ("one",), ["one"]),
        (("one",), ("other",), ["other"]),
        (("one",), ("one", "other"), ["one"]),
        ((), ("one",), ["one"]),
        (("one",), (), []),
    ],
)
def test_what_waits_after_an_activity_takes_its_own_flow_or_the_only_one(
    source: tuple[str, ...], target: tuple[str, ...], becomes: list[str]
) -> None:
    move = Move(after(*source), after(*target))
    move.complete("ask")
    assert move.move(same("ask")) == {}
    move.run_jobs()
    assert move.tasks == becomes


@pytest.mark.parametrize(
    ("source", "says"), [(("gone",), "a sequence flow that cannot be matched"), ((), "no sequence flow")]
)
def test_what_waits_after_an_activity_must_know_which_flow_to_take(source: tuple[str, ...], says: str) -> None:
    move = Move(after(*source), after("one", "other"))
    move.complete("ask")
    (found,) = move.move(same("ask"))["ask"]
    assert says in found


# ---------------------------------------------------------------- compensation


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
