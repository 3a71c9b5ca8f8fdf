"""Activities with others inside: the process and every kind of subprocess."""

from __future__ import annotations

from bpmn import Activity as ActivityNode
from bpmn import AdHocSubProcess, BoundaryEvent, FlowNode, Scope
from engine.errors import ExecutionFailed
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.run import Run
from engine.execution.native.state import ROOT, Activity


class ScopeBehaviour(Behaviour):
    """The process, a subprocess, an event subprocess, a transaction: ends when nothing is left inside it."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        if not isinstance(node, Scope):
            raise AssertionError(f"{node.id} is no scope")
        entry, activity.entry = activity.entry, None
        start = run.model.nodes[entry] if entry is not None else run.model.first_start(node)
        if start is None:
            raise ExecutionFailed("has no start event that a token could begin at", node.id)
        run.arrive(start, activity)

    def child_ended(self, run: Run, activity: Activity, node: FlowNode, child: Activity) -> None:
        if run.has_children(activity):
            return
        if activity.number == ROOT and run.held:
            run.came_to_end = True
        else:
            run.leave(activity)


class ReopenedBehaviour(Behaviour):
    """A completed scope, or multi-instance body, that came back to be undone: ends when nothing is left inside it."""

    def child_ended(self, run: Run, activity: Activity, node: FlowNode, child: Activity) -> None:
        self.compensated(run, activity, node)

    def compensated(self, run: Run, activity: Activity, node: FlowNode) -> None:
        if not run.has_children(activity) and not run.undoing_for(activity):
            run.leave(activity)


class AdHocBehaviour(Behaviour):
    """Everything in it that nothing leads to is begun: all at once, or one after another in the order of the file. It
    ends when nothing is left inside, or when its condition holds after something has ended."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        subprocess = ad_hoc(node)
        first = first_nodes(run, subprocess)
        if not first:
            run.leave(activity)
            return
        activity.turn = 1 if subprocess.sequential else len(first)
        for each in first[: activity.turn]:
            run.arrive(each, activity)

    def child_ended(self, run: Run, activity: Activity, node: FlowNode, child: Activity) -> None:
        subprocess = ad_hoc(node)
        first = first_nodes(run, subprocess)
        condition = subprocess.completion_condition
        complete = condition is not None and run.holds(condition, activity)
        if complete and subprocess.cancel_remaining:
            run.cancel(run.children(activity))
        if run.has_children(activity):
            return
        if complete or activity.turn is None or activity.turn >= len(first):
            run.leave(activity)
            return
        activity.turn += 1
        run.arrive(first[activity.turn - 1], activity)


def ad_hoc(node: FlowNode) -> AdHocSubProcess:
    if not isinstance(node, AdHocSubProcess):
        raise AssertionError(f"{node.id} is no ad-hoc subprocess")
    return node


def first_nodes(run: Run, scope: Scope) -> list[FlowNode]:
    """What a token can begin at without having come from anywhere."""
    return [
        node
        for node in (run.model.nodes[each] for each in scope.nodes)
        if not node.incoming
        and not isinstance(node, BoundaryEvent)
        and node.id not in scope.event_subprocesses
        and not (isinstance(node, ActivityNode) and node.for_compensation)
    ]
