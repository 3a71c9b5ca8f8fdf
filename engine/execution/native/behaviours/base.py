"""The behaviour that all others begin from."""

from __future__ import annotations

from bpmn import FlowNode
from engine.execution.native.run import Run
from engine.execution.native.state import Activity


class Behaviour:
    """What a kind of element does when a token comes in, and when something inside it ends. Stateless: one object
    serves all instances of its kind. This one passes the token on: start events, boundary events that have caught,
    plain and manual tasks, none events."""

    def enter(self, run: Run, activity: Activity, node: FlowNode) -> None:
        run.leave(activity)

    def child_ended(self, run: Run, activity: Activity, node: FlowNode, child: Activity) -> None:
        raise AssertionError(f"nothing can run inside {node.id}")

    def compensated(self, run: Run, activity: Activity, node: FlowNode) -> None:
        """All that was undone on its behalf is done."""
        run.leave(activity)
