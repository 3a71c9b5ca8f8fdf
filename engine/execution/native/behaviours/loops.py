"""Bodies: what runs an activity several times, a multi-instance or a standard loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpmn import Activity as ActivityNode
from bpmn import Expression, FlowNode, MultiInstance, StandardLoop
from engine.errors import ExecutionFailed, ExpressionFailed, InvalidInput
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.run import Run
from engine.execution.native.state import BODY, ITERATION, Activity, Loop


class MultiInstanceBehaviour(Behaviour):
    """Runs its activity once for each item, all at once or one after another. Its counters are variables of the body,
    as in Camunda: `nrOfInstances`, `nrOfActiveInstances`, `nrOfCompletedInstances`, and `loopCounter` in each
    turn."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        loop = multi_instance(node)
        items = items_of(run, activity, loop)
        activity.loop = Loop(len(items))
        if not items:
            run.leave(activity)
            return
        at_once = 1 if loop.sequential else len(items)
        run.work.afford(at_once)
        show_counters(run, activity, at_once)
        for turn in range(at_once):
            start_turn(run, activity, node, turn, item_variables(loop, items, turn))

    def child_ended(self, run: Run, activity: Activity, node: FlowNode, child: Activity) -> None:
        loop, progress = multi_instance(node), activity.loop
        if child.role != ITERATION or progress is None:
            return
        total = hear_total(activity, progress)
        progress.done += 1
        active = run.count_children(activity)
        show_counters(run, activity, active)
        turn = (child.counter or 0) + 1
        over = turn >= total if loop.sequential else active == 0
        condition = loop.completion_condition
        if over or (condition is not None and run.holds_in(condition, activity, child.variables)):
            run.cancel(run.children(activity))
            run.leave(activity)
        elif loop.sequential:
            show_counters(run, activity, 1)
            items = items_of(run, activity, loop) if loop.collection is not None else ()
            if loop.collection is not None and turn >= len(items):
                raise ExpressionFailed(f"turn {turn + 1} has no item any more: its list was shortened", node.id)
            start_turn(run, activity, node, turn, item_variables(loop, items, turn))


def hear_total(body: Activity, progress: Loop) -> int:
    """How many turns there are: as in Camunda the variable of the body says so, and may be set while it runs."""
    said = body.variables.get("nrOfInstances")
    if isinstance(said, int) and not isinstance(said, bool):
        progress.total = said
    return progress.total


def items_of(run: Run, body: Activity, loop: MultiInstance) -> Sequence[Any]:
    """What the turns are for: the items of the collection, or as many numbers as there are turns."""
    if loop.collection is None:
        if loop.cardinality is None:
            raise ExecutionFailed("says neither how often nor over what it repeats", body.element)
        count = run.number_of(loop.cardinality, body, "number of repetitions")
        if count < 0:
            raise ExpressionFailed(f"it repeats {count} times: a number from 0 is needed", body.element)
        return range(count)
    source = loop.collection.text
    expression = loop.collection if "{" in source else Expression(f"${{{source}}}")
    found = run.evaluate(expression, body)
    if not isinstance(found, list | tuple | dict):
        raise ExpressionFailed(f"it repeats over {found!r}: a list is needed", body.element)
    return list(found)


def item_variables(loop: MultiInstance, items: Sequence[Any], turn: int) -> dict[str, Any]:
    if loop.element_variable is None or loop.collection is None:
        return {}
    return {loop.element_variable: items[turn]}


def show_counters(run: Run, body: Activity, active: int) -> None:
    if body.loop is None:
        raise AssertionError("a body without a loop")
    for name, value in (
        ("nrOfInstances", body.loop.total),
        ("nrOfCompletedInstances", body.loop.done),
        ("nrOfActiveInstances", active),
    ):
        if body.variables.get(name) != value:
            run.set_local(body, name, value)


def start_turn(run: Run, body: Activity, node: FlowNode, turn: int, variables: Mapping[str, Any]) -> Activity:
    return run.arrive(node, body, role=ITERATION, variables={"loopCounter": turn, **variables}, counter=turn)


# ---------------------------------------------------------------- turns that a modification adds or takes


def begin_body(run: Run, node: FlowNode, around: Activity) -> Activity:
    """A body without turns: they are added one by one."""
    body = run.place(node, around, role=BODY)
    run.begin_empty(body)
    body.loop = Loop(0)
    return body


def add_turn(run: Run, body: Activity, node: FlowNode, *, begin: bool = True) -> Activity:
    """One more turn; `begin` False: its scope is opened without a token. InvalidInput if one already runs of a
    sequential multi-instance."""
    if body.loop is None:
        raise InvalidInput(f"{node.id} has not begun to repeat: it cannot be given another turn yet.")
    hear_total(body, body.loop)
    active = run.count_children(body)
    if multi_instance(node).sequential and active:
        raise InvalidInput(f"{node.id} runs one turn after another: there can be no second one now.")
    turn = body.loop.total
    body.loop.total += 1
    show_counters(run, body, active + 1)
    if begin:
        return start_turn(run, body, node, turn, {})
    activity = run.place(node, body, role=ITERATION, counter=turn)
    run.set_local(activity, "loopCounter", turn)
    return activity


def cancelled_turn(run: Run, body: Activity) -> None:
    """The body waits for one turn less."""
    if body.loop is not None and multi_instance_or_none(run.node(body)) is not None:
        hear_total(body, body.loop)
        show_counters(run, body, run.count_children(body))


# ---------------------------------------------------------------- loops


class StandardLoopBehaviour(Behaviour):
    """Repeats its activity while a condition holds. `loopCounter` counts the turns from 0."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        loop = standard_loop(node)
        activity.loop = Loop(loop.maximum or 0)
        if loop.test_before and not self.goes_on(run, activity, loop, {**activity.variables, "loopCounter": 0}):
            run.leave(activity)
        else:
            start_turn(run, activity, node, 0, {})

    @staticmethod
    def goes_on(run: Run, body: Activity, loop: StandardLoop, seen: Mapping[str, Any]) -> bool:
        if loop.maximum is not None and body.loop is not None and body.loop.done >= loop.maximum:
            return False
        return loop.condition is None or run.holds_in(loop.condition, body, seen)

    def child_ended(self, run: Run, activity: Activity, node: FlowNode, child: Activity) -> None:
        loop = standard_loop(node)
        if activity.loop is None:
            raise AssertionError("a loop without its counter")
        activity.loop.done += 1
        if (loop.condition is None and loop.maximum is None) or not self.goes_on(run, activity, loop, child.variables):
            run.leave(activity)
        else:
            start_turn(run, activity, node, activity.loop.done, {})


def multi_instance(node: FlowNode) -> MultiInstance:
    found = multi_instance_or_none(node)
    if found is None:
        raise AssertionError(f"{node.id} is no multi-instance")
    return found


def multi_instance_or_none(node: FlowNode) -> MultiInstance | None:
    return node.multi_instance if isinstance(node, ActivityNode) else None


def standard_loop(node: FlowNode) -> StandardLoop:
    if not isinstance(node, ActivityNode) or node.standard_loop is None:
        raise AssertionError(f"{node.id} is no loop")
    return node.standard_loop
