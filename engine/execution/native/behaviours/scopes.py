"""Activities with others inside: the process, subprocesses, multi-instance bodies and loops."""

from __future__ import annotations

from typing import Any

from bpmn import Activity as ActivityNode
from bpmn import Expression, FlowNode, MultiInstance, Scope, StandardLoop, StartEvent
from engine.errors import ExecutionFailed, ExpressionFailed
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.run import Run
from engine.execution.native.state import ITERATION, Activity, Loop


class ScopeBehaviour(Behaviour):
    """The process, a subprocess, an event subprocess, a transaction: ends when nothing is left inside it."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        if not isinstance(node, Scope):
            raise AssertionError(f"{node.id} is no scope")
        entry, activity.entry = activity.entry, None
        start = run.model.nodes[entry] if entry is not None else none_start(run, node)
        if start is None:
            raise ExecutionFailed("has no start event that a token could begin at", node.id)
        run.arrive(start, activity)

    def child_ended(self, run: Run, activity: Activity, node: FlowNode, child: Activity) -> None:
        if not run.has_children(activity):
            run.leave(activity)


def none_start(run: Run, scope: Scope) -> FlowNode | None:
    starts = [run.model.nodes[each] for each in scope.start_events]
    plain = [each for each in starts if isinstance(each, StartEvent) and each.definition is None]
    return next(iter(plain or starts), None)


class MultiInstanceBehaviour(Behaviour):
    """Runs its activity once for each item, all at once or one after another. Its counters are variables, as in Camunda."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        loop = multi_instance(node)
        items = self.items(run, activity, loop)
        if not items:
            run.leave(activity)
            return
        run.work.spend(1 if loop.sequential else len(items))
        activity.loop = Loop(len(items), sequence=items[1:] if loop.sequential and loop.collection else None)
        self.show_counters(run, activity, 1 if loop.sequential else len(items))
        for turn, item in enumerate(items[:1] if loop.sequential else items):
            self.start_turn(run, activity, node, loop, turn, item)

    @staticmethod
    def items(run: Run, body: Activity, loop: MultiInstance) -> list[Any]:
        if loop.collection is None:
            if loop.cardinality is None:
                raise ExecutionFailed("says neither how often nor over what it repeats", body.element)
            count = run.number_of(loop.cardinality, body, "number of repetitions")
            if count < 0:
                raise ExpressionFailed(f"it repeats {count} times: a number from 0 is needed", body.element)
            run.work.spend(0 if loop.sequential else count)
            return [None] * count
        source = loop.collection.text
        expression = loop.collection if "{" in source else Expression(f"${{{source}}}")
        found = run.evaluate(expression, body)
        if not isinstance(found, list | tuple | dict):
            raise ExpressionFailed(f"it repeats over {found!r}: a list is needed", body.element)
        return list(found)

    @staticmethod
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

    @staticmethod
    def start_turn(run: Run, body: Activity, node: FlowNode, loop: MultiInstance, turn: int, item: Any) -> None:
        variables: dict[str, Any] = {"loopCounter": turn}
        if loop.element_variable and loop.collection is not None:
            variables[loop.element_variable] = item
        run.arrive(node, body, role=ITERATION, variables=variables, counter=turn)

    def child_ended(self, run: Run, activity: Activity, node: FlowNode, child: Activity) -> None:
        loop, progress = multi_instance(node), activity.loop
        if child.role != ITERATION or progress is None:
            # A non-interrupting boundary branch never stands in here; what a modification placed may.
            return
        progress.done += 1
        active = 0 if loop.sequential else progress.total - progress.done
        self.show_counters(run, activity, active)
        condition = loop.completion_condition
        if progress.done >= progress.total or (condition is not None and self.complete(run, activity, child, condition)):
            run.cancel(run.children(activity))
            run.leave(activity)
        elif loop.sequential:
            self.show_counters(run, activity, 1)
            item = progress.sequence.pop(0) if progress.sequence else None
            self.start_turn(run, activity, node, loop, progress.done, item)

    @staticmethod
    def complete(run: Run, body: Activity, child: Activity, condition: Expression) -> bool:
        """Tested where the turn that ended stood: it sees that turn's variables."""
        return run.holds_in(condition, body, child.variables)


class StandardLoopBehaviour(Behaviour):
    """Repeats its activity while a condition holds. `loopCounter` counts the turns from 0."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        loop = standard_loop(node)
        activity.loop = Loop(loop.maximum or 0)
        if loop.test_before and not self.goes_on(run, activity, loop, activity.variables):
            run.leave(activity)
        else:
            run.arrive(node, activity, role=ITERATION, variables={"loopCounter": 0}, counter=0)

    @staticmethod
    def goes_on(run: Run, body: Activity, loop: StandardLoop, seen: dict[str, Any]) -> bool:
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
            turn = activity.loop.done
            run.arrive(node, activity, role=ITERATION, variables={"loopCounter": turn}, counter=turn)


def multi_instance(node: FlowNode) -> MultiInstance:
    if not isinstance(node, ActivityNode) or node.multi_instance is None:
        raise AssertionError(f"{node.id} is no multi-instance")
    return node.multi_instance


def standard_loop(node: FlowNode) -> StandardLoop:
    if not isinstance(node, ActivityNode) or node.standard_loop is None:
        raise AssertionError(f"{node.id} is no loop")
    return node.standard_loop
