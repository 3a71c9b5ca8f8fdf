"""Gateways: where tokens part and meet."""

from __future__ import annotations

from bpmn import FlowNode, ParallelGateway
from engine.errors import ExecutionFailed
from engine.execution.native.behaviours.base import Behaviour
from engine.execution.native.reach import inclusive_joins, reaches
from engine.execution.native.run import Run
from engine.execution.native.state import JOINING, Activity


class ExclusiveGatewayBehaviour(Behaviour):
    """The first flow whose condition holds, or else the default flow."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        for flow in node.outgoing:
            if flow.id != node.default_flow and (flow.condition is None or run.holds(flow.condition, activity)):
                return run.pass_on(activity, [flow])
        default = [flow for flow in node.outgoing if flow.id == node.default_flow]
        if node.outgoing and not default:
            raise ExecutionFailed(
                "no flow out of it can be taken: no condition holds and there is no default flow", node.id
            )
        return run.pass_on(activity, default)


class ParallelGatewayBehaviour(Behaviour):
    """Waits for as many tokens as there are incoming flows, in the same scope."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        activity.phase = JOINING
        here = joining(run, activity)
        if len(here) >= len(node.incoming):
            merge(run, here[: max(len(node.incoming), 1)], activity)
            run.pass_on(activity, list(node.outgoing))


class InclusiveGatewayBehaviour(Behaviour):
    """A join waits until no other token can reach it, decided when all tokens rest; a fork takes every open flow."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        activity.phase = JOINING
        here = joining(run, activity)
        if len(here) >= len(node.incoming):
            merge(run, here, activity)
            run.leave(activity)


class EventBasedGatewayBehaviour(Behaviour):
    """Listens for every event that follows; the first one wins."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        for flow in node.outgoing:
            run.listen(activity, run.model.nodes[flow.target])
        run.look_at_conditions(activity)


def joining(run: Run, activity: Activity) -> list[Activity]:
    return [
        each for each in run.standing_at(activity.element) if each.parent == activity.parent and each.phase == JOINING
    ]


def merge(run: Run, tokens: list[Activity], into: Activity) -> None:
    for token in tokens:
        if token is not into:
            run.remove(token)


def release_inclusive_join(run: Run) -> bool:
    """Lets one inclusive join go that no other token can reach any more; False if there is none."""
    for element in inclusive_joins(run.model):
        for token in run.standing_at(element):
            if token.phase == JOINING and not _another_may_come(run, token):
                merge(run, joining(run, token), token)
                run.later(run.leave, token)
                return True
    return False


def _another_may_come(run: Run, join: Activity) -> bool:
    """Tokens deeper inside the same scope count as standing on the subprocess or activity they are in. One that waits
    at a parallel join does not move by itself: whoever lets it go is looked at in its own right, and if that is only
    the join itself, over a loop, both would wait for ever."""
    for other in run.children(run.parent(join)):
        if other.phase == JOINING and isinstance(run.node(other), ParallelGateway):
            continue
        if other.element == join.element:
            if other.phase != JOINING:
                return True
        elif join.element in reaches(run.model, other.element):
            return True
    return False
