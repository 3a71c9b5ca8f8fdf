"""Migration: where a running instance is afterwards. That plans are checked, see `test_migration_plan`; what listens
and what can be undone, `test_migration_events` and `_compensation`; that rows follow, `tests/engine`."""

from __future__ import annotations

import pytest

from engine.execution.protocol import ActivityEnded
from tests.engine.play import END, START, flow, user_task
from tests.execution.migrating import (
    MESSAGE,
    Move,
    boundary,
    inside,
    line,
    model,
    repeating,
    same,
    scope,
    turns,
)


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
