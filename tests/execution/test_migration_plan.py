"""Migration plans: what is mapped by itself, and what is refused before anything moves."""

from __future__ import annotations

import pytest

from bpmn import read
from engine.execution.migration_rules import generate
from tests.engine.play import END, START, flow, user_task
from tests.execution.migrating import (
    COMPENSATION,
    MESSAGE,
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
    with_boundary,
)


def generated(source: bytes, target: bytes, *, anew: bool = False) -> dict[str | None, bool]:
    """Source activity -> whether its trigger is updated; each is mapped to its own id."""
    one, other = read(source).processes[0], read(target).processes[0]
    plan = generate(one, other, "1", "2", update_event_triggers=anew)
    assert all(each.source == each.target for each in plan.instructions)
    return {each.source: each.update_event_trigger for each in plan.instructions}


def catching(definition: str) -> bytes:
    return model(START + f'<intermediateCatchEvent id="wait">{definition}</intermediateCatchEvent>' + END
                 + flow("start", "wait", "end"))  # fmt: skip


def doing(element: str) -> bytes:
    return model(START + element + END + flow("start", "work", "end"))


def joining(kind: str, branches: int) -> bytes:
    tasks = [f"t{each}" for each in range(branches)]
    return model(
        START + f'<{kind}Gateway id="fork"/><{kind}Gateway id="join"/>' + END + flow("start", "fork")
        + "".join(user_task(each) + flow("fork", each, "join") for each in tasks) + flow("join", "end")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "target", "mapped"),
    [
        (line("ask"), line("ask"), {"ask"}),
        (inside("room", "ask"), inside("room", "ask"), {"room", "ask"}),
        (line("ask"), inside("room", "ask"), set()),
        (inside("room", "ask"), line("ask"), set()),
        (inside("room", "ask"), inside("other", "ask"), set()),
        (inside("room", "ask"), inside("room", "ask", tag="transaction"), {"room", "ask"}),
        (repeating("ask", 3), repeating("ask", 4), {"ask", "ask#multiInstanceBody"}),
        (repeating("ask", 3), repeating("ask", 3, sequential=True), set()),
        (with_boundary(MESSAGE), with_boundary(MESSAGE), {"ask", "edge"}),
        (with_boundary(MESSAGE), with_boundary(MESSAGE, "other"), {"ask"}),
        (with_boundary(MESSAGE), with_boundary(SIGNAL), {"ask"}),
        (with_boundary('<errorEventDefinition errorRef="e"/>'),) * 2 + ({"ask"},),
        (joining("parallel", 2), joining("parallel", 2), {"fork", "join", "t0", "t1"}),
        (joining("parallel", 2), joining("inclusive", 2), {"t0", "t1"}),
        (doing('<scriptTask id="work" scriptFormat="juel"><script>1</script></scriptTask>'),) * 2 + (set(),),
        (doing('<serviceTask id="work" camunda:asyncBefore="true" camunda:expression="x"/>'),) * 2 + ({"work"},),
        (
            doing('<serviceTask id="work" camunda:type="external" camunda:topic="a"/>'),
            doing('<sendTask id="work" camunda:type="external" camunda:topic="b"/>'),
            {"work"},
        ),
    ],
)  # fmt: skip
def test_what_is_equal_in_id_place_and_kind_is_mapped(source: bytes, target: bytes, mapped: set[str]) -> None:
    assert set(generated(source, target)) == mapped


def test_triggers_are_updated_only_if_asked_and_conditions_always() -> None:
    assert generated(catching(MESSAGE), catching(MESSAGE)) == {"wait": False}
    assert generated(catching(MESSAGE), catching(MESSAGE), anew=True) == {"wait": True}
    assert generated(catching(condition(1)), catching(condition(2))) == {"wait": True}
    assert generated(line("ask"), line("ask"), anew=True) == {"ask": False}


def test_what_undoes_is_mapped_by_its_boundary_event_and_not_by_its_handler() -> None:
    source = model(
        START + user_task("book") + f'<boundaryEvent id="edge" attachedToRef="book">{COMPENSATION}</boundaryEvent>'
        + user_task("unbook", 'isForCompensation="true"') + END + flow("start", "book", "end")
        + '<association id="a" sourceRef="edge" targetRef="unbook"/>'
    )  # fmt: skip
    assert set(generated(source, source)) == {"book", "edge"}


BODY = "ask#multiInstanceBody"
INNER_EDGE = model(
    START + scope("room", user_task("ask") + flow("in_room", "ask", "out_room") + boundary("edge", "ask", MESSAGE))
    + END + flow("start", "room", "end")
)  # fmt: skip
OUTER_EDGE = model(
    START + scope("room", user_task("ask") + flow("in_room", "ask", "out_room")) + boundary("edge", "room", MESSAGE)
    + END + flow("start", "room", "end")
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "target", "mapped", "about", "says"),
    [
        (line("ask"), line("ask"), {"nobody": "ask"}, "nobody", "Source activity 'nobody' does not exist"),
        (line("ask"), line("ask"), {"ask": "nobody"}, "ask", "Target activity 'nobody' does not exist"),
        (line("ask"), line("ask"), {"ask": "process"}, "ask", "Target activity 'process' does not exist"),
        (line("ask"), line("ask"), {"start": "start"}, "start", "No instance rests in a startEvent"),
        (line("ask"), inside("ask", "other"), same("ask"), "ask", "userTask is not compatible with subProcess"),
        (with_boundary(MESSAGE), with_boundary(SIGNAL), same("ask", "edge"), "edge", "message != signal"),
        (OUTER_EDGE, INNER_EDGE, same("room", "ask", "edge"), "edge", "event scope (room) must be mapped"),
        (with_boundary(MESSAGE), with_boundary(MESSAGE), same("edge"), "edge", "event scope (ask) must be mapped"),
        (inside("a", "ask"), inside("b", "ask"), {"a": "ask"}, "a", "subProcess is not compatible with userTask"),
        (repeating("ask", 2), repeating("ask", 2), same("ask"), "ask", "descendant of multi-instance body"),
        (line("ask"), repeating("ask", 2), same("ask"), "ask", "descendant of multi-instance body"),
        (repeating("ask", 2),) * 2 + (same(BODY), BODY, "Cannot remove the inner"),
        (joining("parallel", 2), joining("inclusive", 2), same("join"), "join", "parallelGateway is not compatible"),
        (joining("parallel", 3), joining("parallel", 2), same("join"), "join", "at least the same number"),
        (joining("parallel", 2),) * 2 + ({"join": "join", "fork": "join"}, "fork", "Only one gateway can be mapped"),
        (catching(condition(1)),) * 2 + (same("wait"), "wait", "has to migrate with update event trigger"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_followed_says_where_and_why(
    source: bytes, target: bytes, mapped: dict[str, str], about: str, says: str
) -> None:
    found = Move(source, target, level=0).wrong(mapped)
    assert any(says in each for each in found[about]), found


def test_all_that_is_wrong_is_told_at_once() -> None:
    move = Move(line("ask", "check"), line("ask", "check"))
    assert set(move.wrong({"ask": "nobody", "nobody": "ask", "check": "check"})) == {"ask", "nobody"}


def test_only_a_trigger_can_be_updated() -> None:
    move = Move(catching(timer(1)), catching(timer(2)))
    assert move.wrong(same("wait"), anew=("wait",)) == {}
    says = "Cannot update event trigger because the activity does not define a persistent event trigger"
    assert Move(line("ask"), line("ask")).wrong(same("ask"), anew=("ask",)) == {"ask": (says,)}


def test_nothing_moves_out_of_a_scope_that_moves_with_it() -> None:
    two = model(
        START + '<parallelGateway id="fork"/>' + scope("a", user_task("x") + flow("in_a", "x", "out_a"))
        + scope("b", user_task("y") + flow("in_b", "y", "out_b")) + END + '<endEvent id="end2"/>'
        + flow("start", "fork", "a", "end") + flow("fork", "b", "end2")
    )  # fmt: skip
    move = Move(two, two)
    says = "The closest mapped ancestor 'a' is mapped to scope 'a' which is not an ancestor of target scope 'y'"
    assert move.wrong({"a": "a", "x": "y"}) == {"x": (says,)}
    assert move.wrong({"x": "y", "y": "x"}) == {}
    assert move.move({"x": "y", "y": "x"}) == {}
    assert move.tree == ["a/x", "b/y"]
